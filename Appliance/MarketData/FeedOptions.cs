using System.Net;
using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.Appliance.MarketData;

/// <summary>Settings of the market data feed.</summary>
public sealed record FeedOptions
{
    /// <summary>Largest UDP payload of IPv4.</summary>
    public const int LargestPayload = 65_507;

    /// <summary>Where packets go: a multicast group, or one host.</summary>
    public IPEndPoint Group { get; init; } = new(IPAddress.Parse("239.255.42.1"), 26_400);

    /// <summary>The address of the interface to send multicast on.</summary>
    public IPAddress Interface { get; init; } = IPAddress.Loopback;

    /// <summary>How many routers a multicast packet may pass, 0 to 255.</summary>
    public int TimeToLive { get; init; } = 1;

    /// <summary>Most bytes of a packet's UDP payload. The default fits an Ethernet frame with room for tunnels.</summary>
    public int MaximumPayload { get; init; } = 1_400;

    /// <summary>Bytes the kernel may queue for sending (it may be configured to grant less).</summary>
    public int SendBufferBytes { get; init; } = 4 << 20;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside of its range; names it.</exception>
    /// <exception cref="ArgumentException">Group and interface are of different address families, or not IPv4.</exception>
    public void Validate(IFeedEncoding encoding)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(TimeToLive);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(TimeToLive, byte.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumPayload, MoldUdp64.HeadSize + MoldUdp64.MessageHeadSize + encoding.MaximumMessageSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumPayload, LargestPayload);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendBufferBytes, 4_096);
        if (Group.AddressFamily != AddressFamily.InterNetwork || Interface.AddressFamily != AddressFamily.InterNetwork)
            throw new ArgumentException($"The feed's group {Group} and interface {Interface} must be IPv4 addresses.");
    }
}

/// <summary>What the feed has sent since the start. Written by the egress thread, read by any.</summary>
public sealed class FeedCounters
{
    private long _packets;
    private long _heartbeats;
    private long _messages;
    private long _bytes;
    private long _lostPackets;
    private long _waits;

    /// <summary>Packets with messages that were sent.</summary>
    public long Packets => Volatile.Read(ref _packets);

    /// <summary>Heartbeats sent.</summary>
    public long Heartbeats => Volatile.Read(ref _heartbeats);

    /// <summary>Messages published, also those of lost packets.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>UDP payload bytes sent.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Packets and heartbeats the system did not take.</summary>
    public long LostPackets => Volatile.Read(ref _lostPackets);

    /// <summary>How often egress waited for room in the system's send queue.</summary>
    public long Waits => Volatile.Read(ref _waits);

    internal void Waited(long waits) => Volatile.Write(ref _waits, waits);

    internal void Sent(int messages, int bytes)
    {
        ref long kind = ref messages == 0 ? ref _heartbeats : ref _packets;
        Volatile.Write(ref kind, kind + 1);
        Volatile.Write(ref _messages, _messages + messages);
        Volatile.Write(ref _bytes, _bytes + bytes);
    }

    internal void Lost(int messages)
    {
        Volatile.Write(ref _lostPackets, _lostPackets + 1);
        Volatile.Write(ref _messages, _messages + messages);
    }
}
