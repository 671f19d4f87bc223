using Clob.Client;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>Keeps every execution report of an account, and lets tests wait for one.</summary>
internal sealed class ReportLog : IOrderEntryListener
{
    private readonly Lock _gate = new();
    private readonly List<ExchangeEvent> _reports = [];
    private readonly List<string> _debug = [];
    private readonly HashSet<ulong> _refused = [];
    private readonly List<(Func<ExchangeEvent, bool> Wanted, TaskCompletionSource<ExchangeEvent> Seen)> _awaited = [];

    /// <summary>All reports so far, in sequence.</summary>
    public IReadOnlyList<ExchangeEvent> Reports
    {
        get
        {
            lock (_gate)
                return [.. _reports];
        }
    }

    /// <summary>What the venue said for people.</summary>
    public IReadOnlyList<string> DebugTexts
    {
        get
        {
            lock (_gate)
                return [.. _debug];
        }
    }

    public int Count
    {
        get
        {
            lock (_gate)
                return _reports.Count;
        }
    }

    /// <summary>The first report, old or new, that is wanted.</summary>
    public async Task<ExchangeEvent> WaitAsync(Func<ExchangeEvent, bool> wanted)
    {
        var seen = new TaskCompletionSource<ExchangeEvent>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            foreach (var report in _reports)
            {
                if (wanted(report))
                    return report;
            }

            _awaited.Add((wanted, seen));
        }

        return await seen.Task.WaitAsync(ProgramProcess.Patience).ConfigureAwait(false);
    }

    /// <summary>The first report that answers a nonce.</summary>
    public Task<ExchangeEvent> AnswerToAsync(ulong nonce) => WaitAsync(report => report.Nonce == nonce);

    /// <summary>Waits for what becomes of an envelope of one command: true when it is refused, false when it is answered.</summary>
    public async Task<bool> IsRefusedAsync(ulong nonce, CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(ProgramProcess.Patience);
        while (true)
        {
            lock (_gate)
            {
                if (_refused.Contains(nonce))
                    return true;
                if (_reports.Exists(report => report.Nonce == nonce))
                    return false;
            }

            await Task.Delay(1, limit.Token).ConfigureAwait(false);
        }
    }

    public void OnReport(in ExchangeEvent report)
    {
        lock (_gate)
        {
            _reports.Add(report);
            for (int i = _awaited.Count - 1; i >= 0; i--)
            {
                if (!_awaited[i].Wanted(report))
                    continue;
                _awaited[i].Seen.TrySetResult(report);
                _awaited.RemoveAt(i);
            }
        }
    }

    public void OnRefused(ulong firstNonce, int commands)
    {
        lock (_gate)
            _refused.Add(firstNonce);
    }

    public void OnDebug(string text)
    {
        lock (_gate)
            _debug.Add(text);
    }
}
