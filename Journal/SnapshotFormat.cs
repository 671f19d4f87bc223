using System.Buffers.Binary;
using System.IO.Hashing;

namespace Clob.Journal;

/// <summary>
/// The layout of a snapshot's file: the state behind the first <em>n</em> records, as entries whose meaning is not the journal's affair.
/// <code>
/// 0          8         12     16            48               56         72
/// ┌──────────┬─────────┬──────┬─────────────┬────────────────┬──────────┬───────┬───────┬───┬─────┐
/// │ CLOBSNP1 │ version │  0   │ identity 32 │ journal size n │ checksum │ block │ block │ … │ end │
/// │    8     │   u32   │ u32  │             │      u64       │    16    │       │       │   │     │
/// └──────────┴─────────┴──────┴─────────────┴────────────────┴──────────┴───────┴───────┴───┴─────┘
///            checksum = XxHash128 of bytes 0..56
/// block   0             4               8
///         ┌─────────────┬───────────────┬──────────────────────────────────────┬──────────────┐
///         │ body length │ entries in it │ body: each entry as length u32 ‖     │ checksum  16 │
///         │     u32     │      u32      │ bytes, as the records of a group     │              │
///         └─────────────┴───────────────┴──────────────────────────────────────┴──────────────┘
///         checksum = place ‖ bytes of the block before it; place = identity ‖ n ‖ offset of the block, as in a segment
/// end     a block without a body; the file ends behind it
/// </code>
/// Integers are big-endian. So each byte of the file is under a checksum that knows where it belongs, and a file that is cut off lacks its end.
/// Checksums find accidents; that the state is the venue's, the state root says that the entries come to.
/// </summary>
public static class SnapshotFormat
{
    /// <summary>The version in every snapshot; a reader refuses any other.</summary>
    public const int Version = 1;

    /// <summary>
    /// The longest body of a block, bytes: what is written and synced at once. A commit of the journal that comes meanwhile waits for no more
    /// than that, some milliseconds.
    /// </summary>
    public const int MaximumBodyLength = 1024 * 1024;

    /// <summary>The longest entry, bytes: that of a record.</summary>
    public const int MaximumEntryLength = JournalFormat.MaximumRecordLength;

    internal const int MagicOffset = 0;
    internal const int VersionOffset = MagicOffset + sizeof(ulong);
    internal const int IdentityOffset = VersionOffset + 2 * sizeof(uint);
    internal const int JournalSizeOffset = IdentityOffset + JournalFormat.HashSize;
    internal const int ChecksumOffset = JournalSizeOffset + sizeof(ulong);
    internal const int HeaderSize = ChecksumOffset + SegmentChecksum.Size;

    internal const int BodyLengthOffset = 0;
    internal const int EntryCountOffset = BodyLengthOffset + sizeof(uint);
    internal const int BlockHeadSize = EntryCountOffset + sizeof(uint);

    /// <summary>Bytes of the longest block.</summary>
    internal const int MaximumBlockSize = BlockHeadSize + MaximumBodyLength + SegmentChecksum.Size;

    // An entry that no block can hold does not compile: -1 is no byte.
    private const byte LongestEntryFitsBlock = RecordFrames.LengthSize + MaximumEntryLength <= MaximumBodyLength ? 0 : -1;

    internal static ReadOnlySpan<byte> Magic => "CLOBSNP1"u8;

    internal static void WriteHeader(Span<byte> header, ReadOnlySpan<byte> identity, long journalSize)
    {
        header[..HeaderSize].Clear();
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[VersionOffset..], Version);
        identity.CopyTo(header[IdentityOffset..]);
        BinaryPrimitives.WriteInt64BigEndian(header[JournalSizeOffset..], journalSize);
        XxHash128.Hash(header[..ChecksumOffset], header[ChecksumOffset..]);
    }

    internal static bool IsWholeHeader(ReadOnlySpan<byte> header)
    {
        Span<byte> found = stackalloc byte[SegmentChecksum.Size];
        XxHash128.Hash(header[..ChecksumOffset], found);
        return header.StartsWith(Magic) && found.SequenceEqual(header[ChecksumOffset..HeaderSize]);
    }
}
