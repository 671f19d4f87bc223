namespace Clob.Verifier;

/// <summary>
/// How the program ends, one number for each kind of finding so that a script can tell them apart. The table in docs/verification.md
/// says the same.
/// </summary>
internal enum ExitCode
{
    /// <summary>Everything held.</summary>
    Success = 0,

    /// <summary>
    /// The venue's word and the replay differ: a root or another line of a checkpoint, a record that no honest journal holds there,
    /// the money of an asset, an invariant, the venue or engine that was asked for.
    /// </summary>
    Mismatch = 1,

    /// <summary>
    /// A checkpoint that the log key has not signed, or a Verdict record that says of a client's signature what is not true. A client's
    /// own invalid signature is no finding: such an envelope stands in an honest journal too and does nothing there.
    /// </summary>
    BadSignature = 2,

    /// <summary>Bytes that are not as they were written: a segment, a batch, a ledger entry, a checkpoint's text.</summary>
    Damaged = 3,

    /// <summary>Something that must be there is not: the directory, a segment, a batch, a checkpoint, the records under a checkpoint.</summary>
    MissingData = 4,

    /// <summary>The command line is not understood (EX_USAGE of sysexits.h).</summary>
    Usage = 64,

    /// <summary>The verifier itself failed: a bug, and no statement about the venue (EX_SOFTWARE of sysexits.h).</summary>
    InternalError = 70,
}
