using System.Collections.Concurrent;
using Clob.Engine;

namespace Clob.Settlement;

// Reads of the state by others: they run on the replica's thread, between two records.
public sealed partial class Replica
{
    private readonly ConcurrentQueue<PendingRead> _arrived = new();

    // Owner: the replica's thread. Sizes asked for never fall, so they are served from the front.
    private readonly Queue<PendingRead> _waiting = new();

    /// <summary>
    /// Reads the state once everything is applied that was durable when this was called: whoever was told that his command is done sees
    /// it here. Any thread.
    /// </summary>
    /// <param name="read">Runs on the replica's thread, between two records: short, and nothing of the exchange may leave it but copies.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellation">Ends the waiting.</param>
    /// <exception cref="TimeoutException">The replica was not that far in time, or has stopped.</exception>
    public async Task<T> ReadAsync<T>(Func<Exchange, T> read, TimeSpan patience, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(read);
        var pending = new PendingRead<T>(_host.DurableSize(), read);
        _arrived.Enqueue(pending);
        _work.Set();
        if (_stopping)
            RefuseReads();
        try
        {
            return await pending.Task.WaitAsync(patience, cancellation).ConfigureAwait(false);
        }
        finally
        {
            pending.Abandon();
        }
    }

    /// <summary>True when a read was served.</summary>
    private bool ServeReads()
    {
        while (_arrived.TryDequeue(out PendingRead? arrived))
            _waiting.Enqueue(arrived);
        bool served = false;
        while (_waiting.TryPeek(out PendingRead? next) && (next.Size <= _venue.JournalSize || next.IsAbandoned))
        {
            _waiting.Dequeue();
            if (next.IsAbandoned)
                continue;
            next.Run(_venue.Exchange);
            // Completing a task queues work to the thread pool, which must not be done here.
            _courier.Post(next.Complete);
            served = true;
        }
        return served;
    }

    /// <summary>Refuses what waits; what the replica's thread still looks at only by that thread, or after its end.</summary>
    private void RefuseReads()
    {
        while (_arrived.TryDequeue(out PendingRead? arrived))
            arrived.Refuse();
        if (_thread.IsAlive && Environment.CurrentManagedThreadId != _thread.ManagedThreadId)
            return;
        lock (_waiting)
        {
            while (_waiting.TryDequeue(out PendingRead? waiting))
                waiting.Refuse();
        }
    }

    private abstract class PendingRead(ulong size)
    {
        private volatile bool _abandoned;

        public ulong Size { get; } = size;

        public bool IsAbandoned => _abandoned;

        public void Abandon() => _abandoned = true;

        public abstract void Run(Exchange exchange);

        /// <summary>Tells the reader what <see cref="Run"/> found.</summary>
        public abstract void Complete();

        public abstract void Refuse();
    }

    private sealed class PendingRead<T>(ulong size, Func<Exchange, T> read) : PendingRead(size)
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _found;
        private Exception? _failure;

        public Task<T> Task => _done.Task;

        public override void Run(Exchange exchange)
        {
            try
            {
                _found = read(exchange);
            }
            catch (Exception failure)
            {
                // The caller's function failed, not the replica.
                _failure = failure;
            }
        }

        public override void Complete()
        {
            if (_failure is { } failure)
                _done.TrySetException(failure);
            else
                _done.TrySetResult(_found!);
        }

        public override void Refuse() => _done.TrySetException(new TimeoutException("The replica has stopped."));
    }
}
