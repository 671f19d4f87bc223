namespace Clob.Proofs.Tests;

/// <summary>The 8-leaf tree that the Certificate Transparency implementations test with, and RFC 6962's definitions said naively.</summary>
internal static class ClassicTree
{
    internal static readonly byte[][] Entries = new[]
    {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    }.Select(Convert.FromHexString).ToArray();

    /// <summary>The roots of the first 1, 2, … 8 leaves.</summary>
    internal static readonly Hash256[] Roots = new[]
    {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    }.Select(root => Hash256.Parse(root)).ToArray();

    internal static MerkleTree Tree()
    {
        MerkleTree tree = new();
        foreach (byte[] entry in Entries)
            tree.AppendEntry(entry);
        return tree;
    }

    internal static Hash256[] Leaves(int count, int seed)
    {
        Random random = new(seed);
        Hash256[] leaves = new Hash256[count];
        byte[] bytes = new byte[Hash256.Size];
        for (int i = 0; i < count; i++)
        {
            random.NextBytes(bytes);
            leaves[i] = new Hash256(bytes);
        }
        return leaves;
    }

    internal static MerkleTree Tree(ReadOnlySpan<Hash256> leaves)
    {
        MerkleTree tree = new();
        foreach (Hash256 leaf in leaves)
            tree.Append(leaf);
        return tree;
    }

    /// <summary>MTH of RFC 6962 section 2.1, over leaf hashes.</summary>
    internal static Hash256 NaiveRoot(ReadOnlySpan<Hash256> leaves)
    {
        if (leaves.Length == 0)
            return Hash256.Of([]);
        if (leaves.Length == 1)
            return leaves[0];
        int split = Split(leaves.Length);
        byte[] preimage = [1, .. NaiveRoot(leaves[..split]).Bytes, .. NaiveRoot(leaves[split..]).Bytes];
        return Hash256.Of(preimage);
    }

    /// <summary>PATH of section 2.1.1.</summary>
    internal static List<Hash256> NaivePath(int index, ReadOnlySpan<Hash256> leaves)
    {
        if (leaves.Length == 1)
            return [];
        int split = Split(leaves.Length);
        return index < split
            ? [.. NaivePath(index, leaves[..split]), NaiveRoot(leaves[split..])]
            : [.. NaivePath(index - split, leaves[split..]), NaiveRoot(leaves[..split])];
    }

    /// <summary>SUBPROOF of section 2.1.2.</summary>
    internal static List<Hash256> NaiveSubproof(int older, ReadOnlySpan<Hash256> leaves, bool known)
    {
        if (older == leaves.Length)
            return known ? [] : [NaiveRoot(leaves)];
        int split = Split(leaves.Length);
        return older <= split
            ? [.. NaiveSubproof(older, leaves[..split], known), NaiveRoot(leaves[split..])]
            : [.. NaiveSubproof(older - split, leaves[split..], known: false), NaiveRoot(leaves[..split])];
    }

    private static int Split(int length)
    {
        int split = 1;
        while (split * 2 < length)
            split *= 2;
        return split;
    }
}
