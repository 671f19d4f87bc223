using System.Diagnostics;
using Clob.Client;
using Clob.Protocol;

namespace Clob.Load.OpenLoop;

/// <summary>
/// One connection of the load: sends envelopes when they are due, or as soon after as the window of unacknowledged envelopes allows, and
/// has each order's latency counted from the moment it was due. Sending belongs to the pacing thread, reports to the connection's receive loop.
/// </summary>
internal sealed class LoadSession : IOrderEntryListener
{
    private readonly LoadOptions _options;
    private readonly Queue<long> _due = new();
    private OrderFlow _flow;
    private OrderEntryClient? _client;

    public LoadSession(LoadOptions options, int index)
    {
        _options = options;
        Tally = new OrderTally(options.Batch);
        _flow = new OrderFlow(options, index);
    }

    /// <summary>What became of its orders; to be read when sending and receiving are over.</summary>
    public OrderTally Tally { get; }

    /// <summary>Orders that the venue dropped without an answer.</summary>
    public long Unanswered { get; private set; }

    public async Task ConnectAsync(VenueEndpoints venue, Participant participant, CancellationToken cancellation) =>
        _client = await participant.ConnectAsync(venue, this, cancellation).ConfigureAwait(false);

    /// <summary>An envelope is due now or was due at this timestamp.</summary>
    public void Schedule(long due) => _due.Enqueue(due);

    /// <summary>Sends what is due as far as the window allows; true when something is left waiting.</summary>
    public bool SendDue()
    {
        bool sent = false;
        while (_due.TryPeek(out long due) && _client!.TryEnqueue(Fill, (this, due), out _))
        {
            _due.Dequeue();
            Tally.NoteSent(due);
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

    public void OnReport(in ExchangeEvent report) => Tally.Take(report, Stopwatch.GetTimestamp());

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
            session.Tally.NoteDue(nonce + (uint)i, state.Due);
        }
    }
}
