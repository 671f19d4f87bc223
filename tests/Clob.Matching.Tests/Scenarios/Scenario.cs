using System.Globalization;
using System.Text;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>
/// Runs a table: one line a command, the expected events behind the last <c>|</c>, separated by <c>;</c>. Empty lines and lines that
/// begin with <c>--</c> are comments.
/// <code>
///   A buy 10@100                  | accepted A#1; rested #1 10@100
///   B sell 4@99 ioc               | accepted B#2; made A#1 4@100 left 6; took B#2 4@100 done
///   A has                         | 1: 9000+600, 2: 4+0
/// </code>
/// The grammar is <see cref="ScenarioCommands"/> for commands and <see cref="EventText"/> for events. Before the table there are assets 1
/// and 2, market 1 = 2/1 with unit sizes and accounts A to D with what <see cref="Start"/> says. After each line the whole state is audited.
/// </summary>
internal sealed class Scenario
{
    private readonly ScenarioCommands _commands;

    public Scenario(string market = "maker=0 taker=0", string funds = "1000000", EngineRules? rules = null)
    {
        Venue = new TestVenue(rules: rules);
        _commands = new ScenarioCommands(Venue);
        Start(market, funds);
    }

    public TestVenue Venue { get; }

    public static void Run(string table, string market = "maker=0 taker=0", string funds = "1000000", EngineRules? rules = null) =>
        new Scenario(market, funds, rules).Play(table);

    /// <summary>Plays all lines, then compares: a failure shows the whole table as it was found.</summary>
    public void Play(string table)
    {
        var found = new StringBuilder();
        var wrong = new List<string>();
        foreach (string line in table.Split('\n', StringSplitOptions.TrimEntries))
        {
            int bar = line.LastIndexOf('|');
            if (line.Length == 0 || line.StartsWith("--", StringComparison.Ordinal))
            {
                found.AppendLine(line);
                continue;
            }

            Assert.That(bar, Is.GreaterThan(0), $"no '|' in: {line}");
            string events = _commands.Run(line[..bar].Trim()).Trim();
            Venue.Exchange.Audit();
            found.Append(line[..bar]).Append("| ").AppendLine(events);
            if (events != line[(bar + 1)..].Trim())
                wrong.Add($"expected: {line}\nfound:    {line[..bar]}| {events}");
        }

        Assert.That(wrong, Is.Empty, $"the table as found:\n{found}");
    }

    /// <summary>Like <see cref="Play"/>, but only the state afterwards matters.</summary>
    public void Do(params ReadOnlySpan<string> lines)
    {
        foreach (string line in lines)
            _commands.Run(line);
        Venue.Exchange.Audit();
    }

    private void Start(string market, string funds)
    {
        Do("op asset 1 6 USD & asset 2 8 BTC", $"op market 1 2/1 {market}");
        for (int i = 1; i <= 4; i++)
        {
            Do("op register");
            Do(string.Create(CultureInfo.InvariantCulture, $"op deposit {(char)('A' + i - 1)} {funds} of 1 & deposit {(char)('A' + i - 1)} {funds} of 2"));
        }
    }
}
