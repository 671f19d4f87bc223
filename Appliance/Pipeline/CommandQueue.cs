using System.Collections.Concurrent;
using Clob.Protocol;

namespace Clob.Appliance.Pipeline;

/// <summary>A record that did not come by TCP: an operator's envelope from HTTP, or a mark.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Payload">Its payload.</param>
/// <param name="Reply">Number of the caller who waits, 0 for none.</param>
public readonly record struct QueuedRecord(RecordKind Kind, ReadOnlyMemory<byte> Payload, int Reply);

/// <summary>The one bounded queue by which other threads reach the sequencer.</summary>
public sealed class CommandQueue
{
    private readonly ConcurrentQueue<QueuedRecord> _records = new();
    private readonly int _capacity;
    private int _count;
    private volatile bool _isClosed;

    /// <summary>A queue of at most <paramref name="capacity"/> records.</summary>
    public CommandQueue(int capacity) => _capacity = capacity;

    /// <summary>Called after each addition; wakes the ingress thread.</summary>
    public Action Added { get; set; } = static () => { };

    /// <summary>Takes nothing more: the venue is stopping.</summary>
    public void Close() => _isClosed = true;

    /// <summary>Adds a record; false when the queue is full or closed.</summary>
    public bool TryEnqueue(in QueuedRecord record)
    {
        if (_isClosed)
            return false;
        if (Interlocked.Increment(ref _count) > _capacity)
        {
            Interlocked.Decrement(ref _count);
            return false;
        }

        _records.Enqueue(record);
        Added();
        return true;
    }

    /// <summary>Looks at the record in front.</summary>
    public bool TryPeek(out QueuedRecord record) => _records.TryPeek(out record);

    /// <summary>Drops the record in front. Only the ingress thread dequeues.</summary>
    public void Dequeue()
    {
        if (_records.TryDequeue(out _))
            Interlocked.Decrement(ref _count);
    }
}
