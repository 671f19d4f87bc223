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
    /// Whether a fill-or-kill order would be filled in full. When it can meet own orders, it counts what it would really get, and it may
    /// meet only so many orders: deciding walks over them one by one, and a refusal costs its owner nothing.
    /// </summary>
    private bool CanFill(Market market, in OrderTerms order, ulong limit, ulong quantity)
    {
        var book = market.Book;
        if (!book.CanFill(order.Side, limit, quantity))
            return false; // not even with what is its own
        if (!MayMeetOwn(order.Prevention, order.Account))
            return true;
        int met = 0;
        UInt128 needed = quantity;
        for (uint level = book.BestLevel(OrderBook.Opposite(order.Side)); level != 0; level = book.NextLevel(level))
        {
            ulong price = book.PriceOfLevel(level);
            if (order.Side == Side.Buy ? price > limit : price < limit)
                return false;
            if (TakeForFillOrKill(book, level, order.Account, order.Prevention, ref needed, ref met) is { } isFilled)
                return isFilled;
        }

        return false;
    }

    /// <summary>
    /// Counts one level; the answer when it is decided there. What the level hides is taken only when all that it shows was not enough:
    /// behind an own order at which matching ends, nothing hidden is reached.
    /// </summary>
    private bool? TakeForFillOrKill(OrderBook book, uint level, uint account, SelfTradePrevention mode, ref UInt128 needed, ref int met)
    {
        UInt128 shown = 0;
        UInt128 open = 0;
        for (uint at = book.FirstOrder(level); at != 0; at = book.NextOrder(at))
        {
            if (++met > _rules.MaximumMakersOfFillOrKill)
                return false;
            if (_terms[at].Account == account)
            {
                if (mode == SelfTradePrevention.CancelOldest)
                    continue;
                return false;
            }

            shown += _storage[at].Quantity;
            if (shown >= needed)
                return true;
            open += _storage.OpenOf(at);
        }

        if (open >= needed)
            return true;
        needed -= open;
        return null;
    }
}
