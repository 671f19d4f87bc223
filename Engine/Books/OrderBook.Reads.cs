using Clob.Protocol;

namespace Clob.Engine;

// Walking through a book. Numbers of levels are good until the book changes.
public sealed partial class OrderBook
{
    /// <summary>Number of the best level of a side, 0 when nothing rests there.</summary>
    public uint BestLevel(Side side) => LadderOf(side).Best;

    /// <summary>Number of the next worse level, 0 behind the worst.</summary>
    public uint NextLevel(uint level) => _levels[level].Worse;

    /// <summary>Price of a level, ticks.</summary>
    public ulong PriceOfLevel(uint level) => (_levels[level].IsBid ? _bids : _asks).KeyOf(_levels[level].Key);

    /// <summary>Lots displayed at a level.</summary>
    public UInt128 QuantityOfLevel(uint level) => _levels[level].Quantity;

    /// <summary>Lots that icebergs keep back at a level.</summary>
    public UInt128 HiddenOfLevel(uint level) => _storage.HiddenByLevel.Count == 0 ? 0 : _storage.HiddenByLevel.GetValueOrDefault(level);

    /// <summary>Orders at a level.</summary>
    public int OrdersOfLevel(uint level) => _levels[level].Orders;

    /// <summary>Number of the order whose turn at a level is next.</summary>
    public uint FirstOrder(uint level) => _levels[level].First;

    /// <summary>Number of the order behind another at the same level, 0 behind the last.</summary>
    public uint NextOrder(uint order) => _orders[order].Next;
}
