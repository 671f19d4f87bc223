using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>What recovery trusts and what it checks again.</summary>
public sealed class RecoveryTests
{
    private TestVenue _venue = null!;

    [SetUp]
    public void SetUp() => _venue = new TestVenue().Open();

    [TearDown]
    public void TearDown() => _venue.Dispose();

    [Test]
    public void Brings_an_exchange_to_the_state_it_had_and_fills_the_verdicts()
    {
        _venue.Trade();
        ulong bad = BadOrder();
        _venue.Mark();
        _venue.Trade();
        ulong badBehind = BadOrder();

        Exchange exchange = Recover(out SignatureVerdicts verdicts, out ReplaySummary recovered, out List<ExchangeEvent> events);

        Assert.That(events, Is.EqualTo(_venue.Events));
        Assert.That(exchange.NextSequence, Is.EqualTo(_venue.Size));
        Assert.That(verdicts.SettledThrough, Is.EqualTo(_venue.Size));
        Assert.That(Enumerable.Range(0, (int)_venue.Size).Where(i => verdicts.IsInvalid((ulong)i)), Is.EqualTo(new[] { (int)bad, (int)badBehind }));
        Assert.That(recovered.Marks, Is.EqualTo(1));
        Assert.That(recovered.LastTime, Is.EqualTo(_venue.Live.LastTime));
        Assert.That(recovered.LastMarkSize, Is.LessThan(_venue.Size));
    }

    [Test]
    public void Checks_again_only_what_lies_behind_the_last_verdict()
    {
        _venue.Trade();
        _venue.Mark();
        for (int i = 0; i < 5; i++)
            _venue.Order(1, Side.Sell, 300, 1);
        Recover(out _, out ReplaySummary recovered, out _);
        Assert.That(recovered.RecheckedEnvelopes, Is.EqualTo(5));
    }

    [Test]
    public void Finds_a_forged_signature_behind_the_last_verdict()
    {
        _venue.Trade();
        _venue.Mark();
        ulong forged = _venue.Order(1, Side.Sell, 300, 1);
        ulong honest = _venue.Order(1, Side.Sell, 301, 1);
        Spoil(forged);
        RecoverFrom(_venue.Records, out SignatureVerdicts verdicts);
        Assert.That(verdicts.IsInvalid(forged), Is.True);
        Assert.That(verdicts.IsInvalid(honest), Is.False, "the next nonce may be above a gap");
    }

    [Test]
    public void Trusts_a_signature_that_a_verdict_covers()
    {
        // The negative control of the above: recovery does not check this one, the verifier does.
        ulong forged = _venue.Order(1, Side.Sell, 300, 1);
        _venue.Mark();
        Spoil(forged);
        RecoverFrom(_venue.Records, out SignatureVerdicts verdicts);
        Assert.That(verdicts.IsInvalid(forged), Is.False);
        Assert.That(() => PlaneTests.Replay(_venue.Records, out _), Throws.InstanceOf<ReplayRefusedException>(), "the verdict lies");
    }

    [Test]
    public void Goes_on_with_verdicts_behind_those_that_are_journaled()
    {
        ulong bad = BadOrder();
        _venue.Mark();
        ulong badBehind = BadOrder();
        Recover(out SignatureVerdicts verdicts, out _, out _);
        Assert.That(verdicts.UncoveredInvalid, Is.EqualTo(1));
        byte[] payload = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
        int size = verdicts.WriteVerdict(payload);
        Assert.That(Verdict.TryRead(payload.AsSpan(0, size), out Verdict verdict), Is.True);
        Assert.That(verdict.From, Is.GreaterThan(bad));
        Assert.That(verdict.Through, Is.EqualTo(_venue.Size - 1));
        Assert.That(verdict.Count, Is.EqualTo(1));
        Assert.That(verdict.InvalidAt(0), Is.EqualTo(badBehind));
    }

    [Test]
    public void Refuses_verdicts_with_a_gap()
    {
        _venue.Mark();
        _venue.Trade();
        byte[] payload = new byte[64];
        int size = Verdict.Write(payload, 3, 4, []);
        byte[] record = new byte[RecordHeader.Size + size];
        new RecordHeader(RecordKind.Verdict, _venue.Size, ulong.MaxValue).Write(record);
        payload.AsSpan(0, size).CopyTo(record.AsSpan(RecordHeader.Size));
        var journaled = new JournaledVerdicts();
        for (int i = 0; i < _venue.Records.Count; i++)
            journaled.Read(i, _venue.Records[i]);
        Assert.That(() => journaled.Read((long)_venue.Size, record), Throws.InstanceOf<ReplayRefusedException>());
    }

    [Test]
    public void Says_how_far_it_is()
    {
        _venue.Trade();
        var told = new List<ulong>();
        using var reader = new JournalReader(_venue.JournalDirectory, _venue.Venue.Bytes);
        var sink = new TestVenue.NoSink();
        Recovery.Replay(reader, _venue.Size, new Exchange(ExchangeCapacity.Small), new JournaledVerdicts(), new SignatureVerdicts(), ref sink, onProgress: told.Add);
        Assert.That(told, Is.EqualTo(new[] { _venue.Size }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public void Refuses_to_trade_on_from_a_state_that_is_not_the_published_one(bool doctored)
    {
        _venue.Trade();
        _venue.Mark();
        var replayed = new ReplayedVenue(ExchangeCapacity.Small);
        var sink = new TestVenue.NoSink();
        foreach (byte[] record in _venue.Records)
            replayed.Apply(record, SignatureHint.None, ref sink);
        CheckpointRecord? published = replayed.LastCheckpoint!;
        if (doctored)
            Assert.That(CheckpointRecord.TryParse(published.ToString().Replace(published.StateRoot.ToString(), Hash256.Of([1]).ToString(), StringComparison.Ordinal), out published, out _), Is.True);
        _venue.Trade(); // the checkpoint is not at the end

        void Replay()
        {
            using var reader = new JournalReader(_venue.JournalDirectory, _venue.Venue.Bytes);
            var nobody = new TestVenue.NoSink();
            Recovery.Replay(reader, _venue.Size, new Exchange(ExchangeCapacity.Small), new JournaledVerdicts(), new SignatureVerdicts(), ref nobody, published);
        }

        Assert.That(Replay, doctored ? Throws.InstanceOf<CheckpointMismatchException>() : Throws.Nothing);
    }

    private ulong BadOrder() => _venue.Send(1, NewOrder.Limit(TestVenue.Market, Side.Buy, 10, 1), badSignature: true);

    /// <summary>Changes the signature's last byte in the record.</summary>
    private void Spoil(ulong sequence) => _venue.Records[(int)sequence][^1] ^= 1;

    private Exchange Recover(out SignatureVerdicts verdicts, out ReplaySummary recovered, out List<ExchangeEvent> events)
    {
        var journaled = new JournaledVerdicts();
        RecoveredJournal journal = JournalRecovery.Recover(_venue.JournalOptions, onRecord: journaled.Read);
        using var reader = new JournalReader(_venue.JournalDirectory, _venue.Venue.Bytes);
        var exchange = new Exchange(ExchangeCapacity.Small);
        verdicts = new SignatureVerdicts();
        events = [];
        var sink = new TestVenue.ListSink(events);
        recovered = Recovery.Replay(reader, (ulong)journal.NextSequence, exchange, journaled, verdicts, ref sink);
        return exchange;
    }

    /// <summary>Recovery from a journal of its own that holds these records.</summary>
    private static void RecoverFrom(List<byte[]> records, out SignatureVerdicts verdicts)
    {
        string directory = Directory.CreateTempSubdirectory("clob-recovery-").FullName;
        var options = new JournalOptions
        {
            Directory = Path.Combine(directory, "journal"),
            Identity = System.Security.Cryptography.SHA256.HashData(records[0]),
            SegmentSize = 1024 * 1024,
            MaximumGroupSize = 64 * 1024,
            Durability = JournalDurability.None,
            Preparation = SegmentPreparationMode.Inline,
        };
        var journaled = new JournaledVerdicts();
        using (var writer = new JournalWriter(options, JournalRecovery.Recover(options)))
        {
            for (int i = 0; i < records.Count; i++)
            {
                journaled.Read(i, records[i]);
                Assert.That(writer.TryAppend(records[i]), Is.True);
                writer.Commit();
            }
        }
        verdicts = new SignatureVerdicts();
        var sink = new TestVenue.NoSink();
        using (var reader = new JournalReader(options.Directory, options.Identity.Span))
            Recovery.Replay(reader, (ulong)records.Count, new Exchange(ExchangeCapacity.Small), journaled, verdicts, ref sink);
        Directory.Delete(directory, recursive: true);
    }
}
