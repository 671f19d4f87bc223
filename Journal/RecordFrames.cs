using System.Buffers.Binary;

namespace Clob.Journal;

/// <summary>
/// Records one after the other, each with its length before it. The body of a group, and of a batch for data availability.
/// <code>
/// ┌────────────┬───────────────┐┌────────────┬───────────────┐
/// │ length u32 │ record bytes  ││ length u32 │ record bytes  │ …
/// └────────────┴───────────────┘└────────────┴───────────────┘
/// </code>
/// Lengths are big-endian, 1 to <see cref="JournalFormat.MaximumRecordLength"/>. There is no end mark: the frames end where their buffer ends.
/// </summary>
public static class RecordFrames
{
    /// <summary>Bytes of the length before a record.</summary>
    public const int LengthSize = sizeof(uint);

    /// <summary>Appends one record's frame.</summary>
    /// <param name="destination">The buffer.</param>
    /// <param name="position">Where to write; moved behind the frame on success.</param>
    /// <param name="record">1 to <see cref="JournalFormat.MaximumRecordLength"/> bytes.</param>
    /// <returns>False when the buffer has no room for it; nothing is written then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The record is empty or too long.</exception>
    public static bool TryAppend(Span<byte> destination, ref int position, ReadOnlySpan<byte> record)
    {
        if (record.Length is 0 or > JournalFormat.MaximumRecordLength)
            throw new ArgumentOutOfRangeException(nameof(record), record.Length, $"A record has 1 to {JournalFormat.MaximumRecordLength} bytes.");
        if (destination.Length - position < LengthSize + record.Length)
            return false;
        BinaryPrimitives.WriteUInt32BigEndian(destination[position..], (uint)record.Length);
        record.CopyTo(destination[(position + LengthSize)..]);
        position += LengthSize + record.Length;
        return true;
    }

    /// <summary>Goes through the records of a buffer that holds frames and nothing else.</summary>
    public static RecordFrameEnumerator Read(ReadOnlySpan<byte> frames) => new(frames);
}

/// <summary>What is wrong with a sequence of frames.</summary>
public enum FrameError
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Fewer than four bytes are left where a length should stand.</summary>
    LengthCutOff,

    /// <summary>A length of 0.</summary>
    EmptyRecord,

    /// <summary>A length above <see cref="JournalFormat.MaximumRecordLength"/>.</summary>
    RecordTooLong,

    /// <summary>A record is longer than what is left.</summary>
    RecordCutOff,
}

/// <summary>Goes through frames without copying. After <see cref="MoveNext"/> has returned false, <see cref="Error"/> says whether that was the end.</summary>
public ref struct RecordFrameEnumerator
{
    private readonly ReadOnlySpan<byte> _frames;
    private int _next;

    internal RecordFrameEnumerator(ReadOnlySpan<byte> frames) => _frames = frames;

    /// <summary>The record, without its length.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    /// <summary>Why <see cref="MoveNext"/> returned false; <see cref="FrameError.None"/> at a proper end.</summary>
    public FrameError Error { get; private set; }

    /// <summary>Offset of the frame after the current one; with an <see cref="Error"/>, of the bad frame.</summary>
    public readonly int Offset => _next;

    /// <summary>For <c>foreach</c>.</summary>
    public readonly RecordFrameEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next record.</summary>
    /// <returns>False at the end or at a bad frame.</returns>
    public bool MoveNext()
    {
        int left = _frames.Length - _next;
        if (left == 0 || Error != FrameError.None)
            return false;
        if (left < RecordFrames.LengthSize)
            return Stop(FrameError.LengthCutOff);
        uint length = BinaryPrimitives.ReadUInt32BigEndian(_frames[_next..]);
        if (length == 0)
            return Stop(FrameError.EmptyRecord);
        if (length > JournalFormat.MaximumRecordLength)
            return Stop(FrameError.RecordTooLong);
        if (length > left - RecordFrames.LengthSize)
            return Stop(FrameError.RecordCutOff);
        Current = _frames.Slice(_next + RecordFrames.LengthSize, (int)length);
        _next += RecordFrames.LengthSize + (int)length;
        return true;
    }

    private bool Stop(FrameError error)
    {
        Error = error;
        Current = default;
        return false;
    }
}
