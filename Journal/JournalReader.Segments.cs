namespace Clob.Journal;

/// <summary>A segment as its name tells it.</summary>
/// <param name="FirstSequence">The first record it may hold.</param>
/// <param name="Path">Its file.</param>
public readonly record struct JournalSegment(long FirstSequence, string Path);

// Where the next group is looked for: within a segment, behind its last group, in the next one.
public sealed partial class JournalReader
{
    private const int MaximumReadAhead = 256 * 1024;

    private SegmentFile? _segment;
    private long _offset;

    // A stretch of the segment's file. At the end of what is there it shrinks to one block, lest a tailer reads zeros over and over.
    private byte[] _window = new byte[JournalFormat.BlockSize];
    private long _windowStart;
    private int _windowLength;
    private int _readAhead = JournalFormat.BlockSize;

    // The end is looked at closely once per position; -1 for none yet.
    private long _endExamined = -1;

    private enum GroupState
    {
        Whole,

        /// <summary>Zeros, or no room for a group.</summary>
        Blank,

        /// <summary>Not zeros and not a group: being written, torn or damaged.</summary>
        Broken,
    }

    /// <summary>What stands behind the last whole group; meaningful after a read without durable sequence returned false.</summary>
    internal SegmentTail Tail { get; private set; }

    internal SegmentFile? Segment => _segment;

    /// <summary>Bytes of the current segment up to the end of the last group read, its header included; 0 before the first segment is open.</summary>
    public long EndOffset => _offset;

    /// <summary>Index of the current segment, from 0; -1 before the first segment is open.</summary>
    public long SegmentIndex => _segment?.Header.Index ?? -1;

    /// <summary>Offset of the last whole group in this segment, read or passed over; -1 when it has none yet.</summary>
    internal long LastGroupOffset { get; private set; } = -1;

    /// <summary>The segments of a directory by their names, ascending; none is opened. A live journal may have more a moment later.</summary>
    /// <param name="directory">The directory of the segments.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <exception cref="DiskFailureException">The directory cannot be read.</exception>
    public static IReadOnlyList<JournalSegment> ListSegments(string directory, IStorage? storage = null) =>
        [.. JournalDirectory.FirstSequences(storage ?? Disk.Storage, directory)
            .Select(first => new JournalSegment(first, JournalDirectory.SegmentPath(directory, first)))];

    private bool OpenFirst(long requiredSequence)
    {
        long[] segments = JournalDirectory.FirstSequences(_storage, _directory);
        int found = Array.FindLastIndex(segments, first => first <= _startSequence);
        if (found >= 0)
        {
            Open(segments[found], previous: null);
            return true;
        }
        if (segments.Length > 0 || requiredSequence >= _startSequence)
        {
            throw new JournalDamagedException(JournalDirectory.SegmentPath(_directory, 0), 0, _startSequence, $"a segment that holds sequence {_startSequence}",
                segments.Length == 0 ? "no segment" : $"sequence {segments[0]} as the oldest");
        }
        return false;
    }

    private void Open(long firstSequence, SegmentFile? previous)
    {
        SegmentFile segment = SegmentFile.Open(_storage, _directory, firstSequence, _identity);
        try
        {
            if (previous is not null)
                segment.CheckFollows(previous, _chain.Value);
        }
        catch
        {
            segment.Dispose();
            throw;
        }
        previous?.Dispose();
        _segment = segment;
        _identity = segment.Identity.ToArray();
        _chain.Restart(segment.ChainBefore.Span);
        _offset = JournalFormat.BlockSize;
        _groupOffset = -1;
        LastGroupOffset = -1;
        _endExamined = -1;
        NextSequence = firstSequence;
        DropWindow();
    }

    private GroupState Examine(out GroupHeader header)
    {
        header = default;
        SegmentFile segment = _segment!;
        if (segment.Size - _offset < JournalFormat.BlockSize)
            return GroupState.Blank;
        ReadOnlySpan<byte> block = View(_offset, JournalFormat.BlockSize);
        if (!GroupHeader.TryRead(block, segment.Checksum, _offset, out header))
            return block.ContainsAnyExcept((byte)0) ? GroupState.Broken : GroupState.Blank;
        if (header.GroupLength > segment.Size - _offset)
            throw Damaged(_offset + GroupHeader.BodyLengthOffset, $"a group of at most {segment.Size - _offset} bytes", $"one of {header.GroupLength}");
        return GroupHeader.ContentIsWhole(View(_offset, header.GroupLength), segment.Checksum, _offset) ? GroupState.Whole : GroupState.Broken;
    }

    /// <summary>
    /// No whole group stands where the next one should. True when there is one after all, or in the next segment; false when this is the end for now.
    /// </summary>
    /// <remarks>
    /// Groups are written one after the other, so a later group, a later segment or other bytes prove that this one was written whole before.
    /// The proof is looked for first and the group once more after it: what is still not whole then is damage, and no race with the writer.
    /// </remarks>
    private bool GoOnBehindGroups(GroupState state, bool durable)
    {
        DropWindow();
        SegmentFile segment = _segment!;
        long[] segments = JournalDirectory.FirstSequences(_storage, _directory);
        long laterSegment = Array.Find(segments, first => first > segment.Header.FirstSequence);
        if (laterSegment == 0 && !durable)
        {
            if (state == GroupState.Broken || _endExamined != _offset)
                Tail = SegmentTail.Scan(segment, _offset);
            if (Tail.DamageOffset < 0)
            {
                _endExamined = _offset;
                DropWindow();
                return false;
            }
        }

        state = Examine(out _);
        if (state == GroupState.Whole)
            return true;
        if (state == GroupState.Blank && Array.BinarySearch(segments, NextSequence) >= 0 && NextSequence > segment.Header.FirstSequence)
        {
            RequireZeros(segment);
            Open(NextSequence, segment);
            return true;
        }
        throw MissingGroup(state, laterSegment, durable);
    }

    private void RequireZeros(SegmentFile segment)
    {
        long stray = SegmentTail.FirstNonZero(segment, _offset);
        if (stray >= 0)
            throw Damaged(stray, "zeros behind the last group of a segment that is not the last", "other bytes");
    }

    private JournalDamagedException MissingGroup(GroupState state, long laterSegment, bool durable)
    {
        string what = state == GroupState.Blank ? "zeros" : "bytes whose checksum does not match";
        string proof = laterSegment != 0 ? $"a segment that begins with sequence {laterSegment} exists"
            : durable ? "it is durable"
            : $"{Tail.DamageFound} at offset {Tail.DamageOffset}";
        return Damaged(_offset, $"the group that begins with sequence {NextSequence}, since there is a later position ({proof})", what);
    }

    private void DropWindow()
    {
        _windowLength = 0;
        _readAhead = JournalFormat.BlockSize;
    }

    private ReadOnlySpan<byte> View(long offset, int length)
    {
        if (offset < _windowStart || offset + length > _windowStart + _windowLength)
            FillWindow(offset, length);
        return _window.AsSpan((int)(offset - _windowStart), length);
    }

    private void FillWindow(long offset, int length)
    {
        int wanted = (int)Math.Min(Math.Max(length, _readAhead), _segment!.Size - offset);
        if (_window.Length < wanted)
            _window = new byte[wanted];
        _windowLength = 0;
        int read = _segment.File.ReadFully(_window.AsSpan(0, wanted), offset);
        if (read < length)
            throw Damaged(offset + read, $"{_segment.Size} bytes, as the header says", "the file's end");
        _windowStart = offset;
        _windowLength = read;
        _readAhead = Math.Min(2 * wanted, MaximumReadAhead);
    }
}
