namespace Clob.Journal;

/// <summary>Sizes and limits of the journal's files. The layouts are in <see cref="SegmentHeader"/> and <see cref="GroupHeader"/>; docs/journal.md has it all in one place.</summary>
public static class JournalFormat
{
    /// <summary>
    /// Bytes of a block, to which segment headers and groups are aligned: the largest sector a disk rewrites as a whole and the kernel's page,
    /// so that writing a group never rewrites a byte that is already durable.
    /// </summary>
    public const int BlockSize = 4096;

    /// <summary>Bytes of a chain hash and of an identity (SHA-256).</summary>
    public const int HashSize = 32;

    /// <summary>
    /// The longest record, bytes. The largest real one is an envelope of 8 KiB behind a head of 17; eight times that leaves room for
    /// record kinds to come, and one record is still far below what a group holds.
    /// </summary>
    public const int MaximumRecordLength = 64 * 1024;

    /// <summary>
    /// The longest group, bytes, headers and padding included. Bounds a reader's buffer, and how far behind the last whole group
    /// a torn one can have left bytes: what lies beyond is damage.
    /// </summary>
    public const int MaximumGroupSize = 4 * 1024 * 1024;

    /// <summary>The longest segment, bytes: offsets within one fit 31 bits in any language.</summary>
    public const long MaximumSegmentSize = 1L << 30;

    /// <summary>The version in every segment header; a reader refuses any other.</summary>
    public const int Version = 1;

    // A division that leaves a rest, or a record that no group can hold, does not compile: -1 is no byte.
    private const byte GroupsAreWholeBlocks = MaximumGroupSize % BlockSize == 0 && MaximumSegmentSize % BlockSize == 0 ? 0 : -1;
    private const byte LongestRecordFitsLongestGroup = GroupHeader.Size + RecordFrames.LengthSize + MaximumRecordLength <= MaximumGroupSize ? 0 : -1;
    private const byte LongestGroupFitsLongestSegment = BlockSize + MaximumGroupSize <= MaximumSegmentSize ? 0 : -1;

    /// <summary>The next multiple of <see cref="BlockSize"/>.</summary>
    internal static int RoundUpToBlock(int length) => (length + (BlockSize - 1)) & ~(BlockSize - 1);
}
