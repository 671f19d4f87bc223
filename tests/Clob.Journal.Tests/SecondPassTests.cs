using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>The pass that applies what recovery has just checked, and how far recovery says it is.</summary>
[TestFixture]
public sealed class SecondPassTests
{
    [Test]
    public void Reads_the_same_records_and_ends_at_the_same_chain_hash([Values] bool trustsChain)
    {
        SimulatedStorage storage = Written(40, out byte[] chain);
        using var reader = new JournalReader(SmallJournal.Directory, SmallJournal.Identity, 7, storage) { TrustsChain = trustsChain };
        for (long expected = 7; expected < 40; expected++)
        {
            Assert.That(reader.TryRead(39, out JournalRecord record), Is.True);
            Assert.That(record.Sequence, Is.EqualTo(expected));
            Assert.That(record.Bytes.SequenceEqual(SmallJournal.Record(expected)), Is.True);
        }
        Assert.That(reader.ChainHash.SequenceEqual(chain), Is.True);
    }

    [Test]
    public void Holds_every_byte_to_its_checksum_still()
    {
        SimulatedStorage storage = Written(6, out _);
        byte[] segment = storage.Bytes(storage.Files.First(name => name.EndsWith(".seg", StringComparison.Ordinal)));
        int end = Array.FindLastIndex(segment, value => value != 0) + 1;
        for (int at = 0; at < end; at += 5)
        {
            segment[at] ^= 1;
            Assert.That(() => ReadAll(storage, 6, trustsChain: true), Throws.InstanceOf<JournalDamagedException>(), $"byte {at}");
            segment[at] ^= 1;
        }
        Assert.That(ReadAll(storage, 6, trustsChain: true), Is.EqualTo(6));
    }

    [Test]
    public void Only_the_chain_finds_a_group_that_was_made_anew()
    {
        // The negative control: with its checksums right, a group whose chain hash is not that of its records passes the second pass, not the first.
        SimulatedStorage storage = Written(4, out _);
        byte[] segment = storage.Bytes(storage.Files.First(name => name.EndsWith(".seg", StringComparison.Ordinal)));
        Span<byte> group = segment.AsSpan(JournalFormat.BlockSize);
        var checksum = new SegmentChecksum(SmallJournal.Identity, 0);
        Assert.That(GroupHeader.TryRead(group, checksum, JournalFormat.BlockSize, out GroupHeader header), Is.True);
        header.Write(group[..header.GroupLength], new byte[JournalFormat.HashSize], checksum, JournalFormat.BlockSize);
        Assert.That(() => ReadAll(storage, header.RecordCount, trustsChain: false), Throws.InstanceOf<JournalDamagedException>().With.Message.Contains("chain hash"));
        Assert.That(ReadAll(storage, header.RecordCount, trustsChain: true), Is.EqualTo(header.RecordCount));
    }

    [TestCase(0)]
    [TestCase(3_000)]
    public void Recovery_says_how_far_it_is(long from)
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage, segmentSize: 256 * 1024, groupSize: 64 * 1024);
        using (JournalWriter writer = SmallJournal.Open(options))
        {
            for (int group = 0; group < 200; group++)
            {
                for (int i = 0; i < 100; i++)
                    writer.TryAppend(BitConverter.GetBytes(group * 100 + i));
                writer.Commit();
            }
        }
        var told = new List<(long Records, int Percent)>();
        Assert.That(JournalRecovery.Recover(options, fromSequence: from, onProgress: (records, percent) => told.Add((records, percent))).NextSequence, Is.EqualTo(20_000));
        Assert.That(told.Select(at => at.Records), Is.EqualTo(Enumerable.Range(1, (int)(20_000 - from) / 4_096).Select(i => i * 4_096L)));
        Assert.That(told.Select(at => at.Percent), Is.Ordered.And.All.InRange(0, 100));
        Assert.That(told[^1].Percent, Is.GreaterThan(told[0].Percent + 20));
    }

    private static int ReadAll(IStorage storage, int records, bool trustsChain)
    {
        using var reader = new JournalReader(SmallJournal.Directory, SmallJournal.Identity, 0, storage) { TrustsChain = trustsChain };
        int read = 0;
        while (read < records && reader.TryRead(records - 1, out _))
            read++;
        return read;
    }

    private static SimulatedStorage Written(int records, out byte[] chain)
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        using JournalWriter writer = SmallJournal.Open(options);
        for (int i = 0; i < records; i += 2)
            SmallJournal.WriteGroup(writer, 2);
        var link = new RecordChain(SmallJournal.Identity);
        for (int i = 0; i < records; i++)
            link.Append(SmallJournal.Record(i));
        chain = link.Value.ToArray();
        return storage;
    }
}
