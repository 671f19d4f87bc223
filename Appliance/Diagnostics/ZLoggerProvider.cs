using Microsoft.Extensions.Logging;
using ZLogger;

namespace Clob.Appliance.Diagnostics;

/// <summary>The log's provider: ZLogger, UTF-8 to standard error, formatted and written by its own thread.</summary>
internal static class LoggingProvider
{
    /// <summary>Adds the provider.</summary>
    internal static void AddTo(ILoggingBuilder logging) => logging.AddZLoggerConsole(options =>
    {
        // Standard output holds the one line that says the venue is ready; a program that waits for it needs no filter.
        options.LogToStandardErrorThreshold = LogLevel.Trace;
        options.UsePlainTextFormatter(formatter => formatter.SetPrefixFormatter($"{0:utc-longdate} {1:short} {2}: ",
            (in MessageTemplate template, in LogInfo entry) => template.Format(entry.Timestamp, entry.LogLevel, LogCategory.Short(entry.Category.Name))));
    });
}
