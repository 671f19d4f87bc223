using Clob.Protocol;

namespace Clob.Client.Tests;

public sealed class FeedBookTests
{
    [Test]
    public void Equals_a_naive_book_under_random_messages()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var book = new FeedBook(1);
        var naive = new List<FeedOrder>();
        for (ulong sequence = 1; sequence <= 20_000; sequence++)
        {
            var message = RandomMessage(random, naive, sequence);
            ApplyNaively(naive, message);
            book.Apply(sequence, message);
            if (sequence % 50 == 0)
                AssertEqual(book, naive, $"seed {seed} sequence {sequence}");
        }

        Assert.That(book.UnknownOrders, Is.Zero);
        Assert.That(naive, Is.Not.Empty);
    }

    [Test]
    public void Messages_about_unknown_orders_change_nothing_and_are_counted()
    {
        var book = new FeedBook(1);
        book.Apply(1, new FeedMessage { Verb = FeedVerb.Add, OrderId = 1, Side = Side.Buy, Price = 10, Quantity = 5 });
        book.Apply(2, new FeedMessage { Verb = FeedVerb.Executed, OrderId = 2, Quantity = 5 });
        book.Apply(3, new FeedMessage { Verb = FeedVerb.Delete, OrderId = 2 });
        book.Apply(4, new FeedMessage { Verb = FeedVerb.Replace, FormerOrderId = 2, OrderId = 3, Quantity = 1, Price = 11 });
        book.Apply(5, new FeedMessage { Verb = FeedVerb.Add, OrderId = 1, Side = Side.Sell, Price = 12, Quantity = 5 });
        Assert.That(book.Bids, Is.EqualTo(new[] { new FeedLevel(10, 5, 1) }));
        Assert.That(book.Asks, Is.Empty);
        Assert.That(book.UnknownOrders, Is.EqualTo(4));
    }

    [Test]
    public void Shows_what_orders_may_ask_for_as_it_was_said_last()
    {
        var book = new FeedBook(1);
        Assert.That(book.Band, Is.Null);
        byte[] message = new byte[FeedMessage.MaximumSize];
        int size = new NativeFeedEncoding().Encode(
            new ExchangeEvent { Kind = EventKind.PriceBand, Market = 1, ReferencePrice = 700, Band = uint.MaxValue, MaximumNotional = MarketTerms.HighestNotional }, message);
        Assert.That(FeedMessage.TryRead(message.AsSpan(0, size), out var band), Is.True);
        book.Apply(1, band);
        Assert.That(book.Band, Is.EqualTo(new FeedBand(700, uint.MaxValue, MarketTerms.HighestNotional)));
    }

    [Test]
    public void Depth_gives_the_best_levels()
    {
        var book = new FeedBook(1);
        for (ulong i = 1; i <= 5; i++)
        {
            book.Apply(i, new FeedMessage { Verb = FeedVerb.Add, OrderId = i, Side = Side.Buy, Price = 100 + i, Quantity = i });
            book.Apply(i, new FeedMessage { Verb = FeedVerb.Add, OrderId = 10 + i, Side = Side.Sell, Price = 200 + i, Quantity = i });
        }

        var levels = new FeedLevel[2];
        Assert.That(book.Depth(Side.Buy, levels), Is.EqualTo(2));
        Assert.That(levels, Is.EqualTo(new FeedLevel[] { new(105, 5, 1), new(104, 4, 1) }));
        Assert.That(book.Depth(Side.Sell, levels), Is.EqualTo(2));
        Assert.That(levels, Is.EqualTo(new FeedLevel[] { new(201, 1, 1), new(202, 2, 1) }));
        Assert.That(book.LevelAt(Side.Buy, 101), Is.EqualTo(new FeedLevel(101, 1, 1)));
        Assert.That(book.LevelAt(Side.Buy, 99).Orders, Is.Zero);
    }

    private static FeedMessage RandomMessage(Random random, List<FeedOrder> live, ulong sequence)
    {
        var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
        ulong price = (ulong)random.Next(1, 30);
        ulong quantity = (ulong)random.Next(1, 100);
        if (live.Count == 0 || random.Next(5) < 2)
            return new FeedMessage { Verb = FeedVerb.Add, OrderId = sequence, Side = side, Price = price, Quantity = quantity };
        var order = live[random.Next(live.Count)];
        ulong part = (ulong)random.NextInt64(1, (long)order.Quantity + 1);
        return random.Next(4) switch
        {
            0 => new FeedMessage { Verb = FeedVerb.Executed, OrderId = order.OrderId, Quantity = part },
            1 => new FeedMessage { Verb = FeedVerb.Cancel, OrderId = order.OrderId, Quantity = part },
            2 => new FeedMessage { Verb = FeedVerb.Delete, OrderId = order.OrderId },
            _ => new FeedMessage { Verb = FeedVerb.Replace, FormerOrderId = order.OrderId, OrderId = sequence, Price = price, Quantity = quantity },
        };
    }

    private static void ApplyNaively(List<FeedOrder> live, in FeedMessage message)
    {
        ulong id = message.Verb == FeedVerb.Replace ? message.FormerOrderId : message.OrderId;
        int index = live.FindIndex(o => o.OrderId == id);
        switch (message.Verb)
        {
            case FeedVerb.Add:
                live.Add(new FeedOrder(message.OrderId, message.Side, message.Price, message.Quantity));
                break;
            case FeedVerb.Executed or FeedVerb.Cancel:
                live[index] = live[index] with { Quantity = live[index].Quantity - message.Quantity };
                if (live[index].Quantity == 0)
                    live.RemoveAt(index);
                break;
            case FeedVerb.Delete:
                live.RemoveAt(index);
                break;
            case FeedVerb.Replace:
                live.Add(new FeedOrder(message.OrderId, live[index].Side, message.Price, message.Quantity));
                live.RemoveAt(index);
                break;
        }
    }

    private static void AssertEqual(FeedBook book, List<FeedOrder> live, string where)
    {
        foreach (var side in new[] { Side.Buy, Side.Sell })
        {
            var levels = live.Where(o => o.Side == side).GroupBy(o => o.Price)
                .OrderBy(g => side == Side.Buy ? -(long)g.Key : (long)g.Key).ToList();
            Assert.That(book.Levels(side), Is.EqualTo(levels.Select(g => new FeedLevel(g.Key, (UInt128)g.Sum(o => (long)o.Quantity), g.Count()))), where);
            foreach (var level in levels)
                Assert.That(book.QueueAt(side, level.Key), Is.EqualTo(level), where);
        }

        Assert.That(book.OrderCount, Is.EqualTo(live.Count), where);
    }
}
