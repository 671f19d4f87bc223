namespace Clob.Engine;

/// <summary>
/// The Exchange found itself inconsistent: a bug, never a client's doing. The process must stop; the cure is a new engine version.
/// </summary>
public sealed class InvariantViolationException : Exception
{
    /// <summary>Names the invariant, the record under which it broke, what was expected and what was found.</summary>
    public InvariantViolationException(string invariant, ulong sequence, string expected, string found)
        : base($"invariant '{invariant}' is broken at record {sequence}: expected {expected}, found {found}")
    {
        Invariant = invariant;
        Sequence = sequence;
        Expected = expected;
        Found = found;
    }

    /// <summary>Name of the invariant.</summary>
    public string Invariant { get; }

    /// <summary>Sequence of the record applied last, or being applied.</summary>
    public ulong Sequence { get; }

    /// <summary>What had to hold.</summary>
    public string Expected { get; }

    /// <summary>What was found.</summary>
    public string Found { get; }
}
