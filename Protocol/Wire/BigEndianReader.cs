using System.Buffers.Binary;

namespace Clob.Protocol;

/// <summary>
/// Walks a span of big-endian fields. A read past the end does not throw: it yields zero and clears <see cref="IsComplete"/>,
/// so that a decoder reads all its fields and asks once at the end.
/// </summary>
public ref struct BigEndianReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Starts at the first byte of <paramref name="source"/>.</summary>
    public BigEndianReader(ReadOnlySpan<byte> source)
    {
        _rest = source;
        IsComplete = true;
    }

    /// <summary>False once a field was asked for that the span no longer held.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>True when every field was there and nothing is left over: what a strict decoder requires.</summary>
    public readonly bool IsAtEnd => IsComplete && _rest.IsEmpty;

    /// <summary>Next <paramref name="count"/> bytes, or an empty span when fewer are left.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (_rest.Length < count)
        {
            IsComplete = false;
            _rest = default;
            return default;
        }

        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }

    /// <summary>All that is left.</summary>
    public ReadOnlySpan<byte> Rest() => Bytes(_rest.Length);

    /// <summary>Next byte.</summary>
    public byte U8()
    {
        var field = Bytes(1);
        return field.IsEmpty ? (byte)0 : field[0];
    }

    /// <summary>Next unsigned 16-bit field.</summary>
    public ushort U16()
    {
        var field = Bytes(2);
        return field.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16BigEndian(field);
    }

    /// <summary>Next unsigned 32-bit field.</summary>
    public uint U32()
    {
        var field = Bytes(4);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32BigEndian(field);
    }

    /// <summary>Next signed 32-bit field.</summary>
    public int I32() => unchecked((int)U32());

    /// <summary>Next unsigned 64-bit field.</summary>
    public ulong U64()
    {
        var field = Bytes(8);
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(field);
    }

    /// <summary>Next unsigned 128-bit field.</summary>
    public UInt128 U128()
    {
        var field = Bytes(16);
        return field.IsEmpty ? UInt128.Zero : BinaryPrimitives.ReadUInt128BigEndian(field);
    }

    /// <summary>Next signed 128-bit field.</summary>
    public Int128 I128() => unchecked((Int128)U128());
}
