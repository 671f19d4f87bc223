namespace Clob.Proofs;

/// <summary>
/// The RFC 6962 tree over the entries of one section. Entries are gathered until they make a whole subtree of 256 leaves, which is then hashed level by
/// level, eight nodes at a time; what is left over at the end is hashed one by one. The root is the same. Not thread-safe.
/// </summary>
internal sealed class SectionTree
{
    private const int SubtreeLevel = 8;
    private const int Leaves = 1 << SubtreeLevel;

    /// <summary>Room for a leaf of three blocks: entries are at most some 130 bytes.</summary>
    private const int LeafStride = 3 * Sha256Lanes.BlockSize;
    private const int LongestEntry = LeafStride - 1 - 1 - sizeof(ulong);
    private const int NodeStride = 2 * Sha256Lanes.BlockSize;

    private readonly CompactRange _range = new();
    private readonly byte[] _messages = new byte[Leaves * LeafStride];
    private readonly int[] _lengths = new int[Leaves];
    private readonly int[] _blocks = new int[Leaves];
    private readonly Hash256[] _hashes = new Hash256[Leaves];
    private readonly byte[] _nodes = new byte[Sha256Lanes.Count * NodeStride];
    private readonly int[] _nodeBlocks = new int[Sha256Lanes.Count];
    private int _pending;

    public SectionTree()
    {
        for (int lane = 0; lane < Sha256Lanes.Count; lane++)
        {
            Span<byte> node = _nodes.AsSpan(lane * NodeStride, NodeStride);
            node[0] = MerkleHash.NodePrefix;
            Sha256Lanes.Pad(node, MerkleHash.NodeSize);
            _nodeBlocks[lane] = Sha256Lanes.BlocksOf(MerkleHash.NodeSize);
        }
    }

    /// <summary>The number of entries.</summary>
    public ulong Size => _range.Size + (uint)_pending;

    public void Clear()
    {
        _range.Clear();
        _pending = 0;
    }

    public void Add(ReadOnlySpan<byte> entry)
    {
        if (!Sha256Lanes.IsSupported || entry.Length > LongestEntry)
        {
            AppendPending();
            _range.AppendEntry(entry);
            return;
        }
        Span<byte> message = _messages.AsSpan(_pending * LeafStride, LeafStride);
        message[0] = MerkleHash.LeafPrefix;
        entry.CopyTo(message[1..]);
        int length = 1 + entry.Length;
        Sha256Lanes.Pad(message, length);
        _lengths[_pending] = length;
        _blocks[_pending] = Sha256Lanes.BlocksOf(length);
        if (++_pending == Leaves)
            AppendSubtree();
    }

    public Hash256 Root()
    {
        AppendPending();
        return _range.Root();
    }

    private void AppendPending()
    {
        for (int i = 0; i < _pending; i++)
            _range.Append(Hash256.Of(_messages.AsSpan(i * LeafStride, _lengths[i])));
        _pending = 0;
    }

    private void AppendSubtree()
    {
        // Behind entries that were appended one by one the leaves make no subtree of their own.
        if (_range.Size % Leaves != 0)
        {
            AppendPending();
            return;
        }
        for (int at = 0; at < Leaves; at += Sha256Lanes.Count)
            Sha256Lanes.Hash(_messages.AsSpan(at * LeafStride), LeafStride, _blocks.AsSpan(at, Sha256Lanes.Count), _hashes.AsSpan(at));
        int nodes = Leaves / 2;
        for (; nodes >= Sha256Lanes.Count; nodes /= 2)
        {
            for (int at = 0; at < nodes; at += Sha256Lanes.Count)
                HashNodes(at);
        }
        for (; nodes > 0; nodes /= 2)
        {
            for (int at = 0; at < nodes; at++)
                _hashes[at] = MerkleHash.Node(_hashes[2 * at], _hashes[2 * at + 1]);
        }
        _range.AppendSubtree(SubtreeLevel, _hashes[0]);
        _pending = 0;
    }

    /// <summary>Eight parents from sixteen children, in place: the children of later ones stand behind.</summary>
    private void HashNodes(int at)
    {
        for (int lane = 0; lane < Sha256Lanes.Count; lane++)
        {
            Span<byte> node = _nodes.AsSpan(lane * NodeStride + 1, 2 * Hash256.Size);
            _hashes[2 * (at + lane)].Bytes.CopyTo(node);
            _hashes[2 * (at + lane) + 1].Bytes.CopyTo(node[Hash256.Size..]);
        }
        Sha256Lanes.Hash(_nodes, NodeStride, _nodeBlocks, _hashes.AsSpan(at));
    }
}
