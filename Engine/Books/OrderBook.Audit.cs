using Clob.Protocol;

namespace Clob.Engine;

// The full check of what the operations keep incrementally, written from the definitions.
public sealed partial class OrderBook
{
    /// <summary>Checks every invariant of one side; returns how many levels it has. The count of orders is the caller's to compare.</summary>
    /// <exception cref="InvariantViolationException">Names the first that does not hold.</exception>
    internal int Audit(Side side)
    {
        var ladder = LadderOf(side);
        var pages = new Dictionary<uint, (int Levels, UInt128 Quantity)>();
        UInt128 sum = 0;
        uint better = 0;
        int count = 0;
        for (uint at = ladder.Best; at != 0; better = at, at = ladder.Next(at))
        {
            ref PriceLevel level = ref _levels[at];
            ulong price = level.Price;
            Require(better != 0 || ladder.BestKey == ladder.KeyOf(price), "the best price is that of the best level", price, ladder.BestKey);
            Require(better == 0 || ladder.KeyOf(_levels[better].Price) < ladder.KeyOf(price), "levels are in price order", "a worse price", price);
            Require(level.IsBid == (side == Side.Buy), "a level is on its side", side, level.IsBid);
            Require(ladder.Find(price) == at, "a level is found by its price", at, "another");
            AuditLevel(at);
            var quantity = _storage.QuantityOfLevel(at) + _storage.HiddenOfLevel(at);
            sum += quantity;
            Require(ladder.QuantityUpTo(price) == sum, "the sums of a side are those of its levels", sum, ladder.QuantityUpTo(price));
            var page = pages.GetValueOrDefault(level.Page);
            pages[level.Page] = (page.Levels + 1, page.Quantity + quantity);
            count++;
        }

        foreach (var (number, page) in pages.Where(p => p.Key != 0))
        {
            var found = (_storage.Pages[number].Count, _storage.Pages[number].Quantity);
            Require(page == found, "a page counts its levels and their quantity", page, found);
        }

        Require(ladder.Count == count, "level count of a side", count, ladder.Count);
        return count;
    }

    private void AuditLevel(uint number)
    {
        ref PriceLevel level = ref _levels[number];
        UInt128 quantity = 0;
        UInt128 hidden = 0;
        int count = 0;
        uint previous = 0;
        for (uint at = level.First; at != 0; previous = at, at = _orders[at].Next)
        {
            ref RestingOrder order = ref _orders[at];
            Require(order.Quantity != 0, "an order is open", "lots", order.Id);
            Require(order.Previous == previous && order.Level == number, "orders are linked both ways", previous, order.Previous);
            Require(_storage.Find(order.Id) == at, "an order is found by its id", at, order.Id);
            quantity += order.Quantity;
            hidden += _storage.HiddenOf(at);
            count++;
        }

        Require(count != 0 && level.Last == previous, "a level's last order", previous, level.Last);
        Require(QuantityOfLevel(number) == quantity, "a level's quantity is the sum of its orders", quantity, QuantityOfLevel(number));
        Require(HiddenOfLevel(number) == hidden, "a level's hidden quantity is the sum of its icebergs' reserves", hidden, HiddenOfLevel(number));
        Require(level.Orders == count, "a level's number of orders", count, level.Orders);
    }

    private void Require<TExpected, TFound>(bool holds, string invariant, TExpected expected, TFound found)
    {
        if (!holds)
            throw _storage.Record.Violation(invariant, $"{expected}", $"{found}");
    }
}
