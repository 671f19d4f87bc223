using System.Buffers.Binary;

namespace Clob.Journal;

/// <summary>
/// Writes a snapshot: under a temporary name, block by block and each synced, so that it never queues more than a block before the journal's own
/// commits; <see cref="Complete"/> ends it, <see cref="Publish"/> gives it its name. After any crash there is the whole file under the name or
/// none. For one thread at a time. After a <see cref="DiskFailureException"/> the disk is in doubt, and the process has to stop.
/// </summary>
public sealed class SnapshotWriter : IDisposable
{
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly string _path;
    private readonly IStorageFile _file;
    private readonly SegmentChecksum _checksum;
    private readonly Action? _onBlock;
    private readonly byte[] _block = new byte[SnapshotFormat.MaximumBlockSize];
    private int _length = SnapshotFormat.BlockHeadSize;
    private int _entries;
    private bool _isComplete;

    /// <summary>Creates the file under its temporary name.</summary>
    /// <param name="directory">Where snapshots are; created when missing.</param>
    /// <param name="identity">The journal's identity, 32 bytes.</param>
    /// <param name="journalSize">Behind how many records the state was taken.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <param name="onBlock">Called behind each block that was synced: the place to let others at the disk.</param>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public SnapshotWriter(string directory, ReadOnlySpan<byte> identity, long journalSize, IStorage? storage = null, Action? onBlock = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(journalSize, 1);
        if (identity.Length != JournalFormat.HashSize)
            throw new ArgumentException($"An identity has {JournalFormat.HashSize} bytes, not {identity.Length}.", nameof(identity));
        _storage = storage ?? Disk.Storage;
        _directory = directory;
        _path = SnapshotDirectory.PathOf(directory, journalSize);
        _checksum = new SegmentChecksum(identity, journalSize);
        _onBlock = onBlock;
        _storage.CreateDirectory(directory);
        _file = _storage.Open(TemporaryPath, FileUse.Create);
        Span<byte> header = stackalloc byte[SnapshotFormat.HeaderSize];
        SnapshotFormat.WriteHeader(header, identity, journalSize);
        _file.WriteFully(header, 0);
        Length = header.Length;
    }

    /// <summary>Bytes written so far.</summary>
    public long Length { get; private set; }

    private string TemporaryPath => _path + SnapshotDirectory.TemporarySuffix;

    private Span<byte> Body => _block.AsSpan(SnapshotFormat.BlockHeadSize, SnapshotFormat.MaximumBodyLength);

    /// <summary>Appends an entry of 1 to <see cref="SnapshotFormat.MaximumEntryLength"/> bytes.</summary>
    /// <exception cref="DiskFailureException">A write or sync failed.</exception>
    public void Append(ReadOnlySpan<byte> entry)
    {
        if (_isComplete)
            throw new InvalidOperationException($"The snapshot {_path} is complete.");
        int position = _length - SnapshotFormat.BlockHeadSize;
        if (!RecordFrames.TryAppend(Body, ref position, entry))
        {
            WriteBlock();
            position = 0;
            RecordFrames.TryAppend(Body, ref position, entry); // any entry fits an empty block
        }
        _length = SnapshotFormat.BlockHeadSize + position;
        _entries++;
    }

    /// <summary>Writes the end. The whole file is on disk then, but nobody looks at it yet.</summary>
    /// <exception cref="DiskFailureException">A write or sync failed.</exception>
    public void Complete()
    {
        if (_entries > 0)
            WriteBlock();
        WriteBlock(); // without entries: the end
        _isComplete = true;
    }

    /// <summary>Gives the file its name; durable when this returns.</summary>
    /// <exception cref="DiskFailureException">A system call failed: the file is there under the one name or the other.</exception>
    public void Publish()
    {
        if (!_isComplete)
            throw new InvalidOperationException($"The snapshot {_path} is not complete.");
        _storage.Rename(TemporaryPath, _path);
        _file.Path = _path;
        _storage.SyncDirectory(_directory);
        // The directory itself may be new.
        if (Path.GetDirectoryName(Path.GetFullPath(_directory)) is string parent)
            _storage.SyncDirectory(parent);
    }

    /// <summary>Closes the file. Without <see cref="Publish"/> it stays under its temporary name, for <see cref="SnapshotDirectory.RemoveUnfinished"/>.</summary>
    public void Dispose() => _file.Dispose();

    private void WriteBlock()
    {
        BinaryPrimitives.WriteInt32BigEndian(_block.AsSpan(SnapshotFormat.BodyLengthOffset), _length - SnapshotFormat.BlockHeadSize);
        BinaryPrimitives.WriteInt32BigEndian(_block.AsSpan(SnapshotFormat.EntryCountOffset), _entries);
        _checksum.OfBlock(Length, _block.AsSpan(0, _length), _block.AsSpan(_length, SegmentChecksum.Size));
        ReadOnlySpan<byte> block = _block.AsSpan(0, _length + SegmentChecksum.Size);
        _file.WriteFully(block, Length);
        _file.SyncData();
        Length += block.Length;
        _length = SnapshotFormat.BlockHeadSize;
        _entries = 0;
        _onBlock?.Invoke();
    }
}
