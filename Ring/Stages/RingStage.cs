using Disruptor;

namespace Clob.Ring;

/// <summary>
/// A stage that reads a ring in order, behind all of its upstream sequences. It owns one sequence: what is at or below it, this stage is done with.
/// </summary>
/// <typeparam name="T">The ring's event.</typeparam>
public abstract class RingStage<T> : IStage
    where T : unmanaged
{
    private readonly DependentSequenceGroup? _upstream;
    private readonly int _maxBatch;

    // The end of the batch in hand: the stage may not advance beyond.
    private long _permitted = Sequence.InitialCursorValue;

    /// <summary>A stage over a ring.</summary>
    /// <param name="name">The stage's name.</param>
    /// <param name="ring">The ring it reads.</param>
    /// <param name="maxBatch">The most events one poll takes, at least 1: it bounds how long the other stages of the thread wait.</param>
    /// <param name="upstream">The stages that must have passed an event first, all of them; none means that the ring's cursor is followed.</param>
    protected RingStage(string name, UnmanagedRingBuffer<T> ring, int maxBatch, params ReadOnlySpan<Sequence> upstream)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBatch);
        Name = name;
        Ring = ring;
        _maxBatch = maxBatch;
        _upstream = upstream.Length == 0 ? null : new DependentSequenceGroup(upstream[0], upstream.ToArray());
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>How far the stage is done. Written by its thread only.</summary>
    public Sequence Sequence { get; } = new();

    /// <summary>The threads to wake when the stage has advanced.</summary>
    public WakeUps Downstream { get; } = new();

    /// <summary>The ring the stage reads.</summary>
    protected UnmanagedRingBuffer<T> Ring { get; }

    /// <summary>The highest sequence that all upstream stages have passed.</summary>
    protected long Available => _upstream is null ? Ring.Cursor : _upstream.Value;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The stage said it had handled what it was not given.</exception>
    public bool Poll()
    {
        long first = Sequence.Value + 1;
        long available = Available;
        if (available < first) return false;

        _permitted = Math.Min(available, first + _maxBatch - 1);
        Advance(OnBatch(first, _permitted));
        return Sequence.Value >= first;
    }

    /// <summary>Handles events in order.</summary>
    /// <param name="first">The first sequence to handle.</param>
    /// <param name="last">The last one that can be handled now, at least <paramref name="first"/>.</param>
    /// <returns>The last one handled: less than <paramref name="last"/> stops early, <paramref name="first"/> - 1 is nothing. The rest comes again at the next poll.</returns>
    protected abstract long OnBatch(long first, long last);

    /// <summary>Lets downstream stages have what is done so far, within a batch; the end of the batch does it by itself.</summary>
    /// <param name="through">The last sequence done.</param>
    /// <exception cref="InvalidOperationException">It goes back, or beyond the batch.</exception>
    protected void Advance(long through)
    {
        long current = Sequence.Value;
        if (through == current) return;
        if (through < current || through > _permitted)
            throw new InvalidOperationException($"Stage {Name} stands at {current} and was given events up to {_permitted}, but says it has handled up to {through}.");

        Sequence.SetValue(through);
        Downstream.Signal();
    }
}
