using System.Diagnostics;
using Clob.Journal;

namespace Clob.JournalRate;

/// <summary>Commits of 64 KiB one after the other through many small segments: those that roll over, those that share the disk with the next segment's preparation, and the rest.</summary>
internal sealed class RolloverRun
{
    private const long SegmentSize = 8 << 20;

    // The pause lets the next segment be ready before it is wanted, as it is in a venue whose segments last for minutes.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    private RolloverRun()
    {
    }

    public Samples AtRollover { get; } = new();

    public Samples WhilePreparing { get; } = new();

    public Samples Others { get; } = new();

    public static RolloverRun Run(string directory, int recordSize, int rollovers)
    {
        var run = new RolloverRun();
        var group = GroupSize.Filling("64 KiB", 64 << 10, recordSize);
        using var writer = Journals.Open(Path.Combine(directory, "rollovers"), SegmentSize);
        byte[] record = new byte[recordSize];
        Random.Shared.NextBytes(record);
        while (run.AtRollover.Count < rollovers)
        {
            for (int i = 0; i < group.Records; i++)
                Journals.Append(writer, record);
            long left = writer.SegmentBytesLeft;
            if (left < group.Bytes)
                WaitForNextSegment(writer);
            bool isPreparing = !writer.NextSegmentReady;
            long begun = Stopwatch.GetTimestamp();
            writer.Commit();
            (writer.SegmentBytesLeft > left ? run.AtRollover : isPreparing ? run.WhilePreparing : run.Others).Since(begun);
            Thread.Sleep(Pause);
        }

        return run;
    }

    private static void WaitForNextSegment(JournalWriter writer)
    {
        while (!writer.NextSegmentReady)
            Thread.Sleep(1);
    }
}
