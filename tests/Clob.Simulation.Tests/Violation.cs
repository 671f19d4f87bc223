namespace Clob.Simulation.Tests;

/// <summary>What a venue must never do.</summary>
internal enum Violation
{
    /// <summary>A report, message or reply that had left is not caused by the recovered journal.</summary>
    AcknowledgedLost,

    /// <summary>One that had left, or leaves again, has another content.</summary>
    AcknowledgedChanged,

    /// <summary>A record that a former recovery had kept is gone or another.</summary>
    HistoryRewritten,

    /// <summary>One order of a trader was executed twice.</summary>
    ExecutedTwice,

    /// <summary>State or events of the recovered venue are not those of its journal.</summary>
    StateDiffers,

    /// <summary>The journal was refused at a start.</summary>
    StartRefused,

    /// <summary>A trader got a report out of sequence, or an answer was passed over.</summary>
    BadDelivery,

    /// <summary>All was well, and still something was not answered.</summary>
    NeverAnswered,
}

/// <summary>A world in which a venue did what it must never do.</summary>
internal sealed class ViolationException(Violation violation, string what) : Exception($"{violation}: {what}")
{
    public Violation Violation { get; } = violation;
}

/// <summary>What is wrong in a world on purpose, so that it is seen that the checks can fail.</summary>
internal enum Defect
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Syncs succeed and do nothing.</summary>
    SyncsAreIgnored,

    /// <summary>Egress follows match alone: what is not durable leaves.</summary>
    EgressDoesNotWaitForTheDisk,

    /// <summary>Traders sign anew, under new nonces, what was not acknowledged.</summary>
    ResendsUnderNewNonces,
}
