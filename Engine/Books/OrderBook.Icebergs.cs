using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clob.Protocol;

namespace Clob.Engine;

// Orders that display a portion of themselves and keep the rest back.
public sealed partial class OrderBook
{
    /// <summary>
    /// Puts an iceberg at the end of its level's queue. Whenever what it displays is filled, the next portion, as long as there is any,
    /// joins the end of the queue.
    /// </summary>
    /// <param name="side">Side.</param>
    /// <param name="price">Ticks.</param>
    /// <param name="displayed">Lots displayed now, at least 1.</param>
    /// <param name="hidden">Lots kept back, 0 when only the last portion is left.</param>
    /// <param name="portion">Lots of each further portion, at least 1.</param>
    /// <param name="id">No open order of the storage may have it.</param>
    public uint RestIceberg(Side side, ulong price, ulong displayed, ulong hidden, ulong portion, ulong id)
    {
        uint number = Rest(side, price, displayed, id);
        uint reserve = _storage.Icebergs.Take();
        _storage.Icebergs[reserve] = new IcebergReserve { Hidden = hidden, Portion = portion };
        _orders[number].Iceberg = reserve;
        if (hidden != 0)
            CollectionsMarshal.GetValueRefOrAddDefault(_storage.HiddenByLevel, _orders[number].Level, out _) += hidden;
        return number;
    }

    private bool TryShowNextPortion(ref PriceLevel level, ref RestingOrder order, uint number)
    {
        ref IcebergReserve reserve = ref _storage.Icebergs[order.Iceberg];
        if (reserve.Hidden == 0)
        {
            _storage.Icebergs.Return(order.Iceberg);
            return false;
        }

        ulong portion = TakeHidden(ref order, reserve.Portion);
        Detach(ref level, order);
        order.Next = 0;
        Append(ref level, ref order, number);
        order.Quantity = portion;
        level.Quantity += portion;
        return true;
    }

    /// <summary>Takes up to so many lots out of the reserve and says how many.</summary>
    private ulong TakeHidden(ref RestingOrder order, ulong most)
    {
        ref IcebergReserve reserve = ref _storage.Icebergs[order.Iceberg];
        ulong taken = Math.Min(reserve.Hidden, most);
        if (taken == 0)
            return 0;
        reserve.Hidden -= taken;
        ref UInt128 ofLevel = ref CollectionsMarshal.GetValueRefOrNullRef(_storage.HiddenByLevel, order.Level);
        if (Unsafe.IsNullRef(ref ofLevel) || ofLevel < taken)
            throw _storage.Record.Violation("a level's hidden quantity is the sum of its icebergs' reserves", $"at least {taken} lots", "less");
        ofLevel -= taken;
        if (ofLevel == 0)
            _storage.HiddenByLevel.Remove(order.Level);
        return taken;
    }

    private void DropReserve(ref RestingOrder order)
    {
        TakeHidden(ref order, ulong.MaxValue);
        _storage.Icebergs.Return(order.Iceberg);
    }
}
