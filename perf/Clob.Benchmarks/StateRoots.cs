using BenchmarkDotNet.Attributes;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;
using Clob.Throughput;

namespace Clob.Benchmarks;

/// <summary>The root over the whole state, as the replica computes it at each mark.</summary>
public class StateRoots
{
    private readonly TradingVenue _venue = new(accounts: 2, orders: 65_536, priceLevels: 16_384);
    private readonly StateCommitmentBuilder _builder = new();

    [Params(1_000, 20_000)]
    public int OpenOrders { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        for (int i = 0; i < OpenOrders; i++)
            _venue.Submit(1, NewOrder.Limit(TradingVenue.Market, Side.Sell, 1_000_000 + (ulong)(i % 1000), 10));
    }

    [Benchmark(Description = "state root")]
    public Hash256 Compute() => StateRoot.Of(_venue.Exchange, _builder);
}
