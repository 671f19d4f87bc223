using Clob.Journal;

namespace Clob.JournalRate;

/// <summary>Journals to be measured.</summary>
internal static class Journals
{
    /// <summary>A new journal, its next segment prepared.</summary>
    public static JournalWriter Open(string directory, long segmentSize)
    {
        var options = new JournalOptions { Directory = directory, Identity = new byte[32], SegmentSize = segmentSize };
        var writer = new JournalWriter(options, JournalRecovery.Recover(options));
        while (!writer.NextSegmentReady)
            Thread.Sleep(10);
        return writer;
    }

    public static void Append(JournalWriter writer, ReadOnlySpan<byte> record)
    {
        if (!writer.TryAppend(record))
            throw new InvalidOperationException("a group of this size does not hold its records");
    }
}
