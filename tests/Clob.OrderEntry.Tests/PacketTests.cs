using System.Buffers.Binary;
using System.Diagnostics;
using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

public sealed class PacketTests
{
    private static readonly TimeSpan JustUnderTheLimit = SoupBinTcp.SilenceLimit - TimeSpan.FromMilliseconds(1);

    [Test]
    public void Answers_an_envelope_whose_bytes_come_one_at_a_time()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Connect();
        byte[] bytes = [.. TestClient.Login(5, venue.Tokens.Issue(5)), .. TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, 1, 2))];
        foreach (byte one in bytes)
        {
            client.Send([one]);
            venue.Pump();
        }

        Assert.That(client.Read().Type, Is.EqualTo(SoupPacketType.LoginAccepted));
        client.ExpectReports(1, 2);
    }

    [Test]
    public void Answers_what_comes_in_one_write_in_its_order()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Connect();
        List<byte> bytes = [.. TestClient.Login(5, venue.Tokens.Issue(5))];
        for (ulong i = 1; i <= 200; i++)
        {
            bytes.AddRange(TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, i)));
            bytes.AddRange(TestClient.Frame(SoupPacketType.ClientHeartbeat, []));
        }

        client.Send(bytes.ToArray());
        client.Read();
        client.ExpectReports(1, 200);
        Assert.That(venue.Exchange.Taken.Select(taken => taken.Nonce), Is.EqualTo(Enumerable.Range(1, 200)));
    }

    [Test]
    public void Answers_the_largest_envelopes_wherever_the_buffers_end()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Login(5);
        for (ulong i = 0; i < 20; i++)
            client.SendEnvelope(5, 1 + i * Envelope.MaximumCommands, Envelope.MaximumCommands);
        client.ExpectReports(1, 20 * Envelope.MaximumCommands);
    }

    private static byte[] Head(ushort length) => [(byte)(length >> 8), (byte)(length & 0xFF)];

    private static IEnumerable<TestCaseData> BadPackets()
    {
        yield return new TestCaseData(Head(0), "+ malformed packet: its length is zero or above that of the largest envelope").SetArgDisplayNames("length 0");
        yield return new TestCaseData(Head(8_194), "+ malformed packet: its length is zero or above that of the largest envelope").SetArgDisplayNames("length 8194");
        yield return new TestCaseData(Head(ushort.MaxValue), "+ malformed packet: its length is zero or above that of the largest envelope").SetArgDisplayNames("length 65535");
        foreach (char type in "?SHZAJ\0")
            yield return new TestCaseData(TestClient.Frame((SoupPacketType)type, "x"u8), "+ malformed packet: unknown type").SetArgDisplayNames($"type {(int)type}");
        yield return new TestCaseData(TestClient.Login(5, "AAAAAAAAAA"), "+ malformed packet: this session is logged in already").SetArgDisplayNames("second login");
        yield return Unsequenced([], "shorter than its head and signature", "empty");
        yield return Unsequenced(new byte[Envelope.HeadSize + Envelope.SignatureSize - 1], "shorter than its head and signature", "short");
        yield return Changed(24, [0, 0], "it must have 1 to 128 commands", "no command");
        yield return Changed(24, [0, 129], "it must have 1 to 128 commands", "129 commands");
        yield return Changed(8, [255, 255, 255, 255, 255, 255, 255, 255], "its nonces pass the end of 64 bits", "nonce");
        yield return Changed(24, [0, 2], "a command's length points beyond its end", "one command more");
        yield return Changed(27, [255], "a command's length points beyond its end", "command length");
        yield return Changed(26, [99], "unknown command type", "command type");
        yield return Changed(28, [0, 1], "a command's length is not what its type and presence bits say", "presence bit");
        yield return Unsequenced(NewOrderWithSide(9), "a field holds an undefined value", "side");
        byte[] longer = [.. TestClient.Envelope(5, 1), 0];
        yield return Unsequenced(longer, "bytes after its last command", "trailing byte");
    }

    private static byte[] NewOrderWithSide(byte side)
    {
        byte[] buffer = new byte[200];
        EnvelopeBuilder builder = new(buffer, 5, 1);
        builder.TryAdd(NewOrder.Limit(1, (Side)side, 10, 10));
        using SigningKey key = SigningKey.Generate();
        return builder.Sign(key, new byte[Genesis.VenueIdSize]).ToArray();
    }

    private static TestCaseData Changed(int offset, byte[] bytes, string text, string name)
    {
        byte[] envelope = TestClient.Envelope(5, 1);
        bytes.CopyTo(envelope, offset);
        return Unsequenced(envelope, text, name);
    }

    private static TestCaseData Unsequenced(byte[] envelope, string text, string name) =>
        new TestCaseData(TestClient.Frame(SoupPacketType.UnsequencedData, envelope), "+ malformed envelope: " + text).SetArgDisplayNames(name);

    [TestCaseSource(nameof(BadPackets))]
    public void Says_what_is_malformed_and_drops_the_session_while_another_goes_on(byte[] bad, string said)
    {
        using TestVenue venue = new();
        using TestClient good = venue.Login(6);
        using TestClient client = venue.Login(5);
        client.Send(bad);
        client.Send(new byte[3_000]); // what follows must not take the reason from the client
        Assert.That(client.ExpectEnd(), Is.EqualTo(said));
        Assert.That(venue.Exchange.Taken, Is.Empty);
        Assert.That(venue.Gateway.Counters.Malformed, Is.EqualTo(1));
        good.SendEnvelope(6, 1);
        good.ExpectReports(1, 1);
    }

    [Test]
    public void Drops_a_session_that_sends_the_envelope_of_another_account()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Login(5);
        client.SendEnvelope(6, 1);
        Assert.That(client.ExpectEnd(), Is.EqualTo("+ the envelope is of another account than the session"));
        Assert.That(venue.Exchange.Taken, Is.Empty);
        Assert.That(venue.Gateway.Counters.ForeignAccount, Is.EqualTo(1));
    }

    [Test]
    public void Wants_a_login_before_anything_else()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Connect();
        client.SendEnvelope(5, 1);
        Assert.That(client.ExpectEnd(), Is.EqualTo("+ malformed packet: a login must come first"));
    }

    [Test]
    public void Drops_a_session_that_is_silent_after_half_a_frame()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock);
        using TestClient client = venue.Login(5);
        client.Send(TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, 1)).AsSpan(0, 20));
        venue.Settle();
        clock.Advance(JustUnderTheLimit);
        venue.Settle();
        Assert.That(venue.Gateway.Counters.Sessions, Is.EqualTo(1));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(client.ExpectEnd(), Is.EqualTo("+ nothing received for 15 seconds"));
        Assert.That(venue.Exchange.Heard, Does.Contain("last 5, nothing sent"));
    }

    [Test]
    public void Keeps_a_session_that_sends_heartbeats()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock);
        using TestClient client = venue.Login(5);
        for (int i = 0; i < 4; i++)
        {
            clock.Advance(JustUnderTheLimit);
            client.Send(TestClient.Frame(SoupPacketType.ClientHeartbeat, []));
            long received = venue.Gateway.Counters.BytesReceived;
            venue.PumpUntil(() => venue.Gateway.Counters.BytesReceived > received, "the heartbeat");
        }

        client.SendEnvelope(5, 1);
        client.ExpectReports(1, 1);
    }

    [Test]
    public void Drops_a_connection_without_a_login_whatever_else_it_sends()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock);
        using TestClient client = venue.Connect();
        venue.PumpUntil(() => venue.Gateway.Counters.Connections == 1, "the connection");
        for (int i = 0; i < 3; i++)
        {
            client.Send(TestClient.Frame(SoupPacketType.ClientHeartbeat, []));
            venue.Settle();
            clock.Advance(TimeSpan.FromSeconds(6));
        }

        Assert.That(client.ExpectEnd(), Is.EqualTo("+ no login for 15 seconds"));
    }

    [Test]
    public void Sends_a_heartbeat_after_a_second_without_a_packet()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock);
        using TestClient client = venue.Login(5);
        Assert.That(client.HasPacket(skipHeartbeats: false), Is.False);
        for (int i = 0; i < 3; i++)
        {
            clock.Advance(TimeSpan.FromSeconds(1.1));
            Assert.That(client.Read(skipHeartbeats: false).Type, Is.EqualTo(SoupPacketType.ServerHeartbeat));
            Assert.That(client.HasPacket(skipHeartbeats: false), Is.False);
        }
    }

    [Test]
    public void Drops_a_session_above_the_allowed_rate()
    {
        ManualClock clock = new();
        using TestVenue venue = new(new OrderEntryOptions { MaximumEnvelopesPerSecond = 10 }, clock);
        using TestClient client = venue.Login(5);
        for (ulong second = 0; second < 3; second++)
        {
            for (ulong i = 1; i <= 10; i++)
                client.SendEnvelope(5, 10 * second + i);
            client.ExpectReports(10 * second + 1, 10 * second + 10);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        for (ulong i = 31; i <= 41; i++)
            client.SendEnvelope(5, i);
        Assert.That(client.ExpectEnd(), Is.EqualTo("+ more envelopes in a second than the venue allows"));
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(40));
    }

    [Test]
    public void Survives_random_bytes()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        using TestVenue venue = new(new OrderEntryOptions { MaximumSessions = 64 });
        using TestClient good = venue.Login(6);
        byte[] start = TestClient.Login(5, venue.Tokens.Issue(5));
        byte[] packet = TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, 1, 3));
        ulong nonce = 0;
        for (Stopwatch run = Stopwatch.StartNew(); run.Elapsed < TimeSpan.FromSeconds(1);)
        {
            using TestClient client = venue.Connect();
            if (random.Next(4) > 0)
                client.Send(start);
            byte[] bytes = Noise(random, packet);
            try
            {
                client.Send(bytes);
            }
            catch (System.Net.Sockets.SocketException)
            {
                // dropped in the middle
            }

            good.SendEnvelope(6, ++nonce);
            good.ExpectReports(nonce, nonce);
        }

        Assert.That(venue.Gateway.Counters.Malformed, Is.Positive);
        Assert.That(venue.Gateway.Counters.Envelopes, Is.GreaterThan((long)nonce), "some mutants were no mutants");
        venue.PumpUntil(() => venue.Gateway.Counters.Connections == 1, "every slot but the good one's to be free");
    }

    /// <summary>Pure noise, a good packet with some bytes changed, or several cut somewhere.</summary>
    private static byte[] Noise(Random random, byte[] packet)
    {
        byte[] bytes;
        switch (random.Next(3))
        {
            case 0:
                bytes = new byte[random.Next(1, 5_000)];
                random.NextBytes(bytes);
                if (random.Next(2) == 0 && bytes.Length > 1)
                    BinaryPrimitives.WriteUInt16BigEndian(bytes, 9);
                return bytes;
            case 1:
                bytes = [.. packet];
                for (int i = random.Next(4); i > 0; i--)
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                return bytes;
            default:
                bytes = [.. packet, .. packet, .. packet];
                return bytes[..random.Next(1, bytes.Length)];
        }
    }
}
