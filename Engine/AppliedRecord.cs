namespace Clob.Engine;

/// <summary>The record being applied: shared by the parts of one Exchange so that a broken invariant can name it.</summary>
internal sealed class AppliedRecord
{
    /// <summary>Its sequence.</summary>
    public ulong Sequence;

    /// <summary>Its time, ns since 1970.</summary>
    public ulong Time;

    /// <summary>What to throw when an invariant does not hold.</summary>
    public InvariantViolationException Violation(string invariant, string expected, string found) => new(invariant, Sequence, expected, found);
}
