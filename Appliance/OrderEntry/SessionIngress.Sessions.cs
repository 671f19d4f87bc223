using System.Runtime.InteropServices;
using Clob.Appliance.Diagnostics;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

internal sealed partial class SessionIngress
{
    /// <summary>Sessions of one account.</summary>
    private struct AccountSessions
    {
        /// <summary>Logged in.</summary>
        public int Open;

        /// <summary>Over, but not settled: envelopes, or a read of the archive, are under way.</summary>
        public int Unsettled;

        /// <summary>One of those that ended since the account last had none open had sent an envelope.</summary>
        public bool HavePublished;

        /// <summary>The newest generation of the token by which one logged in. Limits count its sessions alone: who stole the former token and holds sessions locks nobody out.</summary>
        public uint Generation;

        /// <summary>Of those logged in, by the token of that generation.</summary>
        public int OpenByToken;

        /// <summary>Of those not settled, by the token of that generation.</summary>
        public int UnsettledByToken;
    }

    private Halt OnLogin(SessionReceiver receiver, ReadOnlySpan<byte> payload, out EndReason reason)
    {
        reason = EndReason.Closed;
        uint generation = 0;
        bool isAuthorized = SoupLogin.TryRead(payload, out SoupLogin login)
            && login.Account != 0 // the operator has no sessions
            && _connections.AccountExists(login.Account)
            && _connections.Tokens.Verify(login.Account, login.Token, out generation);
        if (!isAuthorized)
            return MustEnd(EndReason.NotAuthorized, out reason);
        if (!HasRoomFor(login.Account, generation))
            return MustEnd(EndReason.TooManySessions, out reason);
        if (login.Session.Length > 0 && login.Session != _connections.SessionName)
            return MustEnd(EndReason.SessionNotAvailable, out reason);
        if (!_pauses.TryPass(login.Account, generation, _now))
            return MustEnd(EndReason.LoginPaused, out reason);

        receiver.State = ReceiverState.LoggedIn;
        receiver.Account = login.Account;
        receiver.TokenGeneration = generation;
        Enter(login.Account, generation);
        OrderEntryCounters.Add(ref _counters.OfIngress.LoginsAccepted);
        OrderEntryCounters.Add(ref _counters.OfIngress.Sessions);
        Log.SessionStarted(_logger, receiver.Id, login.Account, login.Sequence);
        _connections.Observer.OnSessionStarted(login.Account);
        Notify(new SessionNotice(SessionNoticeKind.Login, receiver.Id, receiver.Descriptor, login.Account, login.Sequence, Published: 0, EndReason.Closed, PeerIsGone: false));
        return Halt.No;
    }

    /// <summary>
    /// Sessions that are over count apart, so that who comes back at once finds room; but they count until they are settled, for else who
    /// reconnects faster than signatures are checked had no limit to what is under way. Whether their peers have gone is not asked: that is
    /// up to others, and costs a slot, of which egress lets an account have so many.
    /// </summary>
    private bool HasRoomFor(ulong account, uint generation)
    {
        AccountSessions sessions = _sessionsOfAccount.GetValueOrDefault(account);
        return sessions.Generation != generation
            || (sessions.OpenByToken < _options.MaximumSessionsPerAccount && sessions.UnsettledByToken < _options.MaximumSessionsPerAccount);
    }

    private void Enter(ulong account, uint generation)
    {
        ref AccountSessions sessions = ref CollectionsMarshal.GetValueRefOrAddDefault(_sessionsOfAccount, account, out _);
        if (sessions.Generation != generation)
            (sessions.Generation, sessions.OpenByToken, sessions.UnsettledByToken) = (generation, 0, 0);
        sessions.Open++;
        sessions.OpenByToken++;
    }

    private void OnOffence(SessionReceiver receiver)
    {
        Log.BadSignature(_logger, receiver.Id, receiver.Account);
        _pauses.Note(receiver.Account, receiver.TokenGeneration, _now);
        if (receiver.IsActive)
            End(receiver, EndReason.Closed, peerIsGone: false);
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
        Notify(new SessionNotice(SessionNoticeKind.End, receiver.Id, receiver.Descriptor, receiver.Account, Sequence: 0, receiver.Published, reason, peerIsGone));
        if (!wasLoggedIn)
        {
            Log.ConnectionEnded(_logger, receiver.Id, reason);
            return;
        }

        Log.SessionEnded(_logger, receiver.Id, receiver.Account, reason);
        Leave(receiver);
    }

    private void Leave(SessionReceiver receiver)
    {
        OrderEntryCounters.Add(ref _counters.OfIngress.Sessions, -1);
        ref AccountSessions sessions = ref CollectionsMarshal.GetValueRefOrNullRef(_sessionsOfAccount, receiver.Account);
        sessions.Open--;
        sessions.Unsettled++;
        sessions.HavePublished |= receiver.Published > 0;
        if (sessions.Generation == receiver.TokenGeneration)
        {
            sessions.OpenByToken--;
            sessions.UnsettledByToken++;
        }

        if (sessions.Open > 0)
            return;
        _connections.Observer.OnLastSessionEnded(receiver.Account, sessions.HavePublished);
        sessions.HavePublished = false;
    }

    /// <summary>A session that is over counts no more.</summary>
    private void Forget(SessionReceiver receiver)
    {
        if (receiver.Account == 0)
            return; // it never logged in
        ref AccountSessions sessions = ref CollectionsMarshal.GetValueRefOrNullRef(_sessionsOfAccount, receiver.Account);
        if (sessions.Generation == receiver.TokenGeneration)
            sessions.UnsettledByToken--;
        if (--sessions.Unsettled == 0 && sessions.Open == 0)
            _sessionsOfAccount.Remove(receiver.Account);
    }

    private void Notify(in SessionNotice notice)
    {
        _notices.Put(notice);
        _egress.Signal();
    }

    private void Count(EndReason reason)
    {
        ref OrderEntryCounters.Ingress counters = ref _counters.OfIngress;
        if (reason is EndReason.NotAuthorized or EndReason.SessionNotAvailable or EndReason.LoginPaused or EndReason.TooManySessions)
            OrderEntryCounters.Add(ref counters.LoginsRejected);
        if (reason == EndReason.LoginPaused)
            OrderEntryCounters.Add(ref counters.LoginsPaused);
        if (reason == EndReason.TooManySessions)
            OrderEntryCounters.Add(ref counters.LoginsOverLimit);
        if (reason is EndReason.Silent or EndReason.LoginLate)
            OrderEntryCounters.Add(ref counters.Silent);
        else if (reason == EndReason.ForeignAccount)
            OrderEntryCounters.Add(ref counters.ForeignAccount);
        else if (reason == EndReason.Throttled)
            OrderEntryCounters.Add(ref counters.Throttled);
        else if (EndReasons.IsMalformed(reason))
            OrderEntryCounters.Add(ref counters.Malformed);
    }
}
