using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>The journal decides everything: memory, threads and the way there nothing.</summary>
public sealed class ReplayTests
{
    internal static Exchange Replay(IEnumerable<byte[]> journal, SignatureHint hint, ExchangeCapacity? capacity = null, EventList? events = null)
    {
        var exchange = new Exchange(capacity ?? ExchangeCapacity.Small);
        var sink = events ?? new EventList();
        foreach (byte[] record in journal)
        {
            RecordHeader.TryRead(record, out var header, out var payload);
            exchange.Apply(header, payload, hint, ref sink);
        }

        exchange.Audit();
        return exchange;
    }

    [Test]
    public void A_journal_gives_the_same_events_and_state_whatever_the_memory()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var venue = RandomVenue(seed, out var events);
        foreach (var capacity in new[] { new ExchangeCapacity(1, 1, 1), ExchangeCapacity.Default })
        {
            var again = new EventList();
            var exchange = Replay(venue.Journal, SignatureHint.Settled(true), capacity, again);
            Assert.That(again.Items.SequenceEqual(events), Is.True);
            Assert.That(StateLines.Of(exchange), Is.EqualTo(StateLines.Of(venue.Exchange)));
        }
    }

    [Test]
    public void Every_entry_of_the_state_changes_when_what_it_says_changes()
    {
        var scenario = new Scenario();
        scenario.Do("A buy 5@10 gtd=90000", "A buy 5@10 stop=10", "op fees A 1 maker=1", "A withdraw 1 of 1", "op deposit A 1 of 1 id=4", "A bad buy 1@1");
        var before = StateLines.Of(scenario.Venue.Exchange);
        Assert.That(before.Select(line => line[..3]).Distinct(), Is.EqualTo(
            new[] { "A a", "A b", "A f", "S s", "M m", "M o", "M p", "X n", "X r", "X e", "X d", "X w", "X t", "X v" }));
        Assert.That(before, Is.Unique);
        scenario.Do("B settings on");
        var after = StateLines.Of(scenario.Venue.Exchange);
        Assert.That(before.Except(after).Select(line => line[..3]), Is.EquivalentTo(new[] { "A a", "X n", "X r" }));
    }

    private static TestVenue RandomVenue(int seed, out List<ExchangeEvent> events)
    {
        var venue = new TestVenue();
        var naive = new NaiveExchange(EngineRules.Current);
        var all = new List<ExchangeEvent> { new() { Kind = EventKind.SystemEvent, Time = TestVenue.Start, FeedSequence = 1 } };
        naive.Apply(venue.Journal[0], true);
        venue.Applied = (record, isValid, happened) =>
        {
            naive.Apply(record, isValid);
            all.AddRange(happened);
        };
        var commands = new ScenarioCommands(venue);
        foreach (string line in (string[])["op asset 1 6 USD & asset 2 8 BTC & asset 3 2 EUR", "op market 1 2/1 & market 2 2/1 & market 3 3/2",
            "op register & register & register & register", .. Enumerable.Range(0, 12).Select(i => $"op deposit {(char)('A' + i % 4)} 100000 of {i / 4 + 1}")])
        {
            commands.Run(line);
        }

        var stream = new RandomStream(new Random(seed), Shape.Crowded, venue);
        for (int i = 0; i < 1500; i++)
        {
            string line = stream.Next(naive.Orders);
            if (!line.Contains("bad", StringComparison.Ordinal)) // the replay trusts all signatures
                commands.Run(line);
        }

        events = all;
        return venue;
    }
}
