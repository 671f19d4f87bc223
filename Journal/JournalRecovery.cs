namespace Clob.Journal;

/// <summary>Takes a record during recovery.</summary>
/// <param name="sequence">Its sequence.</param>
/// <param name="record">Its bytes, valid during the call.</param>
public delegate void RecordHandler(long sequence, ReadOnlySpan<byte> record);

/// <summary>
/// Brings a journal into the state in which it can be continued, or refuses. The last group is taken whole or cut; damage before it, or an end
/// below what is known elsewhere, is an exception, and then nothing has been changed.
/// </summary>
public static class JournalRecovery
{
    /// <summary>Records between two reports of progress: some milliseconds.</summary>
    private const long ProgressInterval = 4_096;

    /// <summary>Checks the journal, cuts what is left of a torn last group, and makes everything that is kept durable.</summary>
    /// <param name="options">How it will be written. The caller holds the <see cref="DirectoryLock"/>.</param>
    /// <param name="lastKnownSequence">The last record known elsewhere (signed head, snapshot, batch, watermark); -1 for none.</param>
    /// <param name="fromSequence">Where to begin: records before it count as known and only headers in their segment are looked at.</param>
    /// <param name="onRecord">Takes each record from <paramref name="fromSequence"/> on.</param>
    /// <param name="onProgress">Told now and then how many records were checked, and what percentage of the segments' bytes behind the start.</param>
    /// <returns>Where the writer goes on.</returns>
    /// <exception cref="JournalDamagedException">Something before the last group is not as it was written.</exception>
    /// <exception cref="JournalCutException">The journal ends below what is known elsewhere.</exception>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public static RecoveredJournal Recover(JournalOptions options, long lastKnownSequence = -1, long fromSequence = 0, RecordHandler? onRecord = null, Action<long, int>? onProgress = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(lastKnownSequence, -1);
        options.Validate();
        options.Storage.CreateDirectory(options.Directory);
        using var reader = new JournalReader(options.Directory, options.Identity.Span, fromSequence, options.Storage);
        while (reader.TryRead(out JournalRecord record))
        {
            onRecord?.Invoke(record.Sequence, record.Bytes);
            long read = record.Sequence - fromSequence + 1;
            if (read % ProgressInterval == 0)
                onProgress?.Invoke(read, Percent(options, reader, fromSequence));
        }

        long lastSequence = Math.Max(reader.NextSequence, 0) - 1;
        lastKnownSequence = Math.Max(lastKnownSequence, fromSequence - 1);
        if (lastSequence < lastKnownSequence)
            throw new JournalCutException(options.Directory, lastSequence, lastKnownSequence, reader.SegmentPath is null ? "no segment" : $"{reader.SegmentPath} at offset {reader.EndOffset}");

        // From here on the disk is written.
        RecoveredJournal recovered = reader.Segment is null ? new RecoveredJournal(0, options.Identity.Span) : MakeReady(options, reader, reader.Segment);
        options.Storage.Delete(JournalDirectory.PreparedPath(options.Directory));
        options.Storage.SyncDirectory(options.Directory);
        // The directory itself may be new.
        if (reader.Segment is null && Path.GetDirectoryName(Path.GetFullPath(options.Directory)) is string parent)
            options.Storage.SyncDirectory(parent);
        return recovered;
    }

    /// <summary>By whole segments and the place in the one being read: the number of records is not known before the end.</summary>
    private static int Percent(JournalOptions options, JournalReader reader, long fromSequence)
    {
        long[] segments = JournalDirectory.FirstSequences(options.Storage, options.Directory);
        SegmentFile segment = reader.Segment!;
        int first = Math.Max(Array.FindLastIndex(segments, sequence => sequence <= fromSequence), 0);
        int current = Array.BinarySearch(segments, segment.Header.FirstSequence);
        return (int)((current - first + (double)reader.EndOffset / segment.Size) * 100 / (segments.Length - first));
    }

    private static RecoveredJournal MakeReady(JournalOptions options, JournalReader reader, SegmentFile segment)
    {
        long end = reader.EndOffset;
        long torn = reader.Tail.End - end;
        using (IStorageFile file = options.Storage.Open(segment.Path, FileUse.ReadWrite))
        {
            if (torn > 0)
                Clear(file, end, torn);
            if (reader.LastGroupOffset >= 0)
                Rewrite(file, reader.LastGroupOffset, (int)(end - reader.LastGroupOffset));
            file.SyncData();
        }
        return new RecoveredJournal(reader.NextSequence, reader.ChainHash)
        {
            SegmentPath = segment.Path,
            SegmentIndex = segment.Header.Index,
            SegmentSize = segment.Size,
            Offset = end,
            Cut = torn > 0 ? new JournalCut(segment.Path, end, reader.NextSequence, torn) : null,
        };
    }

    /// <summary>
    /// Zeros over the torn group, before anything is appended: a shorter group written over its beginning would leave its end behind, and
    /// from those bytes a later reader would conclude that a group is missing, or worse, take them for one.
    /// </summary>
    private static void Clear(IStorageFile file, long offset, long length)
    {
        byte[] zeros = new byte[Math.Min(length, 1024 * 1024)];
        for (long done = 0; done < length; done += zeros.Length)
            file.WriteFully(zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - done)), offset + done);
    }

    /// <summary>
    /// Writes the last group again, as it is. After a failed sync the kernel holds its pages as clean although the disk does not have them:
    /// they read well, and syncing them again does nothing, until the host stops and they are gone. Writing makes them dirty again.
    /// Groups before it were synced before it was written.
    /// </summary>
    private static void Rewrite(IStorageFile file, long offset, int length)
    {
        byte[] group = new byte[length];
        int read = file.ReadFully(group, offset);
        if (read < length)
            throw new DiskFailureException(file.Path, "pread", 0, $"the last group's {length} bytes at offset {offset}, got {read}");
        file.WriteFully(group, offset);
    }
}
