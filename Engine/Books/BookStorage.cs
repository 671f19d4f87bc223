using System.Numerics;

namespace Clob.Engine;

/// <summary>
/// The memory of all books of a venue: orders, price levels and the index by order id. Books that share it must use one series of ids.
/// </summary>
public sealed class BookStorage
{
    /// <summary>
    /// Most orders open at the same time: at the worst (each at a price of its own, with a deadline, between ids that are gone) they take
    /// 6 GiB, and while a pool grows half of it again, which the host of a venue has.
    /// </summary>
    public const int MaximumOrders = 1 << 24;

    static BookStorage()
    {
        // One order has at most one level and one entry in a tree, so no pool can overflow before the orders do.
        if (MaximumOrders > Pool<RestingOrder>.MaximumCount)
            throw new InvalidOperationException("more orders than a pool can number");
    }

    /// <summary>Memory for so many orders and levels at the start; it grows by a quarter at a time.</summary>
    public BookStorage(int orders, int priceLevels) : this(orders, priceLevels, new AppliedRecord())
    {
    }

    internal BookStorage(int orders, int priceLevels, AppliedRecord record)
    {
        Orders = new Pool<RestingOrder>(orders);
        Levels = new Pool<PriceLevel>(priceLevels);
        Pages = new Pool<PricePage>(0);
        Leaves = new Pool<TreeLeaf>(priceLevels / 22 + orders / 128); // levels far apart, and orders that outlive their place in the index
        Branches = new Pool<TreeBranch>(Leaves.Capacity / 20);
        Icebergs = new Pool<IcebergReserve>(0);
        Index = new OrderIndex(Orders, new KeyTree(Leaves, Branches, null), PlacesFor(orders, priceLevels));
        Record = record;
    }

    /// <summary>
    /// Places in the index: four an order, so that hardly any outlives its place, but two where each order may bring a price level, to stay
    /// below 96 bytes an order.
    /// </summary>
    private static int PlacesFor(int orders, int priceLevels) =>
        (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(orders, 16, MaximumOrders) * (priceLevels <= orders / 2 ? 4u : 2u));

    /// <summary>Open orders of all books.</summary>
    public int OpenOrders => Orders.Count;

    /// <summary>Bytes of all memory taken, in use or not; without dictionaries for what is rare.</summary>
    public long Bytes => Orders.Bytes + Levels.Bytes + Pages.Bytes + Leaves.Bytes + Branches.Bytes + Icebergs.Bytes + Index.Bytes;

    internal Pool<RestingOrder> Orders { get; }

    internal Pool<PriceLevel> Levels { get; }

    internal Pool<PricePage> Pages { get; }

    internal Pool<TreeLeaf> Leaves { get; }

    internal Pool<TreeBranch> Branches { get; }

    internal Pool<IcebergReserve> Icebergs { get; }

    /// <summary>Lots that icebergs keep back, by level; a level without any has no entry.</summary>
    internal Dictionary<uint, UInt128> HiddenByLevel { get; } = [];

    /// <summary>What levels with 2^64 displayed lots or more have beyond <see cref="PriceLevel.Quantity"/>, in units of 2^64.</summary>
    internal Dictionary<uint, ulong> Overflows { get; } = [];

    internal OrderIndex Index { get; }

    internal AppliedRecord Record { get; }

    /// <summary>Number of the open order with this id, 0 for none. Numbers are good until the order is gone.</summary>
    public uint Find(ulong id) => Index.Find(id);

    /// <summary>The order of a number that <see cref="Find"/> gave.</summary>
    public ref readonly RestingOrder this[uint order] => ref Orders[order];

    /// <summary>Lots of an order that are open and not displayed: 0 but for icebergs.</summary>
    public ulong HiddenOf(uint order) => Orders[order].Iceberg == 0 ? 0 : Icebergs[Orders[order].Iceberg].Hidden;

    /// <summary>Lots that an iceberg displays at a time, 0 for any other order.</summary>
    public ulong PortionOf(uint order) => Orders[order].Iceberg == 0 ? 0 : Icebergs[Orders[order].Iceberg].Portion;

    /// <summary>All lots of an order that are open, displayed or not; at most 2^63 - 1 if no more were ever put in.</summary>
    public ulong OpenOf(uint order) => Orders[order].Quantity + HiddenOf(order);

    /// <summary>Lots displayed at a level.</summary>
    internal UInt128 QuantityOfLevel(uint level) =>
        new(Overflows.Count == 0 ? 0 : Overflows.GetValueOrDefault(level), Levels[level].Quantity);

    /// <summary>Lots that icebergs keep back at a level.</summary>
    internal UInt128 HiddenOfLevel(uint level) => HiddenByLevel.Count == 0 ? 0 : HiddenByLevel.GetValueOrDefault(level);
}
