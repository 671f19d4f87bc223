using Clob.Appliance.Diagnostics;
using Clob.Appliance.Sockets;

namespace Clob.Appliance.OrderEntry;

internal sealed partial class SessionEgress
{
    /// <summary>Room for the longest last packet of a session.</summary>
    private const int LastPacketSize = 256;

    /// <summary>Most bytes of a lingering peer that are thrown away at one look.</summary>
    private const int DiscardSize = 16 * 1024;

    /// <summary>
    /// How long a socket stays half open after the last packet. Closing it while the peer's bytes are unread would reset the connection and
    /// could take the last packet from the peer.
    /// </summary>
    private static readonly TimeSpan LingerLimit = TimeSpan.FromSeconds(2);

    private void OnReceiveEnded(in SessionNotice notice)
    {
        SessionSender sender = Find(notice.Session) ?? Open(notice);
        sender.IsReceiveEnded = true;
        sender.IsPeerGone = notice.PeerIsGone;
        sender.Published = notice.Published;
        if (sender.State == SenderState.Open)
            BeginClosing(sender, notice.Reason, closeAt: sender.Cursor);
        else if (sender.State is SenderState.Dead || (sender.State == SenderState.Lingering && sender.IsPeerGone))
            Close(sender);
        SettleIfDone(sender);
    }

    /// <summary>Reports below <paramref name="closeAt"/> still go out, then the last packet.</summary>
    private void BeginClosing(SessionSender sender, EndReason reason, ulong closeAt)
    {
        sender.State = SenderState.Closing;
        sender.Reason = reason;
        sender.CloseAt = closeAt;
        sender.CloseBy = _now + _silenceLimit;
        Queue(sender);
    }

    /// <summary>A closing session with nothing left to frame.</summary>
    private void CloseIfSaid(SessionSender sender)
    {
        if (sender.State != SenderState.Closing || !sender.IsLastFramed)
            return;
        LeaveAccount(sender);
        SocketCalls.EndSending(sender.Descriptor);
        sender.State = SenderState.Lingering;
        sender.CloseBy = _now + _lingerLimit;
        if (!sender.IsReceiveEnded)
            return;
        if (sender.IsPeerGone)
            Close(sender);
        else
            SettleIfDone(sender);
    }

    /// <summary>The connection is gone or too slow: what was to be sent is not.</summary>
    private void Abandon(SessionSender sender)
    {
        LeaveAccount(sender);
        SocketCalls.EndBoth(sender.Descriptor);
        sender.State = SenderState.Dead;
        if (sender.IsReceiveEnded)
            Close(sender);
        else
            Request(SessionRequestKind.Stop, sender.Id);
    }

    /// <summary>Both sides are done with the socket: only now may its number become another's. The slot stays until the session is settled.</summary>
    private void Close(SessionSender sender)
    {
        LeaveAccount(sender);
        DropUnsent(sender);
        if (sender.IsBlocked)
            _blocked--;
        sender.IsBlocked = false;
        sender.IsQueued = false;
        sender.IsListed = false;
        SocketCalls.Close(sender.Descriptor); // leaves the set of awaited sockets by itself
        sender.State = SenderState.Settling;
        if (sender.IsSettled)
            Free(sender);
        else
            SettleIfDone(sender);
    }

    private void Free(SessionSender sender)
    {
        int session = sender.Id;
        _lingering.Remove(SessionIds.Slot(session));
        sender.Id = 0;
        sender.State = SenderState.Free;
        Request(SessionRequestKind.Freed, session);
    }

    /// <summary>
    /// Settles a session that is over when its envelopes are done and the archive is not being read for it. That it counts against its account
    /// until then bounds what the account has under way however often it reconnects; and its slot is held, so a bad signature always finds
    /// the session that sent it. A settled one that still has its socket only lingers.
    /// </summary>
    private void SettleIfDone(SessionSender sender)
    {
        if (sender.IsSettled || sender.WantsReports || sender.Completed < sender.Published || sender.Read is { State: ArchiveReadState.UnderWay })
            return;
        sender.IsSettled = true;
        sender.Read = null;
        if (sender.State != SenderState.Settling && sender.Account != 0)
            Linger(sender);
        Request(SessionRequestKind.Settled, sender.Id);
        if (sender.State == SenderState.Settling)
            Free(sender);
    }

    /// <summary>
    /// Lets a session wait for its peer to go. When too many of its account do, the one that has waited longest is reset: a slow peer may miss
    /// its last packet, but keeps nobody out, and an account holds no more slots however often it comes back. A reset, for a close would leave
    /// the kernel with what was not sent.
    /// </summary>
    private void Linger(SessionSender sender)
    {
        if (_lingering.Count(sender.Account) == _mostLingering)
        {
            SessionSender oldest = _senders[_lingering.Oldest(sender.Account)]!;
            OrderEntryCounters.Add(ref _counters.OfEgress.LingeringReset);
            SocketCalls.ResetAtClose(oldest.Descriptor);
            Close(oldest);
        }

        _lingering.Add(SessionIds.Slot(sender.Id), sender.Account);
    }

    private void LeaveAccount(SessionSender sender)
    {
        if (!sender.IsOfAccount)
            return;
        int slot = SessionIds.Slot(sender.Id);
        ref AccountStream stream = ref _streams[sender.Account];
        ref int link = ref stream.FirstSession;
        while (link != slot + 1)
            link = ref _senders[link - 1]!.NextOfAccount;
        link = sender.NextOfAccount;
        sender.IsOfAccount = false;
    }

    private bool SweepSessions()
    {
        bool any = false;
        for (int left = _sweep.Due(_now, _slotsInUse); left > 0; left--)
        {
            if (_senders[_sweep.Next(_slotsInUse)] is { Id: not 0 } sender)
                any |= Look(sender);
        }

        return any;
    }

    private bool Look(SessionSender sender)
    {
        if (sender.IsReceiveEnded)
            SettleIfDone(sender); // the archive does not tell
        switch (sender.State)
        {
            case SenderState.Open or SenderState.Closing when sender.IsBlocked && _now - sender.BlockedSince > _silenceLimit:
                OrderEntryCounters.Add(ref _counters.OfEgress.Slow);
                Log.SessionTooSlow(_logger, sender.Id, sender.Account, sender.Cursor);
                Abandon(sender);
                return true;
            case SenderState.Closing when _now > sender.CloseBy:
                Abandon(sender);
                return true;
            case SenderState.Open when !sender.IsBlocked && _now - sender.LastSent >= _heartbeatInterval:
                sender.OwesHeartbeat = true;
                Queue(sender);
                return true;
            case SenderState.Lingering when sender.IsReceiveEnded:
                return LookAtLingering(sender);
            case SenderState.Free:
                return true;
            default:
                return false;
        }
    }

    private bool LookAtLingering(SessionSender sender)
    {
        int discarded = SocketCalls.Receive(sender.Descriptor, _batch.AsSpan(0, DiscardSize));
        if (discarded > 0 ? _now < sender.CloseBy : IsNotNow(discarded) && _now < sender.CloseBy)
            return discarded > 0;
        Close(sender);
        return true;
    }
}
