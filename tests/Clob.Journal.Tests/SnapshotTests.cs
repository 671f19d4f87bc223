using System.Buffers.Binary;
using System.IO.Hashing;
using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>A snapshot is read as it was written or not at all, whatever becomes of its bytes and of the calls that made it.</summary>
[TestFixture]
public sealed class SnapshotTests
{
    private const string Directory = "/simulated/snapshots";
    private const long JournalSize = 4711;

    [Test]
    public void Reads_what_was_written([Values(0, 1, 7, 40, 3000)] int entries)
    {
        var storage = new SimulatedStorage();
        Write(storage, JournalSize, entries);
        Assert.That(Holds(storage, JournalSize, Entries(entries)), Is.True);
        int blocks = Blocks(storage.Bytes(PathOf(JournalSize))).Count;
        Assert.That(blocks, entries == 0 ? Is.EqualTo(1) : entries == 3000 ? Is.GreaterThan(2) : Is.EqualTo(2), "as many as are needed, and the end");
    }

    [Test]
    public void Takes_the_longest_entry_and_refuses_a_longer_or_an_empty_one()
    {
        var storage = new SimulatedStorage();
        byte[] longest = new byte[SnapshotFormat.MaximumEntryLength];
        new Random(1).NextBytes(longest);
        using (SnapshotWriter writer = Begin(storage, 1))
        {
            for (int i = 0; i < 20; i++) // more than one block
                writer.Append(longest);
            Assert.That(() => writer.Append(new byte[longest.Length + 1]), Throws.InstanceOf<ArgumentOutOfRangeException>());
            Assert.That(() => writer.Append([]), Throws.InstanceOf<ArgumentOutOfRangeException>());
            writer.Complete();
            Assert.That(() => writer.Append(longest), Throws.InvalidOperationException);
            writer.Publish();
        }
        Assert.That(Holds(storage, 1, [.. Enumerable.Repeat(longest, 20)]), Is.True);
    }

    [Test]
    public void Has_the_documented_layout()
    {
        var storage = new SimulatedStorage();
        using (SnapshotWriter writer = Begin(storage, 0x0102030405))
        {
            writer.Append("ab"u8);
            writer.Append("c"u8);
            writer.Complete();
            Assert.That(writer.Length, Is.EqualTo(72 + (8 + 11 + 16) + (8 + 16)));
            writer.Publish();
        }
        Assert.That(storage.Files, Is.EqualTo(new[] { Directory + "/00000000004328719365.snapshot" }));
        byte[] identity = SmallJournal.Identity;
        byte[] head = [.. "CLOBSNP1"u8, 0, 0, 0, 1, 0, 0, 0, 0, .. identity, 0, 0, 0, 1, 2, 3, 4, 5];
        byte[] block = [0, 0, 0, 11, 0, 0, 0, 2, 0, 0, 0, 2, (byte)'a', (byte)'b', 0, 0, 0, 1, (byte)'c'];
        byte[] end = [0, 0, 0, 0, 0, 0, 0, 0];
        byte[] place = [.. identity, 0, 0, 0, 1, 2, 3, 4, 5];
        byte[] expected =
        [
            .. head, .. XxHash128.Hash(head),
            .. block, .. XxHash128.Hash([.. place, 0, 0, 0, 0, 0, 0, 0, 72, .. block]),
            .. end, .. XxHash128.Hash([.. place, 0, 0, 0, 0, 0, 0, 0, 107, .. end]),
        ];
        Assert.That(storage.Bytes(PathOf(0x0102030405)), Is.EqualTo(expected));
    }

    [Test]
    public void Refuses_every_flipped_byte_and_every_length()
    {
        var storage = new SimulatedStorage();
        Write(storage, JournalSize, 5);
        byte[] bytes = storage.Bytes(PathOf(JournalSize));
        Assert.That(bytes, Has.Length.InRange(1000, 16 * 1024));
        for (int at = 0; at < bytes.Length; at++)
        {
            foreach (byte change in (ReadOnlySpan<byte>)[(byte)(1 << at % 8), 0xFF])
            {
                bytes[at] ^= change;
                Assert.That(() => Read(storage, JournalSize), Throws.InstanceOf<SnapshotDamagedException>(), $"byte {at} by {change:x2}");
                bytes[at] ^= change;
            }
        }
        int length = bytes.Length;
        byte[] whole = [.. bytes];
        for (int cut = 0; cut < length; cut++)
        {
            storage.Resize(PathOf(JournalSize), cut);
            Assert.That(() => Read(storage, JournalSize), Throws.InstanceOf<SnapshotDamagedException>(), $"{cut} bytes");
            storage.Resize(PathOf(JournalSize), length);
            whole.CopyTo(storage.Bytes(PathOf(JournalSize)), 0);
        }
        storage.Resize(PathOf(JournalSize), length + 1);
        Assert.That(() => Read(storage, JournalSize), Throws.InstanceOf<SnapshotDamagedException>());
        storage.Resize(PathOf(JournalSize), length);
        Assert.That(Holds(storage, JournalSize, Entries(5)), Is.True, "the undamaged one");
    }

    [Test]
    public void Only_the_checksum_finds_a_flipped_bit_in_an_entry()
    {
        // The negative control of the above: with its checksum made anew the same flip is read as another entry.
        var storage = new SimulatedStorage();
        Write(storage, JournalSize, 5);
        byte[] bytes = storage.Bytes(PathOf(JournalSize));
        (int offset, int size) = Blocks(bytes)[0];
        bytes[offset + SnapshotFormat.BlockHeadSize + RecordFrames.LengthSize] ^= 1;
        Assert.That(() => Read(storage, JournalSize), Throws.InstanceOf<SnapshotDamagedException>().With.Message.Contains($"offset {offset}"));
        new SegmentChecksum(SmallJournal.Identity, JournalSize).OfBlock(offset, bytes.AsSpan(offset, size - SegmentChecksum.Size), bytes.AsSpan(offset + size - SegmentChecksum.Size));
        Assert.That(Read(storage, JournalSize), Has.Count.EqualTo(5));
        Assert.That(Holds(storage, JournalSize, Entries(5)), Is.False);
    }

    [Test]
    public void Refuses_a_block_of_another_place_and_a_snapshot_of_another_name_or_venue()
    {
        var storage = new SimulatedStorage();
        Write(storage, JournalSize, 3000);
        byte[] bytes = [.. storage.Bytes(PathOf(JournalSize))];
        var blocks = Blocks(bytes);
        (int first, int size) = blocks[0];
        (int second, int other) = blocks[1];
        byte[] swapped = [.. bytes[..first], .. bytes.AsSpan(second, other), .. bytes.AsSpan(first, size), .. bytes[(second + other)..]];
        swapped.CopyTo(storage.Bytes(PathOf(JournalSize)), 0);
        Assert.That(() => Read(storage, JournalSize), Throws.InstanceOf<SnapshotDamagedException>());
        bytes.CopyTo(storage.Bytes(PathOf(JournalSize)), 0);
        Assert.That(Read(storage, JournalSize), Has.Count.EqualTo(3000));

        storage.Rename(PathOf(JournalSize), PathOf(JournalSize + 1));
        Assert.That(() => Read(storage, JournalSize + 1), Throws.InstanceOf<SnapshotDamagedException>().With.Message.Contains("as the file is named"));
        storage.Rename(PathOf(JournalSize + 1), PathOf(JournalSize));
        Assert.That(() => new SnapshotReader(Directory, JournalSize, new byte[32], storage), Throws.InstanceOf<SnapshotDamagedException>().With.Message.Contains("identity"));
    }

    [Test]
    public void Leaves_the_old_or_the_new_one_whatever_operation_fails([Values] Fault fault, [Values] Crash crash)
    {
        int operations = CountOperations();
        int olds = 0;
        int news = 0;
        for (int failAt = 0; failAt < operations; failAt++)
        {
            var storage = new SimulatedStorage();
            Write(storage, 100, 5);
            int before = storage.Operations;
            storage.FaultAt = before + failAt;
            storage.Fault = fault;
            bool published = TryTake(storage);
            Assert.That(storage.Faulted, Is.True);
            storage.Stop(crash, new Random(failAt));

            SnapshotDirectory.RemoveUnfinished(Directory, storage);
            long[] found = SnapshotDirectory.JournalSizes(Directory, storage);
            foreach (long size in found) // whatever has its name is whole
                Assert.That(Holds(storage, size, Entries(size == 100 ? 5 : 40)), Is.True, $"{fault} at operation {failAt}, then {crash}");
            Assert.That(found, Is.Not.Empty);
            Assert.That(!published || found[^1] == 200, Is.True, $"lost although it was published: {fault} at operation {failAt}, then {crash}");
            olds += found[^1] == 100 ? 1 : 0;
            news += found[^1] == 200 ? 1 : 0;
        }
        TestContext.Out.WriteLine($"{operations} operations: {olds} times the old one, {news} times the new one");
        Assert.That(olds, Is.Positive);
        Assert.That(news, Is.Positive);
    }

    [Test]
    public void Loses_the_new_one_or_its_bytes_when_syncs_are_ignored()
    {
        // Negative control: on a disk whose syncs do nothing, the check above must fail.
        var storage = new SimulatedStorage { SyncsAreIgnored = true };
        Write(storage, 100, 5);
        Assert.That(TryTake(storage), Is.True);
        storage.Stop(Crash.PowerCut, new Random(1));
        Assert.That(SnapshotDirectory.JournalSizes(Directory, storage), Is.Empty);
    }

    [Test]
    public void Syncs_every_block_before_the_next_and_all_before_the_name()
    {
        var storage = new SimulatedStorage();
        int blocks = 0;
        using (var writer = new SnapshotWriter(Directory, SmallJournal.Identity, 7, storage, () => blocks++))
        {
            foreach (byte[] entry in Entries(3000))
                writer.Append(entry);
            writer.Complete();
            writer.Publish();
        }
        const string Name = "00000000000000000007.snapshot.tmp";
        string[] each = [.. Enumerable.Repeat(new[] { $"write {Name}", $"sync {Name}" }, blocks).SelectMany(pair => pair)];
        Assert.That(blocks, Is.GreaterThan(2));
        Assert.That(storage.Log, Is.EqualTo(new[] { $"create {Name}", $"write {Name}" }.Concat(each).Concat([$"rename {Name}", "syncdir snapshots", "syncdir simulated"])));
    }

    [Test]
    public void Keeps_the_newest_and_looks_at_no_other_names()
    {
        var storage = new SimulatedStorage();
        foreach (long size in new[] { 300L, 9, 20_000_000_000, 4 })
            Write(storage, size, 1);
        Begin(storage, 5).Dispose();
        foreach (string name in new[] { "1.snapshot", "00000000000000000000.snapshot", "0000000000000000001x.snapshot", "00000000000000000001.snap", "notes" })
            storage.Open(Directory + "/" + name, FileUse.Create).Dispose();
        Assert.That(SnapshotDirectory.JournalSizes(Directory, storage), Is.EqualTo(new[] { 4L, 9, 300, 20_000_000_000 }));
        Assert.That(SnapshotDirectory.NewestJournalSize(Directory, storage), Is.EqualTo(20_000_000_000));

        SnapshotDirectory.Prune(Directory, 2, storage);
        Assert.That(SnapshotDirectory.JournalSizes(Directory, storage), Is.EqualTo(new[] { 300L, 20_000_000_000 }));
        Assert.That(storage.Files, Does.Contain(PathOf(5) + ".tmp"));
        SnapshotDirectory.RemoveUnfinished(Directory, storage);
        Assert.That(storage.Files, Does.Not.Contain(PathOf(5) + ".tmp").And.Contain(Directory + "/notes"));
        Assert.That(SnapshotDirectory.NewestJournalSize("/nowhere/at/all"), Is.Zero, "no directory, no snapshot");
    }

    private static int CountOperations()
    {
        var storage = new SimulatedStorage();
        Write(storage, 100, 5);
        int before = storage.Operations;
        Assert.That(TryTake(storage), Is.True);
        return storage.Operations - before;
    }

    /// <summary>True when the caller may count on it.</summary>
    private static bool TryTake(SimulatedStorage storage)
    {
        try
        {
            Write(storage, 200, 40);
            return true;
        }
        catch (DiskFailureException)
        {
            return false;
        }
    }

    private static SnapshotWriter Begin(IStorage storage, long journalSize) => new(Directory, SmallJournal.Identity, journalSize, storage);

    private static void Write(IStorage storage, long journalSize, int entries)
    {
        using SnapshotWriter writer = Begin(storage, journalSize);
        foreach (byte[] entry in Entries(entries))
            writer.Append(entry);
        writer.Complete();
        writer.Publish();
    }

    private static List<byte[]> Read(IStorage storage, long journalSize)
    {
        using var reader = new SnapshotReader(Directory, journalSize, SmallJournal.Identity, storage);
        var entries = new List<byte[]>();
        while (reader.TryRead(out ReadOnlySpan<byte> entry))
            entries.Add(entry.ToArray());
        Assert.That(reader.Offset, Is.EqualTo(reader.Length));
        return entries;
    }

    private static bool Holds(IStorage storage, long journalSize, List<byte[]> entries) =>
        Read(storage, journalSize).SequenceEqual(entries, EqualityComparer<byte[]>.Create((one, other) => one.AsSpan().SequenceEqual(other)));

    private static List<byte[]> Entries(int count) => [.. Enumerable.Range(0, count).Select(i => SmallJournal.Record(i))];

    private static string PathOf(long journalSize) => SnapshotDirectory.PathOf(Directory, journalSize);

    /// <summary>Offset and size of each block, the end included.</summary>
    private static List<(int Offset, int Size)> Blocks(byte[] file)
    {
        var blocks = new List<(int, int)>();
        for (int offset = SnapshotFormat.HeaderSize; offset < file.Length;)
        {
            int size = SnapshotFormat.BlockHeadSize + BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(offset)) + SegmentChecksum.Size;
            blocks.Add((offset, size));
            offset += size;
        }
        return blocks;
    }
}
