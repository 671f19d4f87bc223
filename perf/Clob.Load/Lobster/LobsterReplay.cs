using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>
/// What orders the rows of a LOBSTER file pair mean, independent of where they are sent:
/// <list type="bullet">
/// <item>message 0 is undone from row 0, and what remains rests as anonymous orders;</item>
/// <item>a cancel, delete or execution of an id the file never added takes from the anonymous quantity at its price;</item>
/// <item>a level that comes into the visible window from below is adopted from the row, before the message that uncovers it;</item>
/// <item>types 5, 6 and 7 do not touch the displayed book;</item>
/// <item>executions in a row with the same time and side are one aggressor: one immediate-or-cancel order that must hit the file's very ids;
/// executions that hit one and the same resting order are several.</item>
/// </list>
/// </summary>
internal sealed class LobsterReplay(LobsterFile file)
{
    private static readonly Side[] BothSides = [Side.Buy, Side.Sell];

    private readonly LobsterOrders _orders = new();

    /// <summary>The orders that make the book as it was before message 0.</summary>
    public IReadOnlyList<LobsterOrder> Opening()
    {
        var orders = new List<LobsterOrder>();
        var first = file.Messages[0];
        foreach (var side in BothSides)
        {
            var levels = file.Rows[0].Side(side).ToDictionary(l => l.Price, l => l.Size);
            if (side == first.Side)
                Undo(first, levels);
            orders.AddRange(levels.Select(l => _orders.AddAnonymous(side, l.Key, l.Value)));
        }

        return orders;
    }

    /// <summary>The steps from row 0 to the last; <see cref="Opening"/> comes before.</summary>
    public IEnumerable<LobsterStep> Steps()
    {
        for (int row = 0; row < file.Messages.Count;)
        {
            int last = LastOfRun(row);
            var orders = new List<LobsterOrder>();
            for (int i = row; i <= last; i++)
                Adopt(i, orders);
            var fills = new List<LobsterFill>();
            if (file.Messages[row].Type == LobsterType.Execution)
                orders.Add(Take(row, last, fills));
            else
                orders.AddRange(OrdersOf(file.Messages[row], row));
            yield return new LobsterStep(row, last, orders, fills);
            row = last + 1;
        }
    }

    private static void Undo(LobsterMessage first, Dictionary<ulong, ulong> levels)
    {
        ulong there = levels.GetValueOrDefault(first.Price);
        switch (first.Type)
        {
            case LobsterType.Add when there < first.Size:
                throw new LobsterFileException(0, $"adds {first.Size} at {first.Price}, where the row shows {there}");
            case LobsterType.Add when there == first.Size:
                levels.Remove(first.Price);
                break;
            case LobsterType.Add:
                levels[first.Price] = there - first.Size;
                break;
            case LobsterType.PartialCancel or LobsterType.Delete or LobsterType.Execution:
                levels[first.Price] = there + first.Size;
                break;
        }
    }

    private int LastOfRun(int row)
    {
        var first = file.Messages[row];
        int last = row;
        while (first.Type == LobsterType.Execution && last + 1 < file.Messages.Count
            && IsSameAggressor(first, file.Messages[last + 1]) && !HitsSameOrder(file.Messages[last], file.Messages[last + 1]))
            last++;
        return last;
    }

    /// <summary>One aggressor hits a resting order once; several orders of the past may be one anonymous order here.</summary>
    private bool HitsSameOrder(LobsterMessage message, LobsterMessage next) =>
        message.OrderId == next.OrderId
        || (message.Price == next.Price && !_orders.IsKnown(message.OrderId) && !_orders.IsKnown(next.OrderId));

    private static bool IsSameAggressor(LobsterMessage first, LobsterMessage next) =>
        next.Type == LobsterType.Execution && next.Time == first.Time && next.Side == first.Side;

    private IEnumerable<LobsterOrder> OrdersOf(LobsterMessage message, int row) => message.Type switch
    {
        LobsterType.Add => [_orders.Add(message.OrderId, message.Side, message.Price, message.Size, row)],
        LobsterType.PartialCancel or LobsterType.Delete => LobsterOrders.AsOrders(_orders.TakeOff(message, row), message.Side, message.Price),
        _ => [],
    };

    private LobsterOrder Take(int first, int last, List<LobsterFill> fills)
    {
        var side = file.Messages[first].Side;
        ulong quantity = 0;
        ulong limit = file.Messages[first].Price;
        for (int row = first; row <= last; row++)
        {
            var message = file.Messages[row];
            quantity += message.Size;
            limit = side == Side.Buy ? Math.Min(limit, message.Price) : Math.Max(limit, message.Price);
            var parts = _orders.TakeOff(message, row);
            for (int i = 0; i < parts.Count; i++)
                fills.Add(new LobsterFill(parts[i].Key, parts[i].Quantity, i == parts.Count - 1 ? row : null));
        }

        return new LobsterOrder(LobsterOrderKind.Take, 0, side == Side.Buy ? Side.Sell : Side.Buy, limit, quantity);
    }

    /// <summary>Makes the levels that this row shows beyond the window of the row before exactly what the row says.</summary>
    private void Adopt(int row, List<LobsterOrder> orders)
    {
        if (row == 0)
            return;
        foreach (var side in BothSides)
        {
            var before = file.Rows[row - 1].Side(side);
            var now = file.Rows[row].Side(side);
            if (before.Count < file.Depth || now.Count == 0)
                continue; // the window was not full: nothing is hidden below it
            ulong border = before[^1].Price;
            var entering = now.Where(l => IsWorse(side, l.Price, border)).ToDictionary(l => l.Price, l => l.Size);
            foreach (ulong price in _orders.Prices(side))
            {
                if (IsWorse(side, price, border) && IsWorse(side, now[^1].Price, price) && !entering.ContainsKey(price))
                    orders.AddRange(_orders.SetLevel(side, price, 0));
            }

            foreach (var (price, size) in entering)
            {
                if (!IsAddAt(file.Messages[row], side, price))
                    orders.AddRange(_orders.SetLevel(side, price, size));
            }
        }
    }

    private static bool IsAddAt(LobsterMessage message, Side side, ulong price) =>
        message.Type == LobsterType.Add && message.Side == side && message.Price == price;

    private static bool IsWorse(Side side, ulong price, ulong than) => side == Side.Buy ? price < than : price > than;
}
