using BenchmarkDotNet.Attributes;
using Clob.Protocol;
using Clob.Throughput;

namespace Clob.Benchmarks;

/// <summary>Whole Exchange: envelope, nonce, hold, fee, events; signatures count as checked. One operation leaves the book as it found it.</summary>
public class Matching
{
    private const int Makers = 100;
    private const int DeepLevels = 1000;
    private const ulong Middle = 1_000_000;
    private const uint Maker = 1;
    private const uint Taker = 2;
    private readonly TradingVenue _empty = MakeVenue();
    private readonly TradingVenue _deep = MakeVenue();

    [GlobalSetup]
    public void FillTheDeepBook()
    {
        for (ulong distance = 1; distance <= DeepLevels; distance++)
        {
            _deep.Submit(Maker, NewOrder.Limit(TradingVenue.Market, Side.Buy, Middle - distance, 10));
            _deep.Submit(Maker, NewOrder.Limit(TradingVenue.Market, Side.Sell, Middle + distance, 10));
        }
    }

    [Benchmark(Description = "simple match: one rests, one takes it", OperationsPerInvoke = 2)]
    public void SimpleMatch()
    {
        _empty.Submit(Maker, NewOrder.Limit(TradingVenue.Market, Side.Sell, Middle, 10));
        _empty.Submit(Taker, NewOrder.Limit(TradingVenue.Market, Side.Buy, Middle, 10));
    }

    [Benchmark(Description = "one to many: 100 rest on 100 levels, one takes all", OperationsPerInvoke = Makers + 1)]
    public void OneToMany()
    {
        for (ulong level = 0; level < Makers; level++)
            _empty.Submit(Maker, NewOrder.Limit(TradingVenue.Market, Side.Sell, Middle + level, 10));
        _empty.Submit(Taker, NewOrder.Limit(TradingVenue.Market, Side.Buy, Middle + Makers, 10 * Makers));
    }

    [Benchmark(Description = "partial fill and place: takes half, rests the rest, is taken", OperationsPerInvoke = 3)]
    public void PartialFillAndPlace()
    {
        _empty.Submit(Maker, NewOrder.Limit(TradingVenue.Market, Side.Sell, Middle, 5));
        _empty.Submit(Taker, NewOrder.Limit(TradingVenue.Market, Side.Buy, Middle, 10));
        _empty.Submit(Maker, NewOrder.Limit(TradingVenue.Market, Side.Sell, Middle, 5));
    }

    [Benchmark(Description = "deep book: place and cancel among 1,000 + 1,000 levels", OperationsPerInvoke = 2)]
    public void DeepBook()
    {
        _deep.Submit(Taker, NewOrder.Limit(TradingVenue.Market, Side.Buy, Middle - DeepLevels / 2, 10));
        _deep.Submit(Taker, new Cancel(TradingVenue.Market, _deep.LastOrderId));
    }

    private static TradingVenue MakeVenue() => new(accounts: 2, orders: 65_536, priceLevels: 16_384);
}
