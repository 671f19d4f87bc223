using Clob.Appliance.Diagnostics;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

internal sealed partial class SessionIngress
{
    private Halt OnLogin(SessionReceiver receiver, ReadOnlySpan<byte> payload, out EndReason reason)
    {
        reason = EndReason.Closed;
        bool isAuthorized = SoupLogin.TryRead(payload, out SoupLogin login)
            && login.Account != 0 // the operator has no sessions
            && _connections.AccountExists(login.Account)
            && _connections.Tokens.Verify(login.Account, login.Token)
            && _sessionsOfAccount.GetValueOrDefault(login.Account) < _options.MaximumSessionsPerAccount;
        if (!isAuthorized)
            return MustEnd(EndReason.NotAuthorized, out reason);
        if (login.Session.Length > 0 && login.Session != _connections.SessionName)
            return MustEnd(EndReason.SessionNotAvailable, out reason);

        receiver.State = ReceiverState.LoggedIn;
        receiver.Account = login.Account;
        _sessionsOfAccount[login.Account] = _sessionsOfAccount.GetValueOrDefault(login.Account) + 1;
        OrderEntryCounters.Add(ref _counters.OfIngress.LoginsAccepted);
        OrderEntryCounters.Add(ref _counters.OfIngress.Sessions);
        Log.SessionStarted(_logger, receiver.Id, login.Account, login.Sequence);
        _connections.Observer.OnSessionStarted(login.Account);
        Notify(new SessionNotice(receiver.Id, receiver.Descriptor, IsLogin: true, login.Account, login.Sequence, EndReason.Closed, PeerIsGone: false));
        return Halt.No;
    }

    /// <summary>Ingress is done with the session; egress says the last word and closes the socket.</summary>
    private void End(SessionReceiver receiver, EndReason reason, bool peerIsGone)
    {
        if (!receiver.IsInputOver)
            _epoll.Remove(receiver.Descriptor);
        bool wasLoggedIn = receiver.State == ReceiverState.LoggedIn;
        receiver.State = ReceiverState.Ended;
        receiver.Buffered = 0;
        receiver.Pipe.Writer.Complete();
        receiver.Pipe.Reader.Complete();
        receiver.Pipe.Reset();
        Count(reason);
        Notify(new SessionNotice(receiver.Id, receiver.Descriptor, IsLogin: false, receiver.Account, Sequence: 0, reason, peerIsGone));
        if (!wasLoggedIn)
        {
            Log.ConnectionEnded(_logger, receiver.Id, reason);
            return;
        }

        Log.SessionEnded(_logger, receiver.Id, receiver.Account, reason);
        Leave(receiver.Account);
    }

    private void Leave(ulong account)
    {
        OrderEntryCounters.Add(ref _counters.OfIngress.Sessions, -1);
        int left = _sessionsOfAccount[account] - 1;
        if (left > 0)
        {
            _sessionsOfAccount[account] = left;
            return;
        }

        _sessionsOfAccount.Remove(account);
        _connections.Observer.OnLastSessionEnded(account);
    }

    private void Notify(in SessionNotice notice)
    {
        _notices.Put(notice);
        _egress.Signal();
    }

    private void Count(EndReason reason)
    {
        ref OrderEntryCounters.Ingress counters = ref _counters.OfIngress;
        if (reason is EndReason.NotAuthorized or EndReason.SessionNotAvailable)
            OrderEntryCounters.Add(ref counters.LoginsRejected);
        else if (reason is EndReason.Silent or EndReason.LoginLate)
            OrderEntryCounters.Add(ref counters.Silent);
        else if (reason == EndReason.ForeignAccount)
            OrderEntryCounters.Add(ref counters.ForeignAccount);
        else if (reason == EndReason.Throttled)
            OrderEntryCounters.Add(ref counters.Throttled);
        else if (EndReasons.IsMalformed(reason))
            OrderEntryCounters.Add(ref counters.Malformed);
    }
}
