using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// The resting orders of one market in price-time priority. It knows prices, quantities and ids and nothing of money; several books
/// share one <see cref="BookStorage"/>. No allocation once the storage is large enough.
/// </summary>
public sealed class OrderBook
{
    private readonly BookStorage _storage;
    private readonly Pool<RestingOrder> _orders;
    private readonly Pool<PriceLevel> _levels;
    private readonly PriceLadder _bids;
    private readonly PriceLadder _asks;

    /// <summary>An empty book in a storage.</summary>
    public OrderBook(BookStorage storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _orders = storage.Orders;
        _levels = storage.Levels;
        _bids = new PriceLadder(storage, isBid: true);
        _asks = new PriceLadder(storage, isBid: false);
    }

    /// <summary>Orders that rest in this book.</summary>
    public int OpenOrders { get; private set; }

    /// <summary>The best price of a side; false when nothing rests there.</summary>
    public bool TryGetBest(Side side, out ulong price)
    {
        var ladder = LadderOf(side);
        price = ladder.Best == 0 ? 0 : ladder.KeyOf(_levels[ladder.Best].Key);
        return ladder.Best != 0;
    }

    /// <summary>Price of a resting order.</summary>
    public ulong PriceOf(uint order)
    {
        ref PriceLevel level = ref _levels[_orders[order].Level];
        return (level.IsBid ? _bids : _asks).KeyOf(level.Key);
    }

    /// <summary>Whether an order of this side and limit would trade at once.</summary>
    public bool WouldTrade(Side side, ulong limit)
    {
        var ladder = LadderOf(Opposite(side));
        return ladder.Best != 0 && _levels[ladder.Best].Key <= ladder.KeyOf(limit);
    }

    /// <summary>Whether an order of this side and limit would be filled in full at once; takes time in the levels it would take.</summary>
    public bool CanFill(Side side, ulong limit, ulong quantity)
    {
        var ladder = LadderOf(Opposite(side));
        ulong limitKey = ladder.KeyOf(limit);
        UInt128 needed = quantity;
        for (uint at = ladder.Best; at != 0; at = _levels[at].Worse)
        {
            ref PriceLevel level = ref _levels[at];
            if (level.Key > limitKey)
                return false;
            if (level.Quantity >= needed)
                return true;
            needed -= level.Quantity;
        }

        return false;
    }

    /// <summary>Fills against the other side, best price first and oldest order first, and returns the lots that found no counterpart.</summary>
    public ulong Match<TSink>(Side side, ulong limit, ulong quantity, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        var ladder = LadderOf(Opposite(side));
        ulong limitKey = ladder.KeyOf(limit);
        while (quantity != 0 && ladder.Best != 0 && _levels[ladder.Best].Key <= limitKey)
            quantity = MatchBestLevel(ladder, quantity, ref sink);
        return quantity;
    }

    /// <summary>Puts an order at the end of its level's queue and returns its number. The id must be above all ids before it.</summary>
    public uint Rest(Side side, ulong price, ulong quantity, ulong id)
    {
        uint number = _orders.Take();
        uint levelNumber = LadderOf(side).GetOrAdd(price);
        ref PriceLevel level = ref _levels[levelNumber];
        ref RestingOrder order = ref _orders[number];
        order.Id = id;
        order.Quantity = quantity;
        order.Level = levelNumber;
        order.Previous = level.Last;
        if (level.Last == 0)
            level.First = number;
        else
            _orders[level.Last].Next = number;
        level.Last = number;
        level.Orders++;
        level.Quantity += quantity;
        OpenOrders++;
        _storage.Index.Add(id, number);
        return number;
    }

    /// <summary>Takes quantity off an order, less than it has; it keeps its place.</summary>
    public void Reduce(uint order, ulong by)
    {
        ref RestingOrder reduced = ref _orders[order];
        if (by >= reduced.Quantity)
            throw _storage.Record.Violation("a reduced order stays open", $"less than {reduced.Quantity} lots", $"{by}");
        reduced.Quantity -= by;
        TakeFromLevel(ref _levels[reduced.Level], by);
    }

    /// <summary>Takes an order out of the book.</summary>
    public void Remove(uint order)
    {
        ref RestingOrder removed = ref _orders[order];
        ref PriceLevel level = ref _levels[removed.Level];
        TakeFromLevel(ref level, removed.Quantity);
        Unlink(level.IsBid ? _bids : _asks, ref level, order);
    }

    internal static Side Opposite(Side side) => side == Side.Buy ? Side.Sell : Side.Buy;

    internal PriceLadder LadderOf(Side side) => side == Side.Buy ? _bids : _asks;

    private ulong MatchBestLevel<TSink>(PriceLadder ladder, ulong quantity, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        ref PriceLevel level = ref _levels[ladder.Best];
        ulong price = ladder.KeyOf(level.Key);
        bool isLast = false;
        while (quantity != 0 && !isLast)
        {
            uint maker = level.First;
            ref RestingOrder order = ref _orders[maker];
            ulong fill = Math.Min(quantity, order.Quantity);
            quantity -= fill;
            order.Quantity -= fill;
            TakeFromLevel(ref level, fill);
            isLast = level.Orders == 1;
            sink.OnFill(maker, order, price, fill);
            if (order.Quantity == 0)
                Unlink(ladder, ref level, maker);
        }

        return quantity;
    }

    private void TakeFromLevel(ref PriceLevel level, ulong quantity)
    {
        if (level.Quantity < quantity)
            throw _storage.Record.Violation("a level's quantity is the sum of its orders", $"at least {quantity} lots", $"{level.Quantity}");
        level.Quantity -= quantity;
    }

    private void Unlink(PriceLadder ladder, ref PriceLevel level, uint number)
    {
        ref RestingOrder order = ref _orders[number];
        if (order.Previous == 0)
            level.First = order.Next;
        else
            _orders[order.Previous].Next = order.Next;
        if (order.Next == 0)
            level.Last = order.Previous;
        else
            _orders[order.Next].Previous = order.Previous;
        level.Orders--;
        OpenOrders--;
        _storage.Index.Remove(order.Id);
        uint levelNumber = order.Level;
        _orders.Return(number);
        if (level.Orders != 0)
            return;
        if (level.Quantity != 0 || level.First != 0)
            throw _storage.Record.Violation("a level without orders has no quantity", "0 lots", $"{level.Quantity}");
        ladder.Remove(levelNumber);
    }
}
