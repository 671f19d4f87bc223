using Clob.Protocol;

namespace Clob.Engine;

// Taking: best price first, oldest first.
public sealed partial class OrderBook
{
    /// <summary>
    /// Fills against the other side, best price first and oldest order first, and returns the lots that were not filled: because no
    /// counterpart is left or because the sink stopped.
    /// </summary>
    public ulong Match<TSink>(Side side, ulong limit, ulong quantity, ref TSink sink) where TSink : IFillSink, allows ref struct
    {
        var ladder = LadderOf(Opposite(side));
        ulong limitKey = ladder.KeyOf(limit);
        bool isStopped = false;
        while (quantity != 0 && !isStopped && ladder.Best != 0 && _levels[ladder.Best].Key <= limitKey)
            quantity = MatchBestLevel(ladder, quantity, ref sink, ref isStopped);
        return quantity;
    }

    private ulong MatchBestLevel<TSink>(PriceLadder ladder, ulong quantity, ref TSink sink, ref bool isStopped)
        where TSink : IFillSink, allows ref struct
    {
        ref PriceLevel level = ref _levels[ladder.Best];
        ulong price = ladder.KeyOf(level.Key);
        bool isGone = false;
        while (quantity != 0 && !isGone && !isStopped)
        {
            uint maker = level.First;
            ref RestingOrder order = ref _orders[maker];
            if (TSink.ChoosesMakers)
            {
                var choice = sink.Choose(maker, order, price);
                if (choice != MakerChoice.Trade)
                {
                    isStopped = (choice & MakerChoice.Stop) != 0;
                    isGone = level.Orders == 1;
                    if ((choice & MakerChoice.Remove) != 0)
                        Remove(maker);
                    continue;
                }
            }

            ulong fill = Math.Min(quantity, order.Quantity);
            quantity -= fill;
            order.Quantity -= fill;
            TakeFromLevel(ref level, fill);
            sink.OnFill(maker, order, price, fill);
            if (order.Quantity != 0)
                break;
            if (order.Iceberg != 0 && TryShowNextPortion(ref level, ref order, maker))
            {
                sink.OnPortion(maker, order, price);
                continue;
            }

            isGone = level.Orders == 1;
            Unlink(ladder, ref level, maker);
        }

        return quantity;
    }
}
