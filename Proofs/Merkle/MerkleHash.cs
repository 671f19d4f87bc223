using System.Buffers;
using System.Runtime.CompilerServices;

namespace Clob.Proofs;

/// <summary>
/// The hashes of an RFC 6962 tree (section 2.1). A leaf and an inner node start with different bytes, so neither passes for the other.
/// <code>
/// leaf = SHA-256(00 ‖ entry)      node = SHA-256(01 ‖ left 32 ‖ right 32)      empty tree = SHA-256()
/// </code>
/// </summary>
public static class MerkleHash
{
    internal const byte LeafPrefix = 0x00;
    internal const byte NodePrefix = 0x01;

    /// <summary>Bytes of what is hashed for a node.</summary>
    internal const int NodeSize = 1 + (2 * Hash256.Size);

    /// <summary>Entries up to this length are hashed from the stack; longer ones borrow a pooled buffer.</summary>
    private const int StackLimit = 1024;

    /// <summary>The root of the tree without leaves.</summary>
    public static Hash256 Empty { get; } = Hash256.Of([]);

    /// <summary>The hash of a leaf with this entry, of any length. Does not allocate once the pool is warm.</summary>
    [SkipLocalsInit]
    public static Hash256 Leaf(ReadOnlySpan<byte> entry)
    {
        int length = entry.Length + 1;
        byte[]? rented = length <= StackLimit ? null : ArrayPool<byte>.Shared.Rent(length);
        Span<byte> prefixed = rented is null ? stackalloc byte[StackLimit] : rented;
        prefixed[0] = LeafPrefix;
        entry.CopyTo(prefixed[1..]);
        Hash256 hash = Hash256.Of(prefixed[..length]);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return hash;
    }

    /// <summary>The hash of an inner node over its two children. Does not allocate.</summary>
    [SkipLocalsInit]
    public static Hash256 Node(in Hash256 left, in Hash256 right)
    {
        Span<byte> prefixed = stackalloc byte[NodeSize];
        prefixed[0] = NodePrefix;
        left.Bytes.CopyTo(prefixed[1..]);
        right.Bytes.CopyTo(prefixed[(1 + Hash256.Size)..]);
        return Hash256.Of(prefixed);
    }
}
