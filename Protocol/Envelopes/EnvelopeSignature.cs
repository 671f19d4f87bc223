using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Clob.Protocol;

/// <summary>
/// What exactly an envelope's signature covers:
/// <c>"clob/v1" ‖ 0x00 ‖ venue id (32) ‖ envelope without its signature</c>. The prefix keeps a signature from being worth anything
/// in another protocol or at another venue.
/// </summary>
public static class EnvelopeSignature
{
    [ThreadStatic]
    private static IncrementalHash? _digest; // kept: to look the algorithm up again costs as much as to hash a single order

    private const int PrefixSize = 8 + Genesis.VenueIdSize;

    private static ReadOnlySpan<byte> Domain => "clob/v1\0"u8;

    /// <summary>Signs the envelope in place: <paramref name="envelope"/> is the whole of it, the last 64 bytes receive the signature.</summary>
    [SkipLocalsInit]
    public static void Sign(SigningKey key, ReadOnlySpan<byte> venueId, Span<byte> envelope)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> message = stackalloc byte[PrefixSize + Envelope.MaximumSize];
        int size = WriteSignedBytes(venueId, envelope[..^Envelope.SignatureSize], message);
        key.Sign(message[..size], envelope[^Envelope.SignatureSize..]);
    }

    /// <summary>Whether the signature is valid under <paramref name="key"/>. No allocation.</summary>
    [SkipLocalsInit]
    public static bool Verify(VerifyingKey key, ReadOnlySpan<byte> venueId, in Envelope envelope)
    {
        ArgumentNullException.ThrowIfNull(key);
        Span<byte> message = stackalloc byte[PrefixSize + Envelope.MaximumSize];
        int size = WriteSignedBytes(venueId, envelope.Unsigned, message);
        return key.Verify(message[..size], envelope.Signature);
    }

    /// <summary>
    /// First 16 bytes of SHA-256 over the envelope without its signature. Ed25519 signatures of one message are not unique, so a resent
    /// envelope is recognised by what it says, never by its signature.
    /// </summary>
    public static UInt128 DigestOf(in Envelope envelope)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var digest = _digest ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        digest.AppendData(envelope.Unsigned);
        digest.GetHashAndReset(hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <summary>Writes what is signed for an envelope (given without its signature) and returns how many bytes that is.</summary>
    public static int WriteSignedBytes(ReadOnlySpan<byte> venueId, ReadOnlySpan<byte> unsigned, Span<byte> destination)
    {
        if (venueId.Length != Genesis.VenueIdSize)
            throw new ArgumentException($"a venue id has {Genesis.VenueIdSize} bytes, this has {venueId.Length}", nameof(venueId));
        var writer = new BigEndianWriter(destination);
        writer.Bytes(Domain);
        writer.Bytes(venueId);
        writer.Bytes(unsigned);
        return writer.Written;
    }
}
