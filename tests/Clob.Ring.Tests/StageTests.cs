using Disruptor;

namespace Clob.Ring.Tests;

public class StageTests
{
    [Test]
    public void A_stage_never_sees_an_event_before_all_upstreams_have_passed_it()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        using TestRing test = new(64);
        RandomStage verify = new("verify", test, random), journal = new("journal", test, random);
        RandomStage match = new("match", test, random, verify);
        RandomStage egress = new("egress", test, random, journal, match);
        RandomStage[] all = [verify, journal, match, egress];
        test.Ring.AddGatingSequences(egress.Sequence);

        bool journalWasLast = false, matchWasLast = false;
        for (int step = 0; step < 50_000; step++)
        {
            if (random.Next(3) == 0)
                test.TryPublish(test.Ring.Cursor + 1);
            else
                all[random.Next(4)].Poll();
            journalWasLast |= journal.Sequence.Value < match.Sequence.Value;
            matchWasLast |= match.Sequence.Value < journal.Sequence.Value;
        }

        Assert.That(egress.Handled, Is.GreaterThan(1_000));
        Assert.That(journalWasLast && matchWasLast, Is.True, "the schedule had both orders");
    }

    [Test]
    public void The_barrier_test_would_notice_a_missing_upstream()
    {
        using TestRing test = new(64);
        Random random = new(1);
        RandomStage verify = new("verify", test, random);
        RandomStage match = new("match", test, random, verify) { AlsoMustFollow = new Sequence() };
        test.TryPublish(0);
        while (verify.Handled == 0) verify.Poll();
        Assert.That(() => { while (match.Handled == 0) match.Poll(); }, Throws.InvalidOperationException);
    }

    [Test]
    public void A_poll_takes_at_most_the_batch_and_continues_after_it()
    {
        using TestRing test = new(64);
        CheckingStage stage = new("stage", test.Ring, maxBatch: 10);
        for (int i = 0; i < 25; i++) test.TryPublish(i);

        List<long> handled = [];
        while (stage.Poll()) handled.Add(stage.Handled);
        Assert.That(handled, Is.EqualTo(new long[] { 10, 20, 25 }));
    }

    [Test]
    public void A_stage_that_stops_early_gets_the_rest_again()
    {
        using TestRing test = new(8);
        List<(long First, long Last)> batches = [];
        Queue<long> answers = new([1, 1, 4]);
        ScriptedStage stage = new(test, (first, last) =>
        {
            batches.Add((first, last));
            return answers.Dequeue();
        });
        for (int i = 0; i < 5; i++) test.TryPublish(i);

        Assert.That(stage.Poll(), Is.True);
        Assert.That(stage.Sequence.Value, Is.EqualTo(1));
        Assert.That(stage.Poll(), Is.False, "nothing was done");
        Assert.That(stage.Poll(), Is.True);
        Assert.That(stage.Poll(), Is.False, "nothing is left");
        Assert.That(batches, Is.EqualTo(new[] { (0L, 4L), (2L, 4L), (2L, 4L) }));
    }

    [TestCase(-2L)]
    [TestCase(5L)]
    public void A_stage_cannot_claim_what_it_was_not_given(long answer)
    {
        using TestRing test = new(8);
        ScriptedStage stage = new(test, (_, _) => answer);
        for (int i = 0; i < 5; i++) test.TryPublish(i);
        Assert.That(stage.Poll, Throws.InvalidOperationException);
        Assert.That(stage.Sequence.Value, Is.EqualTo(-1));
    }

    [Test]
    public void Downstream_can_go_on_with_the_part_of_a_batch_that_is_done()
    {
        using TestRing test = new(8);
        List<long> seen = [];
        ScriptedStage upstream = null!;
        ScriptedStage downstream = null!;
        upstream = new ScriptedStage(test, (first, last) =>
        {
            for (long s = first; s <= last; s++)
            {
                upstream.AdvanceTo(s);
                downstream.Poll();
            }

            return last;
        });
        downstream = new ScriptedStage(test, (_, last) =>
        {
            seen.Add(last);
            return last;
        }, upstream.Sequence);
        for (int i = 0; i < 3; i++) test.TryPublish(i);

        upstream.Poll();
        Assert.That(seen, Is.EqualTo(new long[] { 0, 1, 2 }));
    }

    private sealed class ScriptedStage(TestRing test, Func<long, long, long> onBatch, params Sequence[] upstream)
        : RingStage<long>("scripted", test.Ring, int.MaxValue, upstream)
    {
        public void AdvanceTo(long sequence) => Advance(sequence);

        protected override long OnBatch(long first, long last) => onBatch(first, last);
    }

    /// <summary>Handles a random part of what it gets, and checks each event against its upstreams by itself.</summary>
    private sealed class RandomStage(string name, TestRing test, Random random, params RandomStage[] upstream)
        : CheckingStage(name, test.Ring, 16, [.. upstream.Select(u => u.Sequence)])
    {
        public Sequence? AlsoMustFollow { get; init; }

        protected override long OnBatch(long first, long last)
        {
            last = random.NextInt64(first - 1, last + 1);
            for (long s = first; s <= last; s++)
            {
                if (s > Ring.Cursor || upstream.Any(u => u.Handled <= s) || AlsoMustFollow?.Value < s)
                    throw new InvalidOperationException($"{Name} saw {s} too early.");
                Check(s);
            }

            return last;
        }
    }
}
