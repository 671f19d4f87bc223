using System.Net;
using System.Net.Sockets;
using Clob.Appliance.FakeDa;

namespace Clob.Appliance;

/// <summary>Runs the stand-in data availability server as a command.</summary>
internal static class FakeDaHost
{
    /// <summary>Serves until cancelled or told to stop.</summary>
    internal static async Task<int> RunAsync(IPEndPoint listen, CancellationToken cancellation)
    {
        try
        {
            await FakeDaServer.RunAsync(listen.ToString(), options: null, cancellation).ConfigureAwait(false);
            return ExitCode.Stopped;
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            await Console.Error.WriteLineAsync(failure.Message).ConfigureAwait(false);
            return ExitCode.StartFailed;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Stopped;
        }
    }
}
