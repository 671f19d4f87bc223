using System.Numerics;
using Clob.Protocol;

namespace Clob.NaiveVenue;

// Stops by their definition: each one is marked by the trade that triggers it.
internal sealed partial class NaiveExchange
{
    private int _runsLeft;

    /// <summary>What becomes of an order that was accepted or replaced: it waits, or it is triggered, or it just runs.</summary>
    private void Begin(NaiveOrder order, ulong? stop, bool waits)
    {
        if (waits)
        {
            order.Stop = stop!.Value;
            _orders.Add(order);
            return;
        }

        if (stop is { } price && !Trigger(order, price))
            return;
        RunToEnd(order);
    }

    private void RunToEnd(NaiveOrder order)
    {
        bool isImmediate = order.Order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        bool isPrevented = Trade(order);
        _orders.Remove(order);
        if (isPrevented || isImmediate)
            EndUnrested(order, isPrevented ? CancelReason.SelfTrade : CancelReason.Unfilled);
        else if (order.Open > 0)
            Rest(order);
    }

    /// <summary>Reports that a stop was triggered and decides what other orders are asked when they come; false when it ended.</summary>
    private bool Trigger(NaiveOrder order, BigInteger stop)
    {
        var triggered = About(EventKind.Triggered, order);
        triggered.Quantity = (ulong)order.Open;
        triggered.OpenQuantity = (ulong)order.Open;
        triggered.Reference = (ulong)stop;
        Emit(triggered, report: true);
        (bool Applies, CancelReason Reason)[] reasons =
        [
            (_markets[order.Order.Market].IsOutsideBand(order), CancelReason.PriceOutsideBand),
            (order.Order.Flags.HasFlag(OrderFlags.PostOnly) && Counterparts(order).Count > 0, CancelReason.WouldTrade),
            (order.Order.TimeInForce == TimeInForce.FillOrKill && !CanFill(order), CancelReason.CannotFill),
        ];
        var reason = reasons.FirstOrDefault(r => r.Applies).Reason;
        if (reason == 0)
            return true;
        _orders.Remove(order);
        EndUnrested(order, reason);
        return false;
    }

    private bool HasTriggered(ushort market) => _orders.Exists(o => o.Order.Market == market && o.IsTriggered);

    private bool IsTriggeredNow(NaiveMarket market, bool isBuy, BigInteger stop) =>
        TriggeringPrices(market).Any(price => isBuy ? price >= stop : price <= stop);

    private List<BigInteger> TriggeringPrices(NaiveMarket market) =>
        HasTriggered(market.Definition.Market) ? market.Recent : market.LastTrade == 0 ? [] : [market.LastTrade];

    private void MarkTriggered(ushort market, List<BigInteger> prices)
    {
        if (prices.Count == 0)
            return;
        if (!HasTriggered(market))
            _markets[market].Recent.Clear();
        _markets[market].Recent.AddRange(prices);
        foreach (var order in _orders.Where(o => o.Order.Market == market && o.Stop is not null))
            order.IsTriggered |= prices.Exists(price => order.IsBuy ? price >= order.Stop : price <= order.Stop);
    }

    private void RunTriggered()
    {
        for (; _runsLeft > 0; _runsLeft--)
        {
            var next = _orders.Where(o => o.IsTriggered && _markets[o.Order.Market].State == MarketState.Open)
                .OrderBy(o => o.Order.Market).ThenBy(o => o.IsBuy ? 0 : 1).ThenBy(o => o.IsBuy ? o.Stop : -o.Stop).ThenBy(o => o.Id).FirstOrDefault();
            if (next is null)
                return;
            BigInteger stop = next.Stop!.Value;
            next.Stop = null;
            next.IsTriggered = false;
            if (Trigger(next, stop))
                RunToEnd(next);
        }
    }
}
