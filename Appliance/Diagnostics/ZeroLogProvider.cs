using Microsoft.Extensions.Logging;
using ZeroLog;
using ZeroLog.Appenders;
using ZeroLog.Configuration;
using ZeroLog.Formatting;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Clob.Appliance.Diagnostics;

/// <summary>The log's provider with <c>-p:UseZeroLogPackage=true</c>: ZeroLog 2, UTF-8 to standard error, formatted and written by its own thread.</summary>
internal static class LoggingProvider
{
    /// <summary>Adds the provider.</summary>
    internal static void AddTo(ILoggingBuilder logging) => logging.Services.AddSingleton<ILoggerProvider, ZeroLogLoggerProvider>();

    private sealed class ZeroLogLoggerProvider : ILoggerProvider
    {
        private readonly IDisposable _initialized = LogManager.Initialize(new ZeroLogConfiguration
        {
            RootLogger =
            {
                Appenders = { new StandardError { Formatter = new DefaultFormatter { PrefixPattern = @"%date %{time:hh\:mm\:ss\.fff} %level %logger: " } } },
            },
        });

        public ILogger CreateLogger(string categoryName) => new ZeroLogLogger(LogManager.GetLogger(LogCategory.Short(categoryName)));

        // What was logged so far is written before this returns.
        public void Dispose() => _initialized.Dispose();
    }

    private sealed class ZeroLogLogger(ZeroLog.Log log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => log.IsEnabled(LevelOf(logLevel));

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                log.ForLevel(LevelOf(logLevel)).Append(formatter(state, exception)).WithException(exception).Log();
        }

        // The values of the two enumerations are the same (ZeroLog's LogLevel says so).
        private static ZeroLog.LogLevel LevelOf(LogLevel level) => (ZeroLog.LogLevel)level;
    }

    private sealed class StandardError : StreamAppender
    {
        public StandardError() => Stream = Console.OpenStandardError();
    }
}
