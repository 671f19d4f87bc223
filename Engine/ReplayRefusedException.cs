namespace Clob.Engine;

/// <summary>
/// A record that no honest journal holds: it cannot be applied, and nothing after it either. The Exchange must not be used any more.
/// </summary>
public sealed class ReplayRefusedException : Exception
{
    /// <summary>Names the record, what it had to be and what it is.</summary>
    public ReplayRefusedException(ulong sequence, string expected, string found)
        : base($"record {sequence} is refused: expected {expected}, found {found}")
    {
        Sequence = sequence;
        Expected = expected;
        Found = found;
    }

    /// <summary>Sequence of the record.</summary>
    public ulong Sequence { get; }

    /// <summary>What an honest journal would hold.</summary>
    public string Expected { get; }

    /// <summary>What it holds.</summary>
    public string Found { get; }
}
