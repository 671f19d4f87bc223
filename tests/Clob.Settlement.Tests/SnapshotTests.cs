using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>Snapshots from the plane that takes them to the start that begins behind them, or does not.</summary>
public sealed class SnapshotTests : SnapshotFixture
{
    [Test]
    public async Task Begins_behind_the_newest_and_goes_on_like_a_replay_of_everything()
    {
        await TradeAndRun(marks: 3);
        ulong snapshot = (ulong)SnapshotDirectory.NewestJournalSize(Snapshots);
        Assert.That(snapshot, Is.EqualTo(_venue.Size), "behind the last mark");
        ulong bad = _venue.Send(1, NewOrder.Limit(TestVenue.Market, Side.Buy, 10, 1), badSignature: true);
        _venue.Trade();

        using (StartingPoint start = Find())
        {
            Assert.That(start.JournalSize, Is.EqualTo(snapshot));
            ReplaySummary summary = _venue.Restart(start);
            Assert.That(summary.StartSize, Is.EqualTo(snapshot));
            Assert.That(Root(start.Exchange), Is.EqualTo(Root(_venue.Live)));
            Assert.That(_venue.Verdicts.UncoveredInvalid, Is.EqualTo(1));
            _venue.Mark();
            _venue.Trade();
            _venue.Mark();
            Assert.That(await RunToEnd(_venue.Options with { Start = start }), Is.EqualTo(2), "only the new marks were audited");
        }

        List<CheckpointRecord> replayed = PlaneTests.Replay(_venue.Records, out _);
        Assert.That(_venue.Checkpoints().Select(record => record.CoreText()), Is.EqualTo(replayed.Select(record => record.CoreText())));
        Assert.That(_venue.Events.Single(happened => happened.RecordSequence == bad).Reason, Is.EqualTo((byte)RejectReason.BadSignature));
        AssertArchivesHoldEverything();
        Assert.That(_log.Errors, Is.Empty);
    }

    [Test]
    public async Task Lists_in_the_next_verdict_a_bad_signature_from_before_the_snapshot()
    {
        _venue.Trade();
        ulong bad = _venue.Send(1, NewOrder.Limit(TestVenue.Market, Side.Buy, 10, 1), badSignature: true);
        _venue.AppendNext(RecordKind.Mark, []); // without a verdict before it
        await RunToEnd(Often);
        using StartingPoint start = Find();
        _venue.Restart(start);
        Assert.That(start.JournalSize, Is.EqualTo(_venue.Size));
        Assert.That(_venue.Verdicts.VerdictCovered, Is.Zero);
        byte[] payload = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
        Assert.That(Verdict.TryRead(payload.AsSpan(0, _venue.Verdicts.WriteVerdict(payload)), out Verdict verdict), Is.True);
        Assert.That((verdict.From, verdict.Through, verdict.Count), Is.EqualTo((0UL, _venue.Size - 1, 1)));
        Assert.That(verdict.InvalidAt(0), Is.EqualTo(bad));
        Assert.That(_venue.Verdicts.SettledThrough, Is.EqualTo(_venue.Size));
    }

    [Test]
    public async Task Takes_one_when_it_is_due_and_something_changed_and_keeps_as_many_as_it_should()
    {
        await TradeAndRun(marks: 5);
        long[] sizes = SnapshotDirectory.JournalSizes(Snapshots);
        Assert.That(sizes, Is.EqualTo(_venue.Checkpoints().TakeLast(2).Select(record => (long)record.JournalSize)));

        _venue.Restart();
        await RunToEnd(_venue.Options with { SnapshotInterval = TimeSpan.FromHours(1) });
        Assert.That(SnapshotDirectory.JournalSizes(Snapshots), Is.EqualTo(sizes), "none is due");

        using StartingPoint start = Find();
        _venue.Restart(start);
        _venue.Mark(); // a verdict and a mark
        await RunToEnd(Often with { Start = start });
        Assert.That(SnapshotDirectory.JournalSizes(Snapshots), Is.EqualTo(sizes), "nothing changed");
    }

    [Test]
    public async Task Begins_behind_the_one_before_when_the_newest_is_damaged_and_says_so()
    {
        await TradeAndRun(marks: 3);
        long[] sizes = SnapshotDirectory.JournalSizes(Snapshots);
        Flip(sizes[^1], 500);
        using (StartingPoint start = Find())
        {
            Assert.That(start.JournalSize, Is.EqualTo((ulong)sizes[0]));
            Assert.That(_log.Errors.Single(), Does.Contain(SnapshotDirectory.PathOf(Snapshots, sizes[^1])).And.Contain("offset"));
            _venue.Restart(start);
            Assert.That(Root(start.Exchange), Is.EqualTo(Root(_venue.Live)));
            start.SetRefusedAside();
        }
        Assert.That(SnapshotDirectory.JournalSizes(Snapshots), Is.EqualTo(sizes[..1]));
        Assert.That(File.Exists(SnapshotDirectory.PathOf(Snapshots, sizes[^1]) + ".refused"), Is.True);

        Flip(sizes[0], 500);
        using StartingPoint beginning = Find();
        Assert.That(beginning.JournalSize, Is.Zero);
        Assert.That(_log.Errors.Last(), Does.Contain("record 0"));
        _venue.Restart(beginning);
        Assert.That(Root(beginning.Exchange), Is.EqualTo(Root(_venue.Live)));
    }

    [TestCase("reports cut")]
    [TestCase("reports gone")]
    [TestCase("reports torn")]
    [TestCase("feed cut")]
    [TestCase("feed gone")]
    [TestCase("feed torn")]
    [TestCase("feed torn in the middle")]
    [TestCase("reports torn in the middle")]
    public async Task Is_no_place_to_begin_when_archives_lack_something_before_it(string what)
    {
        await TradeAndRun(marks: 2);
        string path = Path.Combine(_venue.Directory, what.StartsWith("reports", StringComparison.Ordinal) ? ReportArchive.FileName : FeedArchive.FileName);
        byte[] bytes = File.ReadAllBytes(path);
        int last = LastNonZero(bytes);
        if (what.EndsWith("gone", StringComparison.Ordinal))
            File.Delete(path);
        else if (what.EndsWith("cut", StringComparison.Ordinal))
            File.WriteAllBytes(path, bytes[..(last - 4)]);
        else
            FlipByte(path, what.EndsWith("middle", StringComparison.Ordinal) ? 9 : last);

        using StartingPoint start = Find();
        Assert.That(start.JournalSize, Is.EqualTo(what.EndsWith("gone", StringComparison.Ordinal) || what.EndsWith("middle", StringComparison.Ordinal) ? 0 : start.JournalSize));
        Assert.That(start.JournalSize, Is.LessThan(_venue.Size));
        Assert.That(_log.Errors.First(), Does.Contain(what.StartsWith("reports", StringComparison.Ordinal) ? "report archive" : "feed archive"));
        _venue.Restart(start);
        await RunToEnd(_venue.Options with { Start = start });
        AssertArchivesHoldEverything(); // replay has made again what was missing
    }

    [Test]
    public async Task Is_no_place_to_begin_when_the_ledger_does_not_hold_its_checkpoint([Values("gone", "shorter", "of another key")] string ledger)
    {
        await TradeAndRun(marks: 2);
        List<CheckpointRecord> published = _venue.Checkpoints();
        File.Delete(Path.Combine(_venue.Directory, FileLedger.FileName));
        using (SigningKey other = SigningKey.Generate())
        using (FileLedger writer = _venue.Ledger())
        {
            if (ledger != "gone")
                writer.Append(new CheckpointSigner(_venue.Venue, _venue.LogKey).Sign(published[0]));
            if (ledger == "of another key")
                writer.Append(new CheckpointSigner(_venue.Venue, other).Sign(published[1]));
        }
        using StartingPoint start = Find();
        Assert.That(start.JournalSize, Is.EqualTo(ledger == "gone" ? 0 : published[0].JournalSize));
        Assert.That(start.Refused, Is.EqualTo(ledger == "gone" ? 2 : 1));
    }

    [Test]
    public async Task Is_not_continued_with_the_journal_of_another_history()
    {
        await TradeAndRun(marks: 1);
        using StartingPoint start = Find();
        byte[] mark = [.. _venue.Records[^1]];
        Assert.That(() => start.CheckMark((long)_venue.Size - 1, mark), Throws.Nothing);
        Assert.That(() => start.CheckMark((long)_venue.Size - 2, _venue.Records[^2]), Throws.Nothing, "not the snapshot's");
        new RecordHeader(RecordKind.Mark, _venue.Size - 1, start.Checkpoint!.Time + 1).Write(mark);
        Assert.That(() => start.CheckMark((long)_venue.Size - 1, mark), Throws.InstanceOf<JournalDamagedException>());
        Assert.That(() => start.CheckMark((long)_venue.Size - 1, _venue.Records[^2]), Throws.InstanceOf<JournalDamagedException>());
    }

    [Test]
    public async Task A_journal_that_ends_before_a_snapshot_is_refused()
    {
        await TradeAndRun(marks: 1);
        Assert.That(KnownPosition.NewestJournalSize(_venue.Directory), Is.EqualTo(_venue.Size));
        File.Delete(Path.Combine(_venue.Directory, FileLedger.FileName));
        File.Delete(Path.Combine(_venue.Directory, DaBatchList.FileName));
        Assert.That(KnownPosition.NewestJournalSize(_venue.Directory), Is.EqualTo(_venue.Size), "by the snapshot alone");
        File.Move(SnapshotDirectory.PathOf(Snapshots, (long)_venue.Size), SnapshotDirectory.PathOf(Snapshots, (long)_venue.Size + 1));
        Assert.That(() => JournalRecovery.Recover(_venue.JournalOptions, (long)KnownPosition.NewestJournalSize(_venue.Directory) - 1), Throws.InstanceOf<JournalCutException>());
    }
}
