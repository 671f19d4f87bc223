using System.Net;
using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// Keeps every market data message by its sequence, through kills and restarts, and notices what no subscriber may see: two contents under one sequence, a
/// sequence that goes back, another session.
/// </summary>
internal sealed class FeedRecorder : IDisposable
{
    private readonly Socket _socket;
    private readonly Thread _receiver;
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, byte[]> _messages = [];
    private readonly List<string> _faults = [];
    private string? _session;
    private ulong _next;
    private long _heartbeats;

    public FeedRecorder(IPEndPoint group)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 8 * 1024 * 1024 };
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _socket.Bind(group);
        _socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group.Address, IPAddress.Loopback));
        _receiver = new Thread(Receive) { IsBackground = true, Name = "feed recorder" };
        _receiver.Start();
    }

    /// <summary>What must not be.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_gate)
                return [.. _faults];
        }
    }

    /// <summary>All messages by sequence.</summary>
    public IReadOnlyDictionary<ulong, byte[]> Messages
    {
        get
        {
            lock (_gate)
                return new Dictionary<ulong, byte[]>(_messages);
        }
    }

    /// <summary>Waits for a heartbeat from now on, so that something of the running process was heard; gives the next sequence.</summary>
    public async Task<ulong> WaitForHeartbeatAsync()
    {
        long before = Interlocked.Read(ref _heartbeats);
        using var limit = new CancellationTokenSource(ProgramProcess.Patience);
        while (Interlocked.Read(ref _heartbeats) == before)
            await Task.Delay(20, limit.Token).ConfigureAwait(false);
        lock (_gate)
            return _next;
    }

    /// <summary>Takes a packet as if it had been received.</summary>
    public void OnPacket(ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (!MoldUdp64.TryRead(datagram, out var packet))
            {
                _faults.Add($"{datagram.Length} bytes that are no packet");
                return;
            }

            if (_session is not null && _session != packet.Session)
                _faults.Add($"session {packet.Session} after {_session}");
            _session = packet.Session;
            if (packet.Sequence < _next)
                _faults.Add($"sequence {packet.Sequence} after {_next - 1}");
            ulong sequence = packet.Sequence;
            while (packet.TryNext(out var message))
                Keep(sequence++, message);
            _next = Math.Max(_next, sequence);
            if (packet.Count == 0)
                Interlocked.Increment(ref _heartbeats);
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _receiver.Join();
    }

    private void Keep(ulong sequence, ReadOnlySpan<byte> message)
    {
        if (_messages.TryGetValue(sequence, out byte[]? known) && !message.SequenceEqual(known))
            _faults.Add($"message {sequence} was {Convert.ToHexString(known)} and is {Convert.ToHexString(message)}");
        _messages.TryAdd(sequence, message.ToArray());
    }

    private void Receive()
    {
        byte[] datagram = new byte[64 * 1024];
        try
        {
            while (true)
                OnPacket(datagram.AsSpan(0, _socket.Receive(datagram)));
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }
}
