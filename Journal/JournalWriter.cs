namespace Clob.Journal;

/// <summary>
/// Appends records and makes them durable by groups: <see cref="TryAppend"/> what waits, then one <see cref="Commit"/>. One group is in flight at a
/// time. Owned by one thread; the properties marked so may be read by any. Allocates nothing per record or commit.
/// After a <see cref="DiskFailureException"/> the writer does nothing any more: the process stops, and recovery decides what is on disk.
/// </summary>
public sealed class JournalWriter : IDisposable
{
    private readonly JournalOptions _options;
    private readonly SegmentPreparation _preparation;
    private readonly RecordChain _chain;
    private readonly byte[] _chainCommitted = new byte[JournalFormat.HashSize];
    private readonly byte[] _group;

    private IStorageFile? _file;
    private SegmentChecksum? _checksum;
    private long _segmentIndex;
    private long _segmentSize;
    private long _offset;

    private int _groupLength = GroupHeader.Size;
    private int _groupCount;
    private long _nextSequence;
    private long _durableSequence;
    private DiskFailureException? _failure;

    /// <summary>Goes on where recovery found the end.</summary>
    /// <param name="options">As given to recovery; segment and group sizes may differ from those of the past.</param>
    /// <param name="recovered">The end of the journal; the directory must not have changed since.</param>
    /// <exception cref="DiskFailureException">The segment cannot be opened, or the first one not made.</exception>
    public JournalWriter(JournalOptions options, RecoveredJournal recovered)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(recovered);
        options.Validate();
        _options = options;
        _group = GC.AllocateArray<byte>(options.MaximumGroupSize, pinned: true);
        _nextSequence = recovered.NextSequence;
        _durableSequence = recovered.NextSequence - 1;
        _chain = new RecordChain(recovered.ChainHash);
        recovered.ChainHash.CopyTo(_chainCommitted);
        _segmentIndex = recovered.SegmentIndex;
        _offset = recovered.Offset;
        _segmentSize = recovered.SegmentSize;
        _preparation = new SegmentPreparation(options);
        try
        {
            if (recovered.SegmentPath is null)
            {
                Roll();
            }
            else
            {
                _file = options.Storage.Open(recovered.SegmentPath, FileUse.ReadWrite);
                _checksum = new SegmentChecksum(options.Identity.Span, _segmentIndex);
                _preparation.Begin();
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The sequence the next appended record gets.</summary>
    public long NextSequence => _nextSequence;

    /// <summary>The last record that is durable, -1 for none. Any thread may read it; what is at or below it can be read from the segments.</summary>
    public long DurableSequence => Volatile.Read(ref _durableSequence);

    /// <summary>Whether the segment after this one is made already. Any thread may read it.</summary>
    public bool NextSegmentReady => _preparation.Ready;

    /// <summary>
    /// Why the next segment could not be made ahead of time (mostly no space), null when the last such attempt succeeded. Any thread may read it. While it
    /// is set the venue should take cancels only: a commit beyond the end of this segment makes one last attempt and fails with it.
    /// </summary>
    public DiskFailureException? NextSegmentFailure => _preparation.Failure;

    /// <summary>Records appended and not yet committed.</summary>
    public int PendingRecords => _groupCount;

    /// <summary>Bytes left in the segment being written.</summary>
    public long SegmentBytesLeft => _segmentSize - _offset;

    /// <summary>Puts a record into the group being filled.</summary>
    /// <param name="record">1 to <see cref="JournalOptions.MaximumRecordLength"/> bytes; copied.</param>
    /// <returns>False when the group is full: commit, then append again.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The record is empty or too long for any group.</exception>
    public bool TryAppend(ReadOnlySpan<byte> record)
    {
        ThrowIfFailed();
        if (record.Length > _options.MaximumRecordLength)
            throw new ArgumentOutOfRangeException(nameof(record), record.Length, $"A record has 1 to {_options.MaximumRecordLength} bytes here.");
        if (!RecordFrames.TryAppend(_group, ref _groupLength, record))
            return false;
        _chain.Append(record);
        _groupCount++;
        _nextSequence++;
        return true;
    }

    /// <summary>Writes what was appended as one group and waits until it is durable. Does nothing when there is nothing.</summary>
    /// <exception cref="DiskFailureException">
    /// A write or sync failed, or the next segment was due and could not be made. The writer is unusable from then on.
    /// </exception>
    public void Commit()
    {
        ThrowIfFailed();
        if (_groupCount == 0)
            return;
        try
        {
            WriteGroup();
        }
        catch (DiskFailureException failure)
        {
            _failure = failure;
            throw;
        }
    }

    /// <summary>Closes the files. Records that were not committed are gone.</summary>
    public void Dispose()
    {
        _preparation.Dispose();
        _file?.Dispose();
    }

    private void WriteGroup()
    {
        int length = JournalFormat.RoundUpToBlock(_groupLength);
        if (length > _segmentSize - _offset)
            Roll();
        Span<byte> group = _group.AsSpan(0, length);
        group[_groupLength..].Clear();
        var header = new GroupHeader(_groupLength - GroupHeader.Size, _groupCount, _nextSequence - _groupCount);
        header.Write(group, _chain.Value, _checksum!, _offset);

        IStorageFile file = _file!;
        file.WriteFully(group, _offset);
        if (_options.Durability == JournalDurability.DataSync)
            file.SyncData();

        _offset += length;
        _chain.Value.CopyTo(_chainCommitted);
        _groupLength = GroupHeader.Size;
        _groupCount = 0;
        // Release: whoever reads this sequence finds its group's bytes written.
        Volatile.Write(ref _durableSequence, _nextSequence - 1);
    }

    /// <summary>
    /// Goes over to the prepared segment. Header first, name second: a file with a segment's name always has a whole header, and one without
    /// the name is nothing. Only groups that are durable stand in the segment left behind.
    /// </summary>
    private void Roll()
    {
        long firstSequence = _nextSequence - _groupCount;
        long index = _segmentIndex + 1;
        string path = JournalDirectory.SegmentPath(_options.Directory, firstSequence);
        bool sync = _options.Durability == JournalDurability.DataSync;

        IStorageFile next = _preparation.Take();
        try
        {
            // The group's buffer is taken; a rollover is rare enough for a block of its own.
            byte[] block = new byte[SegmentHeader.Size];
            new SegmentHeader(index, firstSequence, _options.SegmentSize).Write(block, _options.Identity.Span, _chainCommitted);
            next.WriteFully(block, 0);
            if (sync)
                next.SyncData();
            _options.Storage.Rename(next.Path, path);
            next.Path = path;
            if (sync)
                _options.Storage.SyncDirectory(_options.Directory);
        }
        catch
        {
            next.Dispose();
            throw;
        }

        _file?.Dispose();
        _file = next;
        _checksum = new SegmentChecksum(_options.Identity.Span, index);
        _segmentIndex = index;
        _segmentSize = _options.SegmentSize;
        _offset = JournalFormat.BlockSize;
        _preparation.Begin();
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
            throw new InvalidOperationException("The journal's writer has failed before and does nothing any more; the process has to stop.", _failure);
    }
}
