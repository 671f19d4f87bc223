using Clob.Load.Lobster;
using Clob.Protocol;

namespace Clob.Client.Tests;

public sealed class LobsterReplayTests
{
    [TestCase("AAPL", 999, 10)]
    [TestCase("MSFT", 1000, 50)]
    public async Task Every_row_of_a_real_market_day_is_equal(string symbol, int rows, int depth)
    {
        var file = ReadFile(symbol);
        Assert.That((file.Rows.Count, file.Depth), Is.EqualTo((rows, depth)));
        var run = new LobsterRun(file, new SimpleMarket());
        Assert.That(await run.RunAsync(default), Is.Null);
        Assert.That(run.EqualRows, Is.EqualTo(rows));
    }

    [Test]
    public async Task One_share_too_many_in_the_last_row_is_found()
    {
        var file = ReadFile("AAPL");
        var last = file.Rows[^1];
        var wrong = last with { Bids = [.. last.Bids.Take(9), last.Bids[9] with { Size = last.Bids[9].Size + 1 }] };
        var run = new LobsterRun(file with { Rows = [.. file.Rows.SkipLast(1), wrong] }, new SimpleMarket());
        Assert.That(await run.RunAsync(default), Does.StartWith("row 999 Buy level 10: expected "));
        Assert.That(run.EqualRows, Is.EqualTo(998));
    }

    [Test]
    public async Task A_market_without_time_priority_is_found()
    {
        var run = new LobsterRun(ReadFile("AAPL"), new SimpleMarket(newestFirst: true));
        Assert.That(await run.RunAsync(default), Does.Contain("expected fill of"));
    }

    private static LobsterFile ReadFile(string symbol)
    {
        string folder = SharedData.Folder(Path.Combine("data", "lobster"));
        return LobsterFile.Read(
            Directory.GetFiles(folder, $"{symbol}*message*.csv").Single(), Directory.GetFiles(folder, $"{symbol}*orderbook*.csv").Single());
    }

    /// <summary>The simplest price-time book that tells a feed.</summary>
    private sealed class SimpleMarket(bool newestFirst = false) : ILobsterMarket
    {
        private readonly List<LobsterOrder> _resting = [];
        private ulong _sequence;

        public FeedBook Book { get; } = new(1);

        public Task ApplyAsync(IReadOnlyList<LobsterOrder> orders, Action<long, ulong> onFill, CancellationToken cancellation)
        {
            foreach (var order in orders)
                Apply(order, onFill);
            return Task.CompletedTask;
        }

        private void Apply(LobsterOrder order, Action<long, ulong> onFill)
        {
            switch (order.Kind)
            {
                case LobsterOrderKind.Add:
                    _resting.Add(order);
                    Tell(new FeedMessage { Verb = FeedVerb.Add, OrderId = Id(order.Key), Side = order.Side, Price = order.Price, Quantity = order.Quantity });
                    break;
                case LobsterOrderKind.Take:
                    Match(order, onFill);
                    break;
                default:
                    TakeOff(order.Key, order.Quantity);
                    Tell(order.Kind == LobsterOrderKind.Cancel
                        ? new FeedMessage { Verb = FeedVerb.Delete, OrderId = Id(order.Key) }
                        : new FeedMessage { Verb = FeedVerb.Cancel, OrderId = Id(order.Key), Quantity = order.Quantity });
                    break;
            }
        }

        private void Match(LobsterOrder taker, Action<long, ulong> onFill)
        {
            while (taker.Quantity > 0)
            {
                var makers = _resting.Where(r => r.Side != taker.Side && (taker.Side == Side.Buy ? r.Price <= taker.Price : r.Price >= taker.Price))
                    .OrderBy(r => taker.Side == Side.Buy ? (long)r.Price : -(long)r.Price).ToList();
                if (makers.Count == 0)
                    return;
                var maker = newestFirst ? makers.Last(m => m.Price == makers[0].Price) : makers[0];
                ulong quantity = Math.Min(taker.Quantity, maker.Quantity);
                taker = taker with { Quantity = taker.Quantity - quantity };
                TakeOff(maker.Key, quantity);
                Tell(new FeedMessage { Verb = FeedVerb.Executed, OrderId = Id(maker.Key), Quantity = quantity });
                onFill(maker.Key, quantity);
            }
        }

        private void TakeOff(long key, ulong quantity)
        {
            int index = _resting.FindIndex(r => r.Key == key);
            ulong left = _resting[index].Quantity - quantity;
            if (left == 0)
                _resting.RemoveAt(index);
            else
                _resting[index] = _resting[index] with { Quantity = left };
        }

        private void Tell(FeedMessage message) => Book.Apply(++_sequence, message);

        private static ulong Id(long key) => unchecked((ulong)key);
    }
}
