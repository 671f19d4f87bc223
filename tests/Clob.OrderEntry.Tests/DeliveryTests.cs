using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

public sealed class DeliveryTests
{
    [Test]
    public void Gives_every_session_of_an_account_its_reports_and_nobody_elses()
    {
        using TestVenue venue = new();
        using TestClient first = venue.Login(5);
        using TestClient second = venue.Login(5);
        using TestClient other = venue.Login(6);
        first.SendEnvelope(5, 1, 3);
        second.SendEnvelope(5, 4, 3);
        first.ExpectReports(1, 6);
        second.ExpectReports(1, 6);
        Assert.That(other.HasPacket(), Is.False);
    }

    [Test]
    public void Closes_a_session_after_the_reject_of_its_bad_signature()
    {
        using TestVenue venue = new() { IsAnswering = false };
        using TestClient beside = venue.Login(5);
        using TestClient client = venue.Login(5);
        client.SendEnvelope(5, 1);
        client.SendEnvelope(5, 2, badSignature: true);
        venue.Settle();
        client.SendEnvelope(5, 3);
        venue.Exchange.Answer(venue.Gateway, most: 2);
        venue.IsAnswering = true;
        Assert.That(client.Read().Report.Kind, Is.EqualTo(EventKind.Accepted));
        Assert.That(client.Read().Report.Reason, Is.EqualTo((byte)RejectReason.BadSignature));
        Assert.That(client.ExpectEnd(), Is.Null);
        Assert.That(venue.Exchange.Taken, Has.Count.EqualTo(2), "junk ends with the session");
        Assert.That(venue.Gateway.Counters.BadSignatures, Is.EqualTo(1));
        beside.ExpectReports(1, 2);
        beside.SendEnvelope(5, 4);
        beside.ExpectReports(3, 3);
    }

    [Test]
    public void Gives_a_client_that_comes_back_what_it_missed_from_the_recent_reports()
    {
        using TestVenue venue = new();
        for (int i = 0; i < 5_000; i++)
        {
            venue.Gateway.Deliver(venue.Exchange.Report(5));
            venue.Gateway.Deliver(venue.Exchange.Report(6));
        }

        using TestClient client = venue.Login(5, sequence: 100);
        client.ExpectReports(100, 5_000);
        Assert.That(venue.Exchange.ArchiveReads, Is.Empty);
    }

    [Test]
    public void Reads_the_archive_for_no_more_sessions_than_there_are_slots_however_often_clients_come_back()
    {
        using TestVenue venue = new(new OrderEntryOptions { RecentReports = 16, MaximumSessions = 3 });
        using ManualResetEventSlim archive = new();
        venue.Exchange.ArchiveGate = archive;
        for (int i = 0; i < 100; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(5));
        for (int i = 0; i < 10; i++)
        {
            using TestClient client = venue.Connect();
            client.SendLogin(5, venue.Tokens.Issue(5), sequence: 1);
            venue.Settle();
        }

        Assert.That(venue.Gateway.Counters.ConnectionsRefused, Is.EqualTo(7));
        archive.Set();
        venue.PumpUntil(() => venue.Gateway.Counters.Connections == 0, "the slots to be free");
        Assert.That(venue.Exchange.ArchiveReads, Has.Count.EqualTo(3));
        using TestClient back = venue.Login(5, sequence: 1);
        back.ExpectReports(1, 100);
    }

    [TestCase(512)]
    [TestCase(7)]
    public void Bridges_archive_and_live_without_gap_or_duplicate_while_live_goes_on(int archiveMost)
    {
        using TestVenue venue = new(new OrderEntryOptions { RecentReports = 1_024 });
        venue.Exchange.ArchiveDelay = TimeSpan.FromMilliseconds(2);
        venue.Exchange.ArchiveMost = archiveMost;
        venue.Exchange.ArchiveLag = 200;
        for (int i = 0; i < 3_000; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(5));
        using TestClient back = venue.Login(5, sequence: 1);
        using TestClient live = venue.Login(5);
        ulong nonce = 0;
        ulong read = 0;
        ulong seenLive = 3_000;
        while (nonce < 2_000 || read < 3_000 + nonce)
        {
            for (int i = 0; i < 8 && nonce < 2_000; i++)
                venue.Gateway.Deliver(venue.Exchange.Report(5, nonce: ++nonce));
            venue.Pump();
            while (seenLive < 3_000 + nonce)
                live.ExpectReports(++seenLive, seenLive);
            Assert.That(back.Read().Report.ReportSequence, Is.EqualTo(++read));
        }

        Assert.That(venue.Exchange.ArchiveReads, Has.Count.GreaterThan(2));
        Assert.That(back.HasPacket() || live.HasPacket(), Is.False);
    }

    [Test]
    public void Goes_on_after_a_restart_with_nothing_but_the_archive()
    {
        FakeExchange exchange = new();
        string keys = Directory.CreateTempSubdirectory("clob-keys-").FullName;
        using (TestVenue venue = new(exchange: exchange, keys: keys))
        {
            using TestClient client = venue.Login(5);
            client.SendEnvelope(5, 1, 100);
            client.ExpectReports(1, 40);
        }

        using (TestVenue venue = new(exchange: exchange, keys: keys))
        {
            using TestClient client = venue.Login(5, sequence: 41);
            using TestClient fresh = venue.Login(5);
            client.ExpectReports(41, 100);
            client.SendEnvelope(5, 101);
            client.ExpectReports(101, 101);
            fresh.ExpectReports(101, 101);
        }

        Directory.Delete(keys, recursive: true);
    }

    [Test]
    public void Waits_for_an_archive_that_lags_behind_what_is_recent()
    {
        using TestVenue venue = new(new OrderEntryOptions { RecentReports = 16 });
        venue.Exchange.ArchiveLag = 50;
        for (int i = 0; i < 100; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(5));
        using TestClient client = venue.Login(5, sequence: 1);
        client.ExpectReports(1, 50);
        Assert.That(client.HasPacket(), Is.False, "51 to 84 are nowhere yet");
        venue.Exchange.ArchiveLag = 0;
        client.ExpectReports(51, 100);
    }

    [Test]
    public void Drops_only_the_session_for_which_the_archive_fails()
    {
        using TestVenue venue = new(new OrderEntryOptions { RecentReports = 16 });
        venue.Exchange.ArchiveFailure = new IOException("broken");
        for (int i = 0; i < 100; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(5));
        using TestClient good = venue.Login(5);
        using TestClient client = venue.Login(5, sequence: 1);
        Assert.That(client.ExpectEnd(), Is.EqualTo("+ the wanted reports cannot be read now"));
        good.SendEnvelope(5, 1);
        good.ExpectReports(101, 101);
    }

    [Test]
    public void Ends_a_session_once_for_which_the_archive_fails_while_its_peer_takes_nothing()
    {
        ManualClock clock = new();
        using TestVenue venue = new(new OrderEntryOptions { SendBufferBytes = 8_192, RecentReports = 16 }, clock);
        venue.Exchange.ArchiveFailure = new IOException("broken");
        venue.Exchange.ArchiveFailsFrom = 2;
        for (int i = 0; i < 5_000; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(5));
        using TestClient client = venue.Login(5, sequence: 1, receiveBuffer: 4_096);
        venue.PumpUntil(() => venue.Gateway.Counters.ArchiveFailures > 0, "the read behind the first chunk");
        for (int i = 0; i < 20_000; i++)
            venue.Pump();
        Assert.That(venue.Gateway.Counters.ArchiveFailures, Is.EqualTo(1));
        for (int seconds = 0; seconds < 20; seconds++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            venue.Settle();
        }

        Assert.That(venue.Gateway.Counters.Connections, Is.Zero, "its patience is not renewed");
    }

    [Test]
    public void Drops_a_peer_that_takes_nothing_while_another_goes_on()
    {
        ManualClock clock = new();
        using TestVenue venue = new(new OrderEntryOptions { SendBufferBytes = 8_192, RecentReports = 4_096 }, clock);
        using TestClient slow = venue.Login(5, receiveBuffer: 4_096);
        using TestClient good = venue.Login(5);
        ulong last = 0;
        void Trade(int reports)
        {
            for (int i = 0; i < reports; i++)
                venue.Gateway.Deliver(venue.Exchange.Report(5));
            good.ExpectReports(last + 1, last + (ulong)reports);
            last += (ulong)reports;
        }

        for (int i = 0; i < 20; i++)
            Trade(500); // more than twice what is kept as recent
        int seconds = 0;
        for (; venue.Gateway.Counters.Slow == 0 && seconds < 60; seconds++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            slow.Send(TestClient.Frame(SoupPacketType.ClientHeartbeat, []));
            good.Send(TestClient.Frame(SoupPacketType.ClientHeartbeat, []));
            Trade(1);
        }

        // The kernels may pass on a little while the clock is moved, which starts the count again.
        Assert.That(seconds, Is.InRange(15, 59));
        Trade(100);
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 1, "its end");
    }

    [Test]
    public void A_peer_that_was_slow_misses_nothing_when_it_reads_again()
    {
        ManualClock clock = new();
        using TestVenue venue = new(new OrderEntryOptions { SendBufferBytes = 8_192, RecentReports = 1_024 }, clock);
        using TestClient slow = venue.Login(5, receiveBuffer: 4_096);
        for (int i = 0; i < 10; i++)
        {
            for (int report = 0; report < 1_000; report++)
                venue.Gateway.Deliver(venue.Exchange.Report(5));
            venue.Settle();
        }

        slow.ExpectReports(1, 10_000);
        Assert.That(venue.Gateway.Counters.CatchUps, Is.Positive);
        Assert.That(slow.HasPacket(), Is.False);
    }

    [Test]
    public void A_gap_in_what_is_delivered_breaks_an_invariant()
    {
        using TestVenue venue = new();
        venue.Gateway.Deliver(venue.Exchange.Report(5));
        venue.Exchange.Report(5);
        Assert.That(() => venue.Gateway.Deliver(venue.Exchange.Report(5)), Throws.InvalidOperationException.With.Message.Contains("expects report 2"));
    }
}
