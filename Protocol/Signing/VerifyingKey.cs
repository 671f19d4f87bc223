using NSec.Cryptography;
using ImportedKey = NSec.Cryptography.PublicKey;

namespace Clob.Protocol;

/// <summary>
/// An Ed25519 public key, imported once and kept: importing costs more than comparing bytes, verifying does not allocate.
/// Immutable, safe to use from several threads.
/// </summary>
public sealed class VerifyingKey
{
    /// <summary>Bytes of a public key.</summary>
    public const int Size = PublicKey.Size;

    /// <summary>Bytes of a signature.</summary>
    public const int SignatureSize = Envelope.SignatureSize;

    private readonly ImportedKey _key;
    private readonly byte[] _bytes;

    private VerifyingKey(ImportedKey key, ReadOnlySpan<byte> bytes)
    {
        _key = key;
        _bytes = bytes.ToArray();
    }

    /// <summary>The 32 bytes of the key as they were imported.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>
    /// Imports a key for verification; null if these are not 32 bytes. This does not say that the key may be registered
    /// (32 zero bytes are imported): that is <see cref="IsAdmissible"/>.
    /// </summary>
    public static VerifyingKey? TryImport(ReadOnlySpan<byte> key32) =>
        key32.Length == Size && ImportedKey.TryImport(Ed25519.Algorithm, key32, KeyBlobFormat.RawPublicKey, out ImportedKey? key)
            ? new VerifyingKey(key!, key32)
            : null;

    /// <summary>
    /// True if an account may be registered with this key: the canonical encoding of a point of the prime-order group that is
    /// not the identity (libsodium's <c>crypto_core_ed25519_is_valid_point</c>). Costs about as much as a verification.
    /// </summary>
    public static bool IsAdmissible(ReadOnlySpan<byte> key32) => Ed25519.IsPrimeOrderPoint(key32);

    /// <summary>True if the signature over the message is valid by libsodium's rule. Any length of either is allowed; does not allocate.</summary>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        signature.Length == SignatureSize && Ed25519.Algorithm.Verify(_key, message, signature);
}
