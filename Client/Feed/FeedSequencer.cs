using System.Text;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>Hears the feed in sequence. All calls come one after the other; a message is passed once and never after a later one.</summary>
public interface IFeedSubscriber
{
    /// <summary>The next message.</summary>
    void OnMessage(ulong sequence, in FeedMessage message);

    /// <summary>Messages that are lost for good: the next one has the sequence <paramref name="first"/> + <paramref name="count"/>.</summary>
    void OnGap(ulong first, ulong count)
    {
    }

    /// <summary>A session begins for this subscriber at this sequence; above 1 it joined late, and books are incomplete without a snapshot.</summary>
    void OnSession(string session, ulong nextSequence)
    {
    }

    /// <summary>The venue is alive and the next message will have this sequence.</summary>
    void OnHeartbeat(ulong nextSequence)
    {
    }

    /// <summary>The session is over for good.</summary>
    void OnEndOfSession()
    {
    }
}

/// <summary>
/// Where missing messages come from, such as a retransmission server. What it gets back it passes to <see cref="FeedSequencer.OnPacket"/>
/// on the thread that receives the feed.
/// </summary>
public interface IGapRecovery
{
    /// <summary>Asks for messages; false when they are not to be had, and then the gap is final.</summary>
    bool TryRequest(string session, ulong first, ulong count);
}

/// <summary>
/// Puts MoldUDP64 packets in order: passes each message once, drops what came before, and at a gap either asks for what is missing and
/// holds back what came early, or reports the gap and goes on. No I/O; not thread-safe.
/// </summary>
public sealed class FeedSequencer
{
    /// <summary>Most packets held back while a gap is being filled; when more come, the gap is given up.</summary>
    public const int MaximumHeldPackets = 1024;

    private readonly IFeedSubscriber _subscriber;
    private readonly IGapRecovery? _recovery;
    private readonly byte[]? _wantedSession;
    private readonly SortedDictionary<ulong, byte[]> _held = [];
    private readonly byte[] _session = new byte[MoldUdp64.SessionSize];
    private bool _hasSession;
    private ulong _requestedThrough;

    /// <summary>Delivers to <paramref name="subscriber"/>.</summary>
    /// <param name="subscriber">Hears the feed.</param>
    /// <param name="recovery">Fills gaps; null when a gap is final.</param>
    /// <param name="session">The session to follow, 10 characters; null for whichever was heard last.</param>
    /// <exception cref="ArgumentException">The session has not 10 characters.</exception>
    public FeedSequencer(IFeedSubscriber subscriber, IGapRecovery? recovery = null, string? session = null)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (session is not null && session.Length != MoldUdp64.SessionSize)
            throw new ArgumentException($"a session name has {MoldUdp64.SessionSize} characters, not {session.Length}", nameof(session));
        _subscriber = subscriber;
        _recovery = recovery;
        _wantedSession = session is null ? null : Encoding.ASCII.GetBytes(session);
    }

    /// <summary>Sequence of the next message to pass on; 0 before the first packet.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Whether the session ended for good.</summary>
    public bool IsEnded { get; private set; }

    /// <summary>Packets that are no MoldUDP64.</summary>
    public long MalformedPackets { get; private set; }

    /// <summary>Packets of other sessions than the wanted one.</summary>
    public long ForeignPackets { get; private set; }

    /// <summary>Messages in good packets that are no feed message; their sequence is passed over.</summary>
    public long MalformedMessages { get; private set; }

    /// <summary>Messages that came again and were dropped.</summary>
    public long DuplicateMessages { get; private set; }

    /// <summary>Messages lost for good; stays at the highest value of 64 bits once there.</summary>
    public ulong LostMessages { get; private set; }

    /// <summary>Takes a datagram, of the feed or of a retransmission. Never throws for what is in it.</summary>
    public void OnPacket(ReadOnlySpan<byte> datagram)
    {
        if (!MoldUdp64.TryRead(datagram, out var packet) || packet.Sequence == 0 || packet.Sequence > ulong.MaxValue - ushort.MaxValue)
        {
            MalformedPackets++;
            return;
        }

        if (_wantedSession is not null && !packet.SessionBytes.SequenceEqual(_wantedSession))
        {
            ForeignPackets++;
            return;
        }

        FollowSession(packet);
        Take(packet, datagram);
        TakeHeld();
    }

    private void FollowSession(in MoldUdp64Packet packet)
    {
        if (_hasSession && packet.SessionBytes.SequenceEqual(_session))
            return;
        packet.SessionBytes.CopyTo(_session);
        _hasSession = true;
        _held.Clear();
        _requestedThrough = 0;
        IsEnded = false;
        NextSequence = packet.Sequence;
        _subscriber.OnSession(packet.Session, packet.Sequence);
    }

    private void Take(MoldUdp64Packet packet, ReadOnlySpan<byte> datagram)
    {
        if (packet.Sequence > NextSequence && TryHold(packet, datagram))
            return;
        if (packet.Sequence > NextSequence)
            GiveUp(packet.Sequence);
        if (packet.IsEndOfSession)
        {
            if (!IsEnded)
                _subscriber.OnEndOfSession();
            IsEnded = true;
        }
        else if (packet.Count == 0)
        {
            _subscriber.OnHeartbeat(packet.Sequence);
        }
        else
        {
            PassOn(packet);
        }
    }

    private void PassOn(MoldUdp64Packet packet)
    {
        for (ulong sequence = packet.Sequence; packet.TryNext(out var bytes); sequence++)
        {
            if (sequence < NextSequence)
            {
                DuplicateMessages++;
                continue;
            }

            NextSequence = sequence + 1;
            if (FeedMessage.TryRead(bytes, out var message))
                _subscriber.OnMessage(sequence, message);
            else
                MalformedMessages++;
        }
    }

    /// <summary>Asks for what is missing, once per gap, and keeps a packet that came early.</summary>
    private bool TryHold(in MoldUdp64Packet packet, ReadOnlySpan<byte> datagram)
    {
        if (_recovery is null || (_held.Count >= MaximumHeldPackets && !_held.ContainsKey(packet.Sequence)))
            return false;
        ulong first = Math.Max(NextSequence, _requestedThrough);
        if (packet.Sequence > first && !_recovery.TryRequest(packet.Session, first, packet.Sequence - first))
            return false;
        _requestedThrough = Math.Max(_requestedThrough, packet.Sequence);
        if (packet.Count is > 0 and not MoldUdp64.EndOfSession)
        {
            _held[packet.Sequence] = datagram.ToArray();
            _requestedThrough = Math.Max(_requestedThrough, packet.Sequence + packet.Count);
        }

        return true;
    }

    /// <summary>The gap up to <paramref name="next"/> is final, except for what is held of it.</summary>
    private void GiveUp(ulong next)
    {
        while (NextSequence < next)
        {
            ulong end = next;
            foreach (ulong held in _held.Keys)
            {
                end = Math.Min(end, held);
                break;
            }

            if (end > NextSequence)
            {
                ulong first = NextSequence;
                NextSequence = end;
                // Nobody lost so many; whoever forges sequences of several sessions says so.
                LostMessages += Math.Min(end - first, ulong.MaxValue - LostMessages);
                _subscriber.OnGap(first, end - first);
            }

            TakeHeld();
        }
    }

    private void TakeHeld()
    {
        while (_held.Count > 0)
        {
            var (sequence, datagram) = _held.First();
            if (sequence > NextSequence)
                return;
            _held.Remove(sequence);
            MoldUdp64.TryRead(datagram, out var packet);
            PassOn(packet);
        }
    }
}
