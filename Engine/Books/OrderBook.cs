using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// The resting orders of one market in price-time priority. It knows prices, quantities and ids and nothing of money; several books
/// share one <see cref="BookStorage"/>. No allocation once the storage is large enough.
/// </summary>
public sealed partial class OrderBook
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

    /// <summary>Whether an order of this side and limit would be filled in full at once; hidden quantity counts.</summary>
    public bool CanFill(Side side, ulong limit, ulong quantity) => Available(side, limit, quantity) >= quantity;

    /// <summary>
    /// Lots, displayed and hidden, that an order of this side and limit would find, whoever owns them. May stop counting at
    /// <paramref name="enough"/>.
    /// </summary>
    public UInt128 Available(Side side, ulong limit, UInt128 enough)
    {
        var ladder = LadderOf(Opposite(side));
        ulong limitKey = ladder.KeyOf(limit);
        UInt128 found = 0;
        for (uint at = ladder.Best; at != 0 && _levels[at].Key <= limitKey && found < enough; at = _levels[at].Worse)
            found += _levels[at].Quantity + HiddenOfLevel(at);
        return found;
    }

    /// <summary>
    /// Lots that a taker would be given before a resting order has its first turn: all at better prices, hidden ones too, and what is
    /// displayed before it in its own queue (what is hidden there comes behind it). Takes time in the orders before it at its price.
    /// </summary>
    public UInt128 AvailableBefore(uint order)
    {
        ref PriceLevel level = ref _levels[_orders[order].Level];
        ulong price = PriceOf(order);
        bool isBest = LadderOf(level.IsBid ? Side.Buy : Side.Sell).Best == _orders[order].Level;
        var takerSide = level.IsBid ? Side.Sell : Side.Buy;
        UInt128 found = isBest ? 0 : Available(takerSide, level.IsBid ? price + 1 : price - 1, UInt128.MaxValue);
        for (uint at = _orders[order].Previous; at != 0; at = _orders[at].Previous)
            found += _orders[at].Quantity;
        return found;
    }

    /// <summary>Puts an order at the end of its level's queue and returns its number. No open order of the storage may have the id.</summary>
    public uint Rest(Side side, ulong price, ulong quantity, ulong id)
    {
        uint number = _orders.Take();
        uint level = LadderOf(side).GetOrAdd(price);
        ref RestingOrder order = ref _orders[number];
        order.Id = id;
        order.Quantity = quantity;
        order.Level = level;
        Append(ref _levels[level], ref order, number);
        _levels[level].Orders++;
        _levels[level].Quantity += quantity;
        OpenOrders++;
        _storage.Index.Add(id, number);
        return number;
    }

    /// <summary>Takes quantity off an order, less than is open of it, the hidden part first; it keeps its place.</summary>
    public void Reduce(uint order, ulong by)
    {
        ref RestingOrder reduced = ref _orders[order];
        if (by >= _storage.OpenOf(order))
            throw _storage.Record.Violation("a reduced order stays open", $"less than {_storage.OpenOf(order)} lots", $"{by}");
        if (reduced.Iceberg != 0)
            by -= TakeHidden(ref reduced, by);
        reduced.Quantity -= by;
        TakeFromLevel(ref _levels[reduced.Level], by);
    }

    /// <summary>Takes an order out of the book.</summary>
    public void Remove(uint order)
    {
        ref RestingOrder removed = ref _orders[order];
        ref PriceLevel level = ref _levels[removed.Level];
        if (removed.Iceberg != 0)
            DropReserve(ref removed);
        TakeFromLevel(ref level, removed.Quantity);
        Unlink(level.IsBid ? _bids : _asks, ref level, order);
    }

    internal static Side Opposite(Side side) => side == Side.Buy ? Side.Sell : Side.Buy;

    internal PriceLadder LadderOf(Side side) => side == Side.Buy ? _bids : _asks;

    private void TakeFromLevel(ref PriceLevel level, ulong quantity)
    {
        if (level.Quantity < quantity)
            throw _storage.Record.Violation("a level's quantity is the sum of its orders", $"at least {quantity} lots", $"{level.Quantity}");
        level.Quantity -= quantity;
    }

    private void Append(ref PriceLevel level, ref RestingOrder order, uint number)
    {
        order.Previous = level.Last;
        if (level.Last == 0)
            level.First = number;
        else
            _orders[level.Last].Next = number;
        level.Last = number;
    }

    private void Detach(ref PriceLevel level, in RestingOrder order)
    {
        if (order.Previous == 0)
            level.First = order.Next;
        else
            _orders[order.Previous].Next = order.Next;
        if (order.Next == 0)
            level.Last = order.Previous;
        else
            _orders[order.Next].Previous = order.Previous;
    }

    private void Unlink(PriceLadder ladder, ref PriceLevel level, uint number)
    {
        ref RestingOrder order = ref _orders[number];
        Detach(ref level, order);
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
