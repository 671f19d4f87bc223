namespace Clob.Proofs;

/// <summary>A growing RFC 6962 tree with all its hashes in memory, 64 bytes a leaf. Not thread-safe.</summary>
public sealed class MerkleTree : IStoredHashes
{
    private readonly List<Hash256> _stored = [];
    private readonly Hash256[] _completed = new Hash256[CompactRange.MaxCompleted];
    private readonly CompactRange _edge = new();

    /// <summary>The number of leaves.</summary>
    public ulong Size => _edge.Size;

    /// <summary>The root of the present tree.</summary>
    public Hash256 Root() => _edge.Root();

    /// <summary>The root of the tree of the first <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The tree has fewer leaves.</exception>
    public Hash256 Root(ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, Size);
        return StoredHashes.Root(this, size);
    }

    /// <summary>Appends the leaf of this entry.</summary>
    public void AppendEntry(ReadOnlySpan<byte> entry) => Append(MerkleHash.Leaf(entry));

    /// <summary>Appends a leaf by its hash.</summary>
    public void Append(in Hash256 leafHash)
    {
        int count = _edge.Append(leafHash, _completed);
        _stored.AddRange(_completed.AsSpan(0, count));
    }

    /// <inheritdoc/>
    public Hash256 Read(int level, ulong index) => _stored[checked((int)StoredHashes.Position(level, index))];
}
