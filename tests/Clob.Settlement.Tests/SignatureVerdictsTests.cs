using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>Verdicts between the thread that finds them and the two that read them.</summary>
public sealed class SignatureVerdictsTests
{
    [Test]
    public void Writes_verdicts_that_cover_everything_once_and_list_at_most_a_records_worth()
    {
        var verdicts = new SignatureVerdicts();
        var invalid = new HashSet<ulong>();
        for (ulong i = 0; i < 5000; i++)
        {
            bool bad = i % 2 == 1;
            verdicts.Record(i, bad);
            if (bad)
                invalid.Add(i);
        }
        var listed = new List<ulong>();
        ulong from = 0;
        int count = 0;
        byte[] payload = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
        for (int size; (size = verdicts.WriteVerdict(payload)) > 0; count++)
        {
            Assert.That(Verdict.TryRead(payload.AsSpan(0, size), out Verdict verdict), Is.True);
            Assert.That(verdict.From, Is.EqualTo(from));
            from = verdict.Through + 1;
            for (int i = 0; i < verdict.Count; i++)
                listed.Add(verdict.InvalidAt(i));
        }
        Assert.That(listed, Is.EqualTo(invalid.Order()));
        Assert.That(from, Is.EqualTo(5000));
        Assert.That(verdicts.VerdictCovered, Is.EqualTo(5000));
        Assert.That(count, Is.EqualTo(3));
        Assert.That(verdicts.UncoveredInvalid, Is.Zero);
    }

    [Test]
    public void Refuses_a_gap_and_a_question_about_what_is_not_settled()
    {
        var verdicts = new SignatureVerdicts();
        verdicts.Record(0, false);
        Assert.That(() => verdicts.Record(2, false), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(() => verdicts.IsInvalid(1), Throws.InstanceOf<InvalidOperationException>());
        Assert.That(verdicts.IsInvalid(0), Is.False);
    }

    [Test]
    public async Task Gives_both_readers_the_truth_while_it_is_written([Values(1, 7, 1000)] int period)
    {
        const ulong Records = 300_000;
        var verdicts = new SignatureVerdicts();
        Task<ulong> replica = Task.Run(() =>
        {
            ulong wrong = 0;
            for (ulong next = 0; next < Records;)
            {
                for (ulong settled = verdicts.SettledThrough; next < settled; next++)
                    wrong += verdicts.IsInvalid(next) == (next % (ulong)period == 0) ? 0u : 1u;
                Thread.Sleep(0);
            }
            return wrong;
        });
        Task<ulong> sequencer = Task.Run(() =>
        {
            ulong listed = 0;
            byte[] payload = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
            while (verdicts.VerdictCovered < Records)
            {
                int size = verdicts.WriteVerdict(payload);
                if (size == 0)
                {
                    Thread.Sleep(0);
                    continue;
                }
                if (!Verdict.TryRead(payload.AsSpan(0, size), out Verdict verdict))
                    throw new InvalidDataException();
                for (int i = 0; i < verdict.Count; i++)
                    listed += verdict.InvalidAt(i) % (ulong)period == 0 ? 1u : 1_000_000u;
            }
            return listed;
        });
        for (ulong i = 0; i < Records; i++)
            verdicts.Record(i, i % (ulong)period == 0);
        Assert.That(await replica, Is.Zero);
        Assert.That(await sequencer, Is.EqualTo((Records + (ulong)period - 1) / (ulong)period));
    }

    [Test]
    public void Records_valid_signatures_without_allocating()
    {
        var verdicts = new SignatureVerdicts();
        ulong next = 0;
        Assert.That(Allocated(() =>
        {
            for (int i = 0; i < 10_000; i++)
                verdicts.Record(next++, false);
        }), Is.Zero);
        Assert.That(Allocated(() =>
        {
            for (int i = 0; i < 10_000; i++)
                verdicts.Record(next++, true);
        }), Is.GreaterThan(0), "negative control: nobody reads, so the ring grows");
    }

    private static long Allocated(Action action)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
