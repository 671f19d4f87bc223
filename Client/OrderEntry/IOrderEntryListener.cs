using System.Threading.Channels;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>
/// Hears what the venue says. All calls come from one receive loop, one after the other; a call that takes long delays the reports behind it,
/// and one that throws ends the client with that exception.
/// </summary>
public interface IOrderEntryListener
{
    /// <summary>The next execution report of the account, in sequence, each once.</summary>
    void OnReport(in ExchangeEvent report);

    /// <summary>The venue says something for people: usually why it dropped a frame.</summary>
    void OnDebug(string text)
    {
    }

    /// <summary>
    /// An envelope was never answered while a later one was: the venue dropped it before its journal (throttled) and its nonces are gone.
    /// </summary>
    void OnUnanswered(ulong firstNonce, int commands)
    {
    }

    /// <summary>
    /// The venue takes cancels only for now and refused an envelope, of which nothing was done. It is not sent again by itself; whoever still wants it sends
    /// it anew later, with nonces of then. <see cref="OnDebug"/> has the reason. Not called for an envelope that was sent again after a reconnect:
    /// it may have been taken before the connection was lost, so it stays unacknowledged until reports tell or the next reconnect sends it once more.
    /// </summary>
    void OnRefused(ulong firstNonce, int commands)
    {
    }

    /// <summary>
    /// The connection is lost. Unless the client is ending, it connects again and resends what was not acknowledged; a login that is refused
    /// meanwhile for now (see <see cref="LoginRejectedException.IsTemporary"/>) is said by <see cref="OnDebug"/> and tried again.
    /// </summary>
    void OnDisconnected(DisconnectCause cause)
    {
    }

    /// <summary>The session goes on with this report sequence; <paramref name="resent"/> envelopes were sent again.</summary>
    void OnReconnected(ulong nextReportSequence, int resent)
    {
    }
}

/// <summary>Why a connection ended.</summary>
public enum DisconnectCause
{
    /// <summary>The venue closed it or the network failed.</summary>
    ConnectionLost,

    /// <summary>Nothing came for <see cref="SoupBinTcp.SilenceLimit"/>.</summary>
    Silence,

    /// <summary>What came is no SoupBinTCP, or no execution report, or out of sequence.</summary>
    ProtocolViolation,

    /// <summary>The venue ended the session for good.</summary>
    EndOfSession,

    /// <summary>This side closed it.</summary>
    Closed,
}

/// <summary>Puts reports into an unbounded channel, for callers who would rather wait for them than be called.</summary>
public sealed class ReportChannel : IOrderEntryListener
{
    private readonly Channel<ExchangeEvent> _reports =
        Channel.CreateUnbounded<ExchangeEvent>(new UnboundedChannelOptions { SingleWriter = true });

    /// <summary>The reports in sequence; completes when the session is over for good.</summary>
    public ChannelReader<ExchangeEvent> Reports => _reports.Reader;

    /// <inheritdoc/>
    public void OnReport(in ExchangeEvent report) => _reports.Writer.TryWrite(report);

    /// <inheritdoc/>
    public void OnDisconnected(DisconnectCause cause)
    {
        if (cause is DisconnectCause.EndOfSession or DisconnectCause.Closed)
            _reports.Writer.TryComplete();
    }
}

/// <summary>The venue refused the login.</summary>
public sealed class LoginRejectedException : Exception
{
    /// <summary>Names the reason by its code.</summary>
    /// <param name="reason">The code.</param>
    /// <param name="remark">What the venue said in words before, or null.</param>
    public LoginRejectedException(byte reason, string? remark = null)
        : base(remark is null ? Describe(reason) : $"{Describe(reason)}: {remark}") => (Reason, Remark) = (reason, remark);

    /// <summary>The reason as on the wire: <see cref="SoupBinTcp.NotAuthorized"/> or <see cref="SoupBinTcp.SessionNotAvailable"/>.</summary>
    public byte Reason { get; }

    /// <summary>What the venue said in words: such as that the account must wait because it sent bad signatures, or has too many sessions. Null when it said nothing.</summary>
    public string? Remark { get; }

    /// <summary>
    /// Whether the login may be let in later as it is: the venue says why it takes no session now, and says nothing of an account or a token
    /// that are not right.
    /// </summary>
    public bool IsTemporary => Reason == SoupBinTcp.NotAuthorized && Remark is not null;

    private static string Describe(byte reason) => reason switch
    {
        SoupBinTcp.NotAuthorized => "the venue does not know this account with this session token, or takes no further session of it now (login reject A)",
        SoupBinTcp.SessionNotAvailable => "the requested session is not this venue's (login reject S)",
        _ => $"the venue rejected the login with the unknown reason 0x{reason:x2}",
    };
}
