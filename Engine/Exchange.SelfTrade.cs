using Clob.Protocol;

namespace Clob.Engine;

// Self-trade prevention: what becomes of an order that meets a resting one of its own account. The incoming order's mode decides.
public sealed partial class Exchange
{
    private SelfTradePrevention PreventionOf(in NewOrder order, uint account) =>
        order.SelfTradePrevention != 0 ? order.SelfTradePrevention : _accounts[account].Prevention;

    /// <summary>
    /// Whether an order of the account can meet one of its own that it must not trade with. False is the common case, in which the book
    /// matches without asking whose the orders are.
    /// </summary>
    private bool MayMeetOwn(SelfTradePrevention mode, uint account) => mode != SelfTradePrevention.Allow && _accounts[account].OpenOrders != 0;

    /// <summary>
    /// Matches the run of orders before the first own one, then does to that what the mode says, and so on. Each order is looked at once
    /// more than it would be without: the work stays in proportion to the fills and to the own orders that go.
    /// </summary>
    /// <returns>The lots that are left; <paramref name="isPrevented"/> says whether they must not go on.</returns>
    private ulong MatchAroundOwn<TSink>(
        Market market, ulong limit, ulong quantity, ref OrderTerms taker, ref FillSettlement<TSink> settlement, out bool isPrevented, ref TSink sink)
        where TSink : IEventSink
    {
        isPrevented = false;
        while (quantity != 0 && !isPrevented && market.Book.WouldTrade(taker.Side, limit))
        {
            ulong run = LotsBeforeOwn(market, taker, quantity, out uint own);
            quantity -= run;
            if (run != 0 && market.Book.Match(taker.Side, limit, run, ref settlement) != 0)
                throw _record.Violation("what stands before an own order can be taken", $"{run} lots", "fewer");
            if (own == 0)
                continue;
            if (taker.Prevention is SelfTradePrevention.CancelOldest or SelfTradePrevention.CancelBoth)
                CancelOrder(own, CancelReason.SelfTrade, ref sink);
            isPrevented = taker.Prevention is SelfTradePrevention.CancelNewest or SelfTradePrevention.CancelBoth;
        }

        return quantity;
    }

    /// <summary>
    /// Lots at the best price before the first own order there, at most what is wanted. <paramref name="own"/> is that order, 0 when there is
    /// none or the wanted lots do not reach it.
    /// </summary>
    private ulong LotsBeforeOwn(Market market, in OrderTerms taker, ulong wanted, out uint own)
    {
        ulong run = 0;
        own = 0;
        uint level = market.Book.LadderOf(OrderBook.Opposite(taker.Side)).Best;
        for (uint at = _storage.Levels[level].First; at != 0 && run < wanted; at = _storage.Orders[at].Next)
        {
            if (_terms[at].Account == taker.Account)
            {
                own = at;
                break;
            }

            run += Math.Min(_storage.Orders[at].Quantity, wanted - run);
        }

        return run;
    }

    /// <summary>
    /// Whether a fill-or-kill order would be filled in full. When it can meet own orders, it counts what it would really get, and it may
    /// meet only so many orders: deciding walks over them one by one, and a refusal costs nothing.
    /// </summary>
    private bool CanFill(in NewOrder order, Market market, uint account)
    {
        var mode = PreventionOf(order, account);
        if (!MayMeetOwn(mode, account))
            return market.Book.CanFill(order.Side, order.Price, order.Quantity);
        var ladder = market.Book.LadderOf(OrderBook.Opposite(order.Side));
        ulong limitKey = ladder.KeyOf(order.Price);
        int met = 0;
        ulong needed = order.Quantity;
        for (uint level = ladder.Best; level != 0 && _storage.Levels[level].Key <= limitKey; level = _storage.Levels[level].Worse)
        {
            if (TakeForFillOrKill(level, account, mode, ref needed, ref met) is { } isFilled)
                return isFilled;
        }

        return false;
    }

    /// <summary>Counts one level; the answer when it is decided there.</summary>
    private bool? TakeForFillOrKill(uint level, uint account, SelfTradePrevention mode, ref ulong needed, ref int met)
    {
        for (uint at = _storage.Levels[level].First; at != 0; at = _storage.Orders[at].Next)
        {
            if (++met > _rules.MaximumMakersOfFillOrKill)
                return false;
            if (_terms[at].Account == account)
            {
                if (mode == SelfTradePrevention.CancelOldest)
                    continue;
                return false;
            }

            if (_storage.Orders[at].Quantity >= needed)
                return true;
            needed -= _storage.Orders[at].Quantity;
        }

        return null;
    }
}
