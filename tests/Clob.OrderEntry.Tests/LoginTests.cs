using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

public sealed class LoginTests
{
    private const string TooMany = "+ too many sessions of this account are open, or over with envelopes under way; try again later";

    [Test]
    public void Accepts_a_login_and_names_the_session_and_the_next_report()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Connect();
        client.SendLogin(5, venue.Tokens.Issue(5), TestVenue.SessionName);
        Packet accepted = client.Read();
        Assert.That(accepted.Type, Is.EqualTo(SoupPacketType.LoginAccepted));
        Assert.That(SoupLoginAccepted.TryRead(accepted.Payload, out SoupLoginAccepted read));
        Assert.That(read, Is.EqualTo(new SoupLoginAccepted(TestVenue.SessionName, 1)));
        Assert.That(venue.Gateway.Counters.Sessions, Is.EqualTo(1));
    }

    [TestCase(0UL, ExpectedResult = 4UL)]
    [TestCase(1UL, ExpectedResult = 1UL)]
    [TestCase(3UL, ExpectedResult = 3UL)]
    [TestCase(4UL, ExpectedResult = 4UL)]
    [TestCase(5UL, ExpectedResult = 4UL)]
    [TestCase(ulong.MaxValue, ExpectedResult = 4UL)]
    public ulong Accepts_at_the_wanted_report_or_at_the_next_one(ulong wanted)
    {
        using TestVenue venue = new();
        for (int i = 0; i < 3; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(5));
        using TestClient client = venue.Connect();
        client.SendLogin(5, venue.Tokens.Issue(5), sequence: wanted);
        SoupLoginAccepted.TryRead(client.Read().Payload, out SoupLoginAccepted accepted);
        if (accepted.Sequence < 4)
            client.ExpectReports(accepted.Sequence, 3);
        Assert.That(client.HasPacket(), Is.False);
        return accepted.Sequence;
    }

    [TestCase("0005", "right", "", ExpectedResult = "A")]
    [TestCase("5", "wrong", "", ExpectedResult = "J A")]
    [TestCase("5", "AAAAAAAAAA", "", ExpectedResult = "J A")]
    [TestCase("5", "", "", ExpectedResult = "J A")]
    [TestCase("6", "right", "", ExpectedResult = "J A", Description = "the token of another account")]
    [TestCase("ZZZZZZ", "right", "", ExpectedResult = "J A", Description = "no such account")]
    [TestCase("0", "right", "", ExpectedResult = "J A", Description = "the operator has no sessions")]
    [TestCase("?", "right", "", ExpectedResult = "J A")]
    [TestCase("5", "right", "BBBBBBB001", ExpectedResult = "J S")]
    [TestCase("5", "right", "AAAAAAA001", ExpectedResult = "A")]
    public string Answers_a_login(string user, string token, string session)
    {
        using TestVenue venue = new();
        using TestClient client = venue.Connect();
        string text = user.PadRight(6) + (token == "right" ? venue.Tokens.Issue(user == "0" ? 0UL : 5) : token).PadRight(10) + session.PadRight(10) + "0".PadLeft(20);
        client.Send(TestClient.Frame(SoupPacketType.LoginRequest, System.Text.Encoding.ASCII.GetBytes(text)));
        Packet answer = client.Read();
        if (answer.Type == SoupPacketType.LoginAccepted)
            return "A";
        Assert.That(client.ReadOrEnd(), Is.Null, "a rejected login ends the connection");
        venue.PumpUntil(() => venue.Gateway.Counters.LoginsRejected == 1, "the count");
        return answer.Text;
    }

    [Test]
    public void Rejects_a_login_of_another_size()
    {
        using TestVenue venue = new();
        using TestClient client = venue.Connect();
        client.Send(TestClient.Frame(SoupPacketType.LoginRequest, new byte[SoupLogin.Size - 1]));
        Assert.That(client.ExpectEnd(), Is.EqualTo("J A"));
    }

    [Test]
    public void Limits_the_sessions_of_an_account()
    {
        using TestVenue venue = new(new OrderEntryOptions { MaximumSessionsPerAccount = 2 });
        TestClient first = venue.Login(5);
        using TestClient second = venue.Login(5);
        using TestClient third = venue.Connect();
        third.SendLogin(5, venue.Tokens.Issue(5));
        Assert.That(third.Read().Text, Is.EqualTo(TooMany));
        Assert.That(third.ExpectEnd(), Is.EqualTo("J A"));
        Assert.That(venue.Gateway.Counters.LoginsOverLimit, Is.EqualTo(1));
        using TestClient other = venue.Login(6);
        first.Dispose();
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 2, "the first to end");
        using TestClient again = venue.Login(5);
    }

    [Test]
    public void Says_nothing_of_the_limit_to_who_has_no_token()
    {
        using TestVenue venue = new(new OrderEntryOptions { MaximumSessionsPerAccount = 1 });
        using TestClient only = venue.Login(5);
        using TestClient stranger = venue.Connect();
        stranger.SendLogin(5, "AAAAAAAAAA");
        Assert.That(stranger.Read().Text, Is.EqualTo("J A"));
        venue.PumpUntil(() => venue.Gateway.Counters.LoginsRejected == 1, "the count");
        Assert.That(venue.Gateway.Counters.LoginsOverLimit, Is.Zero);
    }

    [Test]
    public void Refuses_connections_beyond_the_limit_and_uses_slots_again()
    {
        using TestVenue venue = new(new OrderEntryOptions { MaximumSessions = 2 });
        for (int i = 0; i < 5; i++)
        {
            using TestClient first = venue.Login(1);
            using TestClient second = venue.Login(2);
            using TestClient third = venue.Connect();
            Assert.That(third.ReadOrEnd(), Is.Null);
            first.Dispose();
            second.Dispose();
            venue.PumpUntil(() => venue.Gateway.Counters.Connections == 0, "both slots to be free");
        }

        Assert.That(venue.Gateway.Counters.ConnectionsRefused, Is.EqualTo(5));
    }

    [Test]
    public void Tells_the_observer_of_starts_and_of_the_last_end()
    {
        using TestVenue venue = new();
        TestClient first = venue.Login(5);
        TestClient second = venue.Login(5);
        first.Dispose();
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 1, "the first to end");
        second.Send(TestClient.Frame(SoupPacketType.LogoutRequest, []));
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 0, "the second to log out");
        Assert.That(venue.Exchange.Heard, Is.EqualTo(new[] { "start 5", "start 5", "last 5, nothing sent" }));
        Assert.That(second.ExpectEnd(), Is.Null);
        second.Dispose();
    }

    [Test]
    public void Tells_the_observer_whether_any_session_of_the_account_sent_something_since_it_had_none()
    {
        using TestVenue venue = new();
        for (int round = 0; round < 3; round++)
        {
            TestClient sends = venue.Login(5);
            TestClient listens = venue.Login(5);
            if (round != 1)
                sends.SendEnvelope(5, 1 + (ulong)round);
            venue.Settle();
            sends.Dispose();
            venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 1, "the first to end");
            listens.Dispose();
            venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 0, "the second to end");
        }

        Assert.That(venue.Exchange.Heard.Where(what => what.StartsWith("last", StringComparison.Ordinal)), Is.EqualTo(new[] { "last 5", "last 5, nothing sent", "last 5" }));
    }

    [Test]
    public void Sessions_of_a_former_token_take_no_room_of_those_of_the_new_one()
    {
        using TestVenue venue = new(new OrderEntryOptions { MaximumSessionsPerAccount = 2 });
        TestClient[] thief = [venue.Login(5), venue.Login(5)];
        ExpectNoRoom(venue, 5);
        venue.Tokens.Rotate(5);
        using TestClient first = venue.Login(5);
        using TestClient second = venue.Login(5);
        ExpectNoRoom(venue, 5);
        Array.ForEach(thief, static client => client.Dispose());
        venue.PumpUntil(() => venue.Gateway.Counters.Connections == 2, "the thief to be gone");
        ExpectNoRoom(venue, 5);
        first.Dispose();
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 1, "the first to end");
        using TestClient third = venue.Login(5);
        Assert.That(venue.Exchange.Heard, Has.None.StartsWith("last"));
    }

    private static void ExpectNoRoom(TestVenue venue, ulong account)
    {
        using TestClient refused = venue.Connect();
        refused.SendLogin(account, venue.Tokens.Issue(account));
        Assert.That(refused.Read().Text, Is.EqualTo(TooMany));
        Assert.That(refused.ExpectEnd(), Is.EqualTo("J A"));
    }

    [Test]
    public void Falls_silent_at_a_stop()
    {
        TestVenue venue = new();
        using TestClient client = venue.Login(5);
        client.SendEnvelope(5, 1);
        venue.PumpUntil(() => venue.Exchange.Taken.Count == 1, "the envelope");
        venue.Gateway.StopAccepting();
        client.SendEnvelope(5, 2);
        Assert.That(client.Read().Report.Nonce, Is.EqualTo(1), "what was taken is answered");
        Assert.That(client.HasPacket(), Is.False, "what came after is not taken");
        Assert.That(venue.Gateway.Poll(), Is.False, "there is nothing to poll, so its thread can end");
        venue.Dispose();
        Assert.That(client.Socket.Poll(5_000_000, System.Net.Sockets.SelectMode.SelectRead), "the end of the connection");
        Assert.That(client.ReadOrEndWithoutVenue(), Is.Null, "no packet announces the end");
        Assert.That(venue.Exchange.Heard, Is.EqualTo(new[] { "start 5" }), "a stop cancels nobody's orders");
    }
}
