using BenchmarkDotNet.Attributes;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.Benchmarks;

/// <summary>The root over the whole state, as the replica computes it at each mark.</summary>
public class StateRoots
{
    private readonly TradingVenue _venue = new();
    private readonly StateCommitmentBuilder _builder = new();

    [Params(1_000, 20_000)]
    public int OpenOrders { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < OpenOrders; i++)
            _venue.Submit(TradingVenue.Maker, NewOrder.Limit(TradingVenue.Market, Side.Sell, 1_000_000 + (ulong)(i % 1000), 10));
    }

    [Benchmark(Description = "state root")]
    public Hash256 Compute() => StateRoot.Of(_venue.Exchange, _builder);
}
