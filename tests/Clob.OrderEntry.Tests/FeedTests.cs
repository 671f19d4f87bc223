using System.Net;
using System.Net.Sockets;
using Clob.Appliance.MarketData;
using Clob.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clob.OrderEntry.Tests;

public sealed class FeedTests
{
    private const string Session = "AAAAAAA001";
    private readonly byte[] _packet = new byte[65_536];
    private ManualClock _clock = null!;
    private Socket _subscriber = null!;
    private FeedOptions _options = null!;

    [SetUp]
    public void SetUp()
    {
        _clock = new ManualClock();
        IPAddress group = IPAddress.Parse("239.255.42.77");
        _subscriber = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 2_000 };
        _subscriber.Bind(new IPEndPoint(IPAddress.Any, 0));
        _subscriber.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.AddMembership, new MulticastOption(group, IPAddress.Loopback));
        _options = new FeedOptions { Group = new IPEndPoint(group, ((IPEndPoint)_subscriber.LocalEndPoint!).Port) };
    }

    [TearDown]
    public void TearDown() => _subscriber.Dispose();

    [Test]
    public void Packs_what_is_ready_into_one_packet_with_the_sequence_of_its_first_message()
    {
        using FeedPublisher feed = Create(next: 41);
        for (ulong i = 41; i <= 45; i++)
            feed.Publish(Deleted(i));
        Assert.That(feed.Flush());
        Assert.That(Read(), Is.EqualTo((41UL, 5, Session)));
        Assert.That(feed.Flush(), Is.False);
        Assert.That(feed.NextSequence, Is.EqualTo(46));
        Assert.That(feed.Counters.Messages, Is.EqualTo(5));
    }

    [Test]
    public void Fills_packets_up_to_the_largest_payload_and_not_beyond()
    {
        using FeedPublisher feed = Create(next: 1);
        int perPacket = (1_400 - MoldUdp64.HeadSize) / (MoldUdp64.MessageHeadSize + 19);
        for (ulong i = 1; i <= 200; i++)
            feed.Publish(Deleted(i));
        feed.Flush();
        ulong next = 1;
        while (next <= 200)
        {
            int expected = (int)Math.Min((ulong)perPacket, 201 - next);
            Assert.That(Read(), Is.EqualTo((next, expected, Session)));
            next += (ulong)expected;
        }
    }

    [Test]
    public void Sends_messages_that_decode_to_what_happened()
    {
        using FeedPublisher feed = Create(next: 1);
        feed.Publish(new ExchangeEvent { Kind = EventKind.Rested, FeedSequence = 1, Market = 3, Time = 99, OrderId = 7, Side = (byte)Side.Sell, Quantity = 5, Price = 11 });
        feed.Flush();
        int size = _subscriber.Receive(_packet);
        Assert.That(MoldUdp64.TryRead(_packet.AsSpan(0, size), out MoldUdp64Packet packet));
        Assert.That(packet.TryNext(out ReadOnlySpan<byte> bytes));
        Assert.That(FeedMessage.TryRead(bytes, out FeedMessage message));
        Assert.That(message, Is.EqualTo(new FeedMessage { Verb = FeedVerb.Add, Market = 3, Time = 99, OrderId = 7, Side = Side.Sell, Quantity = 5, Price = 11 }));
    }

    [Test]
    public void Shows_where_it_stands_at_the_start_and_after_every_silent_second()
    {
        using FeedPublisher feed = Create(next: 1_000);
        Assert.That(feed.Flush());
        Assert.That(Read(), Is.EqualTo((1_000UL, 0, Session)));
        Assert.That(feed.Flush(), Is.False);
        _clock.Advance(TimeSpan.FromSeconds(0.5));
        feed.Publish(Deleted(1_000));
        feed.Flush();
        Assert.That(Read(), Is.EqualTo((1_000UL, 1, Session)));
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        Assert.That(feed.Flush(), Is.False);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.That(feed.Flush());
        Assert.That(Read(), Is.EqualTo((1_001UL, 0, Session)));
        Assert.That(feed.Counters.Heartbeats, Is.EqualTo(2));
    }

    [Test]
    public void A_gap_in_what_is_published_breaks_an_invariant()
    {
        using FeedPublisher feed = Create(next: 10);
        feed.Publish(Deleted(10));
        Assert.That(() => feed.Publish(Deleted(10)), Throws.InvalidOperationException);
        Assert.That(() => feed.Publish(Deleted(12)), Throws.InvalidOperationException.With.Message.Contains("expects message 11"));
        Assert.That(() => feed.Publish(Deleted(0)), Throws.InvalidOperationException);
        feed.Publish(Deleted(11));
    }

    [Test]
    public void A_packet_the_system_refuses_is_counted_and_the_feed_goes_on()
    {
        // Sending to a broadcast address without permission fails at once.
        _options = _options with { Group = new IPEndPoint(IPAddress.Broadcast, 9) };
        using FeedPublisher feed = Create(next: 1);
        for (ulong i = 1; i <= 3; i++)
        {
            feed.Publish(Deleted(i));
            feed.Flush();
        }

        Assert.That(feed.Counters.LostPackets, Is.EqualTo(3));
        Assert.That(feed.Counters.Packets, Is.Zero);
        Assert.That(feed.NextSequence, Is.EqualTo(4));
    }

    [TestCase(10)]
    [TestCase(70_000)]
    public void Refuses_a_payload_out_of_range(int payload)
    {
        _options = _options with { MaximumPayload = payload };
        Assert.That(() => Create(next: 1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private FeedPublisher Create(ulong next) =>
        new(_options, new NativeFeedEncoding(), Session, next, _clock, NullLogger<FeedPublisher>.Instance);

    private static ExchangeEvent Deleted(ulong sequence) =>
        new() { Kind = EventKind.Cancelled, FeedSequence = sequence, Market = 1, Time = 5, OrderId = sequence };

    private (ulong Sequence, int Count, string Session) Read()
    {
        int size = _subscriber.Receive(_packet);
        Assert.That(size, Is.LessThanOrEqualTo(1_400));
        Assert.That(MoldUdp64.TryRead(_packet.AsSpan(0, size), out MoldUdp64Packet packet));
        return (packet.Sequence, packet.Count, packet.Session);
    }
}
