using System.Runtime.InteropServices;
using NSec.Cryptography;

namespace Clob.Protocol;

/// <summary>
/// The one Ed25519 of the venue: libsodium as NSec ships it, on every path (client, verify stage, replay, verifier),
/// because libraries disagree about edge cases and a verdict must not depend on who asks.
/// </summary>
internal static unsafe partial class Ed25519
{
    /// <summary>Handing this out, NSec has loaded its libsodium, run sodium_init and compared the library's version with its own.</summary>
    internal static readonly SignatureAlgorithm Algorithm = SignatureAlgorithm.Ed25519;

    /// <summary>
    /// True if the 32 bytes are the canonical encoding of a point of the prime-order group, other than the identity.
    /// </summary>
    internal static bool IsPrimeOrderPoint(ReadOnlySpan<byte> key)
    {
        // Reading Algorithm first also makes sure that the library below is loaded and initialised.
        if (key.Length != Algorithm.PublicKeySize)
            return false;
        fixed (byte* point = key)
            return IsValidPoint(point) == 1;
    }

    // The name is the one NSec imports, so both resolve to the same file of its package (runtimes/<rid>/native, found through
    // the program's deps.json) and the loader hands out the library that is already mapped.
    [LibraryImport("libsodium", EntryPoint = "crypto_core_ed25519_is_valid_point")]
    private static partial int IsValidPoint(byte* point);
}
