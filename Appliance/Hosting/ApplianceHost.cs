using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Clob.Appliance.Diagnostics;
using Clob.Engine;
using Clob.Journal;
using Clob.Settlement;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>
/// The life of the process: lock the data, answer HTTP, load the keys, recover the venue, run until asked to stop, stop. Each step in order, in one place;
/// whatever fails before the line that says "ready" ends the process with one message.
/// </summary>
internal sealed class ApplianceHost
{
    private readonly ApplianceSettings _settings;
    private readonly DataLayout _layout;
    private readonly VenueAccess _access = new();
    private readonly VenueMetrics _metrics = new();

    private ApplianceHost(ApplianceSettings settings)
    {
        _settings = settings;
        _layout = new DataLayout(settings.Data.Directory);
    }

    /// <summary>Runs the appliance and gives the exit status.</summary>
    /// <param name="settings">Checked settings.</param>
    /// <param name="cancellation">Asks for a stop, as SIGINT and SIGTERM do.</param>
    internal static async Task<int> RunAsync(ApplianceSettings settings, CancellationToken cancellation)
    {
        try
        {
            return await new ApplianceHost(settings).RunAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (IsForeseen(failure))
        {
            await Console.Error.WriteLineAsync(MessageOf(failure)).ConfigureAwait(false);
            return ExitCode.StartFailed;
        }
    }

    private async Task<int> RunAsync(CancellationToken cancellation)
    {
        using var held = DirectoryLock.Acquire(_layout.Root);
        var app = HttpServer.Build(_settings, _access, _metrics);
        await using (app.ConfigureAwait(false))
        {
            var log = app.Services.GetRequiredService<ILogger<ApplianceHost>>();
            Log.DataDirectory(log, _layout.Root, Environment.ProcessId);
            await ListenAsync(app, cancellation).ConfigureAwait(false); // first of all that fails easily: a taken port leaves nothing behind
            using var keys = VenueKeys.LoadOrCreate(_layout);
            if (keys.AreNew)
                Log.KeysCreated(log, _layout.OperatorKey, _layout.LogKey);
            var address = HttpServer.EndpointOf(app);
            Log.HttpListens(log, address.ToString(), _settings.Http.AdminToken is null ? "without a token" : "by token");
            return await RunVenueAsync(app, keys, address, log, cancellation).ConfigureAwait(false);
        }
    }

    private async Task ListenAsync(WebApplication app, CancellationToken cancellation)
    {
        try
        {
            await app.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            throw new StartFailedException($"Http:Listen holds '{_settings.Http.Listen}', where this process cannot listen: {failure.GetBaseException().Message}", failure);
        }
    }

    private async Task<int> RunVenueAsync(WebApplication app, VenueKeys keys, IPEndPoint address, ILogger log, CancellationToken cancellation)
    {
        var lifetime = app.Lifetime;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, lifetime.ApplicationStopping);
        long started = Stopwatch.GetTimestamp();
        var venue = await Venue.OpenAsync(_settings, _layout, keys, _metrics, app.Services.GetRequiredService<ILoggerFactory>()).ConfigureAwait(false);
        await using (venue.ConfigureAwait(false))
        {
            _access.Open(venue);
            string id = Convert.ToHexStringLower(venue.VenueId.Span[..4]);
            Log.Ready(log, id, venue.Sequence, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            await Console.Out.WriteLineAsync(ReadyLine(venue, address, id)).ConfigureAwait(false);
            await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);

            Log.Stopping(log);
            _access.Close();
            await app.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await venue.StopAsync().ConfigureAwait(false);
            Log.Stopped(log, venue.Sequence);
        }

        return ExitCode.Stopped;
    }

    private string ReadyLine(IVenue venue, IPEndPoint address, string id) =>
        $"ready: HTTP http://{address}, order entry {venue.OrderEntryEndpoint}, market data {_settings.MarketData.Group} on {_settings.MarketData.Interface}, "
        + $"venue {id}, data {_layout.Root}, sequence {venue.Sequence}";

    // What an operator can cause or cure: the message says it all. Anything else is a bug and shows its stack.
    private static bool IsForeseen(Exception failure) =>
        failure is IOException or InvalidDataException or UnauthorizedAccessException or SocketException or OperationCanceledException
            or StartFailedException or CancelsOnlyException or ReplayRefusedException or InvariantViolationException or CheckpointMismatchException;

    private static string MessageOf(Exception failure) =>
        failure is OperationCanceledException ? "stopped before the venue was ready" : failure.Message;
}
