namespace Clob.Engine;

/// <summary>
/// A state that no Exchange exported: an entry is malformed or out of its range, or entries contradict each other. Nothing was built from it.
/// </summary>
public sealed class StateRefusedException : Exception
{
    /// <summary>Names the entry, what it had to be and what it is.</summary>
    public StateRefusedException(ulong entry, string expected, string found, Exception? cause = null)
        : base($"state entry {entry} is refused: expected {expected}, found {found}", cause)
    {
        Entry = entry;
        Expected = expected;
        Found = found;
    }

    /// <summary>Number of the entry from 0; the number of all entries when it was found at the end.</summary>
    public ulong Entry { get; }

    /// <summary>What an exported state would hold.</summary>
    public string Expected { get; }

    /// <summary>What it holds.</summary>
    public string Found { get; }
}
