using Clob.Engine;
using Clob.Matching.Tests;
using Clob.Protocol;

namespace Clob.Fuzz.Tests;

/// <summary>The entries of an exported state, each <c>section u8 · entry</c>. What is imported must export the same entries.</summary>
internal static class StateTargets
{
    private static readonly ExchangeCapacity Capacity = new(1, 1, 1);

    public static IEnumerable<FuzzTarget> All =>
    [
        new("entries of a state", [Exported(RichVenue()), Exported(new Scenario().Venue.Exchange)], Import)
        {
            Alter = Frames.Alter,
            Refusals = [typeof(StateRefusedException)],
            FixedAllocation = 4 * 1024 * 1024, // pools grow by pages
            AllocationPerByte = 256,
        },
    ];

    private static Exchange RichVenue()
    {
        var scenario = new Scenario("maker=-100 taker=333 band=500000", rules: new EngineRules { MaximumTriggeredOfRecord = 1 });
        scenario.Do(
            "op asset 3 2 EUR & market 2 3/1 notional=5000 & register 1",
            "A settings on stp=oldest", "D settings - stp=both", "D rotate 7",
            "op limits B orders=9 notional=100000 & limits D trading=off & fees A 1 maker=-5 taker=5 & fees B 1 maker=3",
            "A buy 50@10 gtd=90000 client=4", "A buy 20@10 show=5 & buy 7@10", "B sell 13@10 ioc", "B sell 30@12 show=10 post", "A buy 13@12",
            "A withdraw 5 of 1 & withdraw 6 of 2", "op settle 1 paid", "op deposit A 1 of 3 id=4",
            "A bad buy 1@1", "verdict 2", "A bad buy 1@1",
            "C buy 3@14 stop=14", "C buy 3@14 stop=13 gtd=99000 show=1 & buy 4@13 stop=13 ioc & sell 4@9 stop=7 market", "B sell 2@13 stp=allow", "A buy 48@13 stp=allow ioc");
        return scenario.Venue.Exchange;
    }

    private static byte[] Exported(Exchange exchange)
    {
        var entries = new Entries();
        exchange.VisitState(ref entries);
        return Frames.Join(entries.Items);
    }

    private static Decoded Import(ReadOnlySpan<byte> input)
    {
        var import = new Exchange.StateImport(Capacity);
        foreach (byte[] entry in Frames.Split(input))
        {
            if (entry.Length == 0)
                return Decoded.Refused("not even a section");
            import.Visit((StateSection)entry[0], entry.AsSpan(1));
        }

        Exchange exchange = import.Finish();
        exchange.Audit();
        return Decoded.Accepted(exchange.NextSequence, Exported(exchange));
    }

    private readonly struct Entries() : IStateVisitor
    {
        public List<byte[]> Items { get; } = [];

        public void Visit(StateSection section, ReadOnlySpan<byte> entry) => Items.Add([(byte)section, .. entry]);
    }
}
