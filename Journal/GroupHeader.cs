using System.Buffers.Binary;

namespace Clob.Journal;

/// <summary>
/// The beginning of a group: all records that became durable by one write and one sync. A group starts on a block boundary.
/// <code>
/// 0          8             12       16                24             56                72               88
/// ┌──────────┬─────────────┬────────┬─────────────────┬──────────────┬─────────────────┬────────────────┬───────────┬─────────┐
/// │ CLOBGRP1 │ body length │ count  │ first sequence  │ chain hash   │ content checksum│ header checksum│ body      │ zeros   │
/// │    8     │    u32      │  u32   │      u64        │     32       │       16        │       16       │  frames   │ to block│
/// └──────────┴─────────────┴────────┴─────────────────┴──────────────┴─────────────────┴────────────────┴───────────┴─────────┘
/// content checksum = place ‖ bytes 0..56 ‖ body ‖ zeros          header checksum = place ‖ bytes 0..72
/// </code>
/// The header has a checksum of its own so that a length can be trusted before the body is read, and the extent of a torn group is known.
/// The chain hash is that after the group's last record.
/// </summary>
internal readonly record struct GroupHeader(int BodyLength, int RecordCount, long FirstSequence)
{
    internal const int MagicOffset = 0;
    internal const int BodyLengthOffset = MagicOffset + sizeof(ulong);
    internal const int RecordCountOffset = BodyLengthOffset + sizeof(uint);
    internal const int FirstSequenceOffset = RecordCountOffset + sizeof(uint);
    internal const int ChainHashOffset = FirstSequenceOffset + sizeof(ulong);
    internal const int ContentChecksumOffset = ChainHashOffset + JournalFormat.HashSize;
    internal const int HeaderChecksumOffset = ContentChecksumOffset + SegmentChecksum.Size;
    internal const int Size = HeaderChecksumOffset + SegmentChecksum.Size;

    private const byte HeaderFitsBlock = Size < JournalFormat.BlockSize ? 0 : -1;

    internal static ReadOnlySpan<byte> Magic => "CLOBGRP1"u8;

    /// <summary>Bytes of the whole group, padding included.</summary>
    internal int GroupLength => JournalFormat.RoundUpToBlock(Size + BodyLength);

    internal long LastSequence => FirstSequence + RecordCount - 1;

    /// <summary>Writes the header before a body that stands in <paramref name="group"/> already, padding included.</summary>
    internal void Write(Span<byte> group, ReadOnlySpan<byte> chainHash, SegmentChecksum checksum, long offset)
    {
        Magic.CopyTo(group);
        BinaryPrimitives.WriteInt32BigEndian(group[BodyLengthOffset..], BodyLength);
        BinaryPrimitives.WriteInt32BigEndian(group[RecordCountOffset..], RecordCount);
        BinaryPrimitives.WriteInt64BigEndian(group[FirstSequenceOffset..], FirstSequence);
        chainHash.CopyTo(group[ChainHashOffset..]);
        checksum.OfContent(offset, group, group.Slice(ContentChecksumOffset, SegmentChecksum.Size));
        checksum.OfHeader(offset, group, group.Slice(HeaderChecksumOffset, SegmentChecksum.Size));
    }

    /// <summary>Reads a header.</summary>
    /// <returns>False where no header stands, or not one of this place, or a broken one.</returns>
    internal static bool TryRead(ReadOnlySpan<byte> block, SegmentChecksum checksum, long offset, out GroupHeader header)
    {
        header = default;
        if (!block.StartsWith(Magic))
            return false;
        Span<byte> found = stackalloc byte[SegmentChecksum.Size];
        checksum.OfHeader(offset, block, found);
        if (!found.SequenceEqual(block.Slice(HeaderChecksumOffset, SegmentChecksum.Size)))
            return false;
        var read = new GroupHeader(
            BinaryPrimitives.ReadInt32BigEndian(block[BodyLengthOffset..]),
            BinaryPrimitives.ReadInt32BigEndian(block[RecordCountOffset..]),
            BinaryPrimitives.ReadInt64BigEndian(block[FirstSequenceOffset..]));
        // A header that a correct writer cannot have written is as good as none; the sum below is the shortest body of so many records.
        bool isPossible = read.RecordCount > 0
            && read.BodyLength <= JournalFormat.MaximumGroupSize - Size
            && read.BodyLength / (RecordFrames.LengthSize + 1) >= read.RecordCount
            && read.FirstSequence >= 0
            && read.FirstSequence <= long.MaxValue - read.RecordCount;
        header = isPossible ? read : default; // whoever goes by its lengths must not find these
        return isPossible;
    }

    /// <summary>Whether the group's content is what its writer wrote.</summary>
    internal static bool ContentIsWhole(ReadOnlySpan<byte> group, SegmentChecksum checksum, long offset)
    {
        Span<byte> found = stackalloc byte[SegmentChecksum.Size];
        checksum.OfContent(offset, group, found);
        return found.SequenceEqual(group.Slice(ContentChecksumOffset, SegmentChecksum.Size));
    }
}
