using Microsoft.Extensions.Logging;

namespace Clob.Settlement.Tests;

/// <summary>A log that keeps what it hears.</summary>
internal sealed class HeardLog : ILogger
{
    private readonly List<(LogLevel Level, int Id, string Text)> _heard = [];

    public IReadOnlyList<(LogLevel Level, int Id, string Text)> Heard
    {
        get
        {
            lock (_heard)
                return [.. _heard];
        }
    }

    public IEnumerable<string> Errors => Heard.Where(entry => entry.Level >= LogLevel.Error).Select(entry => entry.Text);

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_heard)
            _heard.Add((logLevel, eventId.Id, formatter(state, exception)));
    }
}
