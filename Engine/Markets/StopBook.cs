using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// The orders of a market that wait for their stop price, and the prices that trigger them. A buy is triggered by a trade at its stop price
/// or above, a sell by one at or below.
/// </summary>
/// <remarks>
/// They rest by stop price in a book of their own: buys on its ask side, sells on its bid side. So the best is the one whose turn is first
/// (buys by rising, sells by falling stop price, then by id), and a buy is triggered exactly when somebody who buys at the highest
/// traded price would trade there. Nothing is moved or marked when a trade triggers a thousand of them: they are those within the range
/// of trades, and a trade only widens two numbers. The range is that of one command's trades; while triggered stops wait to run it stays
/// open and takes in the trades that follow. A stop that comes within it is triggered at once and never waits here, so whatever waits
/// within the range was triggered by a trade since it came.
/// </remarks>
internal sealed class StopBook(OrderBook book)
{
    private ulong _highest;
    private ulong _lowest = ulong.MaxValue;

    /// <summary>The waiting orders; see <see cref="SideOf"/>.</summary>
    public OrderBook Book { get; } = book;

    /// <summary>Price of the last trade of the market, 0 for none yet.</summary>
    public ulong LastTrade { get; private set; }

    /// <summary>Whether triggered orders wait to run.</summary>
    public bool HasTriggered => Book.OpenOrders != 0 && (Book.WouldTrade(Side.Buy, _highest) || Book.WouldTrade(Side.Sell, _lowest));

    /// <summary>Highest price that triggers: of the open range while triggered orders wait, else of the last trade; 0 for none.</summary>
    public ulong Highest => HasTriggered ? _highest : LastTrade;

    /// <summary>Lowest price that triggers, as <see cref="Highest"/>.</summary>
    public ulong Lowest => HasTriggered ? _lowest : LastTrade;

    /// <summary>The side of <see cref="Book"/> on which orders of a side wait.</summary>
    public static Side SideOf(Side side) => OrderBook.Opposite(side);

    /// <summary>Before the trades of a command.</summary>
    public void BeginTrades()
    {
        if (HasTriggered)
            return;
        _highest = 0;
        _lowest = ulong.MaxValue;
    }

    /// <summary>A trade.</summary>
    public void NoteTrade(ulong price)
    {
        LastTrade = price;
        _highest = Math.Max(_highest, price);
        _lowest = Math.Min(_lowest, price);
    }

    /// <summary>Whether an order that comes now is triggered at once.</summary>
    public bool Triggers(Side side, ulong stopPrice) =>
        LastTrade != 0 && (side == Side.Buy ? stopPrice <= Highest : stopPrice >= Lowest);

    /// <summary>
    /// Adds an order that is not triggered. A range that nothing triggered waits in any more is over, and is narrowed to the last trade first:
    /// what lay in it beside that did not trigger the order that comes.
    /// </summary>
    public uint Add(Side side, ulong stopPrice, ulong quantity, ulong id)
    {
        if (!HasTriggered && LastTrade != 0)
            _highest = _lowest = LastTrade;
        return Book.Rest(SideOf(side), stopPrice, quantity, id);
    }

    /// <summary>Takes up the prices that another stop book named; its orders are added to <see cref="Book"/>.</summary>
    public void Restore(ulong lastTrade, ulong highest, ulong lowest)
    {
        LastTrade = lastTrade;
        _highest = highest;
        _lowest = lowest == 0 ? ulong.MaxValue : lowest;
    }

    /// <summary>The triggered order whose turn it is, 0 for none: buys by rising stop price, then sells by falling, each then by id.</summary>
    public uint FirstTriggered()
    {
        if (Book.OpenOrders == 0)
            return 0;
        if (Book.WouldTrade(Side.Buy, _highest))
            return Book.FirstOrder(Book.BestLevel(SideOf(Side.Buy)));
        return Book.WouldTrade(Side.Sell, _lowest) ? Book.FirstOrder(Book.BestLevel(SideOf(Side.Sell))) : 0;
    }
}
