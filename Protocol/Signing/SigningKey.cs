using NSec.Cryptography;

namespace Clob.Protocol;

/// <summary>
/// An Ed25519 private key. NSec keeps it in guarded memory, four mappings a key: with Linux's default limit of 65,530 a process can hold
/// some 16,000, and beyond that the runtime aborts. Hold one per signer and dispose of it. Signing is safe from several threads until
/// <see cref="Dispose"/>.
/// </summary>
public sealed partial class SigningKey : IDisposable
{
    /// <summary>Bytes of the seed that is the private key of RFC 8032.</summary>
    public const int SeedSize = 32;

    private readonly Key _key;
    private readonly byte[] _publicKey;

    private SigningKey(Key key)
    {
        _key = key;
        _publicKey = key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    private static KeyCreationParameters Exportable => new() { ExportPolicy = KeyExportPolicies.AllowPlaintextExport };

    /// <summary>The 32 bytes of the public key.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>A new key from the system's random source.</summary>
    public static SigningKey Generate() => new(Key.Create(Ed25519.Algorithm, Exportable));

    /// <summary>The key of a 32-byte seed (the private key of RFC 8032).</summary>
    /// <exception cref="ArgumentException">The seed has another length.</exception>
    public static SigningKey FromSeed(ReadOnlySpan<byte> seed32)
    {
        if (seed32.Length != SeedSize)
            throw new ArgumentException($"A seed has {SeedSize} bytes, this one has {seed32.Length}.", nameof(seed32));
        return new SigningKey(Key.Import(Ed25519.Algorithm, seed32, KeyBlobFormat.RawPrivateKey, Exportable));
    }

    /// <summary>Writes the 64-byte signature over the message. Deterministic (RFC 8032); does not allocate.</summary>
    /// <exception cref="ArgumentException">The place for the signature has another length than 64.</exception>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature64)
    {
        if (signature64.Length != VerifyingKey.SignatureSize)
            throw new ArgumentException($"A signature has {VerifyingKey.SignatureSize} bytes, its place has {signature64.Length}.", nameof(signature64));
        Ed25519.Algorithm.Sign(_key, message, signature64);
    }

    /// <summary>Writes the 32-byte seed.</summary>
    /// <exception cref="ArgumentException">The place for the seed has another length than 32.</exception>
    public void ExportSeed(Span<byte> seed32)
    {
        if (seed32.Length != SeedSize)
            throw new ArgumentException($"A seed has {SeedSize} bytes, its place has {seed32.Length}.", nameof(seed32));
        if (!_key.TryExport(KeyBlobFormat.RawPrivateKey, seed32, out int written) || written != SeedSize)
            throw new InvalidOperationException($"The seed of a key was not exported ({written} bytes written).");
    }

    /// <summary>Wipes the private key.</summary>
    public void Dispose() => _key.Dispose();
}
