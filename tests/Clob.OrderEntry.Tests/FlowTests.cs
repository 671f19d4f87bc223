using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

public sealed class FlowTests
{
    private const int MaximumUnacknowledged = 32;

    [Test]
    public void Loses_and_reorders_nothing_under_back_pressure()
    {
        using TestVenue venue = new();
        using TestClient first = venue.Login(1);
        using TestClient second = venue.Login(2);
        venue.Exchange.Room = 5;
        for (ulong i = 1; i <= 30; i++)
        {
            first.SendEnvelope(1, i);
            second.SendEnvelope(2, i);
        }

        venue.Settle();
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(5));
        Assert.That(venue.Gateway.Counters.BackPressured, Is.Positive);
        for (int i = 0; i < 100 && venue.Exchange.Taken.Count < 60; i++)
        {
            venue.Exchange.Room = 1;
            venue.PumpUntil(() => venue.Exchange.Room == 0 || venue.Exchange.Taken.Count == 60, "one more");
        }

        first.ExpectReports(1, 30);
        second.ExpectReports(1, 30);
        foreach (ulong account in new ulong[] { 1, 2 })
            Assert.That(venue.Exchange.Taken.Where(taken => taken.Account == account).Select(taken => taken.Nonce), Is.EqualTo(Enumerable.Range(1, 30)));
    }

    [Test]
    public void Lets_TCP_push_back_and_does_not_take_that_for_silence()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock);
        using TestClient client = venue.Login(5);
        venue.Exchange.Room = 0;
        byte[] packet = TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, 1, Envelope.MaximumCommands));
        int sent = 0;
        for (int idle = 0; idle < 50;)
        {
            int part = client.Socket.Send(packet.AsSpan(sent % packet.Length), System.Net.Sockets.SocketFlags.None, out System.Net.Sockets.SocketError error);
            idle = error == System.Net.Sockets.SocketError.Success ? 0 : idle + 1;
            sent += error == System.Net.Sockets.SocketError.Success ? part : 0;
            venue.Pump();
            Thread.Sleep(idle > 0 ? 1 : 0);
        }

        Assert.That(venue.Gateway.Counters.BytesReceived, Is.LessThan(100_000), "what one session holds is bounded");
        Assert.That(sent, Is.GreaterThan(100_000), "the rest waits in the kernel and with the peer");
        clock.Advance(TimeSpan.FromSeconds(20));
        venue.Settle();
        Assert.That(venue.Gateway.Counters.Sessions, Is.EqualTo(1));
        venue.Exchange.Room = long.MaxValue;
        int whole = sent / packet.Length;
        venue.PumpUntil(() => venue.Exchange.Taken.Count == whole, "all of them");
    }

    [Test]
    public void Takes_no_more_than_32_envelopes_that_are_not_answered()
    {
        using TestVenue venue = new() { IsAnswering = false };
        using TestClient client = venue.Login(5);
        for (ulong i = 1; i <= 100; i++)
            client.SendEnvelope(5, i);
        venue.Settle();
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(MaximumUnacknowledged));
        for (int answered = 1; answered <= 68; answered++)
        {
            venue.Exchange.Answer(venue.Gateway, most: 1);
            venue.PumpUntil(() => venue.Exchange.Taken.Count == MaximumUnacknowledged + answered, "one more");
        }

        venue.Settle();
        Assert.That(venue.Exchange.Taken.Select(taken => taken.Nonce), Is.EqualTo(Enumerable.Range(1, 100)));
        venue.IsAnswering = true;
        client.ExpectReports(1, 100);
    }

    [Test]
    public void Publishes_what_a_client_sent_before_it_left_and_then_tells_that_it_left()
    {
        using TestVenue venue = new() { IsAnswering = false };
        TestClient client = venue.Login(5);
        for (ulong i = 1; i <= 40; i++)
            client.SendEnvelope(5, i);
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        venue.Settle();
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(MaximumUnacknowledged));
        Assert.That(venue.Exchange.Heard, Does.Not.Contain("last 5"));
        venue.IsAnswering = true;
        venue.PumpUntil(() => venue.Gateway.Counters.Connections == 0, "the end");
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(40));
        Assert.That(venue.Exchange.Heard, Does.Contain("last 5"));
        client.Dispose();
    }

    [Test]
    public void A_session_that_sends_without_end_does_not_starve_another()
    {
        using TestVenue venue = new();
        using TestClient greedy = venue.Login(1);
        using TestClient modest = venue.Login(2);
        byte[] heartbeats = [.. Enumerable.Repeat(TestClient.Frame(SoupPacketType.ClientHeartbeat, []), 5_000).SelectMany(packet => packet)];
        for (ulong i = 1; i <= 50; i++)
        {
            greedy.Socket.Send(heartbeats, System.Net.Sockets.SocketFlags.None, out _);
            modest.SendEnvelope(2, i);
            long before = venue.Gateway.Counters.BytesReceived;
            modest.ExpectReports(i, i);
            Assert.That(venue.Gateway.Counters.BytesReceived - before, Is.LessThan(400_000));
        }
    }

    [Test]
    public void Ingress_and_egress_work_on_threads_of_their_own()
    {
        using TestVenue venue = new();
        Ring.StageThread ingress = new("ingress", Fail, venue.Gateway) { Idle = venue.Gateway.Idle };
        Ring.StageThread egress = new("egress", Fail, new EgressStage(venue));
        venue.Gateway.IngressWakeUps.Add(ingress);
        venue.Gateway.EgressWakeUps.Add(egress);
        venue.HasThreads = true;
        ingress.Start();
        egress.Start();
        try
        {
            TestClient[] clients = [.. Enumerable.Range(1, 8).Select(account => venue.Login((ulong)account))];
            for (ulong i = 1; i <= 100; i++)
            {
                for (int account = 1; account <= clients.Length; account++)
                    clients[account - 1].SendEnvelope((ulong)account, i);
            }

            foreach (TestClient client in clients)
                client.ExpectReports(1, 100);
            foreach (TestClient client in clients)
                client.Dispose();
            venue.PumpUntil(() => venue.Gateway.Counters.Connections == 0, "all sessions to end");
        }
        finally
        {
            venue.Gateway.StopAccepting();
            ingress.RequestStop();
            Assert.That(ingress.Join(TimeSpan.FromSeconds(10)));
            egress.RequestStop();
            Assert.That(egress.Join(TimeSpan.FromSeconds(10)));
        }

        Assert.That(ingress.Fatal, Is.Null);
        Assert.That(egress.Fatal, Is.Null);
    }

    private static void Fail(Ring.StageThread thread, Exception fatal) => TestContext.Progress.WriteLine($"{thread.Name}: {fatal}");
}

/// <summary>Answers and flushes.</summary>
internal sealed class EgressStage(TestVenue venue) : Ring.IStage
{
    public string Name => "egress";

    public bool Poll()
    {
        bool any = venue.Exchange.Answer(venue.Gateway, most: 64) > 0;
        return venue.Gateway.Flush() || any;
    }
}
