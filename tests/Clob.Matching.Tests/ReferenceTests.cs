using System.Diagnostics;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>
/// The real Exchange against the naive one: every event, and the whole state again and again. A third one, which is exported and built
/// anew from that again and again, must say the same.
/// </summary>
[Parallelizable(ParallelScope.Children)]
public sealed class ReferenceTests
{
    /// <summary>Commands in all envelopes, over all shapes.</summary>
    private static readonly int Commands = NumberFrom("CLOB_COMMANDS", 100_000);

    /// <summary>
    /// Lines until a fresh venue takes over, under the next seed: the naive venue searches what it ever saw, so long streams cost more for each
    /// line. A few go on for long all the same.
    /// </summary>
    private static int LinesOfVenue(int seed) => seed % 32 == 0 ? 20_000 : 2_500;

    /// <summary>The whole state costs as much as some ten lines.</summary>
    private const int LinesBetweenStates = 10;

    private const int LinesBetweenImports = 50;

    /// <summary>Where random streams of this run begin.</summary>
    public static int Seed { get; } = NumberFrom("CLOB_SEED", Environment.TickCount & 0xFFFFFF);

    private static IEnumerable<TestCaseData> Cases()
    {
        foreach (var shape in Shape.All)
            yield return new TestCaseData(shape, Seed).SetArgDisplayNames(shape.Name);
    }

    [TestCaseSource(nameof(Cases))]
    public void Agrees_with_the_naive_venue_on_random_commands(object shape, int seed)
    {
        var watch = Stopwatch.StartNew();
        long commands = 0;
        int venues = 0;
        for (; commands < Commands / Shape.All.Length; venues++)
            commands += RunStream((Shape)shape, seed + venues, LinesOfVenue(seed + venues), []);
        TestContext.Out.WriteLine($"seeds {seed} to {seed + venues - 1} (CLOB_SEED), {commands} commands, {watch.Elapsed.TotalSeconds:F1} s");
    }

    [Test]
    public void The_random_commands_reach_every_event_and_every_reason()
    {
        var kinds = new Dictionary<(EventKind Kind, byte Reason), int>();
        foreach (var shape in Shape.All)
            RunStream(shape, seed: 1, lines: 3_000, kinds);
        TestContext.Out.WriteLine(string.Join("\n", kinds.OrderBy(k => k.Key).Select(k => $"{k.Key.Kind} {(k.Key.Kind == EventKind.Cancelled ? (CancelReason)k.Key.Reason : (RejectReason)k.Key.Reason)} {k.Value}")));
        // No envelope builder makes a malformed envelope.
        var rejects = kinds.Keys.Where(k => k.Kind is EventKind.Rejected or EventKind.EnvelopeRejected).Select(k => (RejectReason)k.Reason);
        Assert.That(rejects, Is.SupersetOf(Enum.GetValues<RejectReason>()
            .Except([RejectReason.None, RejectReason.Malformed])));
        Assert.That(kinds.Keys.Where(k => k.Kind == EventKind.Cancelled).Select(k => (CancelReason)k.Reason), Is.SupersetOf(Enum.GetValues<CancelReason>()));
        Assert.That(kinds.Keys, Is.SupersetOf(new[] { (EventKind.Rested, OfIceberg), (EventKind.Reduced, OfIceberg), (EventKind.Replaced, OfIceberg) }));
        Assert.That(kinds.Keys.Select(k => k.Kind), Is.SupersetOf(Enum.GetValues<EventKind>().Except([EventKind.SystemEvent])));
    }

    /// <summary>Marks what is rare and has no reason of its own: what only the feed hears of, and the next portion of an iceberg.</summary>
    private const byte OfIceberg = byte.MaxValue;

    /// <summary>A journal of random commands, with the verdict on each record's signature.</summary>
    internal static List<(byte[] Record, bool IsValid)> JournalOf(Shape shape, int seed, int lines)
    {
        var pair = new Pair(shape);
        var stream = new RandomStream(new Random(seed), shape, pair.Venue);
        for (int i = 0; i < lines; i++)
            Assert.That(pair.Run(stream.Next(pair.Naive.Orders), []), Is.Null);
        return pair.Journal;
    }

    private static long RunStream(Shape shape, int seed, int lines, Dictionary<(EventKind, byte), int> kinds)
    {
        var pair = new Pair(shape);
        var stream = new RandomStream(new Random(seed), shape, pair.Venue);
        var played = new List<string>();
        for (int i = 0; i < lines; i++)
        {
            string line = stream.Next(pair.Naive.Orders);
            played.Add(line);
            string? difference = pair.Run(line, kinds);
            if (difference is null && i == lines - 1)
                difference = pair.Finish();
            if (difference is not null)
                Assert.Fail($"{shape}, seed {seed} (CLOB_SEED): {difference}\nthinned out to\n{string.Join("\n", Thin(shape, played))}");
        }

        return pair.Commands;
    }

    private static int NumberFrom(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out int number) ? number : otherwise;

    [Test]
    public void The_comparison_notices_a_wrong_unit()
    {
        var pair = new Pair(Shape.Crowded);
        Assert.That(pair.Run("A buy 5@100", []), Is.Null);
        pair.Alter = (ref ExchangeEvent e) => e.Amount += e.Kind == EventKind.Executed ? 1 : 0;
        Assert.That(pair.Run("B sell 1@90", []), Does.Contain("event"));
    }

    /// <summary>Leaves out lines, in ever smaller runs, then single commands of envelopes, as long as the rest still shows a difference.</summary>
    private static List<string> Thin(Shape shape, List<string> lines)
    {
        for (int run = lines.Count / 2; run > 0; run /= 2)
        {
            for (int from = 0; from < lines.Count;)
            {
                List<string> fewer = [.. lines[..from], .. lines[Math.Min(from + run, lines.Count)..]];
                if (Differs(shape, fewer))
                    lines = fewer;
                else
                    from += run;
            }
        }

        for (int i = 0; i < lines.Count; i++)
        {
            for (int command = 0; command < lines[i].Count(c => c == '&');)
            {
                List<string> fewer = [.. lines];
                fewer[i] = Without(lines[i], command + 1);
                if (Differs(shape, fewer))
                    lines = fewer;
                else
                    command++;
            }
        }

        return lines;
    }

    private static string Without(string line, int command)
    {
        List<string> commands = [.. line.Split('&')];
        commands.RemoveAt(command);
        return string.Join('&', commands);
    }

    private static bool Differs(Shape shape, List<string> lines)
    {
        var pair = new Pair(shape);
        try
        {
            return lines.Any(line => pair.Run(line, []) is not null) || pair.Finish() is not null;
        }
        catch (Exception failure) when (failure is ReplayRefusedException or ArgumentOutOfRangeException)
        {
            return false; // the line only made sense behind one that was left out
        }
    }

    private sealed class Pair
    {
        private readonly ScenarioCommands _commands;
        private readonly HashSet<ulong> _rested = [];
        private readonly EngineRules _rules;
        private Exchange _twin;
        private string? _difference;
        private int _lines;

        public Pair(Shape shape)
        {
            Venue = new TestVenue(rules: shape.Rules);
            Naive = new NaiveExchange(shape.Rules);
            _rules = shape.Rules;
            _twin = Imported(Venue.Exchange, _rules);
            _commands = new ScenarioCommands(Venue);
            Naive.Apply(Venue.Journal[0], true);
            Journal.Add((Venue.Journal[0], true));
            Venue.Applied = Compare;
            string[] accounts = ["A", "B", "C", "D"];
            string unit = shape.Units[^1];
            foreach (string line in (string[])
                ["op asset 1 6 USD & asset 2 8 BTC & asset 3 2 EUR", $"op market 1 2/1 {unit} & market 2 2/1 & market 3 3/2", .. accounts.Select(_ => "op register"),
                .. accounts.SelectMany(a => Enumerable.Range(1, 3).Select(asset => $"op deposit {a} {shape.Funds} of {asset}"))])
            {
                Run(line, []);
            }
        }

        public delegate void Alteration(ref ExchangeEvent happened);

        public TestVenue Venue { get; }

        public NaiveExchange Naive { get; }

        public List<(byte[] Record, bool IsValid)> Journal { get; } = [];

        /// <summary>Commands in all envelopes so far.</summary>
        public long Commands { get; private set; }

        /// <summary>Falsifies what the real one said; negative control.</summary>
        public Alteration? Alter { get; set; }

        private Dictionary<(EventKind, byte), int> _kinds = [];

        public string? Run(string line, Dictionary<(EventKind, byte), int> kinds)
        {
            _kinds = kinds;
            Guard(() =>
            {
                _commands.Run(line);
                if (_difference is null && ++_lines % LinesBetweenStates == 0)
                    CompareStates();
                if (_difference is null && _lines % LinesBetweenImports == 0)
                    ImportAgain();
            });
            return _difference is null ? null : $"{line}: {_difference}";
        }

        /// <summary>Behind the last line: compares the states once more.</summary>
        public string? Finish()
        {
            Guard(() =>
            {
                CompareStates();
                ImportAgain();
            });
            return _difference;
        }

        private void Guard(Action action)
        {
            try
            {
                action();
            }
            catch (Exception failure) when (failure is InvariantViolationException or StateRefusedException or OverflowException or IndexOutOfRangeException)
            {
                _difference = $"{failure}";
            }
        }

        private void Compare(byte[] record, bool isValid, List<ExchangeEvent> events)
        {
            Journal.Add((record, isValid));
            Venue.Exchange.Audit();
            var expected = Naive.Apply(record, isValid);
            for (int i = 0; i < Math.Max(expected.Count, events.Count) && _difference is null; i++)
            {
                var found = i < events.Count ? events[i] : default;
                Alter?.Invoke(ref found);
                bool isOfIceberg = found.Kind == EventKind.Rested ? !_rested.Add(found.OrderId) : found.Kind is EventKind.Reduced or EventKind.Replaced && found.ReportSequence == 0;
                var kind = (found.Kind, isOfIceberg ? OfIceberg : found.Reason);
                _kinds[kind] = _kinds.GetValueOrDefault(kind) + 1;
                if (i >= expected.Count || !found.Equals(expected[i]))
                    _difference = $"event {i} is {found}, expected {(i < expected.Count ? expected[i] : "none")}";
            }

            RecordHeader.TryRead(record, out var header, out var payload);
            var again = new EventList();
            var result = _twin.Apply(header, payload, header.Kind == RecordKind.Envelope ? SignatureHint.Settled(isValid) : SignatureHint.None, ref again);
            if (_difference is null && !again.Items.SequenceEqual(events))
                _difference = $"the imported venue says {EventText.Of(again.Items)}, expected {EventText.Of(events)}";
            if (_difference is null && (result, _twin.EarliestDeadline) != (Venue.Results[^1], Venue.Exchange.EarliestDeadline))
                _difference = $"the imported venue answers {result}, next {_twin.EarliestDeadline}, expected {Venue.Results[^1]}, next {Venue.Exchange.EarliestDeadline}";
            if (header.Kind == RecordKind.Envelope && Envelope.TryRead(payload, out var envelope, out _))
                Commands += envelope.Count;
        }

        private void CompareStates()
        {
            CompareStates(Naive.StateLines(), StateLines.Of(Venue.Exchange));
        }

        private void ImportAgain()
        {
            CompareStates(StateLines.Of(Venue.Exchange), StateLines.Of(_twin));
            _twin = Imported(_twin, _rules);
        }

        private static Exchange Imported(Exchange exchange, EngineRules rules)
        {
            var import = new Exchange.StateImport(ExchangeCapacity.Small, rules);
            exchange.VisitState(ref import);
            return import.Finish();
        }

        private void CompareStates(List<string> expected, List<string> found)
        {
            for (int i = 0; i < Math.Max(expected.Count, found.Count) && _difference is null; i++)
            {
                if (expected.ElementAtOrDefault(i) != found.ElementAtOrDefault(i))
                    _difference = $"state entry {i} is {found.ElementAtOrDefault(i)}, expected {expected.ElementAtOrDefault(i)}";
            }
        }
    }
}
