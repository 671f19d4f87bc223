using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>Whatever peers do, and whenever they leave: order entry goes on, its books are right, and who behaves notices nothing.</summary>
public sealed class RecklessClientTests
{
    private const int Clients = 24;
    private const int Accounts = 3;
    private const ulong FirstReckless = 3;

    private static readonly OrderEntryOptions Options = new()
    {
        MaximumSessions = 20, // fewer than clients, so that slots are refused and used again
        MaximumSessionsPerAccount = 2,
        MaximumEnvelopesPerSecond = 60,
        SendBufferBytes = 4_096,
        RecentReports = 64,
        BadSignaturePause = TimeSpan.FromMilliseconds(100),
        MaximumBadSignaturePause = TimeSpan.FromMilliseconds(800),
    };

    private int _seed;
    private Random _random = null!;
    private ManualClock _clock = null!;
    private TestVenue _venue = null!;
    private HonestClient[] _honest = [];
    private long[] _underWay = [];
    private long _mostUnderWay;

    [SetUp]
    public void Open()
    {
        _seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {_seed}");
        _random = new Random(_seed);
        Random refusing = new(_seed + 1);
        _clock = new ManualClock();
        _underWay = new long[FirstReckless + Accounts];
        _mostUnderWay = 0;
        _venue = new TestVenue(Options, _clock) { IsAnswering = false };
        _venue.Exchange.Refuses = () => refusing.Next(16) == 0;
        _venue.Exchange.UnderWay = (account, change) =>
        {
            long underWay = Interlocked.Add(ref _underWay[account], change);
            if (change > 0)
                _mostUnderWay = Math.Max(_mostUnderWay, underWay);
        };
    }

    [TearDown]
    public void Close() => _venue.Dispose();

    [Test]
    public void Harm_nobody_where_one_thread_does_all()
    {
        Act(steps: 30_000);
        _venue.IsAnswering = true;
        AssertAllIsSettled();
        AssertAllWasTried();
    }

    [Test]
    public void Harm_nobody_where_ingress_and_egress_have_threads_of_their_own()
    {
        Ring.StageThread ingress = new("ingress", Fail, _venue.Gateway) { Idle = _venue.Gateway.Idle };
        Ring.StageThread egress = new("egress", Fail, new MoodyEgress(_venue, _seed + 2));
        _venue.Gateway.IngressWakeUps.Add(ingress);
        _venue.Gateway.EgressWakeUps.Add(egress);
        _venue.HasThreads = true;
        ingress.Start();
        egress.Start();
        try
        {
            Act(steps: 30_000);
            AssertAllIsSettled();
        }
        finally
        {
            _venue.Gateway.StopAccepting();
            ingress.RequestStop();
            egress.RequestStop();
            Assert.That(ingress.Join(TimeSpan.FromSeconds(10)) && egress.Join(TimeSpan.FromSeconds(10)));
            Assert.That((ingress.Fatal, egress.Fatal), Is.EqualTo(((Exception?)null, (Exception?)null)));
        }
    }

    private static void Fail(Ring.StageThread thread, Exception fatal) => TestContext.Progress.WriteLine($"{thread.Name}: {fatal}");

    private void Act(int steps)
    {
        _venue.IsAnswering = true;
        _honest = [new HonestClient(_venue, 1), new HonestClient(_venue, 2)];
        _venue.IsAnswering = false;
        RecklessClient[] reckless = [.. Enumerable.Range(0, Clients).Select(i => new RecklessClient(_venue, _random, FirstReckless + (ulong)(i % Accounts)))];
        int stands = 0;
        for (int step = 0; step < steps; step++)
        {
            reckless[_random.Next(Clients)].Act();
            if (step % 256 == 0)
                stands = _random.Next(6); // a stage stands still for a while, or none does
            if (!_venue.HasThreads)
                Work(stands);
            _clock.Advance(TimeSpan.FromMilliseconds(_random.Next(60)));
            if (step % 8 == 0)
                Array.ForEach(_honest, static honest => honest.Act());
            if (!_venue.HasThreads && step % 3_000 == 0)
                FallSilent();
        }

        Array.ForEach(reckless, static client => client.Dispose());
        _venue.Exchange.Refuses = null;
    }

    /// <summary>The reckless are neither heard nor read for longer than a session may be.</summary>
    private void FallSilent()
    {
        for (int i = 0; i < 20; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            Array.ForEach(_honest, static honest => honest.Act());
            _venue.Gateway.Poll();
            _venue.Exchange.Answer(_venue.Gateway);
            _venue.Gateway.Flush();
        }
    }

    /// <summary>One turn of some stages, in any order.</summary>
    private void Work(int stands)
    {
        for (int i = 0; i < 3; i++)
        {
            int stage = _random.Next(3);
            if (stage == stands)
                continue;
            if (stage == 0)
                _venue.Gateway.Poll();
            else if (stage == 1)
                _venue.Exchange.Answer(_venue.Gateway, most: _random.Next(50));
            else
                _venue.Gateway.Flush();
        }
    }

    private void AssertAllIsSettled()
    {
        OrderEntryCounters counters = _venue.Gateway.Counters;
        _venue.PumpUntil(
            () =>
            {
                _clock.Advance(TimeSpan.FromMilliseconds(60)); // the honest stay well below the throttle
                Array.ForEach(_honest, static honest => honest.Act());
                return counters.Connections == _honest.Length;
            },
            "all slots but the honest clients' to be free");
        Array.ForEach(_honest, static honest => honest.Finish());
        for (ulong account = FirstReckless; account < FirstReckless + Accounts; account++)
        {
            _venue.Tokens.Rotate(account); // its owner is back
            using TestClient owner = _venue.Login(account);
        }

        _venue.PumpUntil(() => counters.Connections == _honest.Length, "the owners to be gone");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(counters.Sessions, Is.EqualTo(_honest.Length));
            Assert.That(counters.Envelopes, Is.EqualTo(_venue.Exchange.Taken.Count));
            Assert.That(counters.BadSignatures, Is.EqualTo(_venue.Exchange.BadTaken));
            Assert.That(_underWay, Is.All.Zero);
            Assert.That(_mostUnderWay, Is.InRange(1L, 2L * Options.MaximumSessionsPerAccount * Envelope.MaximumUnacknowledged));
        }
    }

    /// <summary>Else the test may pass because nothing happened.</summary>
    private void AssertAllWasTried()
    {
        OrderEntryCounters counters = _venue.Gateway.Counters;
        TestContext.Out.WriteLine($"{counters.ConnectionsAccepted} connections, {counters.LoginsAccepted} logins, {counters.LoginsPaused} paused, {counters.Envelopes} envelopes, "
            + $"{counters.BadSignatures} bad, {_mostUnderWay} under way at most, {counters.Slow} slow, {counters.ForeignAccount} foreign, {counters.Throttled} throttled, {counters.ConnectionsRefused} refused, {counters.Silent} silent, {counters.CatchUps} catch-ups");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(counters.BadSignatures, Is.Positive, "bad signatures");
            Assert.That(counters.LoginsPaused, Is.Positive, "paused logins");
            Assert.That(counters.LoginsRejected, Is.GreaterThan(counters.LoginsPaused), "rejected logins");
            Assert.That(counters.ConnectionsRefused, Is.Positive, "refused connections");
            Assert.That(counters.ConnectionsAccepted, Is.GreaterThan(10 * Options.MaximumSessions), "slots used again");
            Assert.That(counters.Malformed, Is.Positive, "malformed");
            Assert.That(counters.BackPressured, Is.Positive, "back-pressured");
            Assert.That(counters.CatchUps, Is.Positive, "catch-ups");
            Assert.That(_mostUnderWay, Is.GreaterThan(Envelope.MaximumUnacknowledged), "envelopes of more than one session of an account");
        }
    }

    /// <summary>Sends an envelope now and then and takes the report of each, in order, whatever others do.</summary>
    private sealed class HonestClient(TestVenue venue, ulong account)
    {
        private const ulong MostUnderWay = 20;

        private readonly TestClient _client = venue.Login(account);
        private ulong _sent;
        private ulong _answered;

        public void Act()
        {
            while (_client.TryRead(out Packet packet))
                Take(packet);
            if (_sent - _answered < MostUnderWay)
                _client.SendEnvelope(account, ++_sent);
            else
                _client.Send(TestClient.Frame(SoupPacketType.ClientHeartbeat, []));
        }

        public void Finish()
        {
            while (_answered < _sent)
                Take(_client.Read());
        }

        private void Take(Packet packet)
        {
            ExchangeEvent report = packet.Report;
            _answered++;
            Assert.That((report.Account, report.ReportSequence, report.Nonce, report.Kind), Is.EqualTo((account, _answered, _answered, EventKind.Accepted)));
        }
    }

    /// <summary>Answers and flushes, at times late, so that many are gone before they are answered.</summary>
    private sealed class MoodyEgress(TestVenue venue, int seed) : Ring.IStage
    {
        private readonly Random _random = new(seed);

        public string Name => "egress";

        public bool Poll()
        {
            if (_random.Next(100) == 0)
                Thread.Sleep(_random.Next(8));
            bool any = venue.Exchange.Answer(venue.Gateway, most: _random.Next(64)) > 0;
            return venue.Gateway.Flush() || any;
        }
    }
}
