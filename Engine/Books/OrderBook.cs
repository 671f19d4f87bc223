using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// The resting orders of one market in price-time priority. It knows prices, quantities and ids and nothing of money; several books
/// share one <see cref="BookStorage"/>. No allocation once the storage is large enough.
/// </summary>
public sealed unsafe partial class OrderBook
{
    private readonly BookStorage _storage;
    private readonly Pool<RestingOrder> _orders;
    private readonly Pool<PriceLevel> _levels;
    private readonly OrderIndex _index;
    private readonly PriceLadder[] _ladders; // asks, bids

    /// <summary>An empty book in a storage.</summary>
    public OrderBook(BookStorage storage)
    {
        ArgumentNullException.ThrowIfNull(storage);
        _storage = storage;
        _orders = storage.Orders;
        _levels = storage.Levels;
        _index = storage.Index;
        _ladders = [new PriceLadder(storage, isBid: false), new PriceLadder(storage, isBid: true)];
    }

    /// <summary>Orders that rest in this book.</summary>
    public int OpenOrders { get; private set; }

    /// <summary>The best price of a side; false when nothing rests there.</summary>
    public bool TryGetBest(Side side, out ulong price)
    {
        var ladder = LadderOf(side);
        price = ladder.Best == 0 ? 0 : ladder.KeyOf(ladder.BestKey);
        return ladder.Best != 0;
    }

    /// <summary>Price of a resting order.</summary>
    public ulong PriceOf(uint order) => _levels[_orders[order].Level].Price;

    /// <summary>Whether an order of this side and limit would trade at once.</summary>
    public bool WouldTrade(Side side, ulong limit) => LadderOpposite(side).Reaches(limit);

    /// <summary>
    /// Whether an order of this side and limit would be filled in full at once; hidden quantity counts. Takes no more than logarithmic time
    /// in the levels.
    /// </summary>
    public bool CanFill(Side side, ulong limit, ulong quantity)
    {
        var ladder = LadderOpposite(side);
        return ladder.Reaches(limit) && (_levels[ladder.Best].Quantity >= quantity || ladder.QuantityUpTo(limit) >= quantity);
    }

    /// <summary>Puts an order at the end of its level's queue and returns its number. No open order of the storage may have the id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Rest(Side side, ulong price, ulong quantity, ulong id)
    {
        unchecked
        {
            var ladder = LadderOf(side);
            uint number = _orders.TakeUncleared();
            uint levelNumber = ladder.GetOrAdd(price);
            RestingOrder* order = _orders.Items + number;
            PriceLevel* level = _levels.Items + levelNumber;
            order->Id = id;
            order->Quantity = quantity;
            order->Level = levelNumber;
            order->Next = 0;
            order->Iceberg = 0;
            Append(level, order, number);
            level->Orders++;
            AddQuantity(ladder, level, levelNumber, quantity);
            OpenOrders++;
            _index.Add(id, number);
            return number;
        }
    }

    /// <summary>Takes quantity off an order, less than is open of it, the hidden part first; it keeps its place.</summary>
    public void Reduce(uint order, ulong by)
    {
        if (by >= _storage.OpenOf(order))
            throw _storage.Record.Violation("a reduced order stays open", $"less than {_storage.OpenOf(order)} lots", $"{by}");
        RestingOrder* reduced = _orders.Items + order;
        PriceLevel* level = _levels.Items + reduced->Level;
        if (reduced->Iceberg != 0)
            by -= TakeHidden(reduced, by);
        reduced->Quantity -= by;
        TakeQuantity(LadderOf(*level), level, reduced->Level, by);
    }

    /// <summary>Takes an order out of the book.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public void Remove(uint order)
    {
        unchecked
        {
            RestingOrder* removed = _orders.Items + order;
            uint levelNumber = removed->Level;
            PriceLevel* level = _levels.Items + levelNumber;
            var ladder = LadderOf(*level);
            if (removed->Iceberg != 0)
                DropReserve(removed);
            TakeQuantity(ladder, level, levelNumber, removed->Quantity);
            Detach(level, removed);
            _index.Remove(removed->Id, order);
            _orders.Return(order);
            OpenOrders--;
            if (--level->Orders == 0)
                RemoveLevel(ladder, level, levelNumber);
        }
    }

    internal static Side Opposite(Side side) => side == Side.Buy ? Side.Sell : Side.Buy;

    internal PriceLadder LadderOf(Side side) => Ladder((int)side & 1);

    private PriceLadder LadderOpposite(Side side) => Ladder(~(int)side & 1);

    private PriceLadder LadderOf(in PriceLevel level) => Ladder(level.SideBit);

    /// <summary>Asks for 0, bids for 1; a branch on the side would be mispredicted half of the time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private PriceLadder Ladder(int bit) => Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_ladders), (nint)bit);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddQuantity(PriceLadder ladder, PriceLevel* level, uint number, ulong quantity)
    {
        unchecked
        {
            ulong sum = level->Quantity + quantity;
            level->Quantity = sum;
            if (sum < quantity)
                Carry(number);
            ladder.AddQuantity(level, quantity);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeQuantity(PriceLadder ladder, PriceLevel* level, uint number, ulong quantity)
    {
        unchecked
        {
            ulong sum = level->Quantity;
            if (sum < quantity)
                Borrow(number, quantity);
            level->Quantity = sum - quantity;
            ladder.TakeQuantity(level, quantity);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Carry(uint level) => _storage.Overflows[level] = _storage.Overflows.GetValueOrDefault(level) + 1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Borrow(uint level, ulong quantity)
    {
        if (!_storage.Overflows.Remove(level, out ulong overflow))
            throw _storage.Record.Violation("a level's quantity is the sum of its orders", $"at least {quantity} lots", $"{_levels[level].Quantity}");
        if (overflow > 1)
            _storage.Overflows[level] = overflow - 1;
    }

    /// <summary>Item 0 of the pool takes the writes for neighbours that do not exist: cheaper than a branch that nobody can predict.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(PriceLevel* level, RestingOrder* order, uint number)
    {
        unchecked
        {
            uint last = level->Last;
            order->Previous = last;
            _orders.Items[last].Next = number;
            level->First = last == 0 ? number : level->First;
            level->Last = number;
        }
    }

    /// <inheritdoc cref="Append"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Detach(PriceLevel* level, RestingOrder* order)
    {
        unchecked
        {
            uint next = order->Next;
            uint previous = order->Previous;
            uint first = level->First; // read before it is asked for, else the compiler makes a branch of the choice
            uint last = level->Last;
            _orders.Items[previous].Next = next;
            _orders.Items[next].Previous = previous;
            level->First = previous == 0 ? next : first;
            level->Last = next == 0 ? previous : last;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RemoveLevel(PriceLadder ladder, PriceLevel* level, uint number)
    {
        if (level->Quantity != 0 || level->First != 0)
            throw Left(*level);
        ladder.Remove(number);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvariantViolationException Left(PriceLevel level) =>
        _storage.Record.Violation("a level without orders has no quantity", "0 lots", $"{level.Quantity}");
}
