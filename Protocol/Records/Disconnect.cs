namespace Clob.Protocol;

/// <summary>Payload of a Disconnect record: <c>account u64</c>.</summary>
/// <param name="Account">The account that lost its last session.</param>
public readonly record struct Disconnect(ulong Account)
{
    /// <summary>Bytes of the payload.</summary>
    public const int Size = 8;

    /// <summary>Writes the payload.</summary>
    public void Write(Span<byte> destination) => new BigEndianWriter(destination).U64(Account);

    /// <summary>Reads the payload; false when it has another size.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out Disconnect disconnect)
    {
        var reader = new BigEndianReader(payload);
        disconnect = new Disconnect(reader.U64());
        return reader.IsAtEnd;
    }
}
