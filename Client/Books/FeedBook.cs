using Clob.Protocol;

namespace Clob.Client;

/// <summary>A resting order as the feed shows it.</summary>
/// <param name="OrderId">The venue's order id.</param>
/// <param name="Side">Side.</param>
/// <param name="Price">Ticks.</param>
/// <param name="Quantity">Open quantity, lots.</param>
public readonly record struct FeedOrder(ulong OrderId, Side Side, ulong Price, ulong Quantity);

/// <summary>A price level as the feed shows it.</summary>
/// <param name="Price">Ticks.</param>
/// <param name="Quantity">Open quantity of all its orders, lots.</param>
/// <param name="Orders">Number of orders.</param>
public readonly record struct FeedLevel(ulong Price, UInt128 Quantity, int Orders);

/// <summary>What the feed says a market's orders may ask for, beside its directory entry.</summary>
/// <param name="ReferencePrice">What the band lay around when this was said, ticks; 0 for none. Each trade since has set it anew.</param>
/// <param name="Band">Parts per million of the reference price, 0 for no band.</param>
/// <param name="MaximumNotional">Largest notional of an order, smallest units of quote.</param>
public readonly record struct FeedBand(ulong ReferencePrice, uint Band, UInt128 MaximumNotional);

/// <summary>
/// The price-time book of one market, rebuilt from feed messages alone. Messages about orders it does not know (it joined late, or
/// messages were lost) change nothing and are counted. Not thread-safe.
/// </summary>
public sealed class FeedBook
{
    private readonly Dictionary<ulong, LinkedListNode<FeedOrder>> _orders = [];
    private readonly SortedDictionary<ulong, Level> _bids = new(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
    private readonly SortedDictionary<ulong, Level> _asks = [];

    /// <summary>An empty book.</summary>
    public FeedBook(ushort market) => Market = market;

    /// <summary>Market id.</summary>
    public ushort Market { get; }

    /// <summary>The directory entry last seen; null before the first.</summary>
    public MarketDirectoryEntry? Directory { get; private set; }

    /// <summary>State code last seen: T, C, H, Z, or 0 before the first.</summary>
    public char StateCode { get; private set; }

    /// <summary>Price band and largest notional last seen; null before the first, which comes only when the market has one.</summary>
    public FeedBand? Band { get; private set; }

    /// <summary>Sequence of the last message applied.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Messages about orders the book does not know, or that do not fit what it knows.</summary>
    public long UnknownOrders { get; private set; }

    /// <summary>Number of resting orders.</summary>
    public int OrderCount => _orders.Count;

    /// <summary>Buy levels, best first.</summary>
    public IEnumerable<FeedLevel> Bids => Levels(Side.Buy);

    /// <summary>Sell levels, best first.</summary>
    public IEnumerable<FeedLevel> Asks => Levels(Side.Sell);

    /// <summary>The levels of a side, best first.</summary>
    public IEnumerable<FeedLevel> Levels(Side side)
    {
        foreach (var (price, level) in SideOf(side))
            yield return new FeedLevel(price, level.Quantity, level.Queue.Count);
    }

    /// <summary>Fills <paramref name="levels"/> with the best levels of a side and returns how many there were.</summary>
    public int Depth(Side side, Span<FeedLevel> levels)
    {
        int count = 0;
        foreach (var (price, level) in SideOf(side))
        {
            if (count == levels.Length)
                break;
            levels[count++] = new FeedLevel(price, level.Quantity, level.Queue.Count);
        }

        return count;
    }

    /// <summary>The level at a price; with quantity 0 when nobody rests there.</summary>
    public FeedLevel LevelAt(Side side, ulong price) =>
        SideOf(side).TryGetValue(price, out var level) ? new FeedLevel(price, level.Quantity, level.Queue.Count) : new FeedLevel(price, 0, 0);

    /// <summary>The orders at a price, first to trade first.</summary>
    public IEnumerable<FeedOrder> QueueAt(Side side, ulong price) => SideOf(side).TryGetValue(price, out var level) ? level.Queue : [];

    /// <summary>Finds a resting order.</summary>
    public bool TryGetOrder(ulong orderId, out FeedOrder order)
    {
        bool found = _orders.TryGetValue(orderId, out var node);
        order = found ? node!.Value : default;
        return found;
    }

    /// <summary>Applies the next message of this market. Never throws for what is in it.</summary>
    public void Apply(ulong sequence, in FeedMessage message)
    {
        Sequence = sequence;
        switch (message.Verb)
        {
            case FeedVerb.Directory:
                Directory = message.Directory;
                break;
            case FeedVerb.TradingAction:
                StateCode = message.Code;
                break;
            case FeedVerb.PriceBand:
                Band = new FeedBand(message.Price, message.Band, message.MaximumNotional);
                break;
            case FeedVerb.Add:
                Add(new FeedOrder(message.OrderId, message.Side, message.Price, message.Quantity));
                break;
            case FeedVerb.Executed or FeedVerb.ExecutedWithPrice or FeedVerb.Cancel:
                TakeOff(message.OrderId, message.Quantity);
                break;
            case FeedVerb.Delete:
                TakeOff(message.OrderId, ulong.MaxValue, wholeOrder: true);
                break;
            case FeedVerb.Replace:
                Replace(message);
                break;
        }
    }

    /// <summary>Forgets all orders, as after a lost message.</summary>
    public void Clear()
    {
        _orders.Clear();
        _bids.Clear();
        _asks.Clear();
    }

    private SortedDictionary<ulong, Level> SideOf(Side side) => side == Side.Buy ? _bids : _asks;

    private void Add(FeedOrder order)
    {
        if (order.Quantity == 0 || _orders.ContainsKey(order.OrderId))
        {
            UnknownOrders++;
            return;
        }

        var side = SideOf(order.Side);
        if (!side.TryGetValue(order.Price, out var level))
            side.Add(order.Price, level = new Level());
        _orders.Add(order.OrderId, level.Queue.AddLast(order));
        level.Quantity += order.Quantity;
    }

    private void TakeOff(ulong orderId, ulong quantity, bool wholeOrder = false)
    {
        if (!_orders.TryGetValue(orderId, out var node))
        {
            UnknownOrders++;
            return;
        }

        var order = node.Value;
        if (quantity > order.Quantity && !wholeOrder)
            UnknownOrders++;
        ulong taken = Math.Min(quantity, order.Quantity);
        var side = SideOf(order.Side);
        var level = side[order.Price];
        level.Quantity -= taken;
        node.Value = order with { Quantity = order.Quantity - taken };
        if (node.Value.Quantity != 0)
            return;
        level.Queue.Remove(node);
        _orders.Remove(orderId);
        if (level.Queue.Count == 0)
            side.Remove(order.Price);
    }

    private void Replace(in FeedMessage message)
    {
        if (!TryGetOrder(message.FormerOrderId, out var former))
        {
            UnknownOrders++;
            return;
        }

        TakeOff(message.FormerOrderId, ulong.MaxValue, wholeOrder: true);
        Add(new FeedOrder(message.OrderId, former.Side, message.Price, message.Quantity));
    }

    private sealed class Level
    {
        public readonly LinkedList<FeedOrder> Queue = new();
        public UInt128 Quantity;
    }
}
