using Clob.Appliance.Pipeline;
using Clob.Journal;
using Clob.Journal.Tests.Simulation;
using Clob.Ring;

namespace Clob.Simulation.Tests;

// Who is next.
internal sealed partial class World
{
    // The gateway sends a random number of packets, none included, so one quiet round says little.
    private const int QuietRoundsAtRest = 24;
    private const int MostRounds = 20_000;

    // Steps in which a fault that was set for the disk's next operations is met nearly always.
    private const int StepsToFault = 150;

    // How a host or a disk ends a process in the middle of an operation.
    private static readonly Fault[] LastFaults =
    [
        Fault.StoppedDuring, Fault.StoppedDuring, Fault.StoppedDuring, Fault.StoppedBefore, Fault.InputOutputError, Fault.FailedButPersisted,
        Fault.ShortWriteThenNoSpace,
    ];

    private bool _isJournalWaiting;

    /// <summary>Some steps of a process, or fewer: a failure of the disk ends it. Most end in the middle of what they do with the disk.</summary>
    private void Live(int steps)
    {
        int[] weights = [.. _process!.Stages.Select(_ => _random.Next(4) == 0 ? 1 : _random.Next(2, 24))];
        int weight = weights.Sum();
        _disk.Meanwhile = () => RunMeanwhile(weights, weight);
        try
        {
            for (; steps > 0; steps--)
                Step(weights, weight);
            if (_random.Next(5) == 0)
                return;
            _disk.Fault = LastFaults[_random.Next(LastFaults.Length)];
            _disk.FaultAt = _disk.Operations + _random.Next(4);
            for (int more = StepsToFault; more > 0; more--)
                Step(weights, weight);
        }
        catch (DiskFailureException)
        {
            Figures.FailedOperations++;
            _trace.Note("failed");
        }
        finally
        {
            _disk.Meanwhile = null;
        }
    }

    /// <summary>While the journal waits for the disk, the others go on: what it does not have yet may leave no gate.</summary>
    private void RunMeanwhile(int[] weights, int weight)
    {
        _isJournalWaiting = true;
        for (int steps = _random.Next(2) == 0 ? 0 : _random.Next(1, 12); steps > 0; steps--)
            Step(weights, weight);
        _isJournalWaiting = false;
    }

    private void Step(int[] weights, int weight)
    {
        var process = _process!;
        switch (_random.Next(100))
        {
            case < 62:
                Poll(Draw(weights, weight));
                break;
            case < 92:
                int trader = _random.Next(_traders.Length);
                _trace.Note("trader", (ulong)trader);
                _traders[trader].Act(process, mayBegin: true);
                break;
            case < 96:
                _trace.Note("operator");
                _operator.Act(process, mayBegin: true);
                break;
            case < 98:
                _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(10) == 0 ? -_random.Next(2_000) : _random.Next(1_500)));
                break;
            default:
                _clock.Advance(TimeSpan.FromTicks(1));
                if (_random.Next(2) == 0)
                    process.RequestMark();
                break;
        }
    }

    private bool Poll(IStage stage)
    {
        if (stage is JournalStage && _isJournalWaiting)
            return false;
        bool worked = stage.Poll();
        _trace.Note(stage.Name, worked ? 1u : 0u);
        return worked;
    }

    private IStage Draw(int[] weights, int weight)
    {
        int drawn = _random.Next(weight);
        int stage = 0;
        while (drawn >= weights[stage])
            drawn -= weights[stage++];
        return _process!.Stages[stage];
    }

    /// <summary>Nothing new, no faults: everybody comes back and waits until nothing happens any more.</summary>
    private void SettleDown()
    {
        int quiet = 0;
        for (int round = 0; quiet < QuietRoundsAtRest; round++)
        {
            Require(round < MostRounds, "the world does not come to rest");
            bool worked = _operator.Act(_process!, mayBegin: !_operator.HasOpened);
            foreach (var stage in _process!.Stages)
                worked |= Poll(stage);
            foreach (var trader in _traders)
                worked |= trader.Act(_process, mayBegin: false);
            quiet = worked ? 0 : quiet + 1;
        }

        Require(_operator.IsIdle, "the operator waits for an answer");
        foreach (var trader in _traders)
            Require(trader.IsIdle, $"trader {trader.Account} waits for an answer");
    }
}
