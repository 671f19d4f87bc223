using System.Net;
using System.Net.Sockets;
using System.Text;
using Clob.Client;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>What else is sent to the feed's group does not break a subscriber.</summary>
[Order(5)]
public sealed class FeedTests
{
    private const int Datagrams = 5_000;

    [TearDown]
    public Task TheGoodSessionTradesOn() => BadInputVenue.Good.TradeOnAsync();

    [Test]
    public async Task Garbage_in_the_group_does_not_break_a_listener()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var http = BadInputVenue.Appliance.CreateHttpClient();
        string session = (await http.GetVenueAsync()).Session;
        var heard = new Heard();
        using var listener = new FeedListener(heard, new FeedOptions { Group = BadInputVenue.Appliance.Feed, Session = session });
        using var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
        for (int i = 0; i < Datagrams; i++)
        {
            await sender.SendToAsync(Garbage(random, session, i), BadInputVenue.Appliance.Feed);
            if (i % 100 == 0)
                await Task.Delay(1); // the feed must get its share of the receive buffer
        }

        await BadInputVenue.Good.TradeOnAsync();
        ulong before = heard.Messages;
        long deadline = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
        while (heard.Messages < before + 10)
        {
            Assert.That(listener.Completion.IsCompleted, Is.False);
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), "the listener hears nothing any more");
            await Task.Delay(10);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(heard.Sessions, Is.EqualTo(new[] { session }));
            Assert.That(heard.Gaps, Is.Zero);
            Assert.That(listener.Sequencer.MalformedPackets, Is.Positive);
            Assert.That(listener.Sequencer.ForeignPackets, Is.Positive);
        }
    }

    /// <summary>Random bytes, cut heads, counts that do not fit, and whole packets of another session.</summary>
    private static byte[] Garbage(Random random, string session, int number)
    {
        byte[] bytes = new byte[number % 4 == 0 ? random.Next(0, MoldUdp64.HeadSize) : random.Next(MoldUdp64.HeadSize, 1_400)];
        random.NextBytes(bytes);
        switch (number % 4)
        {
            case 2: // the right session, but the count promises more than there is
                MoldUdp64.WriteHead(bytes, Encoding.ASCII.GetBytes(session), (ulong)random.NextInt64(1, long.MaxValue), (ushort)random.Next(1_000, ushort.MaxValue));
                return bytes;
            case 3: // another venue's heartbeat
                MoldUdp64.WriteHead(bytes, "ANOTHER001"u8, (ulong)random.Next(1, 100), 0);
                return bytes[..MoldUdp64.HeadSize];
            default:
                return bytes;
        }
    }

    private sealed class Heard : IFeedSubscriber
    {
        private readonly List<string> _sessions = [];
        private ulong _messages;
        private ulong _gaps;

        public IReadOnlyList<string> Sessions => _sessions;

        public ulong Messages => Volatile.Read(ref _messages);

        public ulong Gaps => Volatile.Read(ref _gaps);

        public void OnMessage(ulong sequence, in FeedMessage message) => Volatile.Write(ref _messages, _messages + 1);

        public void OnGap(ulong first, ulong count) => Volatile.Write(ref _gaps, _gaps + count);

        public void OnSession(string session, ulong nextSequence) => _sessions.Add(session);
    }
}
