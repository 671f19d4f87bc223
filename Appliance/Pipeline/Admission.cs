using Clob.Appliance.Diagnostics;
using Clob.Journal;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// What the venue takes: everything, or, while the journal's next segment cannot be made, only what takes away: the rest of the running segment is for
/// that. Asked before an envelope gets a sequence, so the journal, and all that is computed from it, knows nothing of what was refused.
/// </summary>
public sealed class Admission
{
    private readonly Func<DiskFailureException?> _nextSegmentFailure;
    private readonly ILogger _log;
    private volatile DiskFailureException? _obstacle;

    /// <summary>Everything is taken until the first <see cref="Look"/>.</summary>
    /// <param name="nextSegmentFailure">Why the next segment could not be made; null while it can.</param>
    /// <param name="log">Hears of every change.</param>
    public Admission(Func<DiskFailureException?> nextSegmentFailure, ILogger log)
    {
        _nextSegmentFailure = nextSegmentFailure;
        _log = log;
    }

    /// <summary>Why only cancels are taken; null while everything is. Any thread.</summary>
    public DiskFailureException? Obstacle => _obstacle;

    /// <summary>Looks at the journal. The ingress thread, before it takes anything.</summary>
    public void Look()
    {
        var failure = _nextSegmentFailure();
        var former = _obstacle;
        if (failure is null && former is null)
            return;
        _obstacle = failure;
        if (failure is not null && former is null)
            Log.CancelsOnly(_log, failure.Message);
        else if (failure is null)
            Log.CancelsOnlyEnds(_log);
    }

    /// <summary>Whether the venue takes an envelope now. Any thread.</summary>
    public bool Admits(in Envelope envelope)
    {
        if (_obstacle is null)
            return true;
        foreach (var command in envelope.Commands)
        {
            if (!TakesAway(command.Type))
                return false;
        }

        return true;
    }

    /// <summary>
    /// Ends or lessens what is open, protects an account, or is how the operator halts what must be halted. Told by the type alone: a state or a limit
    /// may also be opened again, which adds nothing to the book by itself.
    /// </summary>
    private static bool TakesAway(CommandType type) =>
        type is CommandType.Cancel or CommandType.Reduce or CommandType.CancelAll or CommandType.RotateKey or CommandType.AccountSettings
            or CommandType.SetMarketState or CommandType.SetAccountLimits;
}
