using System.Numerics;

namespace Clob.Proofs;

/// <summary>The hashes of a tree's complete subtrees, wherever they are kept: what a proof is made from.</summary>
public interface IStoredHashes
{
    /// <summary>
    /// The root of the complete subtree over the leaves from <c>index × 2^level</c> up to <c>(index + 1) × 2^level − 1</c>.
    /// Only asked for subtrees within the size of the tree that a proof is about.
    /// </summary>
    Hash256 Read(int level, ulong index);
}

/// <summary>
/// The order in which the hashes of a growing tree are stored, so that storing only ever appends: with each leaf its hash, then the
/// roots of the subtrees it completes, from the smallest up (what <see cref="CompactRange.Append(in Hash256, Span{Hash256})"/> hands out).
/// <code>
/// leaf 0 │ leaf 1, 0-1 │ leaf 2 │ leaf 3, 2-3, 0-3 │ leaf 4 │ …
/// </code>
/// </summary>
public static class StoredHashes
{
    /// <summary>The hashes stored for a tree of this many leaves: 2 × leaves − the number of its complete subtrees.</summary>
    public static ulong Count(ulong leaves) => (2 * leaves) - (ulong)BitOperations.PopCount(leaves);

    /// <summary>The place, from 0, of the hash that <see cref="IStoredHashes.Read"/> names by level and index.</summary>
    public static ulong Position(int level, ulong index)
    {
        ulong lastLeaf = ((index + 1) << level) - 1;
        return Count(lastLeaf) + (ulong)level;
    }

    /// <summary>The root of the tree of the first <paramref name="size"/> leaves.</summary>
    public static Hash256 Root(IStoredHashes hashes, ulong size) => size == 0 ? MerkleHash.Empty : Root(hashes, 0, size);

    /// <summary>
    /// MTH(D[from:to]) of RFC 6962 for a range that its recursion reaches: from is a multiple of the smallest power of two not below
    /// the length.
    /// </summary>
    internal static Hash256 Root(IStoredHashes hashes, ulong from, ulong to)
    {
        ulong length = to - from;
        if (BitOperations.IsPow2(length))
        {
            int level = BitOperations.Log2(length);
            return hashes.Read(level, from >> level);
        }
        ulong middle = from + Split(length);
        return MerkleHash.Node(Root(hashes, from, middle), Root(hashes, middle, to));
    }

    /// <summary>The largest power of two below the length, which is at least 2.</summary>
    internal static ulong Split(ulong length) => 1UL << BitOperations.Log2(length - 1);
}
