using Clob.Engine;
using Clob.Journal;
using Clob.Journal.Tests.Simulation;
using Clob.Proofs;

namespace Clob.Settlement.Tests;

/// <summary>What becomes of snapshots when their bytes or the calls that make them fail: another state never does.</summary>
public sealed class SnapshotDamageTests : SnapshotFixture
{
    [Test]
    public async Task Refuses_every_flipped_byte_and_every_length()
    {
        await TradeAndRun(marks: 1);
        string path = SnapshotDirectory.PathOf(Snapshots, (long)_venue.Size);
        byte[] whole = File.ReadAllBytes(path);
        Assert.That(whole, Has.Length.InRange(1000, 16 * 1024));
        var storage = new SimulatedStorage();
        byte[] Put(ReadOnlySpan<byte> bytes)
        {
            using IStorageFile file = storage.Open(path, FileUse.Create);
            file.WriteFully(bytes, 0);
            return storage.Bytes(path);
        }

        byte[] bytes = Put(whole);
        Assert.That(() => Load(storage), Throws.Nothing);
        for (int at = 0; at < whole.Length; at++)
        {
            bytes[at] ^= (byte)(1 << at % 8);
            Assert.That(() => Load(storage), Throws.InstanceOf<SnapshotRefusedException>(), $"byte {at}");
            bytes[at] ^= (byte)(1 << at % 8);
        }
        for (int length = 0; length < whole.Length; length++)
        {
            Put(whole.AsSpan(0, length));
            Assert.That(() => Load(storage), Throws.InstanceOf<SnapshotRefusedException>(), $"{length} bytes");
        }
    }

    [Test]
    public async Task Builds_no_other_state_even_from_bytes_whose_checksums_hold()
    {
        // The negative control of the checksums, and the proof that the state does not rest on them: flips with their checksum made anew.
        await TradeAndRun(marks: 1);
        string path = SnapshotDirectory.PathOf(Snapshots, (long)_venue.Size);
        var entries = new List<byte[]>();
        using (var reader = new SnapshotReader(Snapshots, (long)_venue.Size, _venue.Venue.Bytes))
        {
            while (reader.TryRead(out ReadOnlySpan<byte> entry))
                entries.Add(entry.ToArray());
        }
        Assert.That(Seal(), Is.Null, "as it was");
        int refused = 0;
        int corrected = 0;
        foreach (byte[] entry in entries)
        {
            for (int at = 0; at < entry.Length; at += 3)
            {
                entry[at] ^= 1;
                string? refusal = Seal();
                refused += refusal is null ? 0 : 1;
                corrected += refusal is null ? 1 : 0;
                Assert.That(refusal, Is.Null.Or.Not.Contain("damaged at offset"), "the file itself is whole");
                entry[at] ^= 1;
            }
        }
        // What the import derives anyway (how far prices reached where no stop waits) may read otherwise: the state built is the published one all the same.
        TestContext.Out.WriteLine($"{refused} flips refused, {corrected} without effect");
        Assert.That(refused, Is.GreaterThan(500));
        Assert.That(corrected, Is.LessThan(10));

        string? Seal()
        {
            var storage = new SimulatedStorage();
            using (var writer = new SnapshotWriter(Snapshots, _venue.Venue.Bytes, (long)_venue.Size, storage))
            {
                entries.ForEach(entry => writer.Append(entry));
                writer.Complete();
                writer.Publish();
            }
            try
            {
                VenueSnapshot loaded = Load(storage, (checkpoint, verifier) => FileLedger.ObjectionTo(_venue.Directory, checkpoint, verifier));
                Assert.That(Root(loaded.Exchange), Is.EqualTo(Root(_venue.Live)));
                Assert.That(loaded.Journal.Root(), Is.EqualTo(_venue.Checkpoints()[^1].JournalRoot));
                return null;
            }
            catch (SnapshotRefusedException refused)
            {
                return refused.Message;
            }
        }
    }

    [Test]
    public async Task Leaves_a_place_to_begin_whatever_operation_of_taking_one_fails([Values] Fault fault, [Values(Crash.Kill, Crash.PowerCut, Crash.TornPowerCut)] Crash crash)
    {
        var storage = new SimulatedStorage();
        _venue.Trade();
        _venue.Mark();
        await RunToEnd(Often with { Storage = storage });
        ulong old = _venue.Size;
        byte[] ledger = File.ReadAllBytes(Path.Combine(_venue.Directory, FileLedger.FileName));
        _venue.Trade();
        _venue.Mark();
        SimulatedStorage counting = storage.Clone();
        await TakeOn(counting, ledger);
        int operations = counting.Operations;
        Assert.That(operations, Is.InRange(8, 40));

        var found = new SortedDictionary<ulong, int>();
        for (int failAt = 0; failAt < operations; failAt++)
        {
            SimulatedStorage failing = storage.Clone();
            failing.Fault = fault;
            failing.FaultAt = failAt;
            bool stopped = await TakeOn(failing, ledger);
            Assert.That(stopped || fault == Fault.ShortWrite, Is.True, "a doubtful disk stops the process");
            failing.Stop(crash, new Random(failAt));

            using StartingPoint start = StartingPoint.Find(_venue.Directory, _venue.Venue, ExchangeCapacity.Small, _log, failing);
            Assert.That(start.JournalSize, Is.EqualTo(old).Or.EqualTo(_venue.Size), $"{fault} at operation {failAt}, then {crash}");
            Assert.That(start.Refused, Is.Zero, $"whatever has its name holds: {fault} at operation {failAt}, then {crash}");
            found[start.JournalSize] = found.GetValueOrDefault(start.JournalSize) + 1;
        }
        TestContext.Out.WriteLine($"{operations} operations: {string.Join(", ", found)}");
        Assert.That(found.Keys, Does.Contain(old));
    }

    /// <summary>True when the process had to stop.</summary>
    private async Task<bool> TakeOn(SimulatedStorage storage, byte[] ledgerBefore)
    {
        File.WriteAllBytes(Path.Combine(_venue.Directory, FileLedger.FileName), ledgerBefore);
        using StartingPoint start = StartingPoint.Find(_venue.Directory, _venue.Venue, ExchangeCapacity.Small, _log, storage.Clone());
        _venue.Restart(start);
        var failure = new TaskCompletionSource<Exception>();
        using FileLedger ledger = _venue.Ledger();
        await using (SettlementPlane plane = _venue.Plane(ledger, Often with { Storage = storage, Start = start }, onFatal: cause => failure.TrySetResult(cause)))
        {
            plane.Start();
            await plane.StopAsync(Patience);
        }
        if (failure.Task.IsCompleted)
            Assert.That(await failure.Task, Is.InstanceOf<DiskFailureException>());
        return failure.Task.IsCompleted;
    }
}
