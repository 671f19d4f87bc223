using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>
/// The orders that should be resting, by the file: those whose ids it named, and anonymous ones for quantity that was there before the file
/// began or came into sight from below. Every change is an order to send.
/// </summary>
internal sealed class LobsterOrders
{
    private readonly Dictionary<long, Resting> _known = [];
    private readonly Dictionary<(Side Side, ulong Price), List<Resting>> _levels = [];
    private long _lastAnonymous;

    private sealed record Resting(long Key, Side Side, ulong Price)
    {
        public ulong Quantity { get; set; }
    }

    public LobsterOrder Add(long orderId, Side side, ulong price, ulong quantity, int row)
    {
        if (!_known.TryAdd(orderId, new Resting(orderId, side, price) { Quantity = quantity }))
            throw new LobsterFileException(row, $"order {orderId} is added a second time");
        return Rest(_known[orderId]);
    }

    public LobsterOrder AddAnonymous(Side side, ulong price, ulong quantity) => Rest(new Resting(--_lastAnonymous, side, price) { Quantity = quantity });

    /// <summary>Whether the file added this order and it still rests.</summary>
    public bool IsKnown(long orderId) => _known.ContainsKey(orderId);

    /// <summary>Takes quantity from the order named, or from the anonymous ones at its price: the parts, oldest first.</summary>
    public IReadOnlyList<(long Key, ulong Quantity, bool IsWhole)> TakeOff(LobsterMessage message, int row)
    {
        var parts = new List<(long, ulong, bool)>();
        ulong missing = message.Size;
        if (_known.TryGetValue(message.OrderId, out var known))
            TakePart(known, ref missing, parts);
        foreach (var resting in LevelAt(message.Side, message.Price).Where(r => r.Key < 0).ToList())
            TakePart(resting, ref missing, parts);
        if (missing > 0)
            throw new LobsterFileException(row, $"{message.Type} of order {message.OrderId} takes {message.Size} at {message.Price}, of which {missing} are not there");
        return parts;
    }

    /// <summary>Orders that make a level hold exactly this quantity: anonymous ones go first, then the newest.</summary>
    public IEnumerable<LobsterOrder> SetLevel(Side side, ulong price, ulong quantity)
    {
        ulong now = QuantityAt(side, price);
        if (now < quantity)
            yield return AddAnonymous(side, price, quantity - now);
        if (now <= quantity)
            yield break;
        var parts = new List<(long, ulong, bool)>();
        ulong excess = now - quantity;
        foreach (var resting in LevelAt(side, price).OrderBy(r => r.Key >= 0).ThenBy(r => -r.Key).ToList())
            TakePart(resting, ref excess, parts);
        foreach (var order in AsOrders(parts, side, price))
            yield return order;
    }

    /// <summary>Prices of a side where somebody rests.</summary>
    public IReadOnlyList<ulong> Prices(Side side) => _levels.Keys.Where(l => l.Side == side).Select(l => l.Price).ToList();

    /// <summary>The cancels and reductions for parts that were taken off.</summary>
    public static IEnumerable<LobsterOrder> AsOrders(IEnumerable<(long Key, ulong Quantity, bool IsWhole)> parts, Side side, ulong price) =>
        parts.Select(p => new LobsterOrder(p.IsWhole ? LobsterOrderKind.Cancel : LobsterOrderKind.Reduce, p.Key, side, price, p.Quantity));

    private ulong QuantityAt(Side side, ulong price) => LevelAt(side, price).Aggregate(0UL, (sum, r) => sum + r.Quantity);

    private List<Resting> LevelAt(Side side, ulong price) => _levels.TryGetValue((side, price), out var level) ? level : [];

    private LobsterOrder Rest(Resting resting)
    {
        if (!_levels.TryGetValue((resting.Side, resting.Price), out var level))
            _levels.Add((resting.Side, resting.Price), level = []);
        level.Add(resting);
        return new LobsterOrder(LobsterOrderKind.Add, resting.Key, resting.Side, resting.Price, resting.Quantity);
    }

    private void TakePart(Resting resting, ref ulong missing, List<(long Key, ulong Quantity, bool IsWhole)> parts)
    {
        ulong part = Math.Min(resting.Quantity, missing);
        if (part == 0)
            return;
        missing -= part;
        resting.Quantity -= part;
        parts.Add((resting.Key, part, resting.Quantity == 0));
        if (resting.Quantity > 0)
            return;
        _known.Remove(resting.Key);
        var level = _levels[(resting.Side, resting.Price)];
        level.Remove(resting);
        if (level.Count == 0)
            _levels.Remove((resting.Side, resting.Price));
    }
}
