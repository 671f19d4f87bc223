using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>What random commands look like: the numbers they are made of.</summary>
internal sealed record Shape(string Name, string Funds, ulong[] Prices, ulong[] Quantities, int[] Fees, string[] Units)
{
    private static readonly ulong[] FewPrices = [.. Enumerable.Range(95, 11).Select(p => (ulong)p)];

    /// <summary>A small crowded book, fees that round in every fill.</summary>
    public static Shape Crowded { get; } = new(
        "crowded", "100000", FewPrices, [.. Enumerable.Range(0, 21).Select(q => (ulong)q)],
        [0, 1, 37, 250, 999, 2500, -1, -37, -250, -999], ["", "lot=3 tick=7"]);

    /// <summary>The same in a venue that is soon full.</summary>
    public static Shape Narrow { get; } = Crowded with
    {
        Name = "narrow",
        Rules = new EngineRules { MaximumOrders = 10, MaximumOrdersOfAccount = 4, MaximumWithdrawals = 7, MaximumWithdrawalsOfAccount = 2, MaximumKeyVersion = 3, MaximumFeeOverrides = 3, MaximumTriggeredOfRecord = 1, MaximumMakersOfFillOrKill = 2, MaximumBalances = 18 },
    };

    /// <summary>Hardly any money: most orders fail for funds, holds matter to the unit.</summary>
    public static Shape Poor { get; } = new(
        "poor", "700", [1, 2, 3, 5, 8], [0, 1, 2, 3, 40, 90], [0, 3333, 50_000, 333_333, 1_000_000, -3333, -333_333, -1_000_000], ["", "tick=3"]);

    /// <summary>The ends of all ranges.</summary>
    public static Shape Extreme { get; } = new(
        "extreme", "42535295865117307932921825928971026431",
        [0, 1, 2, 3, 1UL << 32, (1UL << 61) + 1, Last62 - 1, Last62, Last62 + 1, ulong.MaxValue],
        [0, 1, 2, 3, 1UL << 31, 1UL << 62, Last63 - 1, Last63, Last63 + 1, ulong.MaxValue],
        [0, 1, 999_999, 1_000_000, -1, -999_999, -1_000_000],
        ["", "tick=18446744073709551615", "lot=18446744073709551615", "lot=9223372036854775807 tick=4294967296"]);

    /// <summary>Prices all over 62 bits, so that the ladders are deep and sparse.</summary>
    public static Shape Sparse { get; } = new(
        "sparse", "42535295865117307932921825928971026431", [.. Spread()], [0, 1, 2, 3, 4, 5], [0, 100, -50], [""]);

    /// <summary>Few prices, so that everybody meets everybody: icebergs, own orders and those that want all or nothing.</summary>
    public static Shape Entangled { get; } = new(
        "entangled", "1000000", [99, 100, 100, 101], [.. Enumerable.Range(0, 13).Select(q => (ulong)q), 101, 102, 250], [0, 37, 2500, -37], [""])
    {
        Kinds = ["", "", "", "", "fok", "fok", "fok", "ioc", "post", "post ioc"],
        Rarity = 2,
        Markets = [""],
        Rules = new EngineRules { MaximumMakersOfFillOrKill = 3 },
    };

    /// <summary>Every other order is a stop, in several markets, of which each record runs only a few.</summary>
    public static Shape Cascading { get; } = Crowded with
    {
        Name = "cascading",
        Rarity = 2,
        Rules = new EngineRules { MaximumTriggeredOfRecord = 3 },
    };

    public static Shape[] All { get; } = [Crowded, Narrow, Poor, Extreme, Sparse, Entangled, Cascading];

    /// <summary>Words behind an order; <see cref="RandomStream"/> adds some that need the time.</summary>
    public string[] Kinds { get; private init; } = ["", "", "", "", "ioc", "ioc", "fok", "market", "post", "post", "post ioc", "market gtc"];

    /// <summary>Markets of most orders; none is market 1.</summary>
    public string[] Markets { get; private init; } = ["", "", "", "m=2", "m=2", "m=3"];

    /// <summary>How many orders there are to one iceberg, and to one with a mode of self-trade prevention of its own.</summary>
    public int Rarity { get; private init; } = 4;

    public EngineRules Rules { get; private init; } = EngineRules.Current;

    private const ulong Last62 = (1UL << 62) - 1;
    private const ulong Last63 = (1UL << 63) - 1;

    public static Shape Named(string name) => All.Single(shape => shape.Name == name);

    public override string ToString() => Name;

    private static IEnumerable<ulong> Spread()
    {
        for (int bit = 0; bit < 62; bit++)
        {
            yield return 1UL << bit;
            yield return (1UL << bit) + 1;
            yield return Last62 - (1UL << bit);
        }
    }
}

/// <summary>
/// Makes up scenario lines that fit the venue's present state well enough to do something. The lines alone decide what happens, so a
/// failing stream can be thinned out and kept as a table.
/// </summary>
internal sealed class RandomStream(Random random, Shape shape, TestVenue venue)
{
    public string Next(IReadOnlyList<NaiveOrder> open) =>
        random.Next(1000) switch
        {
            < 15 => $"again {random.Next(1, Math.Min(60, venue.Results.Count - 5))}",
            < 22 => Time() + "time",
            < 27 => "mark",
            < 32 => $"verdict {random.Next((int)Math.Min(20, venue.Exchange.NextSequence - venue.Exchange.NextUnsettled))}",
            < 40 => Disconnect(),
            < 80 => Odd(),
            < 150 => $"op {Operators()}",
            _ => Trade(Who(), open),
        };

    private string Trade(string who, IReadOnlyList<NaiveOrder> open)
    {
        ulong account = ScenarioCommands.Who(who);
        var limits = venue.Exchange.ReadAccount(account)!.Limits;
        if (limits.KillSwitch && random.Next(6) == 0)
            return $"{who} settings - kill=off";
        if (!limits.IsTradingAllowed && random.Next(6) == 0)
            return $"op limits {who} trading=on";
        NaiveOrder[] own = [.. open.Where(order => order.Account == account)];
        int commands = random.Next(5) == 0 ? random.Next(2, 6) : 1;
        return $"{who} {string.Join(" & ", Enumerable.Range(0, commands).Select(_ => Traders(own)))}";
    }

    /// <summary>Envelopes with something about their head.</summary>
    private string Odd()
    {
        string who = Who();
        ulong next = venue.Exchange.ReadAccount(ScenarioCommands.Who(who))!.NextNonce;
        return random.Next(6) switch
        {
            0 => $"{who} bad {Order()}",
            1 => $"{who} nonce={(next > 90 && random.Next(3) != 0 ? next - (ulong)random.Next(1, 90) : (ulong)random.Next((int)next + 1))} {Order()}",
            2 => $"{who} nonce={next + (ulong)random.Next(5)} {Order()}",
            3 => $"{who} expiry={venue.Time + (ulong)random.Next(20)} {Order()}",
            4 => $"Z {Order()}",
            _ => $"{who} {Operators()}",
        };
    }

    private string Disconnect()
    {
        string who = Who();
        return venue.Exchange.Keys.CancelsOnDisconnect(ScenarioCommands.Who(who)) ? $"disconnect {who}" : $"{who} settings on";
    }

    private string Traders(NaiveOrder[] own) => random.Next(own.Length == 0 ? 60 : 100) switch
    {
        < 52 => Order(),
        < 66 => $"cancel {Id(own)}",
        < 78 => $"reduce {Id(own)} {Pick(shape.Quantities)}",
        < 92 => $"replace {Id(own)} {Lots()} {(random.Next(shape.Rarity) == 0 ? Shown() : "")} {(random.Next(10) == 0 ? Stop() : "")}",
        < 94 => $"cancelall {Pick(["", "m=1", "m=2", "m=3", "buy", "sell m=1", "m=9"])}",
        < 97 => $"withdraw {random.Next(200)} of {random.Next(1, 5)}",
        < 98 => $"settings {Pick(["on", "off", "-"])} {Pick(["", Prevention()])} {Pick(["", "", "kill=on", "kill=off"])}",
        _ => $"rotate {Pick(["1", "2", "3", "zero"])}",
    };

    private string Order() => $"{Pick(["buy", "sell"])} {Lots()} {(random.Next(7) == 0 ? Gtd() : Pick(shape.Kinds))}"
        + $" {Market()} {(random.Next(3) == 0 ? $"client={random.Next(9)}" : "")} {(random.Next(shape.Rarity) == 0 ? Prevention() : "")} {(random.Next(shape.Rarity) == 0 ? Shown() : "")} {(random.Next(shape.Rarity) == 0 ? Stop() : "")}";

    private string Stop() => $"stop={Pick(shape.Prices)}";

    private string Operators() => random.Next(100) switch
    {
        < 3 => "deposit A 50 of 1 id=50",
        < 6 => "deposit Z 50 of 1",
        < 40 => $"deposit {Who()} {Pick(["1", "50", "1000", "0", shape.Funds])} of {random.Next(1, 5)} {(random.Next(2) == 0 ? $"id={random.Next(40)}" : "")}",
        < 56 => $"settle {random.Next(1, 60)} {Pick(["paid", "returned"])}",
        < 64 => $"fees {Pick([Who(), Who(), Who(), "Z"])} {Pick(["1", "2", "3", "9"])} {Pick(["", $"maker={Pick(shape.Fees)}", $"taker={Pick(shape.Fees)}", Fees(), Fees()])}",
        < 74 => $"change {Pick(["1", "2", "3", "9"])} {Fees()}",
        < 77 => $"limits {Who()} {Pick(["trading=off", "", ""])} {Limits()} & limits {Who()} {Limits()}",
        < 81 => $"change {random.Next(1, 4)} {Pick(["band=0 notional=170141183460469231731687303715884105727", "band=0 notional=170141183460469231731687303715884105727", Bounds(), Bounds(), Bounds(), "min=1", "min=1", "min=2", "min=0", "max=9 cap=100", "max=9223372036854775807 cap=4611686018427387903", "max=9223372036854775807 cap=4611686018427387903"])}",
        < 89 => $"state 1 Open & state 2 Open & state 3 Open",
        < 91 => $"state {random.Next(1, 4)} {Pick(["Halted", "CancelOnly"])}",
        < 93 => $"asset {random.Next(0, 6)} {random.Next(20)} X",
        < 96 => $"market {random.Next(3, 7)} {random.Next(1, 4)}/{random.Next(1, 4)} {Pick([Fees(), "", Bounds()])} {Pick(shape.Units)}",
        < 99 => $"state {random.Next(4, 7)} {Pick(["Closed", "Open"])} & state 4 Closed & state 4 Open",
        _ => venue.Exchange.Keys.Count < 12 ? $"register {Pick(["1", "2", "zero"])}" : "deposit A 1 of 1",
    };

    private string Bounds() =>
        $"{Pick(["band=5000", "band=5000", "band=20000", "band=500000", $"band={uint.MaxValue}"])} {Pick(["", $"ref={Pick(shape.Prices)}"])} "
        + Pick(["", $"notional={(UInt128)Pick(shape.Prices) * Pick(shape.Quantities)}"]);

    private string Limits() => random.Next(4) switch
    {
        0 => $"orders={random.Next(6)}",
        1 => $"notional={(UInt128)Pick(shape.Prices) * Pick(shape.Quantities)}",
        _ => $"orders={uint.MaxValue} notional={UInt128.MaxValue}",
    };

    private string Prevention() => $"stp={Pick(["allow", "newest", "oldest", "both"])}";

    private string Shown() => $"show={Pick(shape.Quantities)}";

    private string Fees() => $"maker={Pick(shape.Fees)} taker={Pick(shape.Fees)}";

    private string Gtd() => $"gtd={(random.Next(10) == 0 ? 5 : venue.Time + (ulong)random.Next(3000))}";

    private string Time() => random.Next(3) == 0 ? $"t={venue.Time + (ulong)random.Next(1, 2000)} " : "";

    private string Lots() => $"{Pick(shape.Quantities)}@{Pick(shape.Prices)}";

    private string Who() => random.Next(20) == 0 ? "op" : Pick(["A", "B", "C", "D"]);

    private string Market() => random.Next(7) == 0 ? $"m={random.Next(4, 8)}" : Pick(shape.Markets);

    /// <summary>Mostly an open order of the account in its market, sometimes any number.</summary>
    private string Id(NaiveOrder[] own)
    {
        if (own.Length == 0 || random.Next(8) == 0)
            return $"#{random.Next(50)} {Market()}";
        var order = Pick(own);
        return $"#{order.Id} m={order.Order.Market}";
    }

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
