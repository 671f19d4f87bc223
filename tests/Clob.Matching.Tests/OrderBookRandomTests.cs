using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>
/// The book against lists: scattered and dense prices, orders that rest with old ids, icebergs, and takers that refuse some makers. After
/// every step the answers are compared, now and then everything that can be seen.
/// </summary>
public sealed class OrderBookRandomTests
{
    private const int Steps = 3_000;

    private sealed class NaiveOrder
    {
        public required ulong Id;
        public required Side Side;
        public required ulong Price;
        public required ulong Displayed;
        public ulong Hidden;
        public ulong Portion;
    }

    /// <param name="lowest">Lowest price.</param>
    /// <param name="prices">Number of prices.</param>
    /// <param name="open">About so many orders rest.</param>
    [TestCase(1UL, 1UL << 62, 300)]
    [TestCase((1UL << 63) - 5_000, 10_000UL, 800)]
    [TestCase(1UL, 40UL, 60)]
    [TestCase(500UL, 1_200UL, 500)]
    [TestCase(1UL << 40, 100_000UL, 1_000)]
    [TestCase(ulong.MaxValue - 700, 699UL, 100)]
    public void Does_what_lists_do(ulong lowest, ulong prices, int open)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLOB_SEED"), out int given) ? given : Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        new Run(new Random(seed), lowest, prices, open).Go();
    }

    private sealed class Run(Random random, ulong lowest, ulong prices, int open)
    {
        private readonly BookStorage _storage = new(4, 4);
        private readonly List<NaiveOrder> _naive = []; // in the order of their turns at one price
        private OrderBook _book = null!;
        private ulong _nextId = 1;

        public void Go()
        {
            _book = new OrderBook(_storage);
            for (int step = 0; step < Steps; step++)
            {
                if (_naive.Count > 0 && random.Next(3 * open) < _naive.Count + open / 2)
                    Change(_naive[random.Next(_naive.Count)]);
                else
                    Place();
                if (step % 97 == 0)
                    CompareAll();
            }

            while (_naive.Count > 0)
                Remove(_naive[random.Next(_naive.Count)]);
            CompareAll();
        }

        private void Place()
        {
            var side = random.Next(2) == 0 ? Side.Buy : Side.Sell;
            ulong limit = Price(side);
            ulong quantity = random.Next(50) == 0 ? ulong.MaxValue >> 1 : (ulong)random.Next(1, random.Next(10) == 0 ? 2_000 : 40);
            CompareAvailable(side, limit, quantity);
            var expected = new List<string>();
            int refuses = random.Next(8);
            ulong left = NaiveMatch(side, limit, quantity, refuses, expected);
            var seen = new List<string>();
            if (refuses < 3)
            {
                var sink = new Refusing(seen, refuses);
                Assert.That(_book.Match(side, limit, quantity, ref sink), Is.EqualTo(left));
            }
            else
            {
                var sink = new Accepting(seen);
                Assert.That(_book.Match(side, limit, quantity, ref sink), Is.EqualTo(left));
            }

            Assert.That(seen, Is.EqualTo(expected));
            if (left != 0 && !_book.WouldTrade(side, limit)) // else a refused maker stopped it
                Rest(side, limit, left);
        }

        /// <summary>Mostly near the other side's best price, so that books stay deep and trade all the time.</summary>
        private ulong Price(Side side)
        {
            ulong any = lowest + (ulong)(random.NextDouble() * (prices - 1));
            ulong middle = lowest + prices / 2;
            ulong away = (ulong)(random.NextDouble() * random.NextDouble() * random.NextDouble() * (prices / 2));
            return random.Next(20) == 0 ? any : side == Side.Buy ? middle - away + prices / 64 : middle + away - prices / 64;
        }

        private void Rest(Side side, ulong price, ulong quantity)
        {
            ulong id = _nextId += (ulong)random.Next(1, 4);
            if (random.Next(10) == 0) // as a stop does: the id is older than others that rest
                id = Enumerable.Range(1, 40).Select(back => id > (ulong)back * 7 ? id - (ulong)back * 7 : id).First(i => _naive.All(o => o.Id != i));
            var order = new NaiveOrder { Id = id, Side = side, Price = price, Displayed = quantity };
            if (quantity > 1 && random.Next(4) == 0)
            {
                order.Portion = 1 + (ulong)random.NextInt64((long)Math.Min(quantity - 1, 1UL << 60));
                order.Portion = Math.Max(order.Portion, (quantity + 99) / 100);
                order.Displayed = Math.Min(order.Portion, quantity);
                order.Hidden = quantity - order.Displayed;
            }

            uint number = order.Portion == 0
                ? _book.Rest(side, price, quantity, id) : _book.RestIceberg(side, price, order.Displayed, order.Hidden, order.Portion, id);
            Assert.That(_storage.Find(id), Is.EqualTo(number));
            _naive.Add(order);
        }

        private void Change(NaiveOrder order)
        {
            ulong all = order.Displayed + order.Hidden;
            uint number = _storage.Find(order.Id);
            if (random.Next(3) != 0 || all == 1)
            {
                Remove(order);
                return;
            }

            ulong by = 1 + (ulong)random.NextInt64((long)Math.Min(all - 1, long.MaxValue));
            _book.Reduce(number, by);
            ulong fromHidden = Math.Min(by, order.Hidden);
            order.Hidden -= fromHidden;
            order.Displayed -= by - fromHidden;
        }

        private void Remove(NaiveOrder order)
        {
            _book.Remove(_storage.Find(order.Id));
            _naive.Remove(order);
            Assert.That(_storage.Find(order.Id), Is.Zero);
        }

        private IEnumerable<NaiveOrder> Makers(Side taker, ulong limit) => _naive
            .Where(o => o.Side != taker && (taker == Side.Buy ? o.Price <= limit : o.Price >= limit))
            .OrderBy(o => taker == Side.Buy ? o.Price : ~o.Price); // stable: turns stay

        private ulong NaiveMatch(Side side, ulong limit, ulong quantity, int refuses, List<string> happened)
        {
            while (quantity != 0 && Makers(side, limit).FirstOrDefault() is { } maker)
            {
                var choice = Refusing.ChoiceFor(maker.Id, refuses);
                if ((choice & MakerChoice.Remove) != 0)
                    _naive.Remove(maker);
                if (choice != MakerChoice.Trade)
                    happened.Add($"{maker.Id} {choice}");
                if ((choice & MakerChoice.Stop) != 0)
                    return quantity;
                if (choice != MakerChoice.Trade)
                    continue;
                ulong fill = Math.Min(quantity, maker.Displayed);
                quantity -= fill;
                maker.Displayed -= fill;
                happened.Add($"{maker.Id} {fill}@{maker.Price} left {maker.Displayed}");
                if (maker.Displayed != 0)
                    continue;
                _naive.Remove(maker);
                if (maker.Hidden == 0)
                    continue;
                maker.Displayed = Math.Min(maker.Portion, maker.Hidden);
                maker.Hidden -= maker.Displayed;
                _naive.Add(maker);
                happened.Add($"{maker.Id} shows {maker.Displayed}@{maker.Price}");
            }

            return quantity;
        }

        private void CompareAvailable(Side side, ulong limit, ulong quantity)
        {
            var makers = Makers(side, limit).ToList();
            UInt128 all = Sum(makers);
            Assert.That(_book.WouldTrade(side, limit), Is.EqualTo(makers.Count > 0));
            Assert.That(_book.CanFill(side, limit, quantity), Is.EqualTo(all >= quantity));
            if (all == 0 || all >= ulong.MaxValue)
                return;
            Assert.That(_book.CanFill(side, limit, (ulong)all), "all there is");
            Assert.That(_book.CanFill(side, limit, (ulong)all + 1), Is.False, "a lot more than there is");
        }

        private static UInt128 Sum(IEnumerable<NaiveOrder> orders)
        {
            UInt128 sum = 0;
            foreach (var order in orders)
                sum += (UInt128)order.Displayed + order.Hidden;
            return sum;
        }

        private void CompareAll()
        {
            Compare(Side.Buy);
            Compare(Side.Sell);
            Assert.That((_book.OpenOrders, _storage.OpenOrders), Is.EqualTo((_naive.Count, _naive.Count)));
            for (ulong id = _nextId < 300 ? 1 : _nextId - 300; id <= _nextId + 1; id++)
                Assert.That(_storage.Find(id) != 0, Is.EqualTo(_naive.Any(o => o.Id == id)));
        }

        private void Compare(Side side)
        {
            var levels = _naive.Where(o => o.Side == side).GroupBy(o => o.Price).OrderBy(g => side == Side.Sell ? g.Key : ~g.Key).ToList();
            Assert.That(_book.Audit(side), Is.EqualTo(levels.Count));
            Assert.That(_book.TryGetBest(side, out ulong best) ? best : 0, Is.EqualTo(levels.Count == 0 ? 0 : levels[0].Key));
            uint at = _book.BestLevel(side);
            foreach (var level in levels)
            {
                UInt128 displayed = 0;
                uint number = _book.FirstOrder(at);
                foreach (var order in level)
                {
                    Assert.That(_storage[number].Id, Is.EqualTo(order.Id));
                    Assert.That((_storage[number].Quantity, _storage.HiddenOf(number), _storage.PortionOf(number)), Is.EqualTo((order.Displayed, order.Hidden, order.Portion)));
                    Assert.That(_book.PriceOf(number), Is.EqualTo(order.Price));
                    displayed += order.Displayed;
                    number = _book.NextOrder(number);
                }

                Assert.That(number, Is.Zero);
                Assert.That((_book.PriceOfLevel(at), _book.QuantityOfLevel(at), _book.OrdersOfLevel(at)), Is.EqualTo((level.Key, displayed, level.Count())));
                at = _book.NextLevel(at);
            }

            Assert.That(at, Is.Zero);
        }
    }

    private readonly struct Accepting(List<string> happened) : IFillSink
    {
        public static bool ChoosesMakers => false;

        public MakerChoice Choose(uint maker, in RestingOrder order, ulong price) => throw new AssertionException("nobody may ask");

        public void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity) => happened.Add($"{order.Id} {quantity}@{price} left {order.Quantity}");

        public void OnPortion(uint maker, in RestingOrder order, ulong price) => happened.Add($"{order.Id} shows {order.Quantity}@{price}");
    }

    private readonly struct Refusing(List<string> happened, int refuses) : IFillSink
    {
        public static bool ChoosesMakers => true;

        /// <summary>A third of the orders are refused, each time in another way.</summary>
        public static MakerChoice ChoiceFor(ulong id, int refuses) => id % 3 != 0 ? MakerChoice.Trade : refuses switch
        {
            0 => MakerChoice.Remove,
            1 => MakerChoice.Stop,
            2 => MakerChoice.Remove | MakerChoice.Stop,
            _ => MakerChoice.Trade,
        };

        public MakerChoice Choose(uint maker, in RestingOrder order, ulong price)
        {
            var choice = ChoiceFor(order.Id, refuses);
            if (choice != MakerChoice.Trade)
                happened.Add($"{order.Id} {choice}");
            return choice;
        }

        public void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity) => happened.Add($"{order.Id} {quantity}@{price} left {order.Quantity}");

        public void OnPortion(uint maker, in RestingOrder order, ulong price) => happened.Add($"{order.Id} shows {order.Quantity}@{price}");
    }
}
