using System.Buffers.Binary;
using System.IO.Hashing;

namespace Clob.Journal;

/// <summary>
/// Checksums of the groups of one segment, and of the blocks of one snapshot. Each covers, before the bytes themselves, where they belong: a group
/// that turns up in another venue's journal, another segment or at another offset is not valid there. For the index of a segment stands the journal
/// size of a snapshot.
/// <code>
/// 0             32            40           48
/// ┌──────────────┬─────────────┬────────────┐
/// │ identity 32  │ index u64   │ offset u64 │ then the bytes covered      XxHash128, seed 0, big-endian
/// └──────────────┴─────────────┴────────────┘
/// </code>
/// XxHash128 finds accidents, not attackers: those are stopped by the SHA-256 chain and the signed roots above it.
/// </summary>
internal sealed class SegmentChecksum
{
    internal const int Size = 16;

    private const int IdentityOffset = 0;
    private const int IndexOffset = IdentityOffset + JournalFormat.HashSize;
    private const int OffsetOffset = IndexOffset + sizeof(ulong);
    private const int PlaceSize = OffsetOffset + sizeof(ulong);

    private readonly XxHash128 _hash = new();
    private readonly byte[] _place = new byte[PlaceSize];

    internal SegmentChecksum(ReadOnlySpan<byte> identity, long segmentIndex)
    {
        identity.CopyTo(_place);
        BinaryPrimitives.WriteInt64BigEndian(_place.AsSpan(IndexOffset), segmentIndex);
    }

    /// <summary>Checksum of a group's header alone, up to that checksum.</summary>
    internal void OfHeader(long offset, ReadOnlySpan<byte> group, Span<byte> checksum)
    {
        Begin(offset);
        _hash.Append(group[..GroupHeader.HeaderChecksumOffset]);
        _hash.GetHashAndReset(checksum);
    }

    /// <summary>Checksum of a whole group: its header up to the first checksum, body and padding.</summary>
    internal void OfContent(long offset, ReadOnlySpan<byte> group, Span<byte> checksum)
    {
        Begin(offset);
        _hash.Append(group[..GroupHeader.ContentChecksumOffset]);
        _hash.Append(group[GroupHeader.Size..]);
        _hash.GetHashAndReset(checksum);
    }

    /// <summary>Checksum of a snapshot's block: its head and body.</summary>
    internal void OfBlock(long offset, ReadOnlySpan<byte> block, Span<byte> checksum)
    {
        Begin(offset);
        _hash.Append(block);
        _hash.GetHashAndReset(checksum);
    }

    private void Begin(long offset)
    {
        BinaryPrimitives.WriteInt64BigEndian(_place.AsSpan(OffsetOffset), offset);
        _hash.Append(_place);
    }
}
