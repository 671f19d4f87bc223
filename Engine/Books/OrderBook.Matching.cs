using System.Runtime.CompilerServices;
using Clob.Protocol;

namespace Clob.Engine;

// Taking: best price first, oldest first.
public sealed unsafe partial class OrderBook
{
    /// <summary>
    /// Fills against the other side, best price first and oldest order first, and returns the lots that were not filled: because no
    /// counterpart is left or because the sink stopped.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Match<TSink>(Side side, ulong limit, ulong quantity, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        var ladder = LadderOpposite(side);
        return ladder.Reaches(limit) ? MatchLevels(ladder, limit, quantity, ref sink) : quantity;
    }

    // Apart: within the caller it would use up what the compiler inlines in one method, and its variables would live on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong MatchLevels<TSink>(PriceLadder ladder, ulong limit, ulong quantity, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        bool isStopped = false;
        while (quantity != 0 && !isStopped && ladder.Reaches(limit))
        {
            quantity = TSink.ChoosesMakers
                ? MatchChosen(ladder, quantity, ref sink, ref isStopped)
                : MatchBestLevel(ladder, quantity, ref sink);
        }

        return quantity;
    }

    /// <summary>
    /// Takes from the best level until it is used up, until nothing is wanted any more, or until an iceberg's turn has passed. What the level
    /// and the memory of orders have to learn, they learn once for all fills.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong MatchBestLevel<TSink>(PriceLadder ladder, ulong quantity, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        unchecked
        {
            uint number = ladder.Best;
            RestingOrder* orders = _orders.Items;
            PriceLevel* level = _levels.Items + number;
            ulong price = level->Price;
            ulong wanted = quantity;
            uint first = level->First;
            uint maker = first;
            uint lastFilled = 0;
            int filled = 0;
            uint iceberg = 0;
            do
            {
                RestingOrder* order = orders + maker;
                ulong open = order->Quantity;
                if (open > quantity)
                {
                    if (quantity == 0)
                        break;
                    order->Quantity = open - quantity;
                    sink.OnFill(maker, *order, price, quantity);
                    quantity = 0;
                    break;
                }

                quantity -= open;
                order->Quantity = 0;
                sink.OnFill(maker, *order, price, open);
                if (order->Iceberg != 0)
                {
                    iceberg = maker;
                    break;
                }

                _index.Remove(order->Id, maker);
                lastFilled = maker;
                filled++;
                maker = order->Next;
            }
            while (maker != 0);

            TakeQuantity(ladder, level, number, wanted - quantity);
            if (filled != 0)
                DropFilled(level, first, lastFilled, filled);
            if (iceberg != 0)
                EndPortion(level, iceberg, ref sink);
            if (level->Orders == 0)
                RemoveLevel(ladder, level, number);
            return quantity;
        }
    }

    /// <summary>Takes the first orders of a level out, which are chained as they are returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void DropFilled(PriceLevel* level, uint first, uint last, int count)
    {
        unchecked
        {
            uint next = _orders.Items[last].Next;
            level->First = next;
            level->Last = next == 0 ? 0 : level->Last;
            _orders.Items[next].Previous = 0;
            level->Orders -= count;
            OpenOrders -= count;
            _orders.ReturnChain(first, last, count);
        }
    }

    /// <summary>One turn of one order, for sinks that choose; removals make each turn a step of its own.</summary>
    private ulong MatchChosen<TSink>(PriceLadder ladder, ulong quantity, ref TSink sink, ref bool isStopped)
        where TSink : IFillSink, allows ref struct
    {
        uint number = ladder.Best;
        PriceLevel* level = _levels.Items + number;
        uint maker = level->First;
        RestingOrder* order = _orders.Items + maker;
        var choice = sink.Choose(maker, *order, level->Price);
        isStopped = (choice & MakerChoice.Stop) != 0;
        if ((choice & MakerChoice.Remove) != 0)
            Remove(maker);
        if (choice != MakerChoice.Trade)
            return quantity;

        ulong fill = Math.Min(quantity, order->Quantity);
        order->Quantity -= fill;
        TakeQuantity(ladder, level, number, fill);
        sink.OnFill(maker, *order, level->Price, fill);
        if (order->Quantity != 0)
            return quantity - fill;
        if (order->Iceberg != 0)
        {
            EndPortion(level, maker, ref sink);
        }
        else
        {
            _index.Remove(order->Id, maker);
            DropFilled(level, maker, maker, 1);
        }

        if (level->Orders == 0)
            RemoveLevel(ladder, level, number);
        return quantity - fill;
    }

    /// <summary>What an iceberg displayed is filled and it is the first of its level: it shows its next portion behind all others, or leaves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndPortion<TSink>(PriceLevel* level, uint number, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        RestingOrder* order = _orders.Items + number;
        if (TryShowNextPortion(level, order, number))
        {
            sink.OnPortion(number, *order, level->Price);
            return;
        }

        _index.Remove(order->Id, number);
        DropFilled(level, number, number, 1);
    }
}
