using System.Buffers.Binary;

namespace Clob.Protocol;

/// <summary>The 32 bytes of an Ed25519 public key as a value: comparable, and without references so that tables of them are plain memory.</summary>
public readonly record struct PublicKey
{
    /// <summary>Bytes of a key.</summary>
    public const int Size = 32;

    private readonly UInt128 _high;
    private readonly UInt128 _low;

    /// <summary>Takes the 32 bytes; whether they are a key is for <see cref="VerifyingKey"/> to say.</summary>
    public PublicKey(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"a public key has {Size} bytes, this has {bytes.Length}", nameof(bytes));
        _high = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        _low = BinaryPrimitives.ReadUInt128BigEndian(bytes[16..]);
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, _high);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], _low);
    }

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }
}
