using System.Runtime.CompilerServices;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>The book alone, without money.</summary>
public sealed class OrderBookTests
{
    [Test]
    public void An_order_node_has_32_bytes() => Assert.That(Unsafe.SizeOf<RestingOrder>(), Is.EqualTo(32));

    [TestCase(1UL << 61, 40)]
    [TestCase(16UL, 4)]
    [TestCase(4UL, 60)]
    public void Fills_like_a_sorted_list(ulong prices, int spread)
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var storage = new BookStorage(4, 4);
        var book = new OrderBook(storage);
        var naive = new List<(ulong Id, Side Side, ulong Price, ulong Open)>();
        for (ulong id = 1; id < 2000; id++)
        {
            var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
            ulong price = 1 + (ulong)random.NextInt64((long)prices) + (side == Side.Sell ? (ulong)random.Next(spread) : 0);
            ulong quantity = (ulong)random.Next(1, 30);
            var expected = Match(naive, side, price, quantity, out ulong open);
            Assert.That(book.WouldTrade(side, price), Is.EqualTo(expected.Count > 0));
            Assert.That(book.CanFill(side, price, quantity), Is.EqualTo(open == 0));
            var fills = new Fills();
            Assert.That(book.Match(side, price, quantity, ref fills), Is.EqualTo(open));
            Assert.That(fills.Items, Is.EqualTo(expected));
            naive = [.. naive.Select(o => (o.Id, o.Side, o.Price, o.Open - (ulong)expected.Where(f => f.Id == o.Id).Sum(f => (long)f.Quantity))).Where(o => o.Item4 != 0)];
            if (open != 0)
            {
                book.Rest(side, price, open, id);
                naive.Add((id, side, price, open));
            }

            if (random.Next(3) == 0 && naive.Count > 0)
            {
                var gone = naive[random.Next(naive.Count)];
                uint number = storage.Find(gone.Id);
                Assert.That((storage[number].Id, book.PriceOf(number)), Is.EqualTo((gone.Id, gone.Price)));
                book.Remove(number);
                naive.Remove(gone);
                Assert.That(storage.Find(gone.Id), Is.Zero);
            }
        }

        Assert.That(book.OpenOrders, Is.EqualTo(naive.Count));
        foreach (var order in naive)
            Assert.That(storage[storage.Find(order.Id)].Quantity, Is.EqualTo(order.Open));
    }

    [Test]
    public void Finds_open_orders_by_id_however_old_they_are()
    {
        var storage = new BookStorage(4, 4);
        var book = new OrderBook(storage);
        book.Rest(Side.Buy, 1, 1, 5);
        for (ulong id = 6; id < 400_000; id += 1 + id % 3)
        {
            uint number = book.Rest(Side.Buy, 1, 1, id);
            Assert.That(storage.Find(id), Is.EqualTo(number));
            if (id % 1000 != 0)
                book.Remove(number);
        }

        Assert.That(storage[storage.Find(5)].Id, Is.EqualTo(5));
        Assert.That(storage.Find(4), Is.Zero);
        Assert.That(storage.Find(ulong.MaxValue), Is.Zero);
        book.Remove(storage.Find(5));
        for (ulong id = 400_000; id < 500_000; id++)
            book.Remove(book.Rest(Side.Sell, 2, 1, id));
        Assert.That(storage.OpenOrders, Is.EqualTo(book.OpenOrders));
    }

    /// <summary>One order stays open of every so many ids.</summary>
    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    [TestCase(64)]
    [TestCase(256)]
    [TestCase(4096)]
    public void An_order_between_ids_that_are_gone_takes_little_memory(int every)
    {
        const int survivors = 20_000;
        var orders = new Pool<RestingOrder>(survivors);
        var leaves = new Pool<TreeLeaf>(0);
        var branches = new Pool<TreeBranch>(0);
        var index = new OrderIndex(orders, new KeyTree(leaves, branches, null), 16);
        for (ulong id = 0; id < survivors * (ulong)every; id++)
        {
            uint number = orders.Take();
            orders[number].Id = id;
            index.Add(id, number);
            if (id % (ulong)every != 0)
            {
                index.Remove(id, number);
                orders.Return(number);
            }
        }

        Assert.That((index.Bytes + leaves.Bytes + branches.Bytes) / survivors, Is.LessThan(60));
        Assert.That(index.Count, Is.EqualTo(survivors));
        for (ulong id = 0; id < survivors * (ulong)every; id += (ulong)every)
            Assert.That(orders[index.Find(id)].Id, Is.EqualTo(id));
    }

    [Test]
    public void An_order_may_be_as_old_as_ids_can_make_it()
    {
        var storage = new BookStorage(4, 4);
        var book = new OrderBook(storage);
        ulong[] ids = [1, 1UL << 31, 1UL << 45, (1UL << 63) + 5, ulong.MaxValue];
        uint[] numbers = [.. ids.Select(id => book.Rest(Side.Buy, 1, 1, id))];
        Assert.That(ids.Select(storage.Find), Is.EqualTo(numbers));
    }

    [Test]
    public void The_index_finds_what_a_dictionary_finds()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var orders = new Pool<RestingOrder>(16);
        var index = new OrderIndex(orders, new KeyTree(new Pool<TreeLeaf>(0), new Pool<TreeBranch>(0), null), 16);
        var expected = new Dictionary<ulong, uint>();
        ulong id = 1UL << 33;
        for (uint i = 1; i < 60_000; i++)
        {
            id += random.Next(40) == 0 ? (ulong)random.NextInt64(1L << 40) : (ulong)random.Next(1, 9);
            ulong added = random.Next(20) == 0 && !expected.ContainsKey(id - 5_000) ? id - 5_000 : id; // as old as a stop's
            uint number = orders.Take();
            orders[number].Id = added;
            index.Add(added, number);
            expected.Add(added, number);
            ulong gone = random.Next(2) == 0 ? added : id - (ulong)random.Next(20_000);
            if ((i & 1 << 13) != 0 && expected.Remove(gone, out uint former))
            {
                index.Remove(gone, former);
                orders.Return(former);
            }

            Assert.That(index.Find(gone), Is.EqualTo(expected.GetValueOrDefault(gone)));
        }

        foreach (var (open, number) in expected)
            Assert.That(index.Find(open), Is.EqualTo(number));
        foreach (var (open, number) in expected)
            index.Remove(open, number);
        Assert.That(index.Count, Is.Zero);
    }

    [Test]
    public void Holds_a_hundred_thousand_of_the_largest_orders_at_one_price()
    {
        const ulong largest = (1UL << 63) - 1;
        var book = new OrderBook(new BookStorage(16, 16));
        for (ulong id = 1; id <= 100_000; id++)
            book.Rest(Side.Sell, 7, largest, id);
        Assert.That(book.CanFill(Side.Buy, 7, ulong.MaxValue), Is.True);
        var fills = new Fills();
        Assert.That(book.Match(Side.Buy, 7, largest, ref fills), Is.Zero);
        Assert.That(book.OpenOrders, Is.EqualTo(99_999));
    }

    private static List<(ulong Id, ulong Price, ulong Quantity)> Match(
        List<(ulong Id, Side Side, ulong Price, ulong Open)> orders, Side side, ulong limit, ulong quantity, out ulong open)
    {
        var fills = new List<(ulong, ulong, ulong)>();
        open = quantity;
        foreach (var order in orders.Where(o => Trades(o, side, limit)).OrderBy(o => side == Side.Buy ? o.Price : ulong.MaxValue - o.Price).ThenBy(o => o.Id))
        {
            if (open == 0)
                break;
            ulong fill = Math.Min(open, order.Open);
            fills.Add((order.Id, order.Price, fill));
            open -= fill;
        }

        return fills;
    }

    private static bool Trades((ulong Id, Side Side, ulong Price, ulong Open) order, Side side, ulong limit) =>
        order.Side != side && (side == Side.Buy ? order.Price <= limit : order.Price >= limit);

    private readonly struct Fills() : IFillSink
    {
        public static bool ChoosesMakers => false;

        public List<(ulong Id, ulong Price, ulong Quantity)> Items { get; } = [];

        public MakerChoice Choose(uint maker, in RestingOrder order, ulong price) => MakerChoice.Trade;

        public void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity) => Items.Add((order.Id, price, quantity));

        public void OnPortion(uint maker, in RestingOrder order, ulong price)
        {
        }
    }
}
