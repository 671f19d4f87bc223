using System.Net;
using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>
/// One TCP connection with SoupBinTCP framing, client side. Appending packets is cheap and thread-safe; whatever waits leaves in one send.
/// Receiving belongs to one loop. Knows when it last sent and received, on the given clock.
/// </summary>
internal sealed class SoupConnection : IDisposable
{
    private const int LargestServerPacket = 2 + ushort.MaxValue;

    private readonly Socket _socket;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private byte[] _waiting = new byte[16 * 1024];
    private byte[] _leaving = new byte[16 * 1024];
    private int _waitingSize;
    private bool _isSending;
    private bool _isClosed;
    private byte[] _received = new byte[64 * 1024];
    private int _receivedStart;
    private int _receivedEnd;
    private long _lastSent;
    private long _lastReceived;

    private SoupConnection(Socket socket, TimeProvider clock)
    {
        _socket = socket;
        _clock = clock;
        _lastSent = _lastReceived = clock.GetTimestamp();
    }

    /// <summary>Set when this side gave up because nothing came.</summary>
    public bool FellSilent { get; private set; }

    public static async Task<SoupConnection> ConnectAsync(EndPoint endPoint, TimeProvider clock, CancellationToken cancellation)
    {
        var socket = new Socket(endPoint.AddressFamily == AddressFamily.Unspecified ? AddressFamily.InterNetwork : endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellation).ConfigureAwait(false);
            return new SoupConnection(socket, clock);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Appends a packet to what leaves with the next flush.</summary>
    public void Append(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            SoupBinTcp.Write(Reserve(SoupBinTcp.HeadSize + payload.Length), type, payload);
        }
    }

    /// <summary>Appends a frame that has its head already.</summary>
    public void Append(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            frame.CopyTo(Reserve(frame.Length));
        }
    }

    /// <summary>
    /// Sends what waits. When another caller is sending, it takes this along and the call returns at once.
    /// A failed send closes the connection, which the receive loop notices.
    /// </summary>
    public async ValueTask FlushAsync()
    {
        while (TryTakeWaiting(out var leaving))
        {
            try
            {
                while (!leaving.IsEmpty)
                    leaving = leaving[await _socket.SendAsync(leaving, SocketFlags.None).ConfigureAwait(false)..];
                Volatile.Write(ref _lastSent, _clock.GetTimestamp());
            }
            catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
            {
                Close();
            }

            lock (_gate)
            {
                _isSending = false;
            }
        }
    }

    /// <summary>Waits for bytes; false when the connection is over.</summary>
    public async ValueTask<bool> ReceiveAsync(CancellationToken cancellation)
    {
        MakeRoom();
        try
        {
            int count = await _socket.ReceiveAsync(_received.AsMemory(_receivedEnd), SocketFlags.None, cancellation).ConfigureAwait(false);
            _receivedEnd += count;
            Volatile.Write(ref _lastReceived, _clock.GetTimestamp());
            return count > 0;
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Takes the next packet received; its payload is valid until the next receive.</summary>
    public SoupRead TryTake(out SoupPacketType type, out ReadOnlySpan<byte> payload)
    {
        var read = SoupBinTcp.TryRead(_received.AsSpan(_receivedStart, _receivedEnd - _receivedStart), LargestServerPacket, out type, out payload, out int size);
        if (read == SoupRead.Complete)
            _receivedStart += size;
        return read;
    }

    /// <summary>To be called a few times per heartbeat interval: sends a heartbeat when due, closes a connection whose peer is silent.</summary>
    public void KeepAlive()
    {
        if (_clock.GetElapsedTime(Volatile.Read(ref _lastReceived)) >= SoupBinTcp.SilenceLimit)
        {
            FellSilent = true;
            Close();
        }
        else if (_clock.GetElapsedTime(Volatile.Read(ref _lastSent)) >= SoupBinTcp.HeartbeatInterval)
        {
            Append(SoupPacketType.ClientHeartbeat, default);
            _ = FlushAsync().AsTask();
        }
    }

    /// <summary>Ends the connection; a pending receive returns.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
        }

        _socket.Dispose();
    }

    public void Dispose() => Close();

    private Span<byte> Reserve(int size)
    {
        if (_waiting.Length - _waitingSize < size)
            Array.Resize(ref _waiting, Math.Max(_waiting.Length * 2, _waitingSize + size));
        var room = _waiting.AsSpan(_waitingSize, size);
        _waitingSize += size;
        return room;
    }

    private bool TryTakeWaiting(out ReadOnlyMemory<byte> leaving)
    {
        leaving = default;
        lock (_gate)
        {
            if (_isSending || _waitingSize == 0 || _isClosed)
                return false;
            (_waiting, _leaving) = (_leaving, _waiting);
            leaving = _leaving.AsMemory(0, _waitingSize);
            _waitingSize = 0;
            return _isSending = true;
        }
    }

    private void MakeRoom()
    {
        if (_receivedStart > 0)
        {
            _received.AsSpan(_receivedStart, _receivedEnd - _receivedStart).CopyTo(_received);
            _receivedEnd -= _receivedStart;
            _receivedStart = 0;
        }

        if (_receivedEnd == _received.Length)
            Array.Resize(ref _received, Math.Min(_received.Length * 2, LargestServerPacket));
    }
}
