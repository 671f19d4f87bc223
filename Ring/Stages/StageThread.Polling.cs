using System.Diagnostics;

namespace Clob.Ring;

public sealed partial class StageThread
{
    /// <summary>
    /// How long a stage that waits in vain sleeps at a time, in microseconds, once it has yielded for <see cref="YieldMicroseconds"/>: what it
    /// waits for wakes nobody, so this bounds the delay; by then the venue is saturated and the core is worth more to the stage waited for.
    /// </summary>
    private const int BackoffSleepMicroseconds = 50;

    // The stage being polled, the innermost one. Not restored when an exception passes: it then names the stage that threw.
    private IStage? _polled;

    // When the wait that Backoff serves began to be in vain, in Stopwatch ticks; 0 if it was not.
    private long _backoffSince;

    /// <summary>
    /// For a stage that cannot go on before another one does: polls the other stages of its thread once; if they have nothing to do, gives
    /// the core away for a moment. Call it in a loop around the condition. On a thread that is no <see cref="StageThread"/> it only yields.
    /// </summary>
    /// <remarks>A stage that is being polled further up the stack is not polled again, so stages may wait for each other's output but not in a circle.</remarks>
    /// <exception cref="OperationCanceledException"><see cref="Abort"/> was called. A stage lets it pass.</exception>
    public static void Backoff()
    {
        if (_current is StageThread thread)
            thread.RunOthers();
        else
            Thread.Yield();
    }

    private void RunOthers()
    {
        if (Volatile.Read(ref _aborted))
            throw new OperationCanceledException($"Thread {Name} was aborted while {_polled!.Name} waited for another stage.");

        if (PollStages())
        {
            _backoffSince = 0;
            return;
        }

        long now = Stopwatch.GetTimestamp();
        if (_backoffSince == 0) _backoffSince = now;
        if (WaitStrategy == WaitStrategy.BusySpin)
            Thread.SpinWait(1);
        else if (WaitStrategy == WaitStrategy.Yield || now - _backoffSince < YieldTicks)
            Thread.Yield();
        else
            ThreadPlacement.SleepCurrentThread(BackoffSleepMicroseconds);
    }

    private bool PollStages()
    {
        bool anyWork = false;
        for (int i = 0; i < _stages.Length; i++)
        {
            if (_isPolling[i]) continue;
            anyWork |= PollStage(i);
        }

        return anyWork;
    }

    private bool PollStage(int index)
    {
        IStage? outer = _polled;
        _polled = _stages[index];
        _isPolling[index] = true;
        bool anyWork = _polled.Poll();
        _isPolling[index] = false;
        _polled = outer;
        if (outer is null) _backoffSince = 0;
        return anyWork;
    }
}
