using System.Net;
using System.Net.Sockets;
using System.Text;
using Clob.Appliance.Diagnostics;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.MarketData;

/// <summary>
/// Publishes market data as MoldUDP64 over UDP: packs the messages that are ready into as few packets as possible, since a packet costs the
/// same whatever its size. A packet the system does not take is lost like one lost on the way: subscribers see the gap. Belongs to the egress thread.
/// </summary>
public sealed class FeedPublisher : IFeed, IDisposable
{
    /// <summary>A subscriber hears something at least this often.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a full send queue may hold up egress once between two flushes before the packet counts as lost, milliseconds.</summary>
    private const int SendTimeoutMilliseconds = 10;

    private readonly IFeedEncoding _encoding;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Socket _socket;
    private readonly byte[] _session;
    private readonly byte[] _packet;
    private readonly byte[] _message;
    private readonly long _heartbeatInterval;

    private DatagramSender _sender;
    private int _size = MoldUdp64.HeadSize;
    private ushort _count;
    private ulong _nextSequence;
    private long _lastSent;
    private bool _isFailing;

    /// <summary>A feed that goes on with <paramref name="nextSequence"/>.</summary>
    /// <param name="options">Where and how to send.</param>
    /// <param name="encoding">How events become messages.</param>
    /// <param name="sessionName">10 characters, see <see cref="MoldUdp64.SessionName"/>.</param>
    /// <param name="nextSequence">Feed sequence of the next event, at least 1.</param>
    /// <param name="clock">The clock of heartbeats.</param>
    /// <param name="logger">For the first of a run of failures.</param>
    /// <exception cref="ArgumentException">An option, the name or the sequence is out of range.</exception>
    /// <exception cref="SocketException">The interface does not exist.</exception>
    public FeedPublisher(FeedOptions options, IFeedEncoding encoding, string sessionName, ulong nextSequence, TimeProvider clock, ILogger<FeedPublisher> logger)
    {
        options.Validate(encoding);
        ArgumentOutOfRangeException.ThrowIfZero(nextSequence);
        if (sessionName.Length != MoldUdp64.SessionSize)
            throw new ArgumentException($"A session name has {MoldUdp64.SessionSize} characters, not {sessionName.Length}.", nameof(sessionName));
        (_encoding, _clock, _logger, _nextSequence) = (encoding, clock, logger, nextSequence);
        _session = Encoding.ASCII.GetBytes(sessionName);
        _packet = new byte[options.MaximumPayload];
        _message = new byte[encoding.MaximumMessageSize];
        _heartbeatInterval = (long)HeartbeatInterval.TotalSeconds * clock.TimestampFrequency;
        _lastSent = clock.GetTimestamp() - _heartbeatInterval; // the first flush tells subscribers where the feed stands
        _socket = CreateSocket(options);
        SocketAddress address = options.Group.Serialize();
        _sender = new DatagramSender((int)_socket.Handle, address.Buffer[..address.Size].ToArray());
    }

    /// <summary>What was sent so far.</summary>
    public FeedCounters Counters { get; } = new();

    /// <summary>Feed sequence of the next event.</summary>
    public ulong NextSequence => _nextSequence;

    /// <inheritdoc/>
    /// <remarks>Its message joins the packet in hand, which is sent before when the message does not fit.</remarks>
    public void Publish(in ExchangeEvent happened)
    {
        if (happened.FeedSequence != _nextSequence)
            throw new InvalidOperationException($"The feed expects message {_nextSequence} next and was given {happened.FeedSequence} of record {happened.RecordSequence}.");
        int size = _encoding.Encode(happened, _message);
        if (_size + MoldUdp64.MessageHeadSize + size > _packet.Length || _count == MoldUdp64.EndOfSession - 1)
            Send(_clock.GetTimestamp());
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(_packet.AsSpan(_size), (ushort)size);
        _message.AsSpan(0, size).CopyTo(_packet.AsSpan(_size + MoldUdp64.MessageHeadSize));
        _size += MoldUdp64.MessageHeadSize + size;
        _count++;
        _nextSequence++;
    }

    /// <inheritdoc/>
    public bool Flush()
    {
        long now = _clock.GetTimestamp();
        _sender.BeginTurn();
        if (_count == 0 && now - _lastSent < _heartbeatInterval)
            return false;
        Send(now);
        return true;
    }

    /// <summary>Closes the socket. Says nothing: after a restart the same session goes on.</summary>
    public void Dispose() => _socket.Dispose();

    /// <summary>Sends the packet in hand; without a message in it, it is a heartbeat that names the next sequence.</summary>
    private void Send(long now)
    {
        MoldUdp64.WriteHead(_packet, _session, _nextSequence - _count, _count);
        int result = _sender.Send(_packet.AsSpan(0, _size));
        if (result >= 0)
            Counters.Sent(_count, _size);
        else
            Counters.Lost(_count);
        Counters.Waited(_sender.Waits);
        if (result < 0 != _isFailing)
            LogChange(-result);
        _lastSent = now;
        _size = MoldUdp64.HeadSize;
        _count = 0;
    }

    private void LogChange(int error)
    {
        _isFailing = !_isFailing;
        if (_isFailing)
            Log.FeedSendFailed(_logger, error);
        else
            Log.FeedSendResumed(_logger, Counters.LostPackets);
    }

    private static Socket CreateSocket(FeedOptions options)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            SendBufferSize = options.SendBufferBytes,
            SendTimeout = SendTimeoutMilliseconds,
            MulticastLoopback = true,
        };
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, options.Interface.GetAddressBytes());
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, options.TimeToLive);
        return socket;
    }
}
