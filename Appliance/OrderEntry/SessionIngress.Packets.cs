using System.Buffers;
using System.IO.Pipelines;
using Clob.Appliance.Sockets;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

internal sealed partial class SessionIngress
{
    /// <summary>Most packets of one session in a row before others have their turn.</summary>
    private const int PacketsPerTurn = 64;

    // Where a packet is put together that lies across two segments of its pipe.
    private readonly byte[] _joined = new byte[SoupBinTcp.MaximumClientPacketSize];

    /// <summary>Why taking packets stopped.</summary>
    private enum Halt
    {
        /// <summary>It has not: the packet was taken.</summary>
        No,

        /// <summary>The rest is no whole packet.</summary>
        NeedsMore,

        /// <summary>The sequencer is full, a refusal is not said yet, or the turn is over.</summary>
        LaterAgain,

        /// <summary>Too many envelopes are under way.</summary>
        NeedsCredit,

        /// <summary>The session must end, for the reason found.</summary>
        MustEnd,
    }

    private bool OnReady(SessionReceiver receiver, uint ready)
    {
        if (receiver.IsPaused)
        {
            // Only a broken connection is reported of a socket that is not watched.
            if ((ready & Epoll.Broken) == 0)
                return false;
            EndInput(receiver);
        }
        else
        {
            Receive(receiver);
        }

        if (!receiver.IsQueued && !receiver.AwaitsCredit)
            TakePackets(receiver);
        else
            PauseOrResume(receiver);
        return true;
    }

    private void Receive(SessionReceiver receiver)
    {
        PipeWriter writer = receiver.Pipe.Writer;
        Span<byte> free = writer.GetSpan();
        int room = Math.Min(free.Length, SessionReceiver.Capacity - receiver.Buffered);
        int received = SocketCalls.Receive(receiver.Descriptor, free[..room]);
        if (received > 0)
        {
            writer.Advance(received);
            receiver.Buffered += received;
            receiver.LastReceived = _now;
            OrderEntryCounters.Add(ref _counters.OfIngress.BytesReceived, received);
        }
        else if (received is not (-SocketCalls.NotNow or -SocketCalls.Interrupted))
        {
            EndInput(receiver);
        }

        ValueTask<FlushResult> flush = writer.FlushAsync();
        if (!flush.IsCompletedSuccessfully)
            throw new InvalidOperationException("A session's pipe has no threshold at which a writer would wait, yet its flush did not complete at once.");
        _ = flush.Result;
    }

    private void EndInput(SessionReceiver receiver)
    {
        receiver.IsInputOver = true;
        _epoll.Remove(receiver.Descriptor);
    }

    private bool TakeInputLeft()
    {
        bool any = false;
        for (int left = _inputLeft.Count; left > 0 && !_isBackPressured; left--)
        {
            SessionReceiver receiver = _receivers[_inputLeft.Dequeue()]!;
            receiver.IsQueued = false;
            if (receiver.IsActive && !receiver.AwaitsCredit)
                any |= TakePackets(receiver);
        }

        return any;
    }

    /// <summary>One turn of a session. Returns whether anything was taken.</summary>
    private bool TakePackets(SessionReceiver receiver)
    {
        EndReason reason = EndReason.Closed;
        Halt halt = Halt.NeedsMore;
        int taken = 0;
        if (receiver.Buffered > 0 && receiver.Pipe.Reader.TryRead(out ReadResult read))
        {
            ReadOnlySequence<byte> rest = read.Buffer;
            halt = Halt.No;
            while (halt == Halt.No)
                halt = taken == PacketsPerTurn ? Halt.LaterAgain : TakePacket(receiver, ref rest, ref taken, out reason);
            receiver.Buffered = checked((int)rest.Length);
            receiver.Pipe.Reader.AdvanceTo(rest.Start, halt == Halt.NeedsMore ? rest.End : rest.Start);
        }

        AfterTurn(receiver, halt, reason);
        return taken > 0 || !receiver.IsActive;
    }

    private void AfterTurn(SessionReceiver receiver, Halt halt, EndReason reason)
    {
        if (halt == Halt.MustEnd)
        {
            End(receiver, reason, peerIsGone: receiver.IsInputOver);
            return;
        }

        if (halt == Halt.NeedsMore && receiver.IsInputOver)
        {
            End(receiver, EndReason.Closed, peerIsGone: true);
            return;
        }

        if (halt == Halt.NeedsCredit && !AwaitCredit(receiver))
            halt = Halt.LaterAgain;
        if (halt == Halt.LaterAgain && !receiver.IsQueued)
        {
            receiver.IsQueued = true;
            _inputLeft.Enqueue(SessionIds.Slot(receiver.Id));
        }

        PauseOrResume(receiver);
    }

    /// <summary>
    /// False when credit came meanwhile. Announce, fence, look again: egress counts, fences and looks for the announcement, so one of the
    /// two sees the other.
    /// </summary>
    private static bool AwaitCredit(SessionReceiver receiver)
    {
        Interlocked.Exchange(ref receiver.Credits.IsAwaited, 1);
        if (receiver.Unacknowledged < Envelope.MaximumUnacknowledged && Interlocked.Exchange(ref receiver.Credits.IsAwaited, 0) == 1)
            return false;
        receiver.AwaitsCredit = true; // or it came and egress took the flag: its request is on the way
        return true;
    }

    private void PauseOrResume(SessionReceiver receiver)
    {
        if (receiver.IsInputOver)
            return;
        bool mustPause = receiver.Buffered >= SessionReceiver.Capacity;
        if (mustPause && !receiver.IsPaused)
        {
            receiver.IsPaused = true;
            _epoll.Modify(receiver.Descriptor, Epoll.Nothing, (ulong)receiver.Id);
        }
        else if (receiver.IsPaused && receiver.Buffered <= SessionReceiver.Capacity / 2)
        {
            receiver.IsPaused = false;
            receiver.LastReceived = _now;
            _epoll.Modify(receiver.Descriptor, Epoll.Readable, (ulong)receiver.Id);
        }
    }

    private Halt TakePacket(SessionReceiver receiver, ref ReadOnlySequence<byte> rest, ref int taken, out EndReason reason)
    {
        reason = EndReason.Closed;
        ReadOnlySpan<byte> front = rest.FirstSpan;
        SoupRead outcome = SoupBinTcp.TryRead(front, SoupBinTcp.MaximumClientPacketSize, out SoupPacketType type, out ReadOnlySpan<byte> payload, out int size);
        if (outcome == SoupRead.Incomplete && rest.Length > front.Length)
        {
            int joined = (int)Math.Min(rest.Length, _joined.Length);
            rest.Slice(0, joined).CopyTo(_joined);
            outcome = SoupBinTcp.TryRead(_joined.AsSpan(0, joined), SoupBinTcp.MaximumClientPacketSize, out type, out payload, out size);
        }

        if (outcome == SoupRead.Incomplete)
            return Halt.NeedsMore;
        Halt halt = outcome == SoupRead.BadLength ? MustEnd(EndReason.PacketLength, out reason) : OnPacket(receiver, type, payload, out reason);
        if (halt == Halt.No)
        {
            rest = rest.Slice(size);
            taken++;
        }

        return halt;
    }

    private Halt OnPacket(SessionReceiver receiver, SoupPacketType type, ReadOnlySpan<byte> payload, out EndReason reason)
    {
        reason = EndReason.Closed;
        bool isLoggedIn = receiver.State == ReceiverState.LoggedIn;
        switch (type)
        {
            case SoupPacketType.UnsequencedData when isLoggedIn:
                return OnEnvelope(receiver, payload, out reason);
            case SoupPacketType.ClientHeartbeat or SoupPacketType.Debug:
                return Halt.No;
            case SoupPacketType.LogoutRequest:
                return Halt.MustEnd;
            case SoupPacketType.LoginRequest when !isLoggedIn:
                return OnLogin(receiver, payload, out reason);
            case SoupPacketType.LoginRequest:
                return MustEnd(EndReason.LoginTwice, out reason);
            case SoupPacketType.UnsequencedData:
                return MustEnd(EndReason.LoginExpected, out reason);
            default:
                return MustEnd(EndReason.PacketType, out reason);
        }
    }

    private Halt OnEnvelope(SessionReceiver receiver, ReadOnlySpan<byte> bytes, out EndReason reason)
    {
        reason = EndReason.Closed;
        if (_isBackPressured)
            return Halt.LaterAgain;
        if (receiver.Unacknowledged >= Envelope.MaximumUnacknowledged)
            return Halt.NeedsCredit;
        if (!Envelope.TryRead(bytes, out Envelope envelope, out EnvelopeFault fault))
            return MustEnd(EndReasons.Of(fault), out reason);
        if (envelope.Account != receiver.Account)
            return MustEnd(EndReason.ForeignAccount, out reason);
        if (IsOverThrottle(receiver))
            return MustEnd(EndReason.Throttled, out reason);
        if (!_connections.Sequencer.Admits(envelope))
            return Refuse(receiver, envelope.FirstNonce);
        if (!_connections.Sequencer.TryPublish(bytes, receiver.Id))
        {
            _isBackPressured = true;
            OrderEntryCounters.Add(ref _counters.OfIngress.BackPressured);
            return Halt.LaterAgain;
        }

        receiver.Published++;
        receiver.InWindow++;
        OrderEntryCounters.Add(ref _counters.OfIngress.Envelopes);
        return Halt.No;
    }

    /// <summary>One refusal of a session is under way at a time: who does not read what it is told is not read either, so what waits for it is bounded.</summary>
    private Halt Refuse(SessionReceiver receiver, ulong firstNonce)
    {
        if (Volatile.Read(ref receiver.Credits.RefusalsSaid) < receiver.Refused)
            return Halt.LaterAgain;
        receiver.Refused++;
        receiver.InWindow++;
        OrderEntryCounters.Add(ref _counters.OfIngress.Refused);
        Notify(new SessionNotice(SessionNoticeKind.Refusal, receiver.Id, receiver.Descriptor, receiver.Account, firstNonce, Published: 0, EndReason.Closed, PeerIsGone: false));
        return Halt.No;
    }

    private bool IsOverThrottle(SessionReceiver receiver)
    {
        if (_options.MaximumEnvelopesPerSecond == 0)
            return false;
        if (_now - receiver.WindowStart >= _second)
        {
            receiver.WindowStart = _now;
            receiver.InWindow = 0;
        }

        return receiver.InWindow >= _options.MaximumEnvelopesPerSecond;
    }

    private static Halt MustEnd(EndReason found, out EndReason reason)
    {
        reason = found;
        return Halt.MustEnd;
    }
}
