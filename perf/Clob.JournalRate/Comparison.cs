using System.Diagnostics;
using Clob.Journal;

namespace Clob.JournalRate;

/// <summary>Group commits and bare writes of as many bytes, by turns, both into files that were written with zeros before.</summary>
internal sealed class Comparison
{
    private const int CommitsPerTurn = 16;
    private const long FileSize = 64 << 20;

    private Comparison(GroupSize group) => Group = group;

    public GroupSize Group { get; }

    /// <summary>One pwrite and one fdatasync.</summary>
    public Samples Bare { get; } = new();

    /// <summary>The commit of a group whose records were appended before.</summary>
    public Samples Commit { get; } = new();

    /// <summary>The same, with the appending: framing and the hash chain.</summary>
    public Samples WithAppend { get; } = new();

    public static Comparison Run(GroupSize group, string directory, TimeSpan duration)
    {
        var comparison = new Comparison(group);
        using var writer = Journals.Open(Path.Combine(directory, $"journal-{group.Bytes}-{group.Records}"), FileSize);
        using var file = BareFile(Path.Combine(directory, $"bare-{group.Bytes}-{group.Records}"));
        byte[] bytes = new byte[group.Bytes];
        Random.Shared.NextBytes(bytes);
        byte[] record = bytes[..group.RecordSize];
        long offset = 0;
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        for (int turn = 0; turn < 8 || Stopwatch.GetTimestamp() < end; turn++)
        {
            if (turn == 4)
                comparison.Clear();
            for (int i = 0; i < CommitsPerTurn; i++)
                comparison.CommitGroup(writer, record);
            for (int i = 0; i < CommitsPerTurn; i++)
                comparison.WriteBare(file, bytes, ref offset);
        }

        return comparison;
    }

    /// <summary>Over the file from the beginning when its end is reached: what is overwritten costs what zeros cost.</summary>
    private void WriteBare(IStorageFile file, byte[] bytes, ref long offset)
    {
        if (offset + bytes.Length > FileSize)
            offset = 0;
        long begun = Stopwatch.GetTimestamp();
        file.WriteFully(bytes, offset);
        file.SyncData();
        Bare.Since(begun);
        offset += bytes.Length;
    }

    private void CommitGroup(JournalWriter writer, byte[] record)
    {
        while (!writer.NextSegmentReady)
            Thread.Sleep(1); // rollovers are looked at elsewhere
        long begun = Stopwatch.GetTimestamp();
        for (int i = 0; i < Group.Records; i++)
            Journals.Append(writer, record);
        long appended = Stopwatch.GetTimestamp();
        writer.Commit();
        Commit.Since(appended);
        WithAppend.Since(begun);
    }

    private void Clear()
    {
        Bare.Clear();
        Commit.Clear();
        WithAppend.Clear();
    }

    private static IStorageFile BareFile(string path)
    {
        var file = Disk.Storage.Open(path, FileUse.Create);
        byte[] zeros = new byte[1 << 20];
        for (long offset = 0; offset < FileSize; offset += zeros.Length)
        {
            file.WriteFully(zeros, offset);
            file.SyncData();
        }

        return file;
    }
}
