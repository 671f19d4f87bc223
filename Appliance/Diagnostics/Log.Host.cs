using Microsoft.Extensions.Logging;

namespace Clob.Appliance.Diagnostics;

/// <summary>Every message of the host: numbers 100 to 199. Nothing is logged per order.</summary>
internal static partial class Log
{
    [LoggerMessage(100, LogLevel.Information, "data under {Directory}, held by process {ProcessId}")]
    public static partial void DataDirectory(ILogger logger, string directory, int processId);

    [LoggerMessage(101, LogLevel.Information, "created the keys {OperatorKey} and {LogKey}: back them up apart from the data")]
    public static partial void KeysCreated(ILogger logger, string operatorKey, string logKey);

    [LoggerMessage(102, LogLevel.Information, "HTTP listens on {Address}; administration {Administration}")]
    public static partial void HttpListens(ILogger logger, string address, string administration);

    [LoggerMessage(103, LogLevel.Information, "{Cores} cores: threads {Threads}, {Verifiers} verifier(s), wait {WaitStrategy}")]
    public static partial void ThreadsChosen(ILogger logger, int cores, string threads, int verifiers, string waitStrategy);

    [LoggerMessage(104, LogLevel.Information, "defined {Assets} asset(s) and {Markets} market(s) of the settings: the first start of venue {Venue}")]
    public static partial void VenueDefined(ILogger logger, int assets, int markets, string venue);

    [LoggerMessage(105, LogLevel.Warning, "the settings differ from the venue and change nothing: {Difference}")]
    public static partial void VenueDiffers(ILogger logger, string difference);

    [LoggerMessage(106, LogLevel.Information, "ready: venue {Venue}, sequence {Sequence}, recovered in {Milliseconds} ms")]
    public static partial void Ready(ILogger logger, string venue, ulong sequence, long milliseconds);

    [LoggerMessage(107, LogLevel.Information, "stopping: draining what was accepted")]
    public static partial void Stopping(ILogger logger);

    [LoggerMessage(108, LogLevel.Information, "stopped at sequence {Sequence}")]
    public static partial void Stopped(ILogger logger, ulong sequence);

    [LoggerMessage(109, LogLevel.Critical, "the start failed")]
    public static partial void StartFailed(ILogger logger, Exception failure);

    [LoggerMessage(110, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void RequestFailed(ILogger logger, Exception failure, string method, string path);
}
