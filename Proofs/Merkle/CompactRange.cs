using System.Buffers.Binary;
using System.Numerics;

namespace Clob.Proofs;

/// <summary>
/// The right edge of a growing RFC 6962 tree: one hash per complete subtree, enough to append and to give the root of the present
/// size. Its bytes let a restart go on from a snapshot without the earlier leaves:
/// <code>
/// size u64 · one hash of 32 bytes per bit set in size, from the highest bit (the leftmost, largest subtree) down      big-endian
/// </code>
/// Not thread-safe.
/// </summary>
public sealed class CompactRange
{
    private const int SizeOffset = 0;
    private const int HashesOffset = SizeOffset + sizeof(ulong);

    /// <summary>The most hashes that appending one leaf can complete: the leaf's own and one for each level above.</summary>
    public const int MaxCompleted = 65;

    /// <summary>The longest serialized form, in bytes.</summary>
    public const int MaxSerializedSize = HashesOffset + (64 * Hash256.Size);

    // Level l holds the root of a complete subtree of 2^l leaves if bit l of the size is set, otherwise rubbish.
    private readonly Hash256[] _subtrees = new Hash256[64];

    /// <summary>The number of leaves.</summary>
    public ulong Size { get; private set; }

    /// <summary>The bytes <see cref="WriteTo"/> writes for the present size.</summary>
    public int SerializedSize => HashesOffset + (BitOperations.PopCount(Size) * Hash256.Size);

    /// <summary>Appends the leaf of this entry. Does not allocate.</summary>
    public void AppendEntry(ReadOnlySpan<byte> entry) => Append(MerkleHash.Leaf(entry));

    /// <summary>Appends a leaf by its hash. Does not allocate.</summary>
    public void Append(in Hash256 leafHash)
    {
        int level = 0;
        Hash256 hash = leafHash;
        for (; ((Size >> level) & 1) != 0; level++)
            hash = MerkleHash.Node(_subtrees[level], hash);
        _subtrees[level] = hash;
        Size++;
    }

    /// <summary>
    /// Appends a leaf by its hash and hands out what it completes, in the order of <see cref="StoredHashes"/>: the leaf's hash, then
    /// the roots of the subtrees it is the last leaf of, from the smallest up. Returns their number. Does not allocate.
    /// </summary>
    /// <exception cref="ArgumentException"><paramref name="completed"/> holds fewer than <see cref="MaxCompleted"/>.</exception>
    public int Append(in Hash256 leafHash, Span<Hash256> completed)
    {
        if (completed.Length < MaxCompleted)
            throw new ArgumentException($"One leaf completes up to {MaxCompleted} hashes, there is room for {completed.Length}.", nameof(completed));
        int level = 0;
        completed[0] = leafHash;
        for (; ((Size >> level) & 1) != 0; level++)
            completed[level + 1] = MerkleHash.Node(_subtrees[level], completed[level]);
        _subtrees[level] = completed[level];
        Size++;
        return level + 1;
    }

    /// <summary>Appends 2^<paramref name="level"/> leaves by the root of their subtree.</summary>
    /// <exception cref="InvalidOperationException">They do not begin where a subtree of that size does.</exception>
    internal void AppendSubtree(int level, in Hash256 root)
    {
        if ((Size & ((1UL << level) - 1)) != 0)
            throw new InvalidOperationException($"A subtree of level {level} cannot follow {Size} leaves.");
        int at = level;
        Hash256 hash = root;
        for (; ((Size >> at) & 1) != 0; at++)
            hash = MerkleHash.Node(_subtrees[at], hash);
        _subtrees[at] = hash;
        Size += 1UL << level;
    }

    /// <summary>The root of the tree of the present size. Costs a hash per complete subtree; does not allocate.</summary>
    public Hash256 Root()
    {
        if (Size == 0)
            return MerkleHash.Empty;
        int level = BitOperations.TrailingZeroCount(Size);
        Hash256 root = _subtrees[level];
        for (level++; level < 64; level++)
        {
            if (((Size >> level) & 1) != 0)
                root = MerkleHash.Node(_subtrees[level], root);
        }
        return root;
    }

    /// <summary>Starts over with the empty tree.</summary>
    public void Clear() => Size = 0;

    /// <summary>Becomes equal to the other range.</summary>
    public void CopyFrom(CompactRange other)
    {
        other._subtrees.CopyTo(_subtrees, 0);
        Size = other.Size;
    }

    /// <summary>Writes the serialized form and returns its length, <see cref="SerializedSize"/>.</summary>
    /// <exception cref="ArgumentException">The destination is shorter than that.</exception>
    public int WriteTo(Span<byte> destination)
    {
        int length = SerializedSize;
        if (destination.Length < length)
            throw new ArgumentException($"A range of {Size} leaves takes {length} bytes, there is room for {destination.Length}.", nameof(destination));
        BinaryPrimitives.WriteUInt64BigEndian(destination[SizeOffset..], Size);
        int offset = HashesOffset;
        for (int level = 63; level >= 0; level--)
        {
            if (((Size >> level) & 1) == 0)
                continue;
            _subtrees[level].Bytes.CopyTo(destination[offset..]);
            offset += Hash256.Size;
        }
        return length;
    }

    /// <summary>Becomes the serialized range.</summary>
    /// <exception cref="InvalidDataException">The length does not fit the size that the bytes state.</exception>
    public void ReadFrom(ReadOnlySpan<byte> source)
    {
        if (source.Length < HashesOffset)
            throw new InvalidDataException($"A compact range has at least {HashesOffset} bytes, this one has {source.Length}.");
        ulong size = BinaryPrimitives.ReadUInt64BigEndian(source[SizeOffset..]);
        int expected = HashesOffset + (BitOperations.PopCount(size) * Hash256.Size);
        if (source.Length != expected)
            throw new InvalidDataException($"A compact range of {size} leaves has {expected} bytes, this one has {source.Length}.");
        int offset = HashesOffset;
        for (int level = 63; level >= 0; level--)
        {
            if (((size >> level) & 1) == 0)
                continue;
            _subtrees[level] = new Hash256(source.Slice(offset, Hash256.Size));
            offset += Hash256.Size;
        }
        Size = size;
    }
}
