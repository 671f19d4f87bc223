using Clob.Appliance.OrderEntry;
using Clob.Journal;
using Clob.Protocol;

namespace Clob.Pipeline.Tests;

/// <summary>
/// A disk that stands still under load: the ring fills, sessions are not read on, nothing is dropped or put in another order, nothing is answered that is not
/// durable, memory stays bounded; and all of it goes on afterwards.
/// </summary>
public sealed class StalledDiskTests
{
    private const ushort Market = 1;
    private const int RingSize = 64;
    private const int Sessions = 5; // with 32 envelopes under way each they have more than the ring holds
    private const int EnvelopesPerSession = 150;
    private const int Stalls = 3;
    private const int SyncsBetween = 2; // of at most the whole ring each, so that clients have more than the ring holds to the last stall
    private const long MostGrowth = 4 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Stall = TimeSpan.FromMilliseconds(500);

    private readonly StallingStorage _storage = new();
    private CountingSequencer _counting = null!;
    private RunningPipeline? _running;
    private FloodingSession[] _sessions = [];

    [TearDown]
    public void End()
    {
        _storage.GoOn();
        foreach (var session in _sessions)
            session.Dispose();
        _running?.Dispose();
        (_running, _sessions) = (null, []);
    }

    [Test]
    public async Task Fills_the_ring_stops_reading_drops_nothing_and_goes_on()
    {
        await OpenAsync(static sequencer => sequencer);
        _storage.Allow(0);
        foreach (var session in _sessions)
            session.Start();
        for (int stall = 0; stall < Stalls; stall++)
        {
            WaitUntil(() => Pipeline.InRing == RingSize, "the ring to be full");
            CheckStandstill();
            int before = Received;
            _storage.Allow(SyncsBetween);
            WaitUntil(() => Received > before, "answers to come again");
        }

        _storage.GoOn();
        foreach (var session in _sessions)
            Assert.That(session.Finish(Patience), Is.Null);
        CheckJournal();
    }

    [Test]
    public async Task The_check_of_answers_notices_an_envelope_that_a_full_ring_let_fall()
    {
        await OpenAsync(static sequencer => new DroppingSequencer(sequencer));
        _storage.Allow(0);
        foreach (var session in _sessions)
            session.Start();
        WaitUntil(() => Pipeline.InRing == RingSize, "the ring to be full");
        _storage.GoOn();
        string?[] complaints = [.. _sessions.Select(session => session.Finish(Patience))];
        Assert.That(complaints, Has.Exactly(1).Not.Null.And.Some.StartsWith("answer "));
    }

    [Test]
    public async Task The_bound_notices_a_sequencer_that_hoards()
    {
        await OpenAsync(static sequencer => new HoardingSequencer(sequencer));
        _storage.Allow(0);
        foreach (var session in _sessions)
            session.Start();
        WaitUntil(() => _counting.Taken > RingSize, "more to be taken than the ring holds");
        Assert.That(Pipeline.InRing, Is.LessThanOrEqualTo(RingSize));
        Assert.That(_counting.Taken, Is.GreaterThan((long)Pipeline.InRing));
    }

    [TestCase("1 2 3", null)]
    [TestCase("1 3 2", "answer 2 is to nonce 3")]
    [TestCase("1 2 2", "answer 3 is to nonce 2")]
    [TestCase("1 2", "2 answers to 3 commands")]
    public void The_check_of_answers_notices_what_is_missing_doubled_or_out_of_order(string nonces, string? complaint)
    {
        Assert.That(FloodingSession.Complaint([.. nonces.Split(' ').Select(ulong.Parse)], 3), Is.EqualTo(complaint));
    }

    private RunningPipeline Pipeline => _running!;

    private int Received => _sessions.Sum(session => session.Received);

    private int Sent => _sessions.Sum(session => session.Sent);

    private async Task OpenAsync(Func<IEnvelopeSequencer, IEnvelopeSequencer> sloppy)
    {
        _running = new RunningPipeline("ingress+verify1+match+egress;journal", new Replacements
        {
            Storage = _storage,
            RingSize = RingSize,
            Sequencer = sequencer => _counting = new CountingSequencer(sloppy(sequencer)),
        });
        await Pipeline.DefineMarketAsync(Market);
        var sessions = new List<FloodingSession>();
        for (int i = 0; i < Sessions; i++)
        {
            var (key, login) = await Pipeline.RegisterAsync();
            sessions.Add(new FloodingSession(Pipeline.EndPoint, login, key, Pipeline.VenueId, Market, EnvelopesPerSession));
        }

        _sessions = [.. sessions];
    }

    /// <summary>Half a second in which the disk does nothing, and therefore nobody does anything.</summary>
    private void CheckStandstill()
    {
        Settle();
        var before = (_counting.Taken, Pipeline.Journaled, Received);
        long memory = GC.GetTotalMemory(forceFullCollection: true);
        Thread.Sleep(Stall);
        Assert.That(Pipeline.InRing, Is.EqualTo(RingSize), "records in the ring");
        Assert.That((_counting.Taken, Pipeline.Journaled, Received), Is.EqualTo(before), "taken, durable, answered");
        Assert.That(Sent, Is.LessThan(Sessions * EnvelopesPerSession), "clients have more, which nobody reads"); // the system may still take some of it
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - memory, Is.LessThan(MostGrowth), "bytes of memory");
    }

    /// <summary>What had left before the stall arrives, and the system takes what it still has room for.</summary>
    private void Settle()
    {
        (long, int, int) last = default;
        WaitUntil(
            () =>
            {
                var now = (_counting.Taken, Received, Sent);
                bool isSame = now == last;
                last = now;
                Thread.Sleep(100);
                return isSame && now == (_counting.Taken, Received, Sent);
            },
            "all to stand still");
    }

    /// <summary>Each account's envelopes stand in the journal once, in order.</summary>
    private void CheckJournal()
    {
        var next = new Dictionary<ulong, ulong>();
        using var reader = new JournalReader(Pipeline.JournalDirectory);
        while (reader.TryRead((long)Pipeline.Journaled - 1, out var record))
        {
            Assert.That(RecordHeader.TryRead(record.Bytes, out var header, out var payload));
            if (header.Kind != RecordKind.Envelope || !Envelope.TryRead(payload, out var envelope, out _) || envelope.Account == 0)
                continue;
            Assert.That(envelope.FirstNonce, Is.EqualTo(next.GetValueOrDefault(envelope.Account, 1ul)));
            next[envelope.Account] = envelope.LastNonce + 1;
        }

        Assert.That(next.Values, Has.Count.EqualTo(Sessions).And.All.EqualTo((ulong)(EnvelopesPerSession * Envelope.MaximumCommands) + 1));
    }

    private static void WaitUntil(Func<bool> holds, string what)
    {
        long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!holds())
        {
            Assert.That(Environment.TickCount64, Is.LessThan(end), $"waited for {what}");
            Thread.Sleep(1);
        }
    }
}
