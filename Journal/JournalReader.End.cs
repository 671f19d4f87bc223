namespace Clob.Journal;

/// <summary>What stands behind a journal's last whole group.</summary>
public enum JournalEndKind
{
    /// <summary>Zeros or nothing: this is the end, or a group has become whole since.</summary>
    Clean,

    /// <summary>A group of which sectors are missing: it was being written when the writer stopped, or is being written now.</summary>
    Torn,

    /// <summary>A group of which no sector is missing and whose checksums do not hold: no write that was cut off leaves that.</summary>
    Damaged,
}

/// <summary>The end of a journal as a reader finds it.</summary>
/// <param name="Kind">What stands there.</param>
/// <param name="SegmentPath">The last segment's file; null without one.</param>
/// <param name="Offset">Byte offset behind the last whole group.</param>
/// <param name="Remains">Bytes from there to the end of the last block that is not all zeros; 0 at a clean end.</param>
public readonly record struct JournalEnd(JournalEndKind Kind, string? SegmentPath, long Offset, long Remains);

// The last group may be torn by a crash, and then it never was; but a group that was whole once must not vanish unseen from a journal
// that nobody writes any more.
public sealed partial class JournalReader
{
    /// <summary>
    /// The smallest piece that a disk writes whole or not at all. A torn group lacks such pieces, and what it lacks is zeros, because segments
    /// are pre-written; the records of a group never hold a piece of zeros themselves.
    /// </summary>
    private const int SectorSize = 512;

    /// <summary>
    /// Tells a torn last group from a damaged one, after a read without a durable sequence returned false. A group that is being written at
    /// this very moment may look damaged: ask again a little later.
    /// </summary>
    public JournalEnd ExamineEnd()
    {
        if (_segment is null)
            return new JournalEnd(JournalEndKind.Clean, null, 0, 0);
        DropWindow();
        JournalEndKind kind = Examine(out GroupHeader header) switch
        {
            GroupState.Whole => JournalEndKind.Clean,
            GroupState.Broken => LacksSector(header) ? JournalEndKind.Torn : JournalEndKind.Damaged,
            // The first block is missing; what is left of the others, if anything, stands behind it.
            _ => SegmentTail.Scan(_segment, _offset).End > _offset ? JournalEndKind.Torn : JournalEndKind.Clean,
        };
        DropWindow();
        long remains = kind == JournalEndKind.Clean ? 0 : SegmentTail.Scan(_segment, _offset).End - _offset;
        return new JournalEnd(kind, _segment.Path, _offset, remains);
    }

    private bool LacksSector(GroupHeader header)
    {
        // Without a header that holds only its own sector is known to have been written.
        int content = header.RecordCount == 0 ? SectorSize : GroupHeader.Size + header.BodyLength;
        ReadOnlySpan<byte> group = View(_offset, JournalFormat.RoundUpToBlock(content));
        for (int at = 0; at < content; at += SectorSize)
        {
            if (!group[at..Math.Min(at + SectorSize, content)].ContainsAnyExcept((byte)0))
                return true;
        }
        return false;
    }
}
