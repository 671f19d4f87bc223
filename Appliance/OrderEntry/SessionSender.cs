namespace Clob.Appliance.OrderEntry;

/// <summary>Where a session's next report comes from.</summary>
internal enum ReportSource : byte
{
    /// <summary>From the recent reports, by position; or it has them all.</summary>
    Recent,

    /// <summary>Its cursor is being looked for among the recent reports, from the newest back.</summary>
    Seeking,

    /// <summary>From the archive.</summary>
    Archive,
}

/// <summary>How far a session is on its send side.</summary>
internal enum SenderState : byte
{
    /// <summary>Its slot is free.</summary>
    Free,

    /// <summary>Reports are sent.</summary>
    Open,

    /// <summary>Reports up to a sequence are sent, then the last packet.</summary>
    Closing,

    /// <summary>All is sent; the peer may read it before the socket is closed.</summary>
    Lingering,

    /// <summary>Nothing can be sent; only ingress must say that it is done.</summary>
    Dead,

    /// <summary>The socket is closed; envelopes of the session, or a read of the archive for it, are still under way.</summary>
    Settling,
}

/// <summary>The send side of one session, owned by egress. One object serves all sessions of a slot, one after the other.</summary>
internal sealed class SessionSender
{
    /// <summary>The session, 0 while the slot is free.</summary>
    public int Id;

    public int Descriptor;

    public SenderState State;

    /// <summary>0 for a session that never logged in.</summary>
    public ulong Account;

    /// <summary>It is among its account's sessions that hear of new reports.</summary>
    public bool IsOfAccount;

    /// <summary>Slot + 1 of the account's next session, 0 for none.</summary>
    public int NextOfAccount;

    /// <summary>Sequence of the next report to frame.</summary>
    public ulong Cursor;

    public ReportSource Source;

    /// <summary>Recent: position of the report at the cursor, 0 while there is none. Seeking: the position looked at.</summary>
    public long Position;

    /// <summary>Archive: the oldest sequence that was among the recent reports when the cursor was looked for.</summary>
    public ulong RecentFrom;

    /// <summary>Archive: the read under way or being sent.</summary>
    public ArchiveRead? Read;

    /// <summary>Archive: bytes of the read framed so far.</summary>
    public int ReadFramed;

    /// <summary>Archive: when to ask again, as the last read found nothing; 0 for at once.</summary>
    public long ReadNotBefore;

    /// <summary>The login is to be answered.</summary>
    public bool OwesLoginAccepted;

    /// <summary>The client is to be told that an envelope of it was refused.</summary>
    public bool OwesRefusal;

    /// <summary>The first nonce of that envelope.</summary>
    public ulong RefusedNonce;

    /// <summary>A heartbeat is to be sent unless there is something else.</summary>
    public bool OwesHeartbeat;

    /// <summary>What the socket did not take; rented while there is some.</summary>
    public byte[]? Unsent;

    public int UnsentStart;

    public int UnsentEnd;

    /// <summary>The socket takes nothing now; its readiness is awaited.</summary>
    public bool IsBlocked;

    /// <summary>Since when it takes nothing, counted again from every byte taken; 0 while it is not blocked.</summary>
    public long BlockedSince;

    /// <summary>The socket is in the set whose readiness to take more is awaited.</summary>
    public bool IsWatched;

    /// <summary>When something was last sent.</summary>
    public long LastSent;

    /// <summary>It waits in the queue of sessions to send to.</summary>
    public bool IsQueued;

    /// <summary>It is in the list of sessions that catch up.</summary>
    public bool IsListed;

    /// <summary>Ingress is done with it.</summary>
    public bool IsReceiveEnded;

    /// <summary>Nothing more can come from the peer.</summary>
    public bool IsPeerGone;

    /// <summary>Envelopes that are done.</summary>
    public long Completed;

    /// <summary>Envelopes in all, known once ingress is done with it.</summary>
    public long Published;

    /// <summary>It is over, and nothing that costs is under way for it; ingress was told.</summary>
    public bool IsSettled;

    /// <summary>One of its envelopes had a bad signature.</summary>
    public bool HasOffended;

    /// <summary>Closing: reports below this are sent before the end.</summary>
    public ulong CloseAt;

    /// <summary>Closing: what the last packet says.</summary>
    public EndReason Reason;

    /// <summary>Closing: the last packet is framed.</summary>
    public bool IsLastFramed;

    /// <summary>Closing and lingering: when patience ends.</summary>
    public long CloseBy;

    public bool HasUnsent => UnsentEnd > UnsentStart;

    /// <summary>Whether reports are still framed for it. Once they are not, they never will be.</summary>
    public bool WantsReports => State == SenderState.Open || (State == SenderState.Closing && Cursor < CloseAt);

    /// <summary>Begins a session in a free slot.</summary>
    public void Open(int session, int descriptor, ulong account, long now)
    {
        Id = session;
        Descriptor = descriptor;
        State = SenderState.Open;
        Account = account;
        IsOfAccount = false;
        NextOfAccount = 0;
        Cursor = 0;
        Source = ReportSource.Recent;
        Position = 0;
        RecentFrom = 0;
        Read = null;
        ReadFramed = 0;
        ReadNotBefore = 0;
        OwesLoginAccepted = false;
        OwesRefusal = false;
        RefusedNonce = 0;
        OwesHeartbeat = false;
        UnsentStart = UnsentEnd = 0;
        IsBlocked = false;
        BlockedSince = 0;
        IsWatched = false;
        LastSent = now;
        IsQueued = false;
        IsListed = false;
        IsReceiveEnded = false;
        IsPeerGone = false;
        Completed = 0;
        Published = 0;
        IsSettled = false;
        HasOffended = false;
        CloseAt = 0;
        Reason = EndReason.Closed;
        IsLastFramed = false;
        CloseBy = 0;
    }
}
