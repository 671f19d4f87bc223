using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clob.Protocol;

namespace Clob.Engine;

// Orders that display a portion of themselves and keep the rest back.
public sealed unsafe partial class OrderBook
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
        ref RestingOrder order = ref _orders[number];
        order.Iceberg = reserve;
        if (hidden == 0)
            return number;
        CollectionsMarshal.GetValueRefOrAddDefault(_storage.HiddenByLevel, order.Level, out _) += hidden;
        LadderOf(side).AddQuantity(_levels.Items + order.Level, hidden);
        return number;
    }

    private bool TryShowNextPortion(PriceLevel* level, RestingOrder* order, uint number)
    {
        ulong portion = TakeHidden(order, _storage.Icebergs[order->Iceberg].Portion);
        if (portion == 0)
        {
            _storage.Icebergs.Return(order->Iceberg);
            return false;
        }

        Detach(level, order);
        order->Next = 0;
        Append(level, order, number);
        order->Quantity = portion;
        AddQuantity(LadderOf(*level), level, order->Level, portion);
        return true;
    }

    /// <summary>Takes up to so many lots out of the reserve and says how many.</summary>
    private ulong TakeHidden(RestingOrder* order, ulong most)
    {
        ref IcebergReserve reserve = ref _storage.Icebergs[order->Iceberg];
        ulong taken = Math.Min(reserve.Hidden, most);
        if (taken == 0)
            return 0;
        ref UInt128 ofLevel = ref CollectionsMarshal.GetValueRefOrNullRef(_storage.HiddenByLevel, order->Level);
        if (Unsafe.IsNullRef(ref ofLevel) || ofLevel < taken)
            throw _storage.Record.Violation("a level's hidden quantity is the sum of its icebergs' reserves", $"at least {taken} lots", "less");
        reserve.Hidden -= taken;
        ofLevel -= taken;
        if (ofLevel == 0)
            _storage.HiddenByLevel.Remove(order->Level);
        PriceLevel* level = _levels.Items + order->Level;
        LadderOf(*level).TakeQuantity(level, taken);
        return taken;
    }

    private void DropReserve(RestingOrder* order)
    {
        TakeHidden(order, ulong.MaxValue);
        _storage.Icebergs.Return(order->Iceberg);
    }
}
