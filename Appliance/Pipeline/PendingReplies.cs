using System.Collections.Concurrent;
using Clob.Protocol;

namespace Clob.Appliance.Pipeline;

/// <summary>Callers who wait until their record is durable and matched. They are people and programs on HTTP: never many, never hot.</summary>
public sealed class PendingReplies
{
    private readonly ConcurrentDictionary<int, TaskCompletionSource<IReadOnlyList<ExchangeEvent>>> _waiting = new();
    private int _last;

    /// <summary>Opens a number for a caller and the task that ends with its record's reports.</summary>
    public (int Number, Task<IReadOnlyList<ExchangeEvent>> Reports) Open()
    {
        int number;
        do
        {
            number = Interlocked.Increment(ref _last) & int.MaxValue;
        }
        while (number == 0);
        var source = new TaskCompletionSource<IReadOnlyList<ExchangeEvent>>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[number] = source;
        return (number, source.Task);
    }

    /// <summary>Gives the reports to the caller.</summary>
    public void Complete(int number, IReadOnlyList<ExchangeEvent> reports)
    {
        if (_waiting.TryRemove(number, out var source))
            source.TrySetResult(reports);
    }

    /// <summary>Forgets a caller whose record never went in.</summary>
    public void Cancel(int number) => _waiting.TryRemove(number, out _);

    /// <summary>Ends all waits: the venue stops.</summary>
    public void FailAll(Exception reason)
    {
        foreach (int number in _waiting.Keys)
        {
            if (_waiting.TryRemove(number, out var source))
                source.TrySetException(reason);
        }
    }
}
