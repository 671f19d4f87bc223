using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>Every operation of a scenario fails in every way, followed by every kind of stop: what was committed is there, and nothing that was never appended.</summary>
[TestFixture]
public sealed class CrashTests
{
    private static readonly int[] Groups = [2, 5, 1, 6, 3, 2, 7, 1, 4, 2];

    [Test]
    public void Keeps_every_committed_record_whatever_operation_fails([Values] Fault fault, [Values] Crash crash)
    {
        int operations = CountOperations();
        Assert.That(operations, Is.GreaterThan(50));
        int failures = 0;
        for (int failAt = 0; failAt < operations; failAt++)
        {
            var storage = new SimulatedStorage { FaultAt = failAt, Fault = fault };
            var random = new Random(failAt * 17 + (int)fault);
            (long durable, long appended) = Run(storage, epoch: 0, ref failures);
            Assert.That(storage.Faulted, Is.True);
            storage.Stop(crash, random);
            CheckRecovery(storage, random, durable, appended, $"seed {failAt * 17 + (int)fault}, {fault} at operation {failAt}, then {crash}");
        }
        TestContext.Out.WriteLine($"{operations} operations, {failures} stopped the writer");
        // A short write stops nothing; its other half is written. What is no write fails outright.
        Assert.That(failures, fault == Fault.ShortWrite ? Is.LessThan(operations / 2) : Is.GreaterThan(operations / 2));
    }

    [Test]
    public void Keeps_every_committed_record_when_the_host_tears_what_was_not_synced([Values(Fault.StoppedBefore, Fault.StoppedDuring)] Fault stop)
    {
        int operations = CountOperations();
        for (int stopAt = 0; stopAt < operations; stopAt++)
        {
            for (int seed = 0; seed < 8; seed++)
            {
                int failures = 0;
                var storage = new SimulatedStorage { FaultAt = stopAt, Fault = stop };
                (long durable, long appended) = Run(storage, epoch: 0, ref failures);
                Assert.That(failures, Is.EqualTo(1));
                var random = new Random(stopAt * 101 + seed);
                storage.Stop(Crash.TornPowerCut, random);
                CheckRecovery(storage, random, durable, appended, $"seed {stopAt * 101 + seed}, {stop} operation {stopAt}");
            }
        }
    }

    [Test]
    public void Loses_records_when_syncs_are_ignored()
    {
        // Negative control: the same scenario on a disk whose syncs do nothing must be caught by the same check.
        int failures = 0;
        var storage = new SimulatedStorage { SyncsAreIgnored = true };
        (long durable, _) = Run(storage, epoch: 0, ref failures);
        storage.Stop(Crash.PowerCut, new Random(1));
        Assert.That(JournalRecovery.Recover(SmallJournal.Options(storage)).NextSequence - 1, Is.LessThan(durable));
    }

    [Test]
    public void Recovery_itself_may_fail_at_any_operation([Values] Fault fault, [Values(Crash.PowerCut, Crash.TornPowerCut)] Crash crash)
    {
        for (int seed = 0; seed < 12; seed++)
        {
            // A torn last group, and a recovery that stops while it cuts it or makes it durable.
            int failures = 0;
            var torn = new SimulatedStorage { FaultAt = CountOperations() - 1 - seed % 3, Fault = Fault.NoSpace };
            (long durable, long appended) = Run(torn, epoch: 0, ref failures);
            torn.Stop(Crash.TornPowerCut, new Random(seed));
            for (int failAt = 0; ; failAt++)
            {
                SimulatedStorage storage = torn.Clone();
                storage.FaultAt = failAt;
                storage.Fault = fault;
                try
                {
                    JournalRecovery.Recover(SmallJournal.Options(storage));
                }
                catch (DiskFailureException)
                {
                }
                if (!storage.Faulted)
                    break;
                var random = new Random(seed * 31 + failAt);
                storage.Stop(crash, random);
                CheckRecovery(storage, random, durable, appended, $"seed {seed}, {fault} at operation {failAt} of recovery");
            }
        }
    }

    [Test]
    public void A_group_whose_sync_failed_is_durable_once_recovery_has_taken_it()
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        using (JournalWriter writer = SmallJournal.Open(options))
        {
            SmallJournal.WriteGroup(writer, 2);
            storage.Fault = Fault.InputOutputError;
            storage.FaultAt = storage.Operations + 1;
            Assert.That(() => SmallJournal.WriteGroup(writer, 2), Throws.TypeOf<DiskFailureException>());
        }
        // The page cache shows the group, the disk does not have it, and syncing alone would not help.
        storage.Stop(Crash.Kill, new Random(0));
        Assert.That(JournalRecovery.Recover(options).NextSequence, Is.EqualTo(4));
        storage.Stop(Crash.PowerCut, new Random(0));
        Assert.That(JournalRecovery.Recover(options).NextSequence, Is.EqualTo(4));
    }

    [Test]
    public void A_segment_whose_name_was_not_synced_has_a_durable_name_once_recovery_has_taken_it()
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        using (JournalWriter writer = SmallJournal.Open(options))
        {
            while (writer.SegmentBytesLeft > 0)
                SmallJournal.WriteGroup(writer, 1);
            storage.Fault = Fault.InputOutputError;
            storage.FaultAt = storage.Operations + 3;
            Assert.That(() => SmallJournal.WriteGroup(writer, 1), Throws.TypeOf<DiskFailureException>());
            Assert.That(storage.Log[^1], Is.EqualTo("syncdir journal"));
        }
        storage.Stop(Crash.Kill, new Random(0));
        using (JournalWriter writer = SmallJournal.Open(options))
            SmallJournal.WriteGroup(writer, 2);
        storage.Stop(Crash.PowerCut, new Random(0));
        Assert.That(SmallJournal.ReadAll(storage), Has.Count.EqualTo(5));
    }

    [Test]
    public void A_failed_commit_is_never_tried_again([Values("write", "sync")] string operation)
    {
        var storage = new SimulatedStorage();
        using JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage));
        SmallJournal.WriteGroup(writer, 1);
        storage.Fault = Fault.InputOutputError;
        storage.FaultAt = storage.Operations + (operation == "write" ? 0 : 1);
        writer.TryAppend([1]);
        DiskFailureException failure = Assert.Throws<DiskFailureException>(writer.Commit)!;
        Assert.That(failure.ErrorNumber, Is.EqualTo(DiskFailureException.InputOutput));
        Assert.That(failure.Path, Does.EndWith("00000000000000000000.seg"));
        int operations = storage.Operations;
        Assert.That(() => writer.TryAppend([1]), Throws.InvalidOperationException.With.InnerException.SameAs(failure));
        Assert.That(writer.Commit, Throws.InvalidOperationException.With.InnerException.SameAs(failure));
        Assert.That(writer.DurableSequence, Is.Zero);
        Assert.That(storage.Operations, Is.EqualTo(operations));
    }

    [Test]
    public void A_rollover_writes_the_header_before_the_name_and_the_name_before_the_first_group()
    {
        var storage = new SimulatedStorage();
        using JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage));
        while (writer.SegmentBytesLeft > 0)
            SmallJournal.WriteGroup(writer, 1);
        storage.Log.Clear();
        SmallJournal.WriteGroup(writer, 1);
        Assert.That(storage.Log, Is.EqualTo((string[])
        [
            "write next.preparing", "sync next.preparing", "rename next.preparing", "syncdir journal",
            "create next.preparing", "write next.preparing", "sync next.preparing",
            "write 00000000000000000003.seg", "sync 00000000000000000003.seg",
        ]));
    }

    [Test]
    public void Says_that_the_next_segment_cannot_be_made_and_goes_on_to_the_end_of_this_one()
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        // Recovery of an empty directory syncs it and its parent; then comes the first segment, then the next one.
        storage.FaultAt = 2 + 7 + 1;
        storage.Fault = Fault.NoSpace;
        using JournalWriter writer = SmallJournal.Open(options);
        Assert.That(storage.Faulted, Is.True);
        Assert.That(writer.NextSegmentReady, Is.False);
        Assert.That(writer.NextSegmentFailure!.ErrorNumber, Is.EqualTo(DiskFailureException.NoSpace));
        Assert.That(storage.Files, Has.None.EndsWith("next.preparing"), "half a segment gives its room back");
        while (writer.SegmentBytesLeft > 0)
            SmallJournal.WriteGroup(writer, 1);
        SmallJournal.WriteGroup(writer, 1);
        Assert.That(writer.NextSegmentReady, Is.True, "there is room again");
        Assert.That(writer.NextSegmentFailure, Is.Null);
    }

    [Test]
    public void Continues_a_short_write_where_it_stopped()
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        using JournalWriter writer = SmallJournal.Open(options);
        storage.Fault = Fault.ShortWrite;
        storage.FaultAt = storage.Operations;
        SmallJournal.WriteGroup(writer, 5);
        Assert.That(storage.Faulted, Is.True);
        storage.Stop(Crash.PowerCut, new Random(0));
        Assert.That(SmallJournal.ReadAll(storage), Has.Count.EqualTo(5));
    }

    [Test]
    public void What_a_torn_group_held_is_never_taken_for_a_group()
    {
        // A client who foresees everything sends a record whose bytes are a well-formed group, right where a later group would begin.
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        const int Offset = 2 * JournalFormat.BlockSize;
        byte[] evil = ForgedGroup(Offset + JournalFormat.BlockSize);
        const int Before = JournalFormat.BlockSize - GroupHeader.Size - 2 * RecordFrames.LengthSize;
        using (JournalWriter writer = SmallJournal.Open(options))
        {
            SmallJournal.WriteGroup(writer, 1);
            Assert.That(writer.TryAppend(new byte[Before]), Is.True);
            Assert.That(writer.TryAppend(evil), Is.True);
            writer.Commit();
        }
        string segment = SmallJournal.Directory + "/00000000000000000000.seg";
        Assert.That(storage.Bytes(segment).AsSpan(Offset + JournalFormat.BlockSize).StartsWith(GroupHeader.Magic), Is.True, "the forgery is where it should be");
        storage.Bytes(segment)[Offset + GroupHeader.Size + 10] ^= 1;

        RecoveredJournal recovered = JournalRecovery.Recover(options);
        Assert.That(recovered.Cut, Is.EqualTo(new JournalCut(segment, Offset, 1, 2 * JournalFormat.BlockSize)));
        using (var writer = new JournalWriter(options, recovered))
            SmallJournal.WriteGroup(writer, 1);
        Assert.That(SmallJournal.ReadAll(storage), Has.Count.EqualTo(2));
        Assert.That(JournalRecovery.Recover(options).Cut, Is.Null);
    }

    /// <summary>A block that would be read as the group of sequence 2 after the small journal's first two records.</summary>
    private static byte[] ForgedGroup(long offset)
    {
        var chain = new RecordChain(SmallJournal.Identity);
        chain.Append(SmallJournal.Record(0));
        chain.Append(SmallJournal.Record(1));
        byte[] record = "forged"u8.ToArray();
        chain.Append(record);
        byte[] group = new byte[JournalFormat.BlockSize];
        int end = GroupHeader.Size;
        RecordFrames.TryAppend(group, ref end, record);
        new GroupHeader(end - GroupHeader.Size, 1, 2).Write(group, chain.Value, new SegmentChecksum(SmallJournal.Identity, 0), offset);
        return group[..end];
    }

    private static int CountOperations()
    {
        int failures = 0;
        var storage = new SimulatedStorage();
        Run(storage, epoch: 0, ref failures);
        Assert.That(failures, Is.Zero);
        return storage.Operations;
    }

    private static (long Durable, long Appended) Run(SimulatedStorage storage, int epoch, ref int failures)
    {
        long durable = -1;
        long appended = -1;
        JournalWriter? writer = null;
        try
        {
            writer = SmallJournal.Open(SmallJournal.Options(storage));
            foreach (int records in Groups)
            {
                appended = writer.NextSequence + records - 1;
                SmallJournal.WriteGroup(writer, records, epoch);
                durable = writer.DurableSequence;
                Assert.That(durable, Is.EqualTo(appended));
            }
        }
        catch (DiskFailureException)
        {
            failures++;
            Assert.That(writer?.DurableSequence ?? -1, Is.EqualTo(durable));
        }
        finally
        {
            writer?.Dispose();
        }
        return (durable, appended);
    }

    private static void CheckRecovery(SimulatedStorage storage, Random random, long durable, long appended, string what)
    {
        JournalOptions options = SmallJournal.Options(storage);
        RecoveredJournal recovered = JournalRecovery.Recover(options, durable);
        long end = recovered.NextSequence;
        Assert.That(end - 1, Is.InRange(durable, appended), what);
        // What recovery has taken is durable: a power cut right after it takes nothing away.
        storage.Stop(Crash.PowerCut, random);
        recovered = JournalRecovery.Recover(options, end - 1);
        Assert.That(recovered.NextSequence, Is.EqualTo(end), what);
        Assert.That(recovered.Cut, Is.Null, what);
        using (var writer = new JournalWriter(options, recovered))
        {
            SmallJournal.WriteGroup(writer, 1, epoch: 1);
            SmallJournal.WriteGroup(writer, 5, epoch: 1);
        }
        storage.Stop(Crash.PowerCut, random);
        List<byte[]> records = SmallJournal.ReadAll(storage);
        Assert.That(records, Has.Count.EqualTo(end + 6), what);
        for (int sequence = 0; sequence < records.Count; sequence++)
            Assert.That(records[sequence].AsSpan().SequenceEqual(SmallJournal.Record(sequence, sequence < end ? 0 : 1)), Is.True, what);
    }
}
