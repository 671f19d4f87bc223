using System.Diagnostics;
using Clob.Client;
using Clob.Protocol;
using HdrHistogram;

namespace Clob.Load.OpenLoop;

/// <summary>
/// One connection of the load: sends envelopes when they are due, or as soon after as the window of unacknowledged envelopes allows, and
/// counts each order's latency from the moment it was due. Sending belongs to the pacing thread, reports to the connection's receive loop.
/// </summary>
internal sealed class LoadSession : IOrderEntryListener
{
    /// <summary>Nonces that can be unanswered at a time.</summary>
    private const int MaximumOpen = Envelope.MaximumUnacknowledged * Envelope.MaximumCommands;

    /// <summary>Five minutes: beyond that an order is as good as lost.</summary>
    private const long HighestLatencyNanoseconds = 300L * 1_000_000_000;

    private readonly LoadOptions _options;
    private readonly Queue<long> _due = new();
    private readonly long[] _dueByNonce = new long[MaximumOpen];
    private readonly LongHistogram _latencies = new(HighestLatencyNanoseconds, 3);
    private OrderFlow _flow;
    private OrderEntryClient? _client;
    private long _countFrom;

    public LoadSession(LoadOptions options, int index)
    {
        _options = options;
        _flow = new OrderFlow(options, index);
    }

    /// <summary>Latencies in nanoseconds; to be read when sending and receiving are over.</summary>
    public LongHistogram Latencies => _latencies;

    public long Sent { get; private set; }

    public long Answered { get; private set; }

    public long Rejected { get; private set; }

    public long Fills { get; private set; }

    /// <summary>Orders that the venue dropped without an answer.</summary>
    public long Unanswered { get; private set; }

    /// <summary>Timestamp of the last answer.</summary>
    public long LastAnswer { get; private set; }

    public RejectReason FirstRejectReason { get; private set; }

    public async Task ConnectAsync(VenueEndpoints venue, Participant participant, CancellationToken cancellation) =>
        _client = await participant.ConnectAsync(venue, this, cancellation).ConfigureAwait(false);

    /// <summary>Orders due before this timestamp are sent and answered but not counted.</summary>
    public void CountFrom(long timestamp) => _countFrom = timestamp;

    /// <summary>An envelope is due now or was due at this timestamp.</summary>
    public void Schedule(long due) => _due.Enqueue(due);

    /// <summary>Sends what is due as far as the window allows; true when something is left waiting.</summary>
    public bool SendDue()
    {
        bool sent = false;
        while (_due.TryPeek(out long due) && _client!.TryEnqueue(Fill, (this, due), out _))
        {
            _due.Dequeue();
            Sent += _options.Batch;
            sent = true;
        }

        if (sent)
            _ = _client!.FlushAsync().AsTask(); // a completed one has no task of its own; a failed send ends the session
        return _due.Count > 0;
    }

    /// <summary>Whether the session can still send.</summary>
    public bool IsAlive => !_client!.Completion.IsCompleted;

    public Task DrainAsync(CancellationToken cancellation) => _client!.DrainAsync(cancellation);

    public ValueTask CloseAsync() => _client?.DisposeAsync() ?? ValueTask.CompletedTask;

    public void OnReport(in ExchangeEvent report)
    {
        switch (report.Kind)
        {
            case EventKind.Accepted:
                Answer(report.Nonce);
                break;
            case EventKind.Rejected:
                Reject(report, 1);
                Answer(report.Nonce);
                break;
            case EventKind.EnvelopeRejected:
                Reject(report, _options.Batch);
                for (int i = 0; i < _options.Batch; i++)
                    Answer(report.Nonce + (uint)i);
                break;
            case EventKind.Executed when (report.Flags & EventFlags.Taker) != 0:
                Fills++;
                break;
        }
    }

    public void OnDebug(string text) => Console.Error.WriteLine($"the venue says: {text}");

    public void OnUnanswered(ulong firstNonce, int commands) => Unanswered += commands;

    public void OnDisconnected(DisconnectCause cause)
    {
        if (cause != DisconnectCause.Closed)
            Console.Error.WriteLine($"a session was disconnected: {cause}");
    }

    private static void Fill(ref EnvelopeBuilder envelope, (LoadSession Session, long Due) state)
    {
        var session = state.Session;
        ulong nonce = session._client!.NextNonce;
        for (int i = 0; i < session._options.Batch; i++)
        {
            if (!envelope.TryAdd(session._flow.Next()))
                throw new InvalidOperationException($"an envelope holds only {i} of {session._options.Batch} orders");
            Volatile.Write(ref session._dueByNonce[(nonce + (uint)i) % MaximumOpen], state.Due);
        }
    }

    private void Reject(in ExchangeEvent report, int orders)
    {
        Rejected += orders;
        if (FirstRejectReason == RejectReason.None)
            FirstRejectReason = (RejectReason)report.Reason;
    }

    private void Answer(ulong nonce)
    {
        long now = Stopwatch.GetTimestamp();
        long due = Volatile.Read(ref _dueByNonce[nonce % MaximumOpen]);
        LastAnswer = now;
        if (due < _countFrom)
            return;
        Answered++;
        _latencies.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(due, now).TotalNanoseconds, 0, HighestLatencyNanoseconds));
    }
}
