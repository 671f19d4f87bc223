namespace Clob.Engine;

/// <summary>All orders at one price of one side, oldest first.</summary>
internal struct PriceLevel : IPooled
{
    /// <summary>Sum of the open quantities: up to 2^63 lots an order, so it needs more than 64 bits.</summary>
    public UInt128 Quantity;

    /// <summary>Orders levels best first: the price for asks, its complement for bids.</summary>
    public ulong Key;

    public uint First;
    public uint Last;

    /// <summary>Number of orders.</summary>
    public int Orders;

    /// <summary>Neighbours by price, 0 for none.</summary>
    public uint Better;
    public uint Worse;

    public bool IsBid;

    uint IPooled.NextFree
    {
        readonly get => Worse;
        set => Worse = value;
    }
}

/// <summary>Where the keys of two groups of levels begin to differ. Children are levels (highest bit set) or branches.</summary>
internal struct LevelBranch : IPooled
{
    /// <summary>Levels whose key has a 0 at <see cref="Bit"/>: the better ones.</summary>
    public uint Zero;

    /// <summary>Levels whose key has a 1 there.</summary>
    public uint One;

    /// <summary>The highest bit in which the two groups differ; all higher bits are equal.</summary>
    public int Bit;

    uint IPooled.NextFree
    {
        readonly get => Zero;
        set => Zero = value;
    }
}
