using System.Buffers.Binary;
using Clob.Protocol;

namespace Clob.Proofs;

/// <summary>
/// One hash for the whole state of the exchange after a record. Each section's root is the RFC 6962 root over its canonical entries
/// in their canonical order:
/// <code>
/// state root = SHA-256(03 ‖ "clob-state/v1" ‖ journal size u64 ‖ root A ‖ root S ‖ root M ‖ root X)      big-endian
/// </code>
/// Whoever exports the entries owns their bytes and their order; equal states must give equal entries. Not thread-safe; one builder
/// serves any number of states, each begun by <see cref="Clear"/>, without allocating.
/// </summary>
public sealed class StateCommitmentBuilder
{
    private const byte StatePrefix = 0x03;
    private const int SectionCount = 4;

    private readonly SectionTree[] _sections = [new(), new(), new(), new()];

    /// <summary>The name of the scheme, hashed into the root.</summary>
    public static ReadOnlySpan<byte> Scheme => "clob-state/v1"u8;

    /// <summary>Forgets all entries.</summary>
    public void Clear()
    {
        foreach (SectionTree section in _sections)
            section.Clear();
    }

    /// <summary>Appends the next entry of a section.</summary>
    public void Add(StateSection section, ReadOnlySpan<byte> entry) => _sections[PlaceOf(section)].Add(entry);

    /// <summary>The number of entries of a section.</summary>
    public ulong Count(StateSection section) => _sections[PlaceOf(section)].Size;

    /// <summary>The root over the entries of a section.</summary>
    public Hash256 SectionRoot(StateSection section) => _sections[PlaceOf(section)].Root();

    /// <summary>The root of the state after a journal of this many records, the one of the checkpoint included.</summary>
    public Hash256 StateRoot(ulong journalSize)
    {
        int rootsOffset = 1 + Scheme.Length + sizeof(ulong);
        Span<byte> preimage = stackalloc byte[rootsOffset + (SectionCount * Hash256.Size)];
        preimage[0] = StatePrefix;
        Scheme.CopyTo(preimage[1..]);
        BinaryPrimitives.WriteUInt64BigEndian(preimage[(1 + Scheme.Length)..], journalSize);
        for (int section = 0; section < SectionCount; section++)
            _sections[section].Root().Bytes.CopyTo(preimage[(rootsOffset + (section * Hash256.Size))..]);
        return Hash256.Of(preimage);
    }

    private static int PlaceOf(StateSection section) => section switch
    {
        StateSection.Accounts => 0,
        StateSection.Assets => 1,
        StateSection.Markets => 2,
        StateSection.Rest => 3,
        _ => throw new ArgumentOutOfRangeException(nameof(section), section, "a section of the state"),
    };
}
