using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>Envelopes that the venue does not take for now: their client hears of each, and nothing else changes for it.</summary>
public sealed class RefusalTests
{
    [Test]
    public void Tells_of_every_refused_envelope_by_its_nonce_and_goes_on_with_the_session()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Login(5);
        venue.Exchange.Takes = nonce => nonce % 2 == 0;
        for (ulong nonce = 1; nonce <= 6; nonce++)
            client.SendEnvelope(5, nonce);
        (List<ulong> refused, List<ulong> answered) = ([], []);
        while (refused.Count + answered.Count < 6)
        {
            Packet packet = client.Read();
            if (packet.Type == SoupPacketType.Debug && EnvelopeRefusal.TryRead(packet.Payload, out ulong nonce))
                refused.Add(nonce);
            else
                answered.Add(packet.Report.Nonce);
        }

        Assert.That(refused, Is.EqualTo(new ulong[] { 1, 3, 5 }));
        Assert.That(answered, Is.EqualTo(new ulong[] { 2, 4, 6 }));
        Assert.That(venue.Exchange.Taken.Select(taken => taken.Nonce), Is.EqualTo(answered), "what is refused is not sequenced");
        Assert.That(venue.Gateway.Counters.Refused, Is.EqualTo(3));
        Assert.That(venue.Gateway.Counters.Sessions, Is.EqualTo(1));

        venue.Exchange.Takes = null;
        client.SendEnvelope(5, 7);
        Assert.That(client.Read().Report.Nonce, Is.EqualTo(7));
    }

    [Test]
    public void Does_not_read_a_client_that_does_not_read_its_refusals()
    {
        const int Sent = 20_000;
        using TestVenue venue = new();
        using TestClient client = venue.Login(5, receiveBuffer: 4_096);
        venue.Exchange.Takes = static _ => false;
        int started = 0;
        byte[] unsent = [];
        for (int idle = 0; idle < 50 && started < Sent;)
        {
            if (unsent.Length == 0)
                unsent = TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, (ulong)++started, Envelope.MaximumCommands));
            int sent = client.Socket.Send(unsent, System.Net.Sockets.SocketFlags.None, out System.Net.Sockets.SocketError error);
            idle = error == System.Net.Sockets.SocketError.Success ? 0 : idle + 1;
            unsent = unsent[(error == System.Net.Sockets.SocketError.Success ? sent : 0)..];
            venue.Pump();
            Thread.Sleep(idle > 0 ? 1 : 0);
        }

        venue.Settle();
        Assert.That(started, Is.LessThan(Sent), "the client could send no more");
        long refused = venue.Gateway.Counters.Refused;
        Assert.That(refused, Is.LessThan(started), "who does not read is not read");
        for (ulong nonce = 1; nonce <= (ulong)refused + 1; nonce++)
        {
            Packet packet = client.Read();
            Assert.That(EnvelopeRefusal.TryRead(packet.Payload, out ulong told), Is.True, packet.Text);
            Assert.That(told, Is.EqualTo(nonce), "each once, in order");
        }
    }

    [Test]
    public void A_refused_envelope_counts_for_the_throttle()
    {
        using TestVenue venue = new(new OrderEntryOptions { MaximumEnvelopesPerSecond = 3 }, new ManualClock());
        using TestClient client = venue.Login(5);
        venue.Exchange.Takes = static _ => false;
        for (ulong nonce = 1; nonce <= 4; nonce++)
            client.SendEnvelope(5, nonce);
        Assert.That(client.ExpectEnd(), Does.Contain("more envelopes in a second"));
        Assert.That(venue.Gateway.Counters.Refused, Is.EqualTo(3));
    }

    [Test]
    public void A_refusal_is_read_as_it_is_written_and_nothing_else_is_taken_for_one()
    {
        Span<byte> payload = stackalloc byte[EnvelopeRefusal.MaximumSize];
        foreach (ulong nonce in new ulong[] { 0, 17, ulong.MaxValue })
        {
            int size = EnvelopeRefusal.Write(payload, nonce);
            Assert.That(EnvelopeRefusal.TryRead(payload[..size], out ulong read), Is.True);
            Assert.That(read, Is.EqualTo(nonce));
        }

        foreach (string text in new[] { "", "refused ", "refused x: no", "refused 17", "refused -1: no", "refused 18446744073709551616: no", "Refused 1: no", "nothing received for 15 seconds" })
            Assert.That(EnvelopeRefusal.TryRead(System.Text.Encoding.UTF8.GetBytes(text), out _), Is.False, text);
    }
}
