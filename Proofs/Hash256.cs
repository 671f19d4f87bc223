using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Clob.Proofs;

/// <summary>A SHA-256 value: 32 bytes, held inline, so lists of them are one block of memory. Default is 32 zero bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Hash256 : IEquatable<Hash256>
{
    /// <summary>Bytes of the value.</summary>
    public const int Size = 32;

    /// <summary>Hexadecimal digits of the value's text form.</summary>
    public const int Digits = Size * 2;

    // Four words only to give the struct its size: the bytes stand in memory in their own order.
    private readonly ulong _word0;
    private readonly ulong _word1;
    private readonly ulong _word2;
    private readonly ulong _word3;

    /// <summary>Takes the 32 bytes over.</summary>
    /// <exception cref="ArgumentException">These are not 32 bytes.</exception>
    public Hash256(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Size)
            throw new ArgumentException($"A hash has {Size} bytes, this one has {bytes.Length}.", nameof(bytes));
        this = MemoryMarshal.Read<Hash256>(bytes);
    }

    /// <summary>The 32 bytes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> Bytes => MemoryMarshal.AsBytes(new ReadOnlySpan<Hash256>(in this));

    /// <summary>SHA-256 of the data, without any prefix. Does not allocate.</summary>
    public static Hash256 Of(ReadOnlySpan<byte> data)
    {
        Unsafe.SkipInit(out Hash256 hash);
        SHA256.HashData(data, MemoryMarshal.AsBytes(new Span<Hash256>(ref hash)));
        return hash;
    }

    /// <summary>Reads exactly 64 lower-case hexadecimal digits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Hash256 hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != Digits || text.ContainsAnyInRange('A', 'F') || Convert.FromHexString(text, bytes, out _, out _) != OperationStatus.Done)
            return false;
        hash = new Hash256(bytes);
        return true;
    }

    /// <summary>Reads exactly 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is anything else.</exception>
    public static Hash256 Parse(ReadOnlySpan<char> text) =>
        TryParse(text, out Hash256 hash) ? hash : throw new FormatException($"'{text}' is not {Digits} lower-case hexadecimal digits.");

    /// <inheritdoc/>
    public bool Equals(Hash256 other) =>
        ((_word0 ^ other._word0) | (_word1 ^ other._word1) | (_word2 ^ other._word2) | (_word3 ^ other._word3)) == 0;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Hash256 other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _word0.GetHashCode();

    /// <summary>The 64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(Bytes);

    /// <summary>True if all 32 bytes are equal.</summary>
    public static bool operator ==(Hash256 left, Hash256 right) => left.Equals(right);

    /// <summary>True if any byte differs.</summary>
    public static bool operator !=(Hash256 left, Hash256 right) => !left.Equals(right);
}
