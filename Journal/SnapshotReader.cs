using System.Buffers.Binary;
using System.Globalization;

namespace Clob.Journal;

/// <summary>
/// Reads a snapshot entry by entry. What it returns stands in a block whose checksum holds; that the file is whole is known when
/// <see cref="TryRead"/> has returned false. For one thread.
/// </summary>
public sealed class SnapshotReader : IDisposable
{
    private readonly IStorageFile _file;
    private readonly SegmentChecksum _checksum;
    private readonly long _fileLength;
    private byte[] _block = new byte[SnapshotFormat.BlockHeadSize];
    private long _offset = SnapshotFormat.HeaderSize;
    private int _bodyLength;
    private int _next;
    private bool _isAtEnd;

    /// <summary>Opens the snapshot behind a number of records and checks its header.</summary>
    /// <param name="directory">Where snapshots are.</param>
    /// <param name="journalSize">Which one.</param>
    /// <param name="identity">The identity that it must hold, 32 bytes.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <exception cref="SnapshotDamagedException">The header is not that of this snapshot.</exception>
    /// <exception cref="DiskFailureException">It cannot be opened or read.</exception>
    public SnapshotReader(string directory, long journalSize, ReadOnlySpan<byte> identity, IStorage? storage = null)
    {
        _file = (storage ?? Disk.Storage).Open(SnapshotDirectory.PathOf(directory, journalSize), FileUse.Read);
        try
        {
            _fileLength = _file.Length;
            Span<byte> header = stackalloc byte[SnapshotFormat.HeaderSize];
            int read = _file.ReadFully(header, 0);
            Require(read == header.Length, read, $"a header of {header.Length} bytes", "the file's end");
            Require(SnapshotFormat.IsWholeHeader(header), 0, "a snapshot's header with its checksum", "bytes that do not match");
            int version = BinaryPrimitives.ReadInt32BigEndian(header[SnapshotFormat.VersionOffset..]);
            Require(version == SnapshotFormat.Version, SnapshotFormat.VersionOffset, $"format version {SnapshotFormat.Version}", $"version {version}");
            ReadOnlySpan<byte> found = header.Slice(SnapshotFormat.IdentityOffset, JournalFormat.HashSize);
            Require(found.SequenceEqual(identity), SnapshotFormat.IdentityOffset, $"identity {Convert.ToHexStringLower(identity)}", Convert.ToHexStringLower(found));
            long size = BinaryPrimitives.ReadInt64BigEndian(header[SnapshotFormat.JournalSizeOffset..]);
            Require(size == journalSize, SnapshotFormat.JournalSizeOffset, $"journal size {journalSize}, as the file is named", size.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        _checksum = new SegmentChecksum(identity, journalSize);
    }

    /// <summary>Bytes of the file.</summary>
    public long Length => _fileLength;

    /// <summary>Offset behind the last block that was read.</summary>
    public long Offset => _offset;

    /// <summary>Reads the next entry.</summary>
    /// <param name="entry">Its bytes, valid until the next call.</param>
    /// <returns>False at the end: all that the writer wrote has been read, and every checksum holds.</returns>
    /// <exception cref="SnapshotDamagedException">A block is not as it was written, or the end is missing.</exception>
    public bool TryRead(out ReadOnlySpan<byte> entry)
    {
        entry = default;
        if (_next == _bodyLength && (_isAtEnd || !ReadBlock()))
            return false;
        // The frames were walked when the block was accepted.
        RecordFrameEnumerator frames = RecordFrames.Read(Body[_next..]);
        frames.MoveNext();
        _next += frames.Offset;
        entry = frames.Current;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private ReadOnlySpan<byte> Body => _block.AsSpan(SnapshotFormat.BlockHeadSize, _bodyLength);

    /// <summary>False when it was the end.</summary>
    private bool ReadBlock()
    {
        Read(0, SnapshotFormat.BlockHeadSize);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_block.AsSpan(SnapshotFormat.BodyLengthOffset));
        // Before so many bytes are read: the head has no checksum of its own.
        Require(length <= SnapshotFormat.MaximumBodyLength, _offset, $"a block of at most {SnapshotFormat.MaximumBodyLength} bytes", $"one of {length}");
        int size = SnapshotFormat.BlockHeadSize + (int)length;
        if (_block.Length < size + SegmentChecksum.Size)
            Array.Resize(ref _block, size + SegmentChecksum.Size);
        Read(SnapshotFormat.BlockHeadSize, (int)length + SegmentChecksum.Size);
        Span<byte> expected = stackalloc byte[SegmentChecksum.Size];
        _checksum.OfBlock(_offset, _block.AsSpan(0, size), expected);
        Require(expected.SequenceEqual(_block.AsSpan(size, SegmentChecksum.Size)), _offset, "a block with its checksum", "bytes that do not match");
        _bodyLength = (int)length;
        _next = 0;
        RequireFrames(BinaryPrimitives.ReadUInt32BigEndian(_block.AsSpan(SnapshotFormat.EntryCountOffset)));
        _offset += size + SegmentChecksum.Size;
        if (length != 0)
            return true;
        _isAtEnd = true;
        Require(_offset == _fileLength, _offset, "the file's end", $"{_fileLength - _offset} bytes more");
        return false;
    }

    private void Read(int at, int length)
    {
        int read = _file.ReadFully(_block.AsSpan(at, length), _offset + at);
        Require(read == length, _offset + at + read, "a block or the end of the snapshot", "the file's end");
    }

    private void RequireFrames(uint count)
    {
        RecordFrameEnumerator frames = RecordFrames.Read(Body);
        uint found = 0;
        while (frames.MoveNext())
            found++;
        Require(frames.Error == FrameError.None && found == count, _offset, $"a block of {count} entries", $"{found}, then {frames.Error}");
    }

    private void Require(bool holds, long offset, string expected, string found)
    {
        if (!holds)
            throw new SnapshotDamagedException(_file.Path, offset, expected, found);
    }
}
