using System.Numerics;

namespace Clob.Proofs;

/// <summary>
/// That an older tree is the beginning of a newer one: nothing was changed or taken out (RFC 6962 section 2.1.2, checked as
/// RFC 9162 section 2.1.4.2 says). Every tree begins with the empty one and with itself; both proofs are empty.
/// </summary>
public static class ConsistencyProof
{
    /// <summary>The proof between the trees of the first <paramref name="older"/> and the first <paramref name="newer"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The older tree is the larger one.</exception>
    public static Hash256[] Make(IStoredHashes hashes, ulong older, ulong newer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(older, newer);
        if (older == 0)
            return [];
        List<Hash256> path = [];
        ulong from = 0;
        ulong to = newer;
        // SUBPROOF(m, D[n], b) of RFC 6962: walk to where the older tree ends. Its root is known to the checker (b) as long as
        // the walk never went right.
        while (older != to)
        {
            ulong middle = from + StoredHashes.Split(to - from);
            if (older <= middle)
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
        if (from != 0)
            path.Add(StoredHashes.Root(hashes, from, to));
        path.Reverse();
        return [.. path];
    }

    /// <summary>
    /// True if the path proves that the tree of <paramref name="older"/> leaves and root <paramref name="olderRoot"/> is the beginning
    /// of the tree of <paramref name="newer"/> leaves and root <paramref name="newerRoot"/>. Any input is allowed.
    /// </summary>
    public static bool Verify(ulong older, in Hash256 olderRoot, ulong newer, in Hash256 newerRoot, ReadOnlySpan<Hash256> path)
    {
        if (older > newer)
            return false;
        if (older == newer)
            return path.IsEmpty && olderRoot == newerRoot;
        if (older == 0)
            return path.IsEmpty && olderRoot == MerkleHash.Empty;
        if (path.IsEmpty)
            return false;

        // The older tree's last complete subtree: it is the older root itself if that tree is complete, else the proof's first hash.
        bool complete = BitOperations.IsPow2(older);
        Hash256 olderHash = complete ? olderRoot : path[0];
        Hash256 newerHash = olderHash;
        int levels = BitOperations.TrailingZeroCount(older);
        ulong node = (older - 1) >> levels;
        ulong last = (newer - 1) >> levels;
        foreach (ref readonly Hash256 hash in path[(complete ? 0 : 1)..])
        {
            if (last == 0)
                return false;
            if ((node & 1) == 0 && node != last)
            {
                newerHash = MerkleHash.Node(newerHash, hash);
            }
            else
            {
                olderHash = MerkleHash.Node(hash, olderHash);
                newerHash = MerkleHash.Node(hash, newerHash);
                for (; (node & 1) == 0 && node != 0; last >>= 1)
                    node >>= 1;
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && olderHash == olderRoot && newerHash == newerRoot;
    }
}
