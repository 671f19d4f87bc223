using Clob.Appliance.Sockets;
using Clob.Protocol;
using Clob.Ring;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// The send side of all sessions: keeps the recent reports, and for every session a cursor into its account's stream. Nothing is buffered
/// for a session but what its socket refused of one send: reports are read again by position. One thread.
/// </summary>
internal sealed partial class SessionEgress : IDisposable
{
    private const int EventsPerPoll = 128;

    /// <summary>How long a look at all sessions takes: what heartbeats and limits are late by.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(100);

    private readonly OrderEntryConnections _connections;
    private readonly OrderEntryCounters _counters;
    private readonly HandOver<SessionNotice> _notices;
    private readonly HandOver<SessionRequest> _requests;
    private readonly WakeUps _ingress;
    private readonly Func<int, SessionCredits> _creditsOf;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;

    private readonly RecentReports _recent;
    private readonly AccountStreams _streams = new();
    private readonly ArchiveReader _archive;
    private readonly SessionSender?[] _senders;

    // Slots of sessions that may have something to send; each at most once.
    private readonly Queue<int> _toSend;

    // Slots of sessions that catch up, in no order.
    private readonly List<int> _catchingUp = [];

    private readonly LingeringSessions _lingering;
    private readonly int _mostLingering;

    private readonly Epoll _writable = new(EventsPerPoll);
    private readonly long _heartbeatInterval;
    private readonly long _silenceLimit;
    private readonly long _lingerLimit;
    private readonly long _archiveRetry;

    private Sweep _sweep;
    private long _now;
    private int _slotsInUse;
    private int _blocked;

    public SessionEgress(
        OrderEntryOptions options,
        OrderEntryConnections connections,
        OrderEntryCounters counters,
        HandOver<SessionNotice> notices,
        HandOver<SessionRequest> requests,
        WakeUps ingress,
        WakeUps egress,
        Func<int, SessionCredits> creditsOf,
        ILogger logger)
    {
        (_connections, _counters, _notices, _requests, _ingress, _creditsOf, _logger) = (connections, counters, notices, requests, ingress, creditsOf, logger);
        _clock = connections.Clock;
        long second = _clock.TimestampFrequency;
        _heartbeatInterval = (long)SoupBinTcp.HeartbeatInterval.TotalSeconds * second;
        _silenceLimit = (long)SoupBinTcp.SilenceLimit.TotalSeconds * second;
        _lingerLimit = (long)LingerLimit.TotalSeconds * second;
        _archiveRetry = (long)ArchiveRetry.TotalMilliseconds * second / 1_000;
        _sweep = new Sweep((long)SweepPeriod.TotalMilliseconds * second / 1_000);
        _recent = new RecentReports(options.RecentReports);
        _senders = new SessionSender?[options.MaximumSessions];
        _toSend = new Queue<int>(options.MaximumSessions);
        _lingering = new LingeringSessions(options.MaximumSessions);
        _mostLingering = options.MaximumSessionsPerAccount;
        _archive = new ArchiveReader(connections.Archive, egress);
        _now = _clock.GetTimestamp();
    }

    /// <summary>A report, in the order of its account's sequence.</summary>
    public void Deliver(in ExchangeEvent report)
    {
        if (_notices.HasItems)
            TakeNotices();
        if (report.Account is 0 or > SoupLogin.MaximumAccount)
            return; // those have no sessions
        ref AccountStream stream = ref _streams[report.Account];
        if (report.ReportSequence == 0 || (stream.Next != 0 && report.ReportSequence != stream.Next))
            throw new InvalidOperationException($"Account {report.Account} expects report {stream.Next} next and was given {report.ReportSequence} of record {report.RecordSequence}.");

        stream.Newest = _recent.Append(report, stream.Newest);
        stream.Next = report.ReportSequence + 1;
        for (int link = stream.FirstSession; link != 0;)
        {
            SessionSender sender = _senders[link - 1]!;
            if (sender.Source == ReportSource.Recent && sender.Position == 0 && sender.Cursor == report.ReportSequence)
                sender.Position = stream.Newest;
            Queue(sender);
            link = sender.NextOfAccount;
        }
    }

    /// <summary>An envelope of the session is done and its reports were delivered.</summary>
    public void Complete(int session, bool badSignature)
    {
        if (_notices.HasItems)
            TakeNotices();
        SessionSender sender = Find(session)
            ?? throw new InvalidOperationException($"An envelope of session {session} is done, but its slot was freed before: {_senders[SessionIds.Slot(session)]?.Id ?? 0} has it.");
        sender.Completed++;
        if (badSignature)
            Offend(sender);
        else if (!sender.HasOffended)
            Credit(session);
        if (sender.IsReceiveEnded)
            SettleIfDone(sender);
    }

    /// <summary>Sends what is ready; heartbeats, catch-up, limits.</summary>
    public bool Flush()
    {
        _now = _clock.GetTimestamp();
        bool any = TakeNotices();
        any |= _blocked > 0 && TakeWritable();
        any |= CatchUp();
        any |= SendQueued();
        any |= SweepSessions();
        return any;
    }

    /// <summary>Only after the threads of both sides have ended.</summary>
    public void Dispose()
    {
        TakeNotices();
        foreach (SessionSender? sender in _senders)
        {
            if (sender is { Id: not 0, IsReceiveEnded: true, State: not SenderState.Settling })
                SocketCalls.Close(sender.Descriptor);
        }

        _archive.Dispose();
        _writable.Dispose();
    }

    private void Credit(int session)
    {
        SessionCredits credits = _creditsOf(SessionIds.Slot(session));
        Volatile.Write(ref credits.Completed, credits.Completed + 1);
        Interlocked.MemoryBarrier(); // ingress announces that it waits, fences, and looks at the count again
        if (Volatile.Read(ref credits.IsAwaited) == 1 && Interlocked.Exchange(ref credits.IsAwaited, 0) == 1)
            Request(SessionRequestKind.Resume, session);
    }

    /// <summary>
    /// From its first bad signature on a session gets no credit, so that no more of it is published than was under way at most, however late
    /// ingress hears of it.
    /// </summary>
    private void Offend(SessionSender sender)
    {
        OrderEntryCounters.Add(ref _counters.OfEgress.BadSignatures);
        if (sender.HasOffended)
            return;
        sender.HasOffended = true;
        Request(SessionRequestKind.Offence, sender.Id);
        if (sender.State == SenderState.Open)
            BeginClosing(sender, EndReason.Closed, closeAt: _streams[sender.Account].Next);
    }

    private SessionSender? Find(int session)
    {
        SessionSender? sender = _senders[SessionIds.Slot(session)];
        return sender is not null && sender.Id == session ? sender : null;
    }

    private void Queue(SessionSender sender)
    {
        if (sender.IsQueued || sender.IsBlocked)
            return;
        sender.IsQueued = true;
        _toSend.Enqueue(SessionIds.Slot(sender.Id));
    }

    private void Request(SessionRequestKind kind, int session)
    {
        _requests.Put(new SessionRequest(kind, session));
        _ingress.Signal();
    }

    private bool TakeNotices()
    {
        bool any = false;
        while (_notices.TryTake(out SessionNotice notice))
        {
            any = true;
            switch (notice.Kind)
            {
                case SessionNoticeKind.Login:
                    OnLogin(notice);
                    break;
                case SessionNoticeKind.Refusal:
                    OnRefusal(notice);
                    break;
                default:
                    OnReceiveEnded(notice);
                    break;
            }
        }

        return any;
    }

    /// <summary>To a session that is over nothing more is said.</summary>
    private void OnRefusal(in SessionNotice notice)
    {
        if (Find(notice.Session) is not { State: SenderState.Open } sender)
            return;
        sender.OwesRefusal = true;
        sender.RefusedNonce = notice.Sequence;
        Queue(sender);
    }

    private SessionSender Open(in SessionNotice notice)
    {
        int slot = SessionIds.Slot(notice.Session);
        SessionSender sender = _senders[slot] ??= new SessionSender();
        _slotsInUse = Math.Max(_slotsInUse, slot + 1);
        sender.Open(notice.Session, notice.Descriptor, notice.Account, _now);
        return sender;
    }

    /// <summary>
    /// Taken before any report that the session's own envelopes cause: they were published after the login, and notices are taken
    /// before every delivery.
    /// </summary>
    private void OnLogin(in SessionNotice notice)
    {
        SessionSender sender = Open(notice);
        ref AccountStream stream = ref _streams[notice.Account];
        if (stream.Next == 0)
            stream.Next = Math.Max(1, _connections.NextReportSequence(notice.Account));
        sender.NextOfAccount = stream.FirstSession;
        stream.FirstSession = SessionIds.Slot(notice.Session) + 1;
        sender.IsOfAccount = true;
        sender.OwesLoginAccepted = true;
        sender.Cursor = notice.Sequence == 0 ? stream.Next : Math.Min(notice.Sequence, stream.Next);
        if (sender.Cursor < stream.Next)
            Seek(sender, stream);
        Queue(sender);
    }
}
