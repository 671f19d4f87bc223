using Clob.Protocol;

namespace Clob.Engine;

/// <summary>What became of a record as a whole; single commands answer through events.</summary>
public enum ApplyResult : byte
{
    /// <summary>Taken in. For an envelope: its nonces are used up, each command was done or rejected on its own.</summary>
    Applied,

    /// <summary>An envelope that was taken in before: nothing was done again, a <see cref="EventKind.Duplicate"/> points at the reports.</summary>
    Duplicate,

    /// <summary>An envelope that was refused as a whole for another reason than its signature: nothing was used up.</summary>
    Rejected,

    /// <summary>
    /// An envelope whose signature is not valid under the account's key as of the record: a no-op. Exactly the sequences with this result
    /// belong into the next <see cref="Verdict"/>.
    /// </summary>
    BadSignature,
}
