using System.Buffers.Binary;
using System.IO.Hashing;

namespace Clob.Journal;

/// <summary>
/// The first block of a segment file. It is on disk before the file gets its final name, so a file with such a name always has one.
/// <code>
/// 0          8         12         16            48          56               64                  96             104        4080
/// ┌──────────┬─────────┬──────────┬─────────────┬───────────┬────────────────┬───────────────────┬──────────────┬──────────┬──────────┐
/// │ CLOBSEG1 │ version │ zeros    │ identity    │ index     │ first sequence │ chain hash before │ segment size │ zeros    │ checksum │
/// │    8     │  u32 =1 │   4      │    32       │   u64     │      u64       │        32         │     u64      │   3976   │    16    │
/// └──────────┴─────────┴──────────┴─────────────┴───────────┴────────────────┴───────────────────┴──────────────┴──────────┴──────────┘
/// checksum = XxHash128 of bytes 0..4080
/// </code>
/// </summary>
internal readonly record struct SegmentHeader(long Index, long FirstSequence, long SegmentSize)
{
    internal const int MagicOffset = 0;
    internal const int VersionOffset = MagicOffset + sizeof(ulong);
    internal const int ReservedOffset = VersionOffset + sizeof(uint);
    internal const int IdentityOffset = ReservedOffset + sizeof(uint);
    internal const int IndexOffset = IdentityOffset + JournalFormat.HashSize;
    internal const int FirstSequenceOffset = IndexOffset + sizeof(ulong);
    internal const int ChainHashOffset = FirstSequenceOffset + sizeof(ulong);
    internal const int SegmentSizeOffset = ChainHashOffset + JournalFormat.HashSize;
    internal const int FieldsEnd = SegmentSizeOffset + sizeof(ulong);
    internal const int ChecksumOffset = Size - SegmentChecksum.Size;
    internal const int Size = JournalFormat.BlockSize;

    private const byte FieldsFitBeforeChecksum = FieldsEnd <= ChecksumOffset ? 0 : -1;

    internal static ReadOnlySpan<byte> Magic => "CLOBSEG1"u8;

    /// <summary>Writes the block.</summary>
    internal void Write(Span<byte> block, ReadOnlySpan<byte> identity, ReadOnlySpan<byte> chainBefore)
    {
        block[..Size].Clear();
        Magic.CopyTo(block);
        BinaryPrimitives.WriteInt32BigEndian(block[VersionOffset..], JournalFormat.Version);
        identity.CopyTo(block[IdentityOffset..]);
        BinaryPrimitives.WriteInt64BigEndian(block[IndexOffset..], Index);
        BinaryPrimitives.WriteInt64BigEndian(block[FirstSequenceOffset..], FirstSequence);
        chainBefore.CopyTo(block[ChainHashOffset..]);
        BinaryPrimitives.WriteInt64BigEndian(block[SegmentSizeOffset..], SegmentSize);
        XxHash128.Hash(block[..ChecksumOffset], block[ChecksumOffset..]);
    }

    /// <summary>Reads the fields; the caller has tested <see cref="IsWhole"/>.</summary>
    internal static SegmentHeader Read(ReadOnlySpan<byte> block) => new(
        BinaryPrimitives.ReadInt64BigEndian(block[IndexOffset..]),
        BinaryPrimitives.ReadInt64BigEndian(block[FirstSequenceOffset..]),
        BinaryPrimitives.ReadInt64BigEndian(block[SegmentSizeOffset..]));

    internal static int Version(ReadOnlySpan<byte> block) => BinaryPrimitives.ReadInt32BigEndian(block[VersionOffset..]);

    /// <summary>Whether a block is a segment header as it was written.</summary>
    internal static bool IsWhole(ReadOnlySpan<byte> block)
    {
        Span<byte> found = stackalloc byte[SegmentChecksum.Size];
        XxHash128.Hash(block[..ChecksumOffset], found);
        return block.StartsWith(Magic) && found.SequenceEqual(block[ChecksumOffset..Size]);
    }
}
