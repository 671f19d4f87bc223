using System.Net;
using System.Net.Sockets;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// Stands between clients and the venue and passes bytes on, until a connection has had as many, in one direction or the other, as were drawn for it: then both
/// ends are reset in the middle of whatever was under way.
/// </summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private const int MostBytes = 40_000; // a few envelopes, a few dozen reports

    private readonly IPEndPoint _venue;
    private readonly Random _random;
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _accepting;
    private int _cuts;

    public CuttingProxy(IPEndPoint venue, int seed)
    {
        _venue = venue;
        _random = new Random(seed);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where clients connect.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Connections cut so far.</summary>
    public int Cuts => Volatile.Read(ref _cuts);

    /// <summary>Whether connections are cut; those that were made before it was set to false go on.</summary>
    public volatile bool IsCutting = true;

    /// <summary>What may pass in a connection before it is cut, to the venue and back; null to draw it.</summary>
    public (long ToVenue, long ToClient)? Budget { get; set; }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync(_ending.Token).ConfigureAwait(false);
                connections.Add(PassAsync(client, Budget ?? Draw()));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections).ConfigureAwait(false);
        }
    }

    private (long, long) Draw() => (_random.Next(MostBytes), _random.Next(MostBytes));

    private async Task PassAsync(Socket client, (long ToVenue, long ToClient) budget)
    {
        var venue = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await venue.ConnectAsync(_venue, _ending.Token).ConfigureAwait(false);
            await Task.WhenAny(PassAsync(client, venue, budget.ToVenue), PassAsync(venue, client, budget.ToClient)).ConfigureAwait(false);
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException)
        {
            // nobody is there, as while the venue starts again
        }

        Reset(client);
        Reset(venue);
    }

    private async Task PassAsync(Socket from, Socket to, long budget)
    {
        byte[] buffer = new byte[4096];
        try
        {
            while (true)
            {
                int count = await from.ReceiveAsync(buffer, _ending.Token).ConfigureAwait(false);
                if (count == 0)
                    return;
                int passed = IsCutting ? (int)Math.Min(count, budget) : count;
                budget -= passed;
                for (int sent = 0; sent < passed;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, passed - sent), _ending.Token).ConfigureAwait(false);
                if (passed == count)
                    continue;
                Interlocked.Increment(ref _cuts);
                return;
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the other direction is over, or all is
        }
    }

    /// <summary>Without the goodbye of an orderly close: what is not read yet is gone.</summary>
    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // gone already
        }

        socket.Dispose();
    }
}
