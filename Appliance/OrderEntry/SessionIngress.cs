using System.Net;
using System.Net.Sockets;
using Clob.Appliance.Diagnostics;
using Clob.Appliance.Sockets;
using Clob.Protocol;
using Clob.Ring;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// The receive side of all sessions: accepts, receives, splits packets, checks envelopes and publishes them. One thread. Every turn of a
/// session is bounded, and sessions with input left queue up, so none starves another.
/// </summary>
internal sealed partial class SessionIngress : IDisposable
{
    /// <summary>The data by which the listening socket is told from sessions and the wake-up.</summary>
    private const ulong ListenerData = EpollIdle.WakeData - 1;

    private const int EventsPerPoll = 128;
    private const int AcceptsPerPoll = 8;

    /// <summary>How long accepting pauses when the process has no descriptors left.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    /// <summary>How long a look at all sessions takes: what its checks of 15 seconds are late by.</summary>
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(200);

    private readonly OrderEntryOptions _options;
    private readonly OrderEntryConnections _connections;
    private readonly OrderEntryCounters _counters;
    private readonly HandOver<SessionNotice> _notices;
    private readonly HandOver<SessionRequest> _requests;
    private readonly WakeUps _egress;
    private readonly ILogger _logger;
    private readonly TimeProvider _clock;

    private readonly Epoll _epoll = new(EventsPerPoll);
    private readonly Socket _listener;
    private readonly int _listenerDescriptor;

    private readonly SessionReceiver?[] _receivers;
    private readonly Stack<int> _freeSlots;
    private readonly Dictionary<ulong, AccountSessions> _sessionsOfAccount = [];
    private readonly LoginPauses _pauses;

    // Slots of sessions with input that was not taken for lack of room or of turns; each at most once.
    private readonly Queue<int> _inputLeft;

    private readonly long _second;
    private readonly long _silenceLimit;
    private readonly long _acceptPause;

    private Sweep _sweep;
    private long _now;
    private int _slotsInUse;
    private long _acceptResumesAt;
    private bool _isBackPressured;
    private bool _stopRequested;
    private bool _hasStopped;

    public SessionIngress(
        OrderEntryOptions options,
        OrderEntryConnections connections,
        OrderEntryCounters counters,
        HandOver<SessionNotice> notices,
        HandOver<SessionRequest> requests,
        WakeUps egress,
        ILogger logger)
    {
        (_options, _connections, _counters, _notices, _requests, _egress, _logger) = (options, connections, counters, notices, requests, egress, logger);
        _clock = connections.Clock;
        _second = _clock.TimestampFrequency;
        _silenceLimit = (long)SoupBinTcp.SilenceLimit.TotalSeconds * _second;
        _acceptPause = (long)AcceptPause.TotalSeconds * _second;
        _sweep = new Sweep((long)SweepPeriod.TotalMilliseconds * _second / 1_000);
        _pauses = new LoginPauses(TicksOf(options.BadSignaturePause), TicksOf(options.MaximumBadSignaturePause));
        _receivers = new SessionReceiver?[options.MaximumSessions];
        _freeSlots = new Stack<int>(Enumerable.Range(0, options.MaximumSessions).Reverse());
        _inputLeft = new Queue<int>(options.MaximumSessions);

        Idle = new EpollIdle(_epoll);
        _listener = new Socket(options.Listen.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(options.Listen);
        _listener.Listen(backlog: 512);
        _listener.Blocking = false;
        _listenerDescriptor = (int)_listener.Handle;
        _epoll.Add(_listenerDescriptor, Epoll.Readable, ListenerData);
        LocalEndPoint = (IPEndPoint)_listener.LocalEndPoint!;
    }

    public EpollIdle Idle { get; }

    public IPEndPoint LocalEndPoint { get; }

    public void RequestStop() => Volatile.Write(ref _stopRequested, true);

    public bool Poll()
    {
        if (Volatile.Read(ref _stopRequested))
            return Stop();
        _now = _clock.GetTimestamp();
        _isBackPressured = false;
        bool any = TakeRequests();
        any |= TakeInputLeft();
        any |= TakeReady();
        any |= SweepSessions();
        return any;
    }

    /// <summary>The credits of the session in a slot.</summary>
    public SessionCredits CreditsOf(int slot) => _receivers[slot]!.Credits;

    /// <summary>Closes the sockets that egress was not told to close. Only after the threads of both sides have ended.</summary>
    public void Dispose()
    {
        for (int slot = 0; slot < _slotsInUse; slot++)
        {
            if (_receivers[slot] is { IsActive: true } receiver)
                SocketCalls.Close(receiver.Descriptor);
        }

        _listener.Dispose();
        _epoll.Dispose();
    }

    private bool TakeReady()
    {
        bool any = false;
        int count = _epoll.Wait(0);
        for (int i = 0; i < count; i++)
        {
            ulong data = _epoll.Data(i);
            if (data == ListenerData)
                any |= Accept();
            else if (data != EpollIdle.WakeData && Find((int)data) is { IsActive: true } receiver)
                any |= OnReady(receiver, _epoll.Ready(i));
        }

        return any;
    }

    private bool TakeRequests()
    {
        bool any = false;
        while (_requests.TryTake(out SessionRequest request))
        {
            any = true;
            if (Find(request.Session) is not { } receiver)
                throw new InvalidOperationException($"Egress asks for {request.Kind} of session {request.Session}, which is not there.");
            switch (request.Kind)
            {
                case SessionRequestKind.Resume when receiver.IsActive && receiver.AwaitsCredit:
                    receiver.AwaitsCredit = false;
                    TakePackets(receiver);
                    break;
                case SessionRequestKind.Stop when receiver.IsActive:
                    End(receiver, EndReason.Closed, peerIsGone: false);
                    break;
                case SessionRequestKind.Offence:
                    OnOffence(receiver);
                    break;
                case SessionRequestKind.Settled:
                    Forget(receiver);
                    break;
                case SessionRequestKind.Freed:
                    receiver.Free();
                    _freeSlots.Push(SessionIds.Slot(request.Session));
                    OrderEntryCounters.Add(ref _counters.OfIngress.Connections, -1);
                    break;
            }
        }

        return any;
    }

    private long TicksOf(TimeSpan time) => (long)(time.TotalSeconds * _second);

    private SessionReceiver? Find(int session)
    {
        SessionReceiver? receiver = _receivers[SessionIds.Slot(session)];
        return receiver is not null && receiver.Id == session && receiver.State != ReceiverState.Free ? receiver : null;
    }

    private bool Accept()
    {
        for (int i = 0; i < AcceptsPerPoll; i++)
        {
            int descriptor = SocketCalls.Accept(_listenerDescriptor);
            if (descriptor < 0)
            {
                if (-descriptor is SocketCalls.OutOfDescriptors or SocketCalls.OutOfDescriptorsInSystem or SocketCalls.OutOfBuffers or SocketCalls.OutOfMemory)
                    PauseAccepting(-descriptor);
                return i > 0;
            }

            if (_freeSlots.TryPop(out int slot))
                Open(slot, descriptor);
            else
                Refuse(descriptor);
        }

        return true;
    }

    private void Open(int slot, int descriptor)
    {
        SocketCalls.Tune(descriptor, _options.SendBufferBytes);
        SessionReceiver receiver = _receivers[slot] ??= new SessionReceiver(slot);
        _slotsInUse = Math.Max(_slotsInUse, slot + 1);
        receiver.Open(descriptor, _now);
        _epoll.Add(descriptor, Epoll.Readable, (ulong)receiver.Id);
        OrderEntryCounters.Add(ref _counters.OfIngress.ConnectionsAccepted);
        OrderEntryCounters.Add(ref _counters.OfIngress.Connections);
    }

    private void Refuse(int descriptor)
    {
        SocketCalls.Close(descriptor);
        OrderEntryCounters.Add(ref _counters.OfIngress.ConnectionsRefused);
    }

    /// <summary>Without this, a connection that cannot be accepted would be reported at every poll.</summary>
    private void PauseAccepting(int error)
    {
        Log.AcceptFailed(_logger, error);
        _epoll.Modify(_listenerDescriptor, Epoll.Nothing, ListenerData);
        _acceptResumesAt = _now + _acceptPause;
    }

    private bool SweepSessions()
    {
        if (_acceptResumesAt != 0 && _now >= _acceptResumesAt)
        {
            _acceptResumesAt = 0;
            _epoll.Modify(_listenerDescriptor, Epoll.Readable, ListenerData);
        }

        bool any = false;
        for (int left = _sweep.Due(_now, _slotsInUse); left > 0; left--)
        {
            if (_receivers[_sweep.Next(_slotsInUse)] is { IsActive: true } receiver)
                any |= EndIfSilent(receiver);
        }

        return any;
    }

    /// <summary>Who is not read is not silent.</summary>
    private bool EndIfSilent(SessionReceiver receiver)
    {
        if (receiver.State == ReceiverState.Connected && _now - receiver.ConnectedAt > _silenceLimit)
            End(receiver, EndReason.LoginLate, peerIsGone: false);
        else if (!receiver.IsPaused && !receiver.IsInputOver && _now - receiver.LastReceived > _silenceLimit)
            End(receiver, EndReason.Silent, peerIsGone: false);
        return !receiver.IsActive;
    }

    /// <summary>Nothing more is accepted or received; sessions stay as they are, so that what they sent before is answered.</summary>
    private bool Stop()
    {
        if (_hasStopped)
            return false;
        _hasStopped = true;
        _epoll.Remove(_listenerDescriptor);
        _listener.Close();
        for (int slot = 0; slot < _slotsInUse; slot++)
        {
            if (_receivers[slot] is { IsActive: true, IsInputOver: false } receiver)
                _epoll.Remove(receiver.Descriptor);
        }

        return true;
    }
}
