namespace Clob.Proofs;

/// <summary>
/// That a leaf stands at an index of a tree (RFC 6962 section 2.1.1, checked as RFC 9162 section 2.1.3.2 says): the hashes from the
/// leaf's sibling up to the root's child.
/// </summary>
public static class InclusionProof
{
    /// <summary>The longest proof of a tree whose size fits 64 bits.</summary>
    public const int MaxLength = 64;

    /// <summary>The proof that leaf <paramref name="index"/>, from 0, is in the tree of the first <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the size.</exception>
    public static Hash256[] Make(IStoredHashes hashes, ulong index, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        List<Hash256> path = [];
        ulong from = 0;
        ulong to = size;
        while (to - from > 1)
        {
            ulong middle = from + StoredHashes.Split(to - from);
            if (index < middle)
            {
                path.Add(StoredHashes.Root(hashes, middle, to));
                to = middle;
            }
            else
            {
                path.Add(StoredHashes.Root(hashes, from, middle));
                from = middle;
            }
        }
        path.Reverse();
        return [.. path];
    }

    /// <summary>
    /// True if the path proves that the tree of <paramref name="size"/> leaves with this root has this leaf at
    /// <paramref name="index"/>, from 0. Any input is allowed; a path too short or too long is refused.
    /// </summary>
    public static bool Verify(in Hash256 leafHash, ulong index, ulong size, ReadOnlySpan<Hash256> path, in Hash256 root)
    {
        if (index >= size)
            return false;
        // Places of our node and of the last node on the level under way.
        ulong node = index;
        ulong last = size - 1;
        Hash256 hash = leafHash;
        foreach (ref readonly Hash256 sibling in path)
        {
            if (last == 0)
                return false;
            if ((node & 1) == 0 && node != last)
            {
                hash = MerkleHash.Node(hash, sibling);
            }
            else
            {
                hash = MerkleHash.Node(sibling, hash);
                // A left node without a sibling is its own parent: climb to where it has one.
                for (; (node & 1) == 0 && node != 0; last >>= 1)
                    node >>= 1;
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && hash == root;
    }
}
