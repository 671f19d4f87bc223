namespace Clob.Journal;

/// <summary>
/// What stands in a segment behind its last whole group. A crash leaves at most the remains of one group there, because one is in flight at a
/// time and the rest of the file is zeros; anything else shows that whole groups have been lost.
/// </summary>
/// <param name="End">Block boundary behind the last byte that is not zero; the scan's start when all are.</param>
/// <param name="DamageOffset">Where something stands that no torn group leaves, -1 for nowhere.</param>
/// <param name="DamageFound">What that is.</param>
internal readonly record struct SegmentTail(long End, long DamageOffset, string DamageFound)
{
    private const int PieceSize = 64 * JournalFormat.BlockSize;

    internal static SegmentTail Scan(SegmentFile segment, long start)
    {
        long tornLimit = start + JournalFormat.MaximumGroupSize;
        long bodyEnd = start;
        long end = start;
        byte[] piece = new byte[Math.Min(PieceSize, segment.Size - start)];
        for (long offset = start; offset < segment.Size; offset += PieceSize)
        {
            int length = (int)Math.Min(PieceSize, segment.Size - offset);
            int read = segment.File.ReadFully(piece.AsSpan(0, length), offset);
            if (read < length)
                return new SegmentTail(end, offset + read, "the file's end");
            for (int at = 0; at < length; at += JournalFormat.BlockSize)
            {
                ReadOnlySpan<byte> block = piece.AsSpan(at, JournalFormat.BlockSize);
                if (!block.ContainsAnyExcept((byte)0))
                    continue;
                long place = offset + at;
                end = place + JournalFormat.BlockSize;
                GroupHeader header = default;
                bool isHeader = place >= bodyEnd && GroupHeader.TryRead(block, segment.Checksum, place, out header);
                if (isHeader && place == start)
                {
                    // The torn group's own header survived: its extent is known, and what its body holds is its own affair.
                    bodyEnd = tornLimit = start + header.GroupLength;
                }
                else if (isHeader)
                {
                    return new SegmentTail(end, place, "the header of a later group");
                }
                else if (place >= tornLimit)
                {
                    return new SegmentTail(end, place, "bytes that are not zero beyond the last group");
                }
            }
        }
        return new SegmentTail(end, -1, "");
    }

    /// <summary>Offset of the first block from <paramref name="start"/> on that is not all zeros, -1 if there is none.</summary>
    internal static long FirstNonZero(SegmentFile segment, long start)
    {
        byte[] piece = new byte[Math.Min(PieceSize, segment.Size - start)];
        for (long offset = start; offset < segment.Size; offset += PieceSize)
        {
            int length = (int)Math.Min(PieceSize, segment.Size - offset);
            int read = segment.File.ReadFully(piece.AsSpan(0, length), offset);
            int nonZero = piece.AsSpan(0, read).IndexOfAnyExcept((byte)0);
            if (nonZero >= 0)
                return offset + nonZero;
            if (read < length)
                return offset + read;
        }
        return -1;
    }
}
