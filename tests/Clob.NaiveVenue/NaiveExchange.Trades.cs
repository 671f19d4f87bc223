using System.Numerics;
using Clob.Protocol;

namespace Clob.NaiveVenue;

// Who trades with whom, and what they pay.
internal sealed partial class NaiveExchange
{
    private long _lastPriority;

    /// <summary>Resting orders the order would trade with, in the order in which it would.</summary>
    private List<NaiveOrder> Counterparts(NaiveOrder order) =>
    [
        .. _orders.Where(o => o.Order.Market == order.Order.Market && o.IsBuy != order.IsBuy && o.Stop is null)
            .Where(o => order.IsBuy ? o.Price <= order.Price : o.Price >= order.Price)
            .OrderBy(o => order.IsBuy ? o.Price : -o.Price).ThenBy(o => o.Priority),
    ];

    /// <summary>Runs an order against the book; true when prevention ended it.</summary>
    private bool Trade(NaiveOrder taker)
    {
        var prices = new List<BigInteger>();
        bool isPrevented = Trade(taker, prices);
        MarkTriggered(taker.Order.Market, prices);
        return isPrevented;
    }

    private bool Trade(NaiveOrder taker, List<BigInteger> prices)
    {
        while (taker.Open > 0 && Counterparts(taker).FirstOrDefault() is { } maker)
        {
            if (IsPrevented(taker, maker))
            {
                if (taker.Prevention is SelfTradePrevention.CancelOldest or SelfTradePrevention.CancelBoth)
                    Cancel(maker, CancelReason.SelfTrade);
                if (taker.Prevention is SelfTradePrevention.CancelNewest or SelfTradePrevention.CancelBoth)
                    return true;
                continue;
            }

            BigInteger quantity = BigInteger.Min(taker.Open, maker.Shown);
            taker.Open -= quantity;
            maker.Open -= quantity;
            Fill(maker, taker, quantity);
            _markets[taker.Order.Market].Reference = maker.Price;
            _markets[taker.Order.Market].LastTrade = maker.Price;
            prices.Add(maker.Price);
            if (maker.Open == 0)
                _orders.Remove(maker);
            else if (maker.Shown == 0)
                ShowNextPortion(maker);
        }

        return false;
    }

    /// <summary>Plays the matching through on copies. When it would meet own orders, it may meet only so many orders in all.</summary>
    private bool CanFill(NaiveOrder order)
    {
        var queue = Counterparts(order).ConvertAll(o => o with { });
        var met = new HashSet<ulong>();
        BigInteger needed = order.Open;
        while (needed > 0 && queue.FirstOrDefault() is { } maker)
        {
            met.Add(maker.Id);
            if (IsPrevented(order, maker))
            {
                if (order.Prevention != SelfTradePrevention.CancelOldest)
                    return false;
                queue.Remove(maker);
                continue;
            }

            BigInteger quantity = BigInteger.Min(needed, maker.Shown);
            needed -= quantity;
            maker.Open -= quantity;
            if (maker.Shown > 0)
                continue;
            queue.Remove(maker);
            int atPrice = queue.Count(o => o.Price == maker.Price); // they come first: the price is the best
            if (maker.Open > 0)
                queue.Insert(atPrice, Portion(maker));
        }

        bool isLimited = order.Prevention != SelfTradePrevention.Allow && _orders.Exists(o => o.Account == order.Account);
        return needed == 0 && (!isLimited || met.Count <= rules.MaximumMakersOfFillOrKill);
    }

    private static bool IsPrevented(NaiveOrder taker, NaiveOrder maker) =>
        taker.Account == maker.Account && taker.Prevention != SelfTradePrevention.Allow;

    /// <summary>Puts an order at the end of its price's queue, with as much of it as it shows.</summary>
    private void Join(NaiveOrder order)
    {
        order.Priority = ++_lastPriority;
        _orders.Add(Portion(order));
    }

    private static NaiveOrder Portion(NaiveOrder order)
    {
        order.Hidden = order.Open - BigInteger.Min(order.Open, order.Display ?? order.Open);
        return order;
    }

    /// <summary>The whole of what an iceberg showed is gone: the next of it stands behind all others at its price.</summary>
    private void ShowNextPortion(NaiveOrder order)
    {
        _orders.Remove(order);
        Join(order);
        EmitShown(order);
    }

    private void Fill(NaiveOrder maker, NaiveOrder taker, BigInteger quantity)
    {
        var market = _markets[maker.Order.Market];
        BigInteger notional = maker.Notional(market, maker.Price, quantity);
        BigInteger makerPays = Charge(maker, maker.Maker, notional);
        BigInteger takerPays = Charge(taker, taker.Taker, notional);
        BigInteger makerFee = makerPays - Rebate(maker, maker.Maker, notional, takerPays);
        BigInteger takerFee = takerPays - Rebate(taker, taker.Taker, notional, makerPays);
        var (buyer, buyerFee, seller, sellerFee) = maker.IsBuy ? (maker, makerFee, taker, takerFee) : (taker, takerFee, maker, makerFee);
        uint quote = market.Definition.QuoteAsset;
        uint traded = market.Definition.BaseAsset;
        BigInteger units = quantity * market.Definition.BaseUnitsPerLot;
        _accounts[(int)buyer.Account].Add(quote, -notional - buyerFee);
        _accounts[(int)buyer.Account].Add(traded, units);
        _accounts[(int)seller.Account].Add(quote, notional - sellerFee);
        _accounts[(int)seller.Account].Add(traded, -units);
        _accounts[0].Add(quote, buyerFee + sellerFee);
        EmitFill(maker, maker, quantity, makerFee, EventFlags.None);
        EmitFill(taker, maker, quantity, takerFee, EventFlags.Taker);
        _nextMatch++;
    }

    private static BigInteger Charge(NaiveOrder order, int rate, BigInteger notional)
    {
        order.Charged += Math.Max(rate, 0) * notional;
        BigInteger fee = NaiveOrder.Ceiling(order.Charged) - order.Paid;
        order.Paid += fee;
        return fee;
    }

    private static BigInteger Rebate(NaiveOrder order, int rate, BigInteger notional, BigInteger otherPays)
    {
        if (rate >= 0)
            return 0;
        order.Earned += -rate * notional;
        BigInteger rebate = BigInteger.Min(order.Earned / 1_000_000 - order.Given, otherPays);
        order.Given += rebate;
        return rebate;
    }

    private void EmitFill(NaiveOrder order, NaiveOrder maker, BigInteger quantity, BigInteger fee, EventFlags flags)
    {
        var executed = About(EventKind.Executed, order);
        executed.Flags = flags | (order.Open == 0 ? EventFlags.Final : EventFlags.None);
        executed.Price = (ulong)maker.Price;
        executed.Quantity = (ulong)quantity;
        executed.OpenQuantity = (ulong)order.Open;
        executed.Reference = _nextMatch;
        executed.Amount = (Int128)fee;
        executed.Asset = _markets[order.Order.Market].Definition.QuoteAsset;
        Emit(executed, report: true, feed: order == maker);
    }
}
