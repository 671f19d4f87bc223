using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// A thread of the normal scheduling class that hands out what settlement's threads have made: answers to reads, calls to the data
/// availability layer, log messages. On Linux a thread inherits the class of the one that creates it, and the thread pool creates its
/// threads on whoever queues work: one of <c>SCHED_IDLE</c> would make pool threads of <c>SCHED_IDLE</c>, on which HTTP then starves beside
/// a busy stage. What is posted must be short. Posting never waits for the work.
/// </summary>
internal sealed class Courier : IDisposable
{
    private readonly Queue<Action> _posted = new();
    private readonly Thread _thread;
    private bool _isEnding;

    public Courier() => _thread = new Thread(Run) { Name = "settlement-courier", IsBackground = true };

    /// <summary>Starts the thread; the caller's class must be the normal one.</summary>
    public void Start() => _thread.Start();

    /// <summary>Has something done, in the order of posting. After the end it is done in place.</summary>
    public void Post(Action work)
    {
        lock (_posted)
        {
            if (!_isEnding)
            {
                _posted.Enqueue(work);
                Monitor.Pulse(_posted);
                return;
            }
        }

        work();
    }

    /// <summary>Starts asynchronous work on the pool, and waits for it here.</summary>
    public T Await<T>(Func<Task<T>> start)
    {
        var started = new TaskCompletionSource<Task<T>>();
        Post(() => started.SetResult(Task.Run(start)));
        return started.Task.GetAwaiter().GetResult().GetAwaiter().GetResult();
    }

    /// <summary>Ends the thread after what was posted.</summary>
    public void Dispose()
    {
        lock (_posted)
        {
            _isEnding = true;
            Monitor.Pulse(_posted);
        }

        if (!_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            _thread.Join();
    }

    private void Run()
    {
        while (Take() is { } work)
            work();
    }

    private Action? Take()
    {
        lock (_posted)
        {
            while (_posted.Count == 0)
            {
                if (_isEnding)
                    return null;
                Monitor.Wait(_posted);
            }

            return _posted.Dequeue();
        }
    }
}

/// <summary>Writes by way of a courier: a logger may wake up a task that writes for it.</summary>
internal sealed class CourierLogger(ILogger inner, Courier courier) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        courier.Post(() => inner.Log(logLevel, eventId, state, exception, formatter));
}
