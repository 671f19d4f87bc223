using System.Runtime.InteropServices;

namespace Clob.Engine;

/// <summary>
/// All orders at one price of one side, in the order of their turns: two of them in a cache line.
/// <code>
///  0           8       16      20     24       28              32
///  │ displayed │ price │ first │ last │ orders │ page and side │
///  │ u64 lots  │ u64   │ u32   │ u32  │ i32    │ u32           │
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PriceLevel : IPooled
{
    private const uint BidBit = 1u << 31; // numbers of a pool stay below: Pool<T>.MaximumCount

    /// <summary>
    /// Sum of the displayed lots, its lowest 64 bits. A level that needs more (up to 2^63 lots an order) has an entry in
    /// <see cref="BookStorage.Overflows"/>.
    /// </summary>
    public ulong Quantity;

    public ulong Price;
    public uint First;
    public uint Last;

    /// <summary>Number of orders.</summary>
    public int Orders;

    private uint _place; // page number, highest bit: a level of bids

    /// <summary>An empty level.</summary>
    public PriceLevel(ulong price, bool isBid, uint page)
    {
        Price = price;
        _place = isBid ? BidBit | page : page;
    }

    /// <summary>The page that holds it, 0 when it stands alone.</summary>
    public uint Page
    {
        readonly get => _place & ~BidBit;
        set => _place = _place & BidBit | value;
    }

    /// <summary>1 for a level of bids, 0 for one of asks.</summary>
    public readonly int SideBit => (int)(_place >> 31);

    public readonly bool IsBid => SideBit != 0;

    uint IPooled.NextFree
    {
        readonly get => First;
        set => First = value;
    }
}
