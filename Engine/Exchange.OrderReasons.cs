using Clob.Protocol;

namespace Clob.Engine;

// What keeps an order from being taken: the market and the account, the order as such, the book as it is now. Nothing changes here.
public sealed partial class Exchange
{
    /// <summary>What keeps any order of the account in the market from being taken or replaced.</summary>
    private RejectReason WhyNotTrading(Market market, uint account)
    {
        if (market.State != MarketState.Open)
            return RejectReason.MarketNotOpen;
        return (_accounts[account].Traits & AccountTraits.MayNotTrade) != 0 ? RejectReason.TradingBlocked : RejectReason.None;
    }

    /// <summary>What is wrong with an order as such, whatever the book holds.</summary>
    private RejectReason ReasonAgainst(in NewOrder order, Market market)
    {
        var reason = ReasonAgainst(order.Price, order.StopPrice, order.Quantity, market);
        if (reason != RejectReason.None)
            return reason;
        bool isImmediate = order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        bool isPostOnly = (order.Flags & OrderFlags.PostOnly) != 0;
        if ((order.OrderType == OrderType.Market && !isImmediate) || (isPostOnly && isImmediate))
            return RejectReason.InvalidCombination;
        if (order.DisplayQuantity is not null && isImmediate)
            return RejectReason.InvalidCombination;
        bool hasDeadlineAhead = order.Deadline > _record.Time;
        if (order.TimeInForce == TimeInForce.GoodTillDate ? !hasDeadlineAhead : order.Deadline != 0)
            return RejectReason.InvalidDeadline;
        bool isDisplayWrong = order.DisplayQuantity is { } display && (!IsDisplayEnough(display, order.Quantity) || display >= order.Quantity);
        return isDisplayWrong ? RejectReason.InvalidDisplayQuantity : RejectReason.None;
    }

    /// <summary>What keeps an order from running against the book as it is now; a stop is asked when it is triggered.</summary>
    private RejectReason WhyNotNow(Market market, in OrderTerms terms, ulong limit, ulong quantity)
    {
        if (!market.IsWithinBand(terms.Side, limit))
            return RejectReason.PriceOutsideBand;
        if ((terms.Flags & OrderFlags.PostOnly) != 0 && market.Book.WouldTrade(terms.Side, limit))
            return RejectReason.WouldTrade;
        return terms.TimeInForce == TimeInForce.FillOrKill && !CanFill(market, terms, limit, quantity) ? RejectReason.CannotFill : RejectReason.None;
    }

    private static RejectReason ReasonAgainst(ulong price, ulong? stopPrice, ulong quantity, Market market)
    {
        if (!market.IsInRange(price) || (stopPrice is { } stop && !market.IsInRange(stop)))
            return RejectReason.PriceOutOfRange;
        return quantity < market.MinimumQuantity || quantity > market.MaximumQuantity ? RejectReason.QuantityOutOfRange : RejectReason.None;
    }

    /// <summary>At least a hundredth, rounded up, so that an order has at most a hundred portions: they bound what taking it costs.</summary>
    private static bool IsDisplayEnough(ulong display, ulong quantity) => display >= Math.Max(1, (quantity + 99) / 100);

    /// <summary>What a replaced order shows from now on: the new quantity or the former, and the whole when that is not more.</summary>
    private static bool TryChangeDisplay(in Replace replace, ref ulong display)
    {
        if (replace.DisplayQuantity is null && display == 0)
            return true;
        ulong asked = replace.DisplayQuantity ?? display;
        display = asked < replace.Quantity ? asked : 0;
        return IsDisplayEnough(asked, replace.Quantity) && !(replace.DisplayQuantity > replace.Quantity);
    }
}
