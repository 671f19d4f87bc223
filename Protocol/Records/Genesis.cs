using System.Security.Cryptography;

namespace Clob.Protocol;

/// <summary>
/// Payload of record 0. SHA-256 over the whole record is the venue id, which every signature of every client covers:
/// a signature made for one venue is worth nothing at another.
/// <code>
///  0         2        34             66         98               102           134
///  │ format  │ salt   │ operator key │ log key  │ engine version │ engine hash │
///  │ u16     │ 32     │ 32           │ 32       │ u32            │ 32          │
/// </code>
/// </summary>
public sealed record Genesis
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = 2 + 32 + 32 + 32 + 4 + 32;

    /// <summary>The only format so far.</summary>
    public const ushort CurrentFormat = 1;

    /// <summary>Bytes of a venue id.</summary>
    public const int VenueIdSize = 32;

    /// <summary>32 random bytes that make the venue unique.</summary>
    public required byte[] Salt { get; init; }

    /// <summary>Ed25519 public key of account 0, the operator.</summary>
    public required byte[] OperatorKey { get; init; }

    /// <summary>Ed25519 public key that signs checkpoints.</summary>
    public required byte[] LogKey { get; init; }

    /// <summary>Version of the engine's rules that applies from the start.</summary>
    public required uint EngineVersion { get; init; }

    /// <summary>SHA-256 over the engine that wrote this journal; information, compared by operators.</summary>
    public required byte[] EngineHash { get; init; }

    /// <summary>The whole record 0, written at <paramref name="time"/> (nanoseconds since 1970).</summary>
    public byte[] ToRecord(ulong time)
    {
        byte[] record = new byte[RecordHeader.Size + Size];
        new RecordHeader(RecordKind.Genesis, 0, time).Write(record);
        var writer = new BigEndianWriter(record.AsSpan(RecordHeader.Size));
        writer.U16(CurrentFormat);
        writer.Bytes(Salt);
        writer.Bytes(OperatorKey);
        writer.Bytes(LogKey);
        writer.U32(EngineVersion);
        writer.Bytes(EngineHash);
        return record;
    }

    /// <summary>Reads the payload; null when it has another size or format.</summary>
    public static Genesis? TryRead(ReadOnlySpan<byte> payload)
    {
        var reader = new BigEndianReader(payload);
        if (payload.Length != Size || reader.U16() != CurrentFormat)
            return null;
        return new Genesis
        {
            Salt = reader.Bytes(32).ToArray(),
            OperatorKey = reader.Bytes(32).ToArray(),
            LogKey = reader.Bytes(32).ToArray(),
            EngineVersion = reader.U32(),
            EngineHash = reader.Bytes(32).ToArray(),
        };
    }

    /// <summary>The venue id: SHA-256 of record 0, head and payload.</summary>
    public static byte[] VenueIdOf(ReadOnlySpan<byte> record) => SHA256.HashData(record);
}
