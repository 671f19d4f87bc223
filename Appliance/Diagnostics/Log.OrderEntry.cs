using Clob.Appliance.OrderEntry;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.Diagnostics;

internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Information, "Session {Session} of account {Account} logged in and wants reports from {Sequence} (0: only new ones)")]
    public static partial void SessionStarted(ILogger logger, int session, ulong account, ulong sequence);

    [LoggerMessage(201, LogLevel.Information, "Session {Session} of account {Account} ended: {Reason}")]
    public static partial void SessionEnded(ILogger logger, int session, ulong account, EndReason reason);

    [LoggerMessage(202, LogLevel.Debug, "Connection {Session} ended before a login: {Reason}")]
    public static partial void ConnectionEnded(ILogger logger, int session, EndReason reason);

    [LoggerMessage(203, LogLevel.Warning, "Session {Session} of account {Account} took nothing for too long and is dropped; it can come back for reports from {Sequence}")]
    public static partial void SessionTooSlow(ILogger logger, int session, ulong account, ulong sequence);

    [LoggerMessage(204, LogLevel.Error, "The report archive failed for account {Account} from report {Sequence}; the session that asked is dropped")]
    public static partial void ArchiveFailed(ILogger logger, ulong account, ulong sequence, Exception failure);

    [LoggerMessage(205, LogLevel.Error, "No connection can be accepted for a while: error {Error} (23, 24: too few file descriptors)")]
    public static partial void AcceptFailed(ILogger logger, int error);

    [LoggerMessage(206, LogLevel.Warning, "Session {Session} of account {Account} sent a bad signature and is closed; further ones make logins of the account wait")]
    public static partial void BadSignature(ILogger logger, int session, ulong account);

    [LoggerMessage(300, LogLevel.Error, "A market data packet could not be sent: error {Error}; subscribers see a gap. Further failures are counted, not logged, until one is sent again")]
    public static partial void FeedSendFailed(ILogger logger, int error);

    [LoggerMessage(301, LogLevel.Information, "Market data packets are sent again; {Lost} were lost so far")]
    public static partial void FeedSendResumed(ILogger logger, long lost);
}
