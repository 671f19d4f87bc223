using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Clob.Ring;

/// <summary>
/// A named thread of the operating system that polls its stages in their order, and idles as its <see cref="WaitStrategy"/> says when none has work.
/// </summary>
/// <remarks>
/// Wiring: make the stages, then their threads, then tell each stage and ring whom to wake (<see cref="WakeUps"/>), then <see cref="Start"/>.
/// An exception out of a stage ends the thread, never the silence about it: it is kept in <see cref="Fatal"/> and handed to the fatal handler.
/// </remarks>
public sealed partial class StageThread
{
    /// <summary>
    /// How long <see cref="WaitStrategy.YieldThenBlock"/> yields before it blocks, in microseconds: longer than a group commit of a few
    /// records takes (about 150 µs), so that an order in flight finds every thread of its way awake, and short enough to be no load on an idle venue.
    /// </summary>
    public const int YieldMicroseconds = 200;

    /// <summary>
    /// The default of <see cref="BlockTimeoutMicroseconds"/>: no wake-up depends on it, only work that the clock starts (heartbeats, deadlines)
    /// is late by at most this much. Looking 200 times a second uses up to a hundredth of a core, 1,000 times used two (<c>perf/Clob.Handoff</c>).
    /// </summary>
    public const int DefaultBlockTimeoutMicroseconds = 5_000;

    [ThreadStatic]
    private static StageThread? _current;

    private static readonly long YieldTicks = Stopwatch.Frequency * YieldMicroseconds / 1_000_000;

    private readonly IStage[] _stages;
    private readonly bool[] _isPolling;
    private readonly Action<StageThread, Exception> _onFatal;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Sleeper _sleeper = new();

    private Exception? _fatal;
    private bool _stopRequested;
    private bool _aborted;

    // When the thread ran out of work, in Stopwatch ticks; 0 while it has some.
    private long _idleSince;

    // Written by the thread only.
    private long _allocatedBytes;

    /// <summary>A thread that is not started yet.</summary>
    /// <param name="name">Its name, also in the operating system, where 15 bytes of it are kept.</param>
    /// <param name="onFatal">Called once, on this thread, with an exception that came out of a stage. Nothing is polled after it. What it throws ends the process.</param>
    /// <param name="stages">What it polls, in this order, at least one.</param>
    /// <exception cref="ArgumentException">No stage, or one twice.</exception>
    public StageThread(string name, Action<StageThread, Exception> onFatal, params IStage[] stages)
    {
        if (stages.Length == 0 || stages.Distinct().Count() != stages.Length)
            throw new ArgumentException($"Thread {name} needs one stage or several different ones.", nameof(stages));

        _stages = [.. stages];
        _isPolling = new bool[stages.Length];
        _onFatal = onFatal;
        _thread = new Thread(Run) { Name = name, IsBackground = true };
    }

    /// <summary>The thread's name.</summary>
    public string Name => _thread.Name!;

    /// <summary>The polled stages in their order.</summary>
    public IReadOnlyList<IStage> Stages => _stages;

    /// <summary>What the thread does without work.</summary>
    public WaitStrategy WaitStrategy { get; init; } = WaitStrategy.YieldThenBlock;

    /// <summary>The core the thread is pinned to, or null to leave that to the kernel. Pin only where every busy thread has a core.</summary>
    public int? Core { get; init; }

    /// <summary>How the thread blocks.</summary>
    public IIdle Idle { get; init; } = new FutexIdle();

    /// <summary>The longest the thread blocks without looking at its stages, in microseconds, at least 1.</summary>
    public int BlockTimeoutMicroseconds { get; init; } = DefaultBlockTimeoutMicroseconds;

    /// <summary>The exception that ended the thread, if one did.</summary>
    public Exception? Fatal => Volatile.Read(ref _fatal);

    /// <summary>The stage the exception came out of, if one did; the innermost, where a stage polled others while it waited.</summary>
    public IStage? FatalStage { get; private set; }

    /// <summary>
    /// Bytes of managed memory the thread itself has allocated since its start, as of when it last ran out of work or ended; a thread that never does
    /// is not seen. Steady work allocates nothing, so the figure stands still.
    /// </summary>
    public long AllocatedBytes => Volatile.Read(ref _allocatedBytes);

    /// <summary>Starts the thread and returns when it is pinned and about to poll.</summary>
    /// <exception cref="InvalidOperationException">It could not be pinned to <see cref="Core"/>, or was started before.</exception>
    public void Start()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(BlockTimeoutMicroseconds);
        _thread.Start();
        _started.Task.GetAwaiter().GetResult();
    }

    /// <summary>Asks the thread to end as soon as all its stages, polled after this call, find nothing to do. Stop what feeds them first.</summary>
    public void RequestStop()
    {
        Volatile.Write(ref _stopRequested, true);
        Wake();
    }

    /// <summary>Asks the thread to end after the poll it is in, done or not; a stage that waits in <see cref="Backoff"/> is thrown out of it.</summary>
    public void Abort()
    {
        Volatile.Write(ref _aborted, true);
        Wake();
    }

    /// <summary>Waits for the thread's end.</summary>
    /// <param name="timeout">The longest to wait.</param>
    /// <returns>Whether it has ended.</returns>
    public bool Join(TimeSpan timeout) => _thread.Join(timeout);

    /// <summary>Wakes the thread if it sleeps. Call after the work for it is visible.</summary>
    public void Wake()
    {
        Interlocked.MemoryBarrier();
        WakeAfterFence();
    }

    /// <summary><see cref="Wake"/> for a caller that has made a full fence after its last write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void WakeAfterFence()
    {
        if (_sleeper.MustBeWoken()) Idle.Wake();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Every exception out of a stage is fatal and handed on.")]
    private void Run()
    {
        _current = this;
        try
        {
            if (Core is int core) ThreadPlacement.PinCurrentThread(core);
        }
        catch (Exception failure)
        {
            _started.SetException(new InvalidOperationException($"Thread {Name} cannot start: {failure.Message}", failure));
            return;
        }

        _started.SetResult();
        try
        {
            PollUntilStopped();
        }
        catch (OperationCanceledException) when (Volatile.Read(ref _aborted))
        {
            // Thrown by Backoff, through the stage that waited.
        }
        catch (Exception fatal)
        {
            FatalStage = _polled;
            Volatile.Write(ref _fatal, fatal);
            _onFatal(this, fatal);
        }
    }

    private void PollUntilStopped()
    {
        while (!Volatile.Read(ref _aborted))
        {
            // Read before the round: work that was there before the request is seen by the round after it.
            bool stopping = Volatile.Read(ref _stopRequested);
            if (PollStages())
            {
                _idleSince = 0;
                continue;
            }

            Volatile.Write(ref _allocatedBytes, GC.GetAllocatedBytesForCurrentThread());
            if (stopping) return;
            IdleOnce();
        }
    }

    private void IdleOnce()
    {
        switch (WaitStrategy)
        {
            case WaitStrategy.BusySpin:
                Thread.SpinWait(1);
                break;
            case WaitStrategy.Yield:
            case WaitStrategy.YieldThenBlock when IsInYieldPhase():
                Thread.Yield();
                break;
            default:
                Sleep();
                break;
        }
    }

    private bool IsInYieldPhase()
    {
        long now = Stopwatch.GetTimestamp();
        if (_idleSince == 0) _idleSince = now;
        return now - _idleSince < YieldTicks;
    }

    private void Sleep()
    {
        _sleeper.Announce();
        if (PollStages())
            _idleSince = 0;
        else if (!Volatile.Read(ref _stopRequested) && !Volatile.Read(ref _aborted))
            Idle.Block(BlockTimeoutMicroseconds);
        _sleeper.Awake();
    }
}
