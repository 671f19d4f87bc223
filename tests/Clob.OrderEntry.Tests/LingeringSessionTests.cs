using System.Net.Sockets;
using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>Sessions that are over and whose peers are slow to go lock nobody out; those that something is still under way for count.</summary>
public sealed class LingeringSessionTests
{
    private const int Limit = 4;
    private const ulong Account = 5;
    private const ulong Backlog = 5_000;
    private const string TooMany = "+ too many sessions of this account are open, or over with envelopes under way; try again later";
    private static readonly TimeSpan LingerLimit = TimeSpan.FromSeconds(2);

    /// <summary>One slot more than such an account can hold with one session open, and another account's: else somebody is refused.</summary>
    private static readonly OrderEntryOptions Options = new()
    {
        MaximumSessionsPerAccount = Limit,
        MaximumSessions = Limit + 2,
        SendBufferBytes = 8_192,
        BadSignaturePause = TimeSpan.Zero,
    };

    private static IEnumerable<TestCaseData> Ends()
    {
        yield return End("logs out", LogOut);
        yield return End("is dropped", static client => client.Send(TestClient.Frame((SoupPacketType)'?', [])));
        yield return End("ends its stream", static client => client.Socket.Shutdown(SocketShutdown.Send));
        yield return End("resets", static client =>
        {
            client.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
            client.Dispose();
        });
    }

    private static IEnumerable<TestCaseData> EndsAmongThemByTheVenue() => [.. Ends(), End("signs badly", SignBadly)];

    /// <summary>The clock stands still, so nothing is freed because its time is over.</summary>
    [TestCaseSource(nameof(EndsAmongThemByTheVenue))]
    public void Lets_an_account_in_however_many_of_its_sessions_are_over_with_a_peer_that_does_not_go(object end)
    {
        using TestVenue venue = new(Options, new ManualClock());
        ComeBackAgainAndAgain(venue, (Action<TestClient>)end, sequence: 0);
    }

    [TestCaseSource(nameof(Ends))]
    public void Lets_an_account_in_however_many_of_its_sessions_are_over_with_a_peer_that_does_not_read(object end)
    {
        using TestVenue venue = new(Options, new ManualClock());
        Deliver(venue, Backlog);
        ComeBackAgainAndAgain(venue, (Action<TestClient>)end, sequence: 1);
        Assert.That(venue.Gateway.Counters.BytesSent, Is.InRange(4 * Limit * 4_096, 4 * Limit * 200_000), "each was given something, and not all that waits for it");
    }

    [Test]
    public void Resets_the_one_that_has_lingered_longest_and_gives_the_others_time_to_read()
    {
        using TestVenue venue = new(Options, new ManualClock());
        TestClient[] gone = [.. Enumerable.Range(0, Limit).Select(_ => LoginAndEnd(venue, LogOut))];
        Assert.That(venue.Gateway.Counters.LingeringReset, Is.Zero, "there is room for as many as may be open");
        Assert.That(gone.Select(IsReset), Has.All.False);

        using TestClient another = LoginAndEnd(venue, LogOut);
        Assert.That(gone.Select(IsReset), Is.EqualTo(new[] { true, false, false, false }));
        Assert.That(IsReset(another), Is.False);
        using TestClient other = venue.Login(6);
        other.Send(TestClient.Frame(SoupPacketType.LogoutRequest, []));
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 0, "its end");
        Assert.That(venue.Gateway.Counters.LingeringReset, Is.EqualTo(1), "each account has its own");
        Assert.That(venue.Gateway.Counters.Connections, Is.EqualTo(Limit + 1));
        Array.ForEach(gone, static client => client.Dispose());
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Counts_sessions_that_are_over_until_their_envelopes_are_answered(bool lingers)
    {
        using TestVenue venue = new(Options with { MaximumSessions = 20 }, new ManualClock()) { IsAnswering = false };
        List<TestClient> gone = [];
        for (int i = 0; i < Limit; i++)
        {
            gone.Add(LoginAndEnd(venue, client =>
            {
                client.SendEnvelope(Account, 1);
                venue.PumpUntil(() => venue.Exchange.Taken.Count > i, "the envelope");
                if (lingers)
                    LogOut(client);
                else
                    client.Dispose();
            }));
        }

        ExpectTooMany(venue);
        venue.Login(6).Dispose();
        venue.Exchange.Answer(venue.Gateway, most: 1);
        Assert.That(venue.Gateway.Counters.LoginsOverLimit, Is.EqualTo(1));
        using TestClient back = venue.Login(Account);
        venue.Exchange.Answer(venue.Gateway);
        Assert.That(venue.Gateway.Counters.Connections, Is.AtLeast(lingers ? Limit + 1 : 1), "it was let in although they linger");
        gone.ForEach(static client => client.Dispose());
    }

    [Test]
    public void Counts_sessions_that_are_over_until_the_archive_is_read_for_them()
    {
        ManualClock clock = new();
        using TestVenue venue = new(Options with { MaximumSessions = 2_000, RecentReports = 16 }, clock);
        using ManualResetEventSlim archive = new();
        venue.Exchange.ArchiveGate = archive;
        Deliver(venue, 100);
        TestClient[] gone = [.. Enumerable.Range(0, Limit).Select(_ => LoginAndEnd(venue, LogOut, sequence: 1))];
        for (TimeSpan waited = TimeSpan.Zero; waited < LingerLimit / 4; waited += LingerLimit / 16)
        {
            ExpectTooMany(venue);
            clock.Advance(LingerLimit / 16);
        }

        archive.Set();
        TimeSpan longest = LingerLimit / 2; // as long as nothing is freed because its time is over
        for (TimeSpan step = TimeSpan.FromMilliseconds(10); !TryLogin(venue); longest -= step)
        {
            Assert.That(longest, Is.GreaterThan(TimeSpan.Zero), "still not let in");
            Thread.Sleep(10); // the archive is read in the background
            clock.Advance(step);
        }

        Assert.That(gone.Select(IsReset), Has.All.False, "they linger");
        Array.ForEach(gone, static client => client.Dispose());
    }

    /// <summary>Its last reports may have to come from the archive.</summary>
    [Test]
    public void Counts_sessions_that_signed_badly_until_they_were_given_the_reports_before_the_reject()
    {
        using TestVenue venue = new(Options with { MaximumSessions = 20 }, new ManualClock());
        Deliver(venue, Backlog);
        TestClient[] gone = [.. Enumerable.Range(0, Limit).Select(_ => LoginAndEnd(venue, SignBadly, sequence: 1))];
        ExpectTooMany(venue);
        gone[0].ExpectReports(1, Backlog + 1);
        using TestClient back = venue.Login(Account);
        Array.ForEach(gone, static client => client.Dispose());
    }

    private static void Deliver(TestVenue venue, ulong reports)
    {
        for (ulong i = 0; i < reports; i++)
            venue.Gateway.Deliver(venue.Exchange.Report(Account));
    }

    private static void LogOut(TestClient client) => client.Send(TestClient.Frame(SoupPacketType.LogoutRequest, []));

    private static void SignBadly(TestClient client) => client.SendEnvelope(Account, 1, badSignature: true);

    private static TestCaseData End(string name, Action<TestClient> end) => new TestCaseData(end).SetArgDisplayNames(name);

    private static void ComeBackAgainAndAgain(TestVenue venue, Action<TestClient> end, ulong sequence)
    {
        TestClient[] gone = [.. Enumerable.Range(0, 4 * Limit).Select(_ => LoginAndEnd(venue, end, sequence))];
        using TestClient open = venue.Login(Account);
        using TestClient other = venue.Login(6);
        Assert.That(venue.Gateway.Counters.LoginsRejected, Is.Zero);
        Assert.That(venue.Gateway.Counters.ConnectionsRefused, Is.Zero);
        Array.ForEach(gone, static client => client.Dispose());
    }

    /// <summary>A session that ends when its socket takes no more of what it wants; its client neither reads nor closes.</summary>
    private static TestClient LoginAndEnd(TestVenue venue, Action<TestClient> end, ulong sequence = 0)
    {
        TestClient client = venue.Login(Account, sequence, receiveBuffer: 4_096);
        if (sequence > 0)
            venue.Settle();
        end(client);
        venue.PumpUntil(() => venue.Gateway.Counters.Sessions == 0, "its end");
        return client;
    }

    private static bool TryLogin(TestVenue venue)
    {
        using TestClient client = venue.Connect();
        client.SendLogin(Account, venue.Tokens.Issue(Account));
        return client.Read().Type == SoupPacketType.LoginAccepted;
    }

    private static void ExpectTooMany(TestVenue venue)
    {
        using TestClient client = venue.Connect();
        client.SendLogin(Account, venue.Tokens.Issue(Account));
        Assert.That(client.Read().Text, Is.EqualTo(TooMany));
        Assert.That(client.Read().Text, Is.EqualTo("J A"));
        Assert.That(client.ReadOrEnd(), Is.Null);
    }

    /// <summary>Whether the venue has reset the connection; one that lingers takes what is sent to it.</summary>
    private static bool IsReset(TestClient client)
    {
        client.Socket.Send(TestClient.Frame(SoupPacketType.ClientHeartbeat, []), SocketFlags.None, out SocketError error);
        return error != SocketError.Success;
    }
}
