using Clob.Appliance.Sockets;

namespace Clob.Appliance.MarketData;

/// <summary>
/// Sends datagrams without holding up the thread that trading shares: a full queue is waited for at most once between two calls of
/// <see cref="BeginTurn"/>, and not at all in turns after a datagram was lost until one is taken again. One thread.
/// </summary>
/// <param name="descriptor">A datagram socket with a send timeout, which is the longest wait.</param>
/// <param name="address">Where to, as the system writes it.</param>
internal struct DatagramSender(int descriptor, byte[] address)
{
    private bool _hasWaited;
    private bool _isLosing;

    /// <summary>How often a full queue was waited for.</summary>
    public long Waits { get; private set; }

    /// <summary>A new turn, in which one wait is allowed again.</summary>
    public void BeginTurn() => _hasWaited = false;

    /// <summary>Sends one; its size, or a negative error: it is lost.</summary>
    public int Send(ReadOnlySpan<byte> datagram)
    {
        int result = SocketCalls.SendDatagram(descriptor, datagram, address, mayWait: false);
        if (result == -SocketCalls.NotNow && !_hasWaited && !_isLosing)
        {
            _hasWaited = true;
            Waits++;
            result = SocketCalls.SendDatagram(descriptor, datagram, address, mayWait: true);
        }

        _isLosing = result < 0;
        return result;
    }
}
