using System.Buffers.Binary;

namespace Clob.Protocol;

/// <summary>Writes big-endian fields one after the other. The caller provides enough room: a write past the end throws.</summary>
public ref struct BigEndianWriter
{
    private readonly Span<byte> _destination;

    /// <summary>Starts at the first byte of <paramref name="destination"/>.</summary>
    public BigEndianWriter(Span<byte> destination) => _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Written { get; private set; }

    /// <summary>Room for <paramref name="count"/> bytes that the caller fills.</summary>
    public Span<byte> Reserve(int count)
    {
        var field = _destination.Slice(Written, count);
        Written += count;
        return field;
    }

    /// <summary>Copies <paramref name="value"/>.</summary>
    public void Bytes(scoped ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>Writes one byte.</summary>
    public void U8(byte value) => Reserve(1)[0] = value;

    /// <summary>Writes 16 bits.</summary>
    public void U16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);

    /// <summary>Writes 32 bits.</summary>
    public void U32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);

    /// <summary>Writes 32 bits, signed.</summary>
    public void I32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    /// <summary>Writes 64 bits.</summary>
    public void U64(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Reserve(8), value);

    /// <summary>Writes 128 bits.</summary>
    public void U128(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Reserve(16), value);

    /// <summary>Writes 128 bits, signed.</summary>
    public void I128(Int128 value) => BinaryPrimitives.WriteInt128BigEndian(Reserve(16), value);
}
