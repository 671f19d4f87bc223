using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>A journal small enough to be spoiled at every byte: records that are a function of their sequence, groups of one or two blocks, segments of three to four.</summary>
internal static class SmallJournal
{
    public const string Directory = "/simulated/journal";

    public static readonly byte[] Identity = [.. Enumerable.Range(1, JournalFormat.HashSize).Select(value => (byte)value)];

    public static JournalOptions Options(IStorage storage, int segmentSize = 16 * 1024, int groupSize = 8 * 1024, string directory = Directory) => new()
    {
        Directory = directory,
        Identity = Identity,
        SegmentSize = segmentSize,
        MaximumGroupSize = groupSize,
        Preparation = SegmentPreparationMode.Inline,
        Storage = storage,
    };

    /// <summary>The record of a sequence: 1 to about 1,500 bytes that no other sequence has.</summary>
    public static byte[] Record(long sequence, int epoch = 0)
    {
        var random = new Random((int)sequence * 31 + epoch * 1_000_003 + 7);
        byte[] record = new byte[random.Next(9, 1500)];
        random.NextBytes(record);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(record, sequence);
        record[8] = (byte)epoch;
        return record;
    }

    /// <summary>Appends records from the writer's next sequence on and commits them as one group.</summary>
    public static void WriteGroup(JournalWriter writer, int records, int epoch = 0)
    {
        for (int i = 0; i < records; i++)
            Assert.That(writer.TryAppend(Record(writer.NextSequence, epoch)), Is.True);
        writer.Commit();
    }

    public static JournalWriter Open(JournalOptions options) => new(options, JournalRecovery.Recover(options));

    public static List<byte[]> ReadAll(IStorage storage, string directory = Directory)
    {
        using var reader = new JournalReader(directory, Identity, 0, storage);
        var records = new List<byte[]>();
        while (reader.TryRead(out JournalRecord record))
        {
            Assert.That(record.Sequence, Is.EqualTo(records.Count));
            records.Add(record.Bytes.ToArray());
        }
        return records;
    }
}
