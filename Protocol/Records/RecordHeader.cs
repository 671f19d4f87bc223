namespace Clob.Protocol;

/// <summary>What caused a record; the byte on disk.</summary>
public enum RecordKind : byte
{
    /// <summary>Record 0: who the venue is. Payload <see cref="Genesis"/>.</summary>
    Genesis = 1,

    /// <summary>A client's or the operator's signed envelope, byte for byte. Payload: the envelope.</summary>
    Envelope = 2,

    /// <summary>A checkpoint is taken here. No payload.</summary>
    Mark = 3,

    /// <summary>The earliest deadline passed. No payload: the record's time is the point.</summary>
    Time = 4,

    /// <summary>An account with cancel on disconnect lost its last session. Payload <see cref="Disconnect"/>.</summary>
    Disconnect = 5,

    /// <summary>All signatures up to a sequence are settled. Payload <see cref="Verdict"/>.</summary>
    Verdict = 6,

    /// <summary>The rules change from here on. Payload <see cref="EngineVersionChange"/>.</summary>
    EngineVersion = 7,
}

/// <summary>
/// The head of every journal record. A record, head and payload, is one leaf of the journal's tree.
/// <code>
///  0        1                9               17
///  ├────────┼────────────────┼────────────────┼──────────┄
///  │ kind   │ sequence       │ time           │ payload
///  │ u8     │ u64            │ u64 ns         │
/// </code>
/// </summary>
/// <param name="Kind">What caused the record.</param>
/// <param name="Sequence">Position in the journal, from 0; the leaf index in the journal's tree.</param>
/// <param name="Time">Nanoseconds since 1970-01-01 UTC, strictly rising from record to record.</param>
public readonly record struct RecordHeader(RecordKind Kind, ulong Sequence, ulong Time)
{
    /// <summary>Bytes of the head.</summary>
    public const int Size = 1 + 8 + 8;

    /// <summary>Largest record: head and the largest payload, an envelope.</summary>
    public const int MaximumRecordSize = Size + Envelope.MaximumSize;

    /// <summary>Writes the head.</summary>
    public void Write(Span<byte> destination)
    {
        var writer = new BigEndianWriter(destination);
        writer.U8((byte)Kind);
        writer.U64(Sequence);
        writer.U64(Time);
    }

    /// <summary>Splits a record into head and payload; false when it is shorter than a head or of an unknown kind.</summary>
    public static bool TryRead(ReadOnlySpan<byte> record, out RecordHeader header, out ReadOnlySpan<byte> payload)
    {
        var reader = new BigEndianReader(record);
        header = new RecordHeader((RecordKind)reader.U8(), reader.U64(), reader.U64());
        payload = reader.Rest();
        return record.Length >= Size && header.Kind is >= RecordKind.Genesis and <= RecordKind.EngineVersion;
    }
}
