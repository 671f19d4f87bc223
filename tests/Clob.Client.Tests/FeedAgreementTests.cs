using Clob.Engine;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>The book that a subscriber builds from the feed against the venue's: every order, what it shows, its place in the queue.</summary>
public sealed class FeedAgreementTests
{
    private const int Accounts = 4;
    private const int Rounds = 6_000;
    private const ushort Market = 1;

    [Test]
    public void The_book_built_from_the_feed_is_the_venues_with_icebergs_and_prevented_self_trades_too()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var venue = new FundedExchange(Accounts);
        var subscriber = new Subscriber();
        for (int round = 0; round < Rounds; round++)
        {
            SendAny(venue, random);
            subscriber.Hear(venue.Events);
            Assert.That(subscriber.Queue(), Is.EqualTo(Queues.Of(venue.Exchange)), $"seed {seed}, round {round}");
        }

        Assert.That(subscriber.Book.UnknownOrders, Is.Zero);
        Assert.That(subscriber.Verbs, Is.SupersetOf("AEXDU"), "what never happened would prove nothing");
        Assert.That(venue.Events.Where(e => e.Kind == EventKind.Rested).GroupBy(e => e.OrderId).Max(g => g.Count()), Is.GreaterThan(3), "portions");
        Assert.That(venue.Events.Count(e => e.Kind == EventKind.Cancelled && e.Reason == (byte)CancelReason.SelfTrade), Is.GreaterThan(Rounds / 100));
        Assert.That(venue.Fills, Is.GreaterThan(Rounds / 10));
    }

    [Test]
    public void The_comparison_sees_places_in_the_queue_and_what_was_not_heard()
    {
        var venue = new FundedExchange(Accounts);
        var subscriber = new Subscriber();
        venue.Send(1, NewOrder.Iceberg(Market, Side.Sell, 100, 10, 2));
        venue.Send(2, NewOrder.Limit(Market, Side.Sell, 100, 5));
        venue.Send(3, NewOrder.Limit(Market, Side.Buy, 100, 2));
        subscriber.Hear(venue.Events);
        Assert.That(subscriber.Queue(), Is.EqualTo(new List<string> { "S 100 2 5", "S 100 1 2" }));
        Assert.That(Queues.Of(venue.Exchange), Is.EqualTo(subscriber.Queue()));
        venue.Send(3, NewOrder.Limit(Market, Side.Buy, 100, 1));
        Assert.That(Queues.Of(venue.Exchange), Is.Not.EqualTo(subscriber.Queue()), "not heard yet");
    }

    private static void SendAny(FundedExchange venue, Random random)
    {
        int account = random.Next(1, Accounts + 1);
        var open = venue.Exchange.ReadOpenOrders((ulong)account);
        ulong price = 100 + (ulong)random.Next(9);
        ulong quantity = (ulong)random.Next(1, 30);
        ulong? display = random.Next(2) == 0 ? (ulong)random.Next(1, 8) : null;
        int kind = random.Next(open.Count == 0 ? 6 : open.Count > 12 ? 16 : 12);
        if (kind < 6)
            venue.Send(account, AnyOrder(random, price, quantity, display));
        else if (kind < 8)
            venue.Send(account, new Replace(Market, open[random.Next(open.Count)].OrderId, price, quantity, display));
        else if (kind < 10)
            venue.Send(account, new Reduce(Market, open[random.Next(open.Count)].OrderId, (ulong)random.Next(1, 12)));
        else if (random.Next(20) == 0)
            venue.Send(account, new CancelAll(Market));
        else
            venue.Send(account, new Cancel(Market, open[random.Next(open.Count)].OrderId));
    }

    private static NewOrder AnyOrder(Random random, ulong price, ulong quantity, ulong? display)
    {
        var order = NewOrder.Limit(Market, (Side)random.Next(1, 3), price, quantity) with { SelfTradePrevention = (SelfTradePrevention)random.Next(5) };
        return random.Next(6) switch
        {
            0 => order with { TimeInForce = TimeInForce.ImmediateOrCancel },
            1 => order with { TimeInForce = TimeInForce.FillOrKill },
            2 => order with { Flags = OrderFlags.PostOnly },
            _ => order with { DisplayQuantity = display },
        };
    }

    /// <summary>Hears the messages of events as bytes.</summary>
    private sealed class Subscriber
    {
        private readonly NativeFeedEncoding _encoding = new();
        private readonly byte[] _message = new byte[FeedMessage.MaximumSize];
        private int _heard;

        public FeedBook Book { get; } = new(Market);

        public HashSet<char> Verbs { get; } = [];

        public void Hear(IReadOnlyList<ExchangeEvent> events)
        {
            for (; _heard < events.Count; _heard++)
            {
                var happened = events[_heard];
                if (happened.FeedSequence == 0)
                    continue;
                int size = _encoding.Encode(happened, _message);
                Assert.That(FeedMessage.TryRead(_message.AsSpan(0, size), out var message));
                Verbs.Add((char)message.Verb);
                Book.Apply(happened.FeedSequence, message);
            }
        }

        public List<string> Queue() => [.. QueueOf(Side.Buy), .. QueueOf(Side.Sell)];

        private IEnumerable<string> QueueOf(Side side)
        {
            var levels = new FeedLevel[64];
            int count = Book.Depth(side, levels);
            return levels.Take(count).SelectMany(level => Book.QueueAt(side, level.Price))
                .Select(order => $"{(side == Side.Buy ? 'B' : 'S')} {order.Price} {order.OrderId} {order.Quantity}");
        }
    }

    /// <summary>The venue's queues from the bytes of its state (docs/engine.md): what is open less what is hidden.</summary>
    private readonly struct Queues() : IStateVisitor
    {
        private const int DisplayOffset = 3 + 7 * sizeof(ulong) + 3;

        private readonly List<string> _lines = [];

        public static List<string> Of(Exchange exchange)
        {
            var queues = new Queues();
            exchange.VisitState(ref queues);
            return queues._lines;
        }

        public void Visit(StateSection section, ReadOnlySpan<byte> entry)
        {
            if (entry[0] != 'o')
                return;
            var reader = new BigEndianReader(entry[3..]);
            char side = reader.U8() == (byte)Side.Buy ? 'B' : 'S';
            ulong price = reader.U64();
            ulong id = reader.U64();
            ulong open = reader.U64();
            ulong hidden = new BigEndianReader(entry[(1 + DisplayOffset + sizeof(ulong))..]).U64();
            _lines.Add($"{side} {price} {id} {open - hidden}");
        }
    }
}
