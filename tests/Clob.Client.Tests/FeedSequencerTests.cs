using System.Net;
using System.Net.Sockets;
using System.Text;
using Clob.Protocol;

namespace Clob.Client.Tests;

public sealed class FeedSequencerTests
{
    private readonly List<string> _heard = [];

    [SetUp]
    public void Forget() => _heard.Clear();

    [TestCase("1+2 3+1", "session AAAAAAA001 1|1|2|3", TestName = "In order")]
    [TestCase("1+2 1+3 2+1", "session AAAAAAA001 1|1|2|3", TestName = "Duplicates are dropped, a longer packet gives its rest")]
    [TestCase("1+1 4+2 2+1", "session AAAAAAA001 1|1|gap 2+2|4|5", TestName = "A gap without recovery is final, the late packet dropped")]
    [TestCase("1+1 2+0 5+0", "session AAAAAAA001 1|1|alive 2|gap 2+3|alive 5", TestName = "A heartbeat shows a gap")]
    [TestCase("7+1 8+1", "session AAAAAAA001 7|7|8", TestName = "A late joiner begins where it came")]
    [TestCase("1+1 B9+1 1+0", "session AAAAAAA001 1|1|session BAAAAAA001 9|9|session AAAAAAA001 1|alive 1", TestName = "Another session begins anew")]
    [TestCase("1+1 2+end 2+end", "session AAAAAAA001 1|1|end", TestName = "The end comes once")]
    public void Puts_packets_in_order(string packets, string expected)
    {
        var sequencer = new FeedSequencer(new Recorder(_heard));
        foreach (string packet in packets.Split(' '))
            sequencer.OnPacket(Packet(packet));
        Assert.That(string.Join('|', _heard), Is.EqualTo(expected));
    }

    [Test]
    public void Passes_over_other_sessions_than_the_wanted_one()
    {
        var sequencer = new FeedSequencer(new Recorder(_heard), session: "AAAAAAA001");
        foreach (string packet in new[] { "B5+1", "1+1", "B9+1", "2+1", "B9+end", "3+0" })
            sequencer.OnPacket(Packet(packet));
        Assert.That(string.Join('|', _heard), Is.EqualTo("session AAAAAAA001 1|1|2|alive 3"));
        Assert.That(sequencer.ForeignPackets, Is.EqualTo(3));
        Assert.That(sequencer.IsEnded, Is.False);
    }

    [Test]
    public void Counts_no_further_than_a_number_goes()
    {
        var sequencer = new FeedSequencer(new Recorder(_heard));
        foreach (string packet in new[] { "1+1", "100000+1", "18446744073709486080+1" })
            sequencer.OnPacket(Packet(packet));
        Assert.That(sequencer.LostMessages, Is.EqualTo(18446744073709486080 - 3), "all but the three that came, of those before and up to the last");
        foreach (string packet in new[] { "B1+1", "B18446744073709486080+1" })
            sequencer.OnPacket(Packet(packet));
        Assert.That(sequencer.LostMessages, Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void Asks_once_for_what_is_missing_and_holds_back_what_came_early()
    {
        var sequencer = new FeedSequencer(new Recorder(_heard), new Recovery(_heard, answers: true));
        foreach (string packet in new[] { "1+1", "4+1", "5+1", "8+1", "2+1", "3+1", "6+2" })
            sequencer.OnPacket(Packet(packet));
        Assert.That(string.Join('|', _heard), Is.EqualTo("session AAAAAAA001 1|1|ask 2+2|ask 6+2|2|3|4|5|6|7|8"));
        Assert.That(sequencer.LostMessages, Is.Zero);
    }

    [Test]
    public void Gives_a_gap_up_when_recovery_cannot_help()
    {
        var sequencer = new FeedSequencer(new Recorder(_heard), new Recovery(_heard, answers: false));
        foreach (string packet in new[] { "1+1", "4+1" })
            sequencer.OnPacket(Packet(packet));
        Assert.That(string.Join('|', _heard), Is.EqualTo("session AAAAAAA001 1|1|ask 2+2|gap 2+2|4"));
        Assert.That(sequencer.LostMessages, Is.EqualTo(2));
    }

    [Test]
    public void Gives_up_a_gap_when_too_much_is_held()
    {
        var sequencer = new FeedSequencer(new Recorder(_heard), new Recovery([], answers: true));
        sequencer.OnPacket(Packet("1+1"));
        for (int i = 0; i < FeedSequencer.MaximumHeldPackets + 1; i++)
            sequencer.OnPacket(Packet($"{3 + i}+1"));
        Assert.That(_heard[2], Is.EqualTo("gap 2+1"));
        Assert.That(_heard, Has.Count.EqualTo(3 + FeedSequencer.MaximumHeldPackets + 1));
    }

    [Test]
    public void Passes_each_message_once_and_in_order_whatever_the_network_does()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        for (int round = 0; round < 200; round++)
        {
            _heard.Clear();
            var sequencer = new FeedSequencer(new Recorder(_heard), new Recovery([], answers: random.Next(2) == 0));
            sequencer.OnPacket(Packet("1+0"));
            for (int i = 0; i < 60; i++)
                sequencer.OnPacket(Packet($"{random.Next(1, 40)}+{random.Next(0, 5)}"));
            ulong next = 1;
            foreach (string heard in _heard.Skip(1))
            {
                if (heard.StartsWith("gap ", StringComparison.Ordinal))
                {
                    ulong[] gap = heard[4..].Split('+').Select(ulong.Parse).ToArray();
                    Assert.That(gap[0], Is.EqualTo(next), $"seed {seed} round {round}");
                    next += gap[1];
                }
                else if (!heard.StartsWith("alive", StringComparison.Ordinal))
                {
                    Assert.That(ulong.Parse(heard), Is.EqualTo(next++), $"seed {seed} round {round}");
                }
            }
        }
    }

    [Test]
    public void Never_throws_for_random_bytes()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var books = new FeedBooks();
        var sequencer = new FeedSequencer(books, new Recovery([], answers: true));
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = random.Next(2) == 0 ? Packet($"{random.Next(1, 9)}+{random.Next(0, 3)}") : new byte[random.Next(0, 120)];
            for (int i = random.Next(0, bytes.Length); i < bytes.Length; i += random.Next(1, 40))
                bytes[i] = (byte)random.Next(256);
            Assert.That(() => sequencer.OnPacket(bytes), Throws.Nothing, $"seed {seed} round {round}: {Convert.ToHexString(bytes)}");
        }

        Assert.That(sequencer.MalformedPackets, Is.Positive);
    }

    [TestCase("1+2 3+1", true, 4ul)]
    [TestCase("2+0 2+2", true, 4ul)] // what a venue sends at its first start: message 1 is older than the feed
    [TestCase("2+1 4+1", false, 5ul)]
    [TestCase("2+1 6+0", false, 6ul)] // a heartbeat tells of the gap, as after a crash
    [TestCase("3+1", false, 4ul)]
    public void Books_are_complete_when_nothing_that_is_sent_was_missed(string packets, bool isComplete, ulong next)
    {
        var books = new FeedBooks();
        var sequencer = new FeedSequencer(books, recovery: null);
        foreach (string packet in packets.Split(' '))
            sequencer.OnPacket(Packet(packet));
        Assert.That((books.IsComplete, books.NextSequence), Is.EqualTo((isComplete, next)));
    }

    [Test]
    public void Listens_on_the_multicast_group()
    {
        int port = 20000 + Environment.ProcessId % 10000;
        var group = new IPEndPoint(IPAddress.Parse("239.255.42.99"), port);
        var books = new FeedBooks();
        using var arrived = new ManualResetEventSlim();
        books.Applied = (ulong sequence, in FeedMessage _) =>
        {
            if (sequence == 3)
                arrived.Set();
        };
        using (var listener = new FeedListener(books, new FeedOptions { Group = group }))
        using (var sender = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            sender.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, IPAddress.Loopback.GetAddressBytes());
            sender.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastLoopback, true);
            sender.SendTo(Packet("1+2"), group);
            sender.SendTo(Packet("3+1"), group);
            Assert.That(arrived.Wait(TimeSpan.FromSeconds(10)), Is.True);
        }

        Assert.That(books.IsComplete, Is.True);
    }

    /// <summary>"B4+2": session B…, messages 4 and 5; "+end" ends the session.</summary>
    private static byte[] Packet(string text)
    {
        char first = char.IsAsciiLetter(text[0]) ? text[0] : 'A';
        string[] parts = text.TrimStart('B').Split('+');
        bool isEnd = parts[1] == "end";
        int count = isEnd ? 0 : int.Parse(parts[1]);
        byte[] message = new byte[19];
        message[0] = (byte)FeedVerb.Delete;
        var bytes = new List<byte>(new byte[MoldUdp64.HeadSize]);
        for (int i = 0; i < count; i++)
            bytes.AddRange([0, (byte)message.Length, .. message]);
        byte[] packet = bytes.ToArray();
        MoldUdp64.WriteHead(packet, Encoding.ASCII.GetBytes(first + "AAAAAA001"), ulong.Parse(parts[0]), isEnd ? MoldUdp64.EndOfSession : (ushort)count);
        return packet;
    }

    private sealed class Recorder(List<string> heard) : IFeedSubscriber
    {
        public void OnMessage(ulong sequence, in FeedMessage message) => heard.Add($"{sequence}");

        public void OnGap(ulong first, ulong count) => heard.Add($"gap {first}+{count}");

        public void OnSession(string session, ulong nextSequence) => heard.Add($"session {session} {nextSequence}");

        public void OnHeartbeat(ulong nextSequence) => heard.Add($"alive {nextSequence}");

        public void OnEndOfSession() => heard.Add("end");
    }

    private sealed class Recovery(List<string> heard, bool answers) : IGapRecovery
    {
        public bool TryRequest(string session, ulong first, ulong count)
        {
            heard.Add($"ask {first}+{count}");
            return answers;
        }
    }
}
