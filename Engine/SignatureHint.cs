using Clob.Protocol;

namespace Clob.Engine;

/// <summary>What somebody found out about an envelope's signature.</summary>
public enum SignatureStatus : byte
{
    /// <summary>Nobody looked.</summary>
    Unchecked,

    /// <summary>Valid.</summary>
    Valid,

    /// <summary>Not valid.</summary>
    Invalid,
}

/// <summary>
/// What the verify stage found before the record reached matching. The finding is used only while <paramref name="KeyVersion"/> is still the
/// account's, else the Exchange checks the signature itself: the outcome never depends on how far the threads had come.
/// </summary>
/// <param name="Status">What was found.</param>
/// <param name="KeyVersion">The version of the account's key that was used.</param>
/// <param name="IsSettled">Trusted whatever the version: recovery of records that a Verdict covers.</param>
/// <param name="Digest"><see cref="EnvelopeSignature.DigestOf"/> of the envelope, which depends on its bytes alone; 0 when nobody took it.</param>
public readonly record struct SignatureHint(SignatureStatus Status, uint KeyVersion, bool IsSettled, UInt128 Digest = default)
{
    /// <summary>Nothing is known: the Exchange checks the signature itself.</summary>
    public static SignatureHint None => default;

    /// <summary>The verify stage checked with key version <paramref name="keyVersion"/>, and took the digest.</summary>
    public static SignatureHint Checked(bool valid, uint keyVersion, UInt128 digest = default) =>
        new(valid ? SignatureStatus.Valid : SignatureStatus.Invalid, keyVersion, false, digest);

    /// <summary>A Verdict settled it.</summary>
    public static SignatureHint Settled(bool valid, UInt128 digest = default) =>
        new(valid ? SignatureStatus.Valid : SignatureStatus.Invalid, 0, true, digest);
}
