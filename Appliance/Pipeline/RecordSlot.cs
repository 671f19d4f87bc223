using System.Runtime.InteropServices;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// One record on its way through the stages: a ring slot. The record's bytes lie in the <see cref="ByteArena"/>; the slot holds what the
/// stages need to hand each other. Each field has one writer, named here; all others read it behind that writer's sequence.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = Size)]
public unsafe struct RecordSlot
{
    /// <summary>Bytes of a slot: two cache lines, the unit adjacent-line prefetchers fetch.</summary>
    public const int Size = 128;

    /// <summary>First byte of the record in the arena. Sequencer.</summary>
    public byte* Record;

    /// <summary>Bytes of the record, head included. Sequencer.</summary>
    public int Length;

    /// <summary>Session the envelope came by, 0 for none. Sequencer.</summary>
    public int Session;

    /// <summary>Where the arena may be reused from once this record is done with. Sequencer.</summary>
    public long ArenaEnd;

    /// <summary>Number of the waiting caller in <see cref="PendingReplies"/>, 0 for none. Sequencer.</summary>
    public int Reply;

    /// <summary>The record's kind. Sequencer.</summary>
    public RecordKind Kind;

    /// <summary>What the signature is worth. Verify.</summary>
    public SignatureStatus SignatureStatus;

    /// <summary>Version of the key the signature was checked under. Verify.</summary>
    public uint KeyVersion;

    /// <summary>Digest of the envelope, 0 when it was not taken. Verify.</summary>
    public UInt128 Digest;

    /// <summary>Whether the envelope was refused for its signature. Match.</summary>
    public bool BadSignature;

    /// <summary>The record's sequence. Sequencer.</summary>
    public ulong Sequence;

    /// <summary>The record's time. Sequencer.</summary>
    public ulong Time;

    /// <summary>Head and payload, the exact journal record.</summary>
    public readonly ReadOnlySpan<byte> Bytes => new(Record, Length);

    /// <summary>The payload.</summary>
    public readonly ReadOnlySpan<byte> Payload => Bytes[RecordHeader.Size..];

    /// <summary>The head.</summary>
    public readonly RecordHeader Header => new(Kind, Sequence, Time);
}
