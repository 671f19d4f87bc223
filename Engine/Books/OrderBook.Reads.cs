using Clob.Protocol;

namespace Clob.Engine;

// Walking through a book. Numbers of levels are good until the book changes.
public sealed partial class OrderBook
{
    /// <summary>Number of the best level of a side, 0 when nothing rests there.</summary>
    public uint BestLevel(Side side) => LadderOf(side).Best;

    /// <summary>Number of the next worse level, 0 behind the worst.</summary>
    public uint NextLevel(uint level) => LadderOf(_levels[level]).Next(level);

    /// <summary>Price of a level, ticks.</summary>
    public ulong PriceOfLevel(uint level) => _levels[level].Price;

    /// <summary>Lots displayed at a level.</summary>
    public UInt128 QuantityOfLevel(uint level) => _storage.QuantityOfLevel(level);

    /// <summary>Lots that icebergs keep back at a level.</summary>
    public UInt128 HiddenOfLevel(uint level) => _storage.HiddenOfLevel(level);

    /// <summary>Orders at a level.</summary>
    public int OrdersOfLevel(uint level) => _levels[level].Orders;

    /// <summary>Number of the order whose turn at a level is next.</summary>
    public uint FirstOrder(uint level) => _levels[level].First;

    /// <summary>Number of the order behind another at the same level, 0 behind the last.</summary>
    public uint NextOrder(uint order) => _orders[order].Next;
}
