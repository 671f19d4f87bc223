using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>What a resting order costs in memory, and that no choice of prices or cancels drives it up.</summary>
public sealed class BookMemoryTests
{
    private const int Orders = 1 << 17;

    [TestCase(1L << 62, 96)] // nearly each order at a price of its own
    [TestCase(24_000L, 96)]
    [TestCase(1L, 96)]
    public void An_order_takes_at_most_so_many_bytes(long prices, int most)
    {
        var random = new Random(7);
        var storage = new BookStorage(Orders, (int)Math.Min(prices, Orders));
        var book = new OrderBook(storage);
        var open = new List<ulong>();
        ulong id = 0;
        for (int i = 0; i < Orders; i++)
            Rest();
        for (int i = 0; i < 2 * Orders; i++)
        {
            int gone = random.Next(open.Count);
            book.Remove(storage.Find(open[gone]));
            open[gone] = open[^1];
            open.RemoveAt(open.Count - 1);
            Rest();
        }

        TestContext.Out.WriteLine($"{(double)storage.Bytes / Orders} bytes an order");
        Assert.That(storage.OpenOrders, Is.EqualTo(Orders));
        Assert.That(book.Audit(Side.Buy) + book.Audit(Side.Sell), Is.EqualTo(storage.Levels.Count));
        Assert.That((double)storage.Bytes / Orders, Is.LessThanOrEqualTo(most));

        void Rest()
        {
            bool isBid = random.Next(2) == 0;
            ulong distance = 1 + (ulong)random.NextInt64(prices / 2 + 1);
            ulong middle = 1UL << 62;
            book.Rest(isBid ? Side.Buy : Side.Sell, isBid ? middle - distance : middle + distance, 1, ++id);
            open.Add(id);
        }
    }

    /// <summary>One order at each of a few prices of every block, after others that had made it a page.</summary>
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(15)]
    [TestCase(16)]
    [TestCase(40)]
    public void Pages_cannot_be_left_behind(int remaining)
    {
        const int blocks = 3_000;
        var storage = new BookStorage(16, 16);
        var book = new OrderBook(storage);
        ulong id = 0;
        for (ulong block = 1; block <= blocks; block++)
        {
            for (ulong level = 0; level < 60; level++)
                book.Rest(Side.Sell, block * 512 + level * 8, 1, ++id);
            for (int level = 0; level < 60 - remaining; level++)
                book.Remove(storage.Find(id - (ulong)level));
        }

        Assert.That(storage.OpenOrders, Is.EqualTo(blocks * remaining));
        double bytes = (double)storage.Bytes / storage.OpenOrders;
        TestContext.Out.WriteLine($"{bytes} bytes an order, {storage.Pages.Count} pages");
        Assert.That(bytes, Is.LessThan(260));
        Assert.That(book.Audit(Side.Sell), Is.EqualTo(blocks * remaining));
    }
}
