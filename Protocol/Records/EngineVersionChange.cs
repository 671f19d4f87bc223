namespace Clob.Protocol;

/// <summary>Payload of an EngineVersion record: <c>version u32 · engine hash 32</c>. The rules of that version apply from the next record on.</summary>
/// <param name="Version">The engine version that takes over.</param>
/// <param name="EngineHash">SHA-256 over the engine that takes over, 32 bytes.</param>
public readonly record struct EngineVersionChange(uint Version, ReadOnlyMemory<byte> EngineHash)
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = 4 + 32;

    /// <summary>Writes the payload.</summary>
    public void Write(Span<byte> destination)
    {
        var writer = new BigEndianWriter(destination);
        writer.U32(Version);
        writer.Bytes(EngineHash.Span);
    }

    /// <summary>Reads the payload; false when it has another size.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out EngineVersionChange change)
    {
        var reader = new BigEndianReader(payload);
        change = new EngineVersionChange(reader.U32(), reader.Bytes(32).ToArray());
        return reader.IsAtEnd;
    }
}
