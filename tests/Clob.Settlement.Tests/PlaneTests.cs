using System.Text;
using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>The settlement plane from a journal to what it publishes, across restarts.</summary>
public sealed class PlaneTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private TestVenue _venue = null!;

    [SetUp]
    public void SetUp() => _venue = new TestVenue().Open();

    [TearDown]
    public void TearDown() => _venue.Dispose();

    [Test]
    public async Task Publishes_a_chain_of_checkpoints_that_an_independent_replay_confirms()
    {
        _venue.Trade();
        _venue.Mark();
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();

        List<CheckpointRecord> published = _venue.Checkpoints();
        List<CheckpointRecord> replayed = Replay(_venue.Records, out ReplayedVenue venue);
        Assert.That(published.Select(record => record.CoreText()), Is.EqualTo(replayed.Select(record => record.CoreText())));
        Assert.That(published, Has.Count.EqualTo(2));
        AssertChainHolds();
        Assert.That(published[^1].JournalRoot, Is.EqualTo(MerkleTreeRoot(_venue.Records)), "by the plain definition of RFC 6962");
        Assert.That(published[^1].JournalSize, Is.EqualTo(_venue.Size));
        Assert.That(venue.Exchange.NextFeedSequence, Is.EqualTo(_venue.Live.NextFeedSequence));
        Assert.That(published[0].StateRoot, Is.Not.EqualTo(published[1].StateRoot), "the state changed between the two");
    }

    [Test]
    public async Task Says_in_each_checkpoint_that_data_availability_holds_everything_up_to_its_mark()
    {
        _venue.Trade();
        _venue.Mark();
        _venue.Mark();
        await RunToEnd();

        List<CheckpointRecord> published = _venue.Checkpoints();
        Assert.That(published.Select(record => record.DaSize), Is.EqualTo(published.Select(record => record.JournalSize)));
        var layer = new FolderDataAvailability(Path.Combine(_venue.Directory, "da", "batches"));
        var records = new List<byte[]>();
        foreach (DaBatch batch in published.SelectMany(record => record.Batches))
            records.AddRange(Records(await layer.GetAsync(batch.Commitment, default)));
        Assert.That(records, Is.EqualTo(_venue.Records));
    }

    [Test]
    public async Task Makes_the_same_checkpoints_again_after_a_restart_and_goes_on()
    {
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();
        byte[] first = File.ReadAllBytes(LedgerPath);

        _venue.Restart();
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();

        byte[] second = File.ReadAllBytes(LedgerPath);
        Assert.That(second.AsSpan(0, first.Length).SequenceEqual(first), Is.True, "what is published never changes");
        Assert.That(_venue.Checkpoints(), Has.Count.EqualTo(2));
        AssertChainHolds();
    }

    [Test]
    public async Task Audits_at_every_new_mark_and_after_a_restart_at_the_newest_published_one()
    {
        for (int i = 0; i < 5; i++)
        {
            _venue.Trade();
            _venue.Mark();
        }

        Assert.That(await RunToEnd(), Is.EqualTo(5));
        _venue.Restart();
        Assert.That(await RunToEnd(), Is.EqualTo(1));
        _venue.Restart();
        _venue.Mark();
        _venue.Mark();
        Assert.That(await RunToEnd(), Is.EqualTo(3), "the newest published and the two behind it");
    }

    [Test]
    public async Task Makes_a_checkpoint_again_whose_entry_a_crash_has_torn([Values(1, 90, 400)] int bytesLost, [Values] bool asZeros)
    {
        _venue.Trade();
        _venue.Mark();
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();
        List<CheckpointRecord> before = _venue.Checkpoints();
        using (FileStream file = File.OpenWrite(LedgerPath))
        {
            if (asZeros)
            {
                file.Position = file.Length - bytesLost;
                file.Write(new byte[bytesLost]);
            }
            else
            {
                file.SetLength(file.Length - bytesLost);
            }
        }
        Assert.That(_venue.Checkpoints(), Has.Count.EqualTo(1), "the torn one is not seen");
        Assert.That(FileLedger.NewestJournalSize(_venue.Directory), Is.EqualTo(before[0].JournalSize));

        _venue.Restart();
        await RunToEnd();

        Assert.That(_venue.Checkpoints(), Is.EqualTo(before));
        AssertChainHolds();
    }

    [Test]
    public async Task Stops_with_both_texts_when_the_ledger_holds_another_history()
    {
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();
        CheckpointRecord published = _venue.Checkpoints()[0];
        CheckpointRecord forged = Forge(published, Hash256.Of("another state"u8));
        File.Delete(LedgerPath);
        using (FileLedger ledger = _venue.Ledger())
            ledger.Append(new CheckpointSigner(_venue.Venue, _venue.LogKey).Sign(forged));

        _venue.Restart();
        var failure = new TaskCompletionSource<Exception>();
        using (FileLedger ledger = _venue.Ledger())
        await using (SettlementPlane plane = _venue.Plane(ledger, onFatal: failure.SetResult))
        {
            plane.Start();
            var mismatch = await failure.Task.WaitAsync(Patience) as CheckpointMismatchException;
            Assert.That(mismatch, Is.Not.Null);
            Assert.That(mismatch!.Number, Is.EqualTo(1));
            Assert.That(mismatch.Message, Does.Contain(forged.StateRoot.ToString()).And.Contain(published.StateRoot.ToString()));
        }
    }

    [Test]
    public async Task Stops_when_a_published_checkpoint_is_not_signed_by_the_log_key()
    {
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();
        CheckpointRecord published = _venue.Checkpoints()[0];
        File.Delete(LedgerPath);
        using (SigningKey other = SigningKey.Generate())
        using (FileLedger ledger = _venue.Ledger())
            ledger.Append(new CheckpointSigner(_venue.Venue, other).Sign(published));

        using FileLedger forged = _venue.Ledger();
        Assert.That(() => _venue.Plane(forged), Throws.InstanceOf<CheckpointMismatchException>());
    }

    [Test]
    public async Task Refuses_to_start_on_a_journal_shorter_than_its_newest_checkpoint()
    {
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();
        using var other = new TestVenue();
        Directory.CreateDirectory(Path.Combine(other.Directory, "ledger"));
        File.Copy(LedgerPath, Path.Combine(other.Directory, FileLedger.FileName));

        Assert.That(FileLedger.NewestJournalSize(other.Directory), Is.EqualTo(_venue.Size));
        Assert.That(KnownPosition.NewestJournalSize(_venue.Directory), Is.EqualTo(_venue.Size));
        using FileLedger ledger = other.Ledger();
        await using SettlementPlane plane = other.Plane(ledger);
        Assert.That(plane.Start, Throws.InstanceOf<CheckpointMismatchException>().With.Message.Contains("records"));
    }

    [Test]
    public async Task Treats_bad_signatures_as_matching_did()
    {
        _venue.Trade();
        ulong bad = _venue.Send(1, NewOrder.Limit(TestVenue.Market, Side.Buy, 10, 1), badSignature: true);
        _venue.Trade();
        _venue.Mark();
        await RunToEnd();

        List<CheckpointRecord> replayed = Replay(_venue.Records, out _);
        Assert.That(_venue.Checkpoints()[0].CoreText(), Is.EqualTo(replayed[0].CoreText()), "the replay checks every signature itself");
        Assert.That(_venue.Events.Single(happened => happened.RecordSequence == bad).Reason, Is.EqualTo((byte)RejectReason.BadSignature));
    }

    [Test]
    public async Task Asks_for_a_mark_when_something_changed_and_not_otherwise()
    {
        int asked = 0;
        SettlementOptions options = _venue.Options with { CheckpointInterval = TimeSpan.FromMilliseconds(20) };
        _venue.Trade();
        using FileLedger ledger = _venue.Ledger();
        await using (SettlementPlane plane = _venue.Plane(ledger, options, requestMark: () => Interlocked.Increment(ref asked) > 0))
        {
            plane.Start();
            Assert.That(() => Volatile.Read(ref asked), Is.EqualTo(1).After(5000, 5));
            _venue.Mark();
            await plane.Replica.ReadAsync(_ => true, Patience);
            await Task.Delay(100);
            Assert.That(Volatile.Read(ref asked), Is.EqualTo(1), "nothing has changed since");
            _venue.Order(1, Side.Sell, 500, 1);
            Assert.That(() => Volatile.Read(ref asked), Is.EqualTo(2).After(5000, 5));
        }
    }

    [Test]
    public async Task Answers_a_read_only_when_everything_durable_is_applied()
    {
        using FileLedger ledger = _venue.Ledger();
        await using SettlementPlane plane = _venue.Plane(ledger);
        plane.Start();
        for (int i = 0; i < 50; i++)
        {
            ulong sequence = _venue.Operator(new Deposit(1, TestVenue.Quote, 1, null));
            ulong seen = await plane.Replica.ReadAsync(exchange => exchange.NextSequence, Patience);
            Assert.That(seen, Is.GreaterThan(sequence));
        }
        Assert.That(await plane.Replica.ReadAsync(exchange => exchange.ReadAccount(1)!.Balances[0].Available, Patience), Is.EqualTo((UInt128)1_000_000_000_050));
        Assert.That(async () => await plane.Replica.ReadAsync<int>(_ => throw new FormatException("caller"), Patience), Throws.InstanceOf<FormatException>());
        Assert.That(await plane.Replica.ReadAsync(_ => 1, Patience), Is.EqualTo(1), "the replica outlives a caller's mistake");
    }

    [Test]
    public async Task Gives_up_a_read_whose_patience_ends()
    {
        // Durable, but not settled: the replica must not apply it.
        var stuck = new SignatureVerdicts();
        using FileLedger ledger = _venue.Ledger();
        await using var plane = new SettlementPlane(_venue.Options, new SettlementHost
        {
            DurableSize = () => _venue.DurableSize,
            RequestMark = () => false,
            OnFatal = failure => Assert.Fail(failure.ToString()),
        }, stuck, _venue.LogKey, ledger, new FolderDataAvailability(Path.Combine(_venue.Directory, "x")), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        plane.Start();
        Assert.That(async () => await plane.Replica.ReadAsync(_ => 1, TimeSpan.FromMilliseconds(50)), Throws.InstanceOf<TimeoutException>());
        Assert.That(plane.Status().AppliedSize, Is.Zero);
        Assert.That(plane.Status().Lag, Is.EqualTo(_venue.Size));
        await plane.DisposeAsync();
        Assert.That(async () => await plane.Replica.ReadAsync(_ => 1, Patience), Throws.InstanceOf<TimeoutException>());
    }

    [Test]
    public async Task Archives_every_report_and_every_feed_message()
    {
        _venue.Trade(20);
        _venue.Mark();
        using FileLedger ledger = _venue.Ledger();
        await using SettlementPlane plane = _venue.Plane(ledger);
        plane.Start();
        await plane.Replica.ReadAsync(_ => true, Patience);

        foreach (IGrouping<ulong, ExchangeEvent> account in _venue.Events.Where(happened => happened.ReportSequence != 0).GroupBy(happened => happened.Account))
        {
            byte[] expected = [.. account.SelectMany(happened => Bytes(happened))];
            byte[] found = new byte[expected.Length];
            Assert.That(plane.Reports.Read(account.Key, 1, found), Is.EqualTo(expected.Length));
            Assert.That(found, Is.EqualTo(expected), $"account {account.Key}");
            Assert.That(plane.Reports.NextSequence(account.Key), Is.EqualTo(_venue.Live.NextReportSequence(account.Key)));
        }
        Assert.That(plane.Feed.NextSequence, Is.EqualTo(_venue.Live.NextFeedSequence));
    }

    private static byte[] Bytes(ExchangeEvent happened)
    {
        byte[] report = new byte[ExchangeEvent.ReportSize];
        happened.WriteReport(report);
        return report;
    }

    private static List<byte[]> Records(byte[] frames)
    {
        var records = new List<byte[]>();
        foreach (ReadOnlySpan<byte> record in Journal.RecordFrames.Read(frames))
            records.Add(record.ToArray());
        return records;
    }

    internal static List<CheckpointRecord> Replay(IEnumerable<byte[]> records, out ReplayedVenue venue)
    {
        venue = new ReplayedVenue(ExchangeCapacity.Small);
        var sink = new TestVenue.NoSink();
        var checkpoints = new List<CheckpointRecord>();
        foreach (byte[] record in records)
        {
            if (venue.Apply(record, SignatureHint.None, ref sink) is { } checkpoint)
                checkpoints.Add(checkpoint);
        }
        return checkpoints;
    }

    private static Hash256 MerkleTreeRoot(List<byte[]> leaves)
    {
        if (leaves.Count == 1)
            return MerkleHash.Leaf(leaves[0]);
        int split = 1;
        while (split * 2 < leaves.Count)
            split *= 2;
        return MerkleHash.Node(MerkleTreeRoot(leaves[..split]), MerkleTreeRoot(leaves[split..]));
    }

    private static CheckpointRecord Forge(CheckpointRecord record, Hash256 stateRoot) =>
        CheckpointRecord.TryParse(record.ToString().Replace(record.StateRoot.ToString(), stateRoot.ToString(), StringComparison.Ordinal), out CheckpointRecord? forged, out _)
            ? forged! : throw new InvalidOperationException();

    private string LedgerPath => Path.Combine(_venue.Directory, FileLedger.FileName);

    /// <summary>Gives the number of audits.</summary>
    private async Task<ulong> RunToEnd()
    {
        using FileLedger ledger = _venue.Ledger();
        await using SettlementPlane plane = _venue.Plane(ledger);
        plane.Start();
        Assert.That(await plane.StopAsync(Patience), Is.True);
        return plane.Replica.Audits;
    }

    private void AssertChainHolds()
    {
        var chain = new CheckpointChain(new CheckpointVerifier(_venue.Venue, VerifyingKey.TryImport(_venue.LogKey.PublicKey)!));
        foreach (byte[] note in FileLedger.ReadFrom(_venue.Directory))
            Assert.That(chain.Append(note), Is.Null, Encoding.UTF8.GetString(note));
    }
}
