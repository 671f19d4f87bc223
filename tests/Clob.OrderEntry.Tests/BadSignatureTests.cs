using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>What envelopes with bad signatures a login can bring into the journal is bounded.</summary>
public sealed class BadSignatureTests
{
    private const string MustWait = "+ logins of this account must wait, for it sent bad signatures; try again later";

    [Test]
    public void Lets_an_account_wait_that_comes_back_with_bad_signatures_and_nobody_else()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock);
        using TestClient beside = venue.Login(5);
        Offend(venue, 5);
        Offend(venue, 5); // the first is free
        ExpectMustWait(venue, 5);
        venue.Login(6).Dispose();
        beside.SendEnvelope(5, 9);
        beside.ExpectReports(1, 3); // the two rejects, and it trades on

        clock.Advance(TimeSpan.FromSeconds(1));
        Offend(venue, 5);
        clock.Advance(TimeSpan.FromSeconds(1));
        ExpectMustWait(venue, 5);
        clock.Advance(TimeSpan.FromSeconds(1));
        venue.Login(5).Dispose();
        Assert.That(venue.Gateway.Counters.LoginsPaused, Is.EqualTo(2));
        Assert.That(venue.Gateway.Counters.LoginsRejected, Is.EqualTo(2));
    }

    [Test]
    public void Says_nothing_of_the_wait_to_who_has_no_token()
    {
        using TestVenue venue = new(clock: new ManualClock());
        Offend(venue, 5);
        Offend(venue, 5);
        using TestClient stranger = venue.Connect();
        stranger.SendLogin(5, "AAAAAAAAAA");
        Assert.That(stranger.Read().Text, Is.EqualTo("J A"));
    }

    [Test]
    public void A_login_with_a_wrong_token_costs_the_account_nothing()
    {
        using TestVenue venue = new(clock: new ManualClock());
        for (int i = 0; i < 10; i++)
        {
            using TestClient stranger = venue.Connect();
            stranger.SendLogin(5, "AAAAAAAAAA");
            stranger.SendEnvelope(5, 1, badSignature: true);
            Assert.That(stranger.ExpectEnd(), Is.EqualTo("J A"));
        }

        venue.Login(5).Dispose();
        Assert.That(venue.Exchange.Taken, Is.Empty);
    }

    [Test]
    public void A_new_token_ends_the_wait()
    {
        using TestVenue venue = new(clock: new ManualClock());
        Offend(venue, 5);
        Offend(venue, 5);
        ExpectMustWait(venue, 5);
        venue.Tokens.Rotate(5);
        venue.Login(5).Dispose();
        venue.Login(5).Dispose();
    }

    [Test]
    public void Nobody_waits_where_no_pause_is_set()
    {
        using TestVenue venue = new(new OrderEntryOptions { BadSignaturePause = TimeSpan.Zero }, new ManualClock());
        for (int i = 0; i < 10; i++)
            Offend(venue, 5);
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(10));
    }

    [TestCase(true, ExpectedResult = Envelope.MaximumUnacknowledged)]
    [TestCase(false, ExpectedResult = 100, Description = "the control")]
    public int Takes_no_more_than_was_under_way_when_the_first_bad_signature_is_found(bool isBad)
    {
        using TestVenue venue = new() { IsAnswering = false };
        using TestClient client = venue.Login(5);
        for (ulong nonce = 1; nonce <= 100; nonce++)
            client.SendEnvelope(5, nonce, badSignature: isBad);
        venue.Settle();
        for (int quiet = 0; quiet < 20; quiet++)
        {
            // One by one, so that ingress has its turn behind each.
            if (venue.Exchange.Answer(venue.Gateway, most: 1) > 0)
                quiet = 0;
            venue.Pump();
        }

        return venue.Exchange.Taken.Count;
    }

    [Test]
    public void Finds_a_bad_signature_of_a_session_that_is_gone()
    {
        ManualClock clock = new();
        using TestVenue venue = new(clock: clock) { IsAnswering = false };
        for (int i = 0; i < 2; i++)
            SendAndVanish(venue, 5);
        venue.Login(5).Dispose();
        venue.Exchange.Answer(venue.Gateway);
        venue.Settle();
        ExpectMustWait(venue, 5);
        clock.Advance(TimeSpan.FromSeconds(3)); // of the one that was rejected too
        venue.PumpUntil(() => venue.Gateway.Counters.Connections == 0, "their slots to be free");
    }

    [Test]
    public void Bounds_what_is_under_way_however_often_an_account_reconnects()
    {
        using TestVenue venue = new(new OrderEntryOptions { MaximumSessionsPerAccount = 3, BadSignaturePause = TimeSpan.Zero }) { IsAnswering = false };
        for (int i = 0; i < 3; i++)
            SendAndVanish(venue, 5);
        using (TestClient refused = venue.Connect())
        {
            refused.SendLogin(5, venue.Tokens.Issue(5));
            Assert.That(refused.ExpectEnd(), Is.EqualTo("J A"));
        }

        venue.Login(6).Dispose();
        venue.Exchange.Answer(venue.Gateway);
        venue.Settle();
        venue.Login(5).Dispose();
    }

    private static void Offend(TestVenue venue, ulong account)
    {
        using TestClient client = venue.Login(account);
        client.SendEnvelope(account, 1, badSignature: true);
        Assert.That(client.Read().Report.Reason, Is.EqualTo((byte)RejectReason.BadSignature));
        Assert.That(client.ExpectEnd(), Is.Null);
        venue.Pump(); // ingress hears of it
    }

    /// <summary>An envelope with a bad signature; its session is gone before anybody has looked at it.</summary>
    private static void SendAndVanish(TestVenue venue, ulong account)
    {
        int taken = venue.Exchange.Taken.Count;
        using (TestClient client = venue.Login(account))
        {
            client.SendEnvelope(account, 1, badSignature: true);
            venue.PumpUntil(() => venue.Exchange.Taken.Count > taken, "the envelope");
        }

        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 0, "its end");
    }

    private static void ExpectMustWait(TestVenue venue, ulong account)
    {
        using TestClient client = venue.Connect();
        client.SendLogin(account, venue.Tokens.Issue(account));
        Assert.That(client.Read().Text, Is.EqualTo(MustWait));
        Assert.That(client.Read().Text, Is.EqualTo("J A"));
        Assert.That(client.ReadOrEnd(), Is.Null);
    }
}
