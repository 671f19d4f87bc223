using System.Net;

namespace Clob.Appliance;

/// <summary>Runs the stand-in data availability server as a command.</summary>
internal static class FakeDaHost
{
    /// <summary>Serves until cancelled.</summary>
    internal static Task<int> RunAsync(IPEndPoint listen, CancellationToken cancellation)
    {
        Console.Error.WriteLine($"fake-da is not part of this build (it would listen on {listen})");
        return Task.FromResult(ExitCode.StartFailed);
    }
}
