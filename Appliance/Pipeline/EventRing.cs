using System.Runtime.CompilerServices;
using Clob.Engine;
using Clob.Protocol;
using Clob.Ring;
using Disruptor;
using Disruptor.Dsl;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// From match to egress. One command can cause any number of events, so they have a ring of their own: egress drains it up to the durable
/// record while matching is still inside the next, and the journal never waits for egress.
/// </summary>
public sealed class EventRing : IDisposable
{
    private readonly UnmanagedRingBufferMemory _memory;

    /// <summary>A ring of <paramref name="size"/> events, a power of two.</summary>
    public EventRing(int size)
    {
        _memory = UnmanagedRingBufferMemory.Allocate(size, Unsafe.SizeOf<ExchangeEvent>());
        Ring = new UnmanagedRingBuffer<ExchangeEvent>(_memory, ProducerType.Single, new BusySpinWaitStrategy());
        Ring.AddGatingSequences(Drained);
    }

    /// <summary>The ring; match is its only producer.</summary>
    public UnmanagedRingBuffer<ExchangeEvent> Ring { get; }

    /// <summary>How far egress has drained it.</summary>
    public Sequence Drained { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}

/// <summary>Match's end of the event ring. While the ring is full it lets the other stages of its thread run, egress among them.</summary>
/// <param name="events">The ring.</param>
/// <param name="downstream">Whom to wake when the ring is full: egress may sleep although there is much to drain.</param>
internal readonly struct EventRingSink(EventRing events, WakeUps downstream) : IEventSink
{
    /// <inheritdoc/>
    public void OnEvent(in ExchangeEvent happened)
    {
        long sequence;
        while (!events.Ring.TryNext(out sequence))
        {
            downstream.Signal();
            StageThread.Backoff();
        }

        events.Ring[sequence] = happened;
        events.Ring.Publish(sequence);
    }
}
