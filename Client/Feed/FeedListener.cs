using System.Net;
using System.Net.Sockets;

namespace Clob.Client;

/// <summary>Where the market data is sent.</summary>
public sealed record FeedOptions
{
    /// <summary>Multicast group and port.</summary>
    public IPEndPoint Group { get; init; } = new(IPAddress.Parse("239.255.42.1"), 26400);

    /// <summary>Address of the interface that receives it.</summary>
    public IPAddress Interface { get; init; } = IPAddress.Loopback;

    /// <summary>Receive buffer of the socket, bytes: what the kernel keeps while the subscriber is busy (it may grant less).</summary>
    public int ReceiveBufferSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>
    /// Session to listen to, from <see cref="ApplianceHttpClient.GetVenueAsync"/>; what others send to the group is passed over. Null follows
    /// whichever session was heard last.
    /// </summary>
    public string? Session { get; init; }

    /// <summary>Where missing messages come from; null when a gap is final.</summary>
    public IGapRecovery? Recovery { get; init; }
}

/// <summary>Joins the multicast group and passes the feed to a subscriber, in sequence, from one thread of its own.</summary>
public sealed class FeedListener : IDisposable
{
    private const int LargestDatagram = 64 * 1024;

    private readonly Socket _socket;
    private readonly Thread _receiver;
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isEnding;

    /// <summary>Joins and starts to listen.</summary>
    /// <exception cref="SocketException">The port or group cannot be had.</exception>
    public FeedListener(IFeedSubscriber subscriber, FeedOptions? options = null)
    {
        options ??= new FeedOptions();
        Sequencer = new FeedSequencer(subscriber, options.Recovery, options.Session);
        _socket = Join(options);
        _receiver = new Thread(Receive) { IsBackground = true, Name = "feed" };
        _receiver.Start();
    }

    /// <summary>What came so far; its counters are the receiving thread's, read elsewhere they may lag.</summary>
    public FeedSequencer Sequencer { get; }

    /// <summary>Completes when listening ended; faults with what the subscriber threw.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Leaves the group and waits for the last call to the subscriber to return, unless it is that call.</summary>
    public void Dispose()
    {
        _isEnding = true;
        _socket.Dispose();
        if (Thread.CurrentThread != _receiver)
            _receiver.Join();
    }

    private static Socket Join(FeedOptions options)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.ReceiveBufferSize = options.ReceiveBufferSize;
            // bound to the group, the socket hears nothing else that is sent to the port
            socket.Bind(options.Group);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(options.Group.Address, options.Interface));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Receive()
    {
        byte[] datagram = new byte[LargestDatagram];
        try
        {
            while (!_isEnding)
                Sequencer.OnPacket(datagram.AsSpan(0, _socket.Receive(datagram)));
        }
        catch (Exception failure) when (_isEnding && failure is SocketException or ObjectDisposedException)
        {
            // disposed
        }
        catch (Exception failure)
        {
            _completion.TrySetException(failure);
            return;
        }

        _completion.TrySetResult();
    }
}
