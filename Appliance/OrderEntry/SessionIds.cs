namespace Clob.Appliance.OrderEntry;

/// <summary>
/// Session ids: <c>generation (15 bits) · slot (16 bits)</c>, positive and never 0. A slot is used again by another session under another
/// generation, so what still refers to the former one is recognised.
/// </summary>
internal static class SessionIds
{
    private const int SlotBits = 16;
    private const int MaximumGeneration = (1 << 15) - 1;

    public static int Slot(int session) => session & ((1 << SlotBits) - 1);

    public static int First(int slot) => 1 << SlotBits | slot;

    public static int Next(int session) =>
        session >> SlotBits == MaximumGeneration ? First(Slot(session)) : session + (1 << SlotBits);
}

/// <summary>What ingress tells egress about a session.</summary>
internal enum SessionNoticeKind
{
    /// <summary>It logged in.</summary>
    Login,

    /// <summary>An envelope of it was refused, which its client is to be told.</summary>
    Refusal,

    /// <summary>Ingress is done with it.</summary>
    End,
}

/// <summary>A notice of ingress.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Session">The session.</param>
/// <param name="Descriptor">Its socket, which egress closes.</param>
/// <param name="Account">Login: the account.</param>
/// <param name="Sequence">Login: the wanted report sequence. Refusal: the envelope's first nonce.</param>
/// <param name="Published">End: envelopes it handed to the sequencer.</param>
/// <param name="Reason">End: why.</param>
/// <param name="PeerIsGone">End: nothing more can come from the peer, so there is nothing to wait for before closing.</param>
internal readonly record struct SessionNotice(SessionNoticeKind Kind, int Session, int Descriptor, ulong Account, ulong Sequence, long Published, EndReason Reason, bool PeerIsGone);

/// <summary>What egress tells ingress about a session.</summary>
internal enum SessionRequestKind
{
    /// <summary>There is room under the limit of unacknowledged envelopes again.</summary>
    Resume,

    /// <summary>Take no more input of it; answered by the notice of its end unless that is under way.</summary>
    Stop,

    /// <summary>An envelope of it had a bad signature, for the first time: as <see cref="Stop"/>, and it counts against its account. Also of a session that ended.</summary>
    Offence,

    /// <summary>It is over, its envelopes are done and the archive is not read for it: it no longer counts against its account.</summary>
    Settled,

    /// <summary>It is settled and its socket is closed: the slot is free.</summary>
    Freed,
}

/// <summary>A request of egress.</summary>
internal readonly record struct SessionRequest(SessionRequestKind Kind, int Session);

/// <summary>What both sides of a session share: how many of its envelopes are done, and how many refusals were said.</summary>
internal sealed class SessionCredits
{
    /// <summary>Envelopes completed before the first with a bad signature; written by egress.</summary>
    public long Completed;

    /// <summary>1 while ingress waits for <see cref="Completed"/> to rise; whoever turns it back resumes the session.</summary>
    public int IsAwaited;

    /// <summary>Refused envelopes of which the client was told; written by egress.</summary>
    public long RefusalsSaid;
}

/// <summary>
/// Spreads a look at all sessions over time: all are visited once a period, a few at a time, so that no poll pays for all of them.
/// </summary>
internal struct Sweep(long period)
{
    private const int MostAtOnce = 256;

    private long _last;
    private int _position;

    /// <summary>How many sessions to look at now.</summary>
    public int Due(long now, int count)
    {
        long elapsed = Math.Min(now - _last, period);
        long due = elapsed * count / period;
        if (due == 0)
            return 0;
        _last = now;
        return (int)Math.Min(due, MostAtOnce);
    }

    /// <summary>The next one to look at.</summary>
    public int Next(int count) => _position = (_position + 1) % count;
}
