using System.Numerics;
using Clob.Protocol;

namespace Clob.NaiveVenue;

internal sealed partial class NaiveExchange
{
    private RejectReason Place(NewOrder order, ref ExchangeEvent answer)
    {
        answer.Market = order.Market;
        answer.Side = (byte)order.Side;
        answer.ClientOrderId = order.ClientOrderId;
        if (!_markets.TryGetValue(order.Market, out var market))
            return RejectReason.UnknownMarket;
        bool immediate = order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        bool postOnly = order.Flags.HasFlag(OrderFlags.PostOnly);
        var incoming = new NaiveOrder
        {
            Id = 0,
            Account = answer.Account,
            Order = order,
            Nonce = answer.Nonce,
            Price = order.Price,
            Open = order.Quantity,
            Maker = _accounts[(int)answer.Account].Fees.GetValueOrDefault(order.Market).Maker ?? market.Maker,
            Taker = _accounts[(int)answer.Account].Fees.GetValueOrDefault(order.Market).Taker ?? market.Taker,
            Display = order.DisplayQuantity,
            Prevention = order.SelfTradePrevention != 0 ? order.SelfTradePrevention : _accounts[(int)answer.Account].Prevention,
        };
        var counterparts = Counterparts(incoming);
        bool isStop = order.StopPrice is not null;
        bool waits = isStop && !IsTriggeredNow(market, incoming.IsBuy, order.StopPrice!.Value);
        bool mayRest = !immediate || waits;
        var owner = _accounts[(int)answer.Account];

        // The list of section 5 of the design in its order: the first that applies is the answer.
        (bool Applies, RejectReason Reason)[] reasons =
        [
            (market.State != MarketState.Open, RejectReason.MarketNotOpen),
            (owner.KillSwitch || owner.Blocked, RejectReason.TradingBlocked),
            (order.Price == 0 || order.Price > market.Cap || order.StopPrice == 0 || order.StopPrice > market.Cap, RejectReason.PriceOutOfRange),
            (order.Quantity < market.Minimum || order.Quantity > market.Maximum, RejectReason.QuantityOutOfRange),
            (order.OrderType == OrderType.Market && !immediate, RejectReason.InvalidCombination),
            (postOnly && immediate, RejectReason.InvalidCombination),
            (order.DisplayQuantity is not null && immediate, RejectReason.InvalidCombination),
            (order.TimeInForce == TimeInForce.GoodTillDate && order.Deadline <= _record.Time, RejectReason.InvalidDeadline),
            (order.TimeInForce != TimeInForce.GoodTillDate && order.Deadline != 0, RejectReason.InvalidDeadline),
            (IsTooSmall(incoming) || incoming.Display >= incoming.Open, RejectReason.InvalidDisplayQuantity),
            (!isStop && market.IsOutsideBand(incoming), RejectReason.PriceOutsideBand),
            (!isStop && postOnly && counterparts.Count > 0, RejectReason.WouldTrade),
            (!isStop && order.TimeInForce == TimeInForce.FillOrKill && !CanFill(incoming), RejectReason.CannotFill),
            (IsTooLarge(incoming, market), RejectReason.NotionalTooLarge),
            (Available(answer.Account, PaidWith(incoming)) < incoming.Hold(market), RejectReason.InsufficientFunds),
            (mayRest && _orders.Count(o => o.Account == incoming.Account) >= BigInteger.Min(rules.MaximumOrdersOfAccount, owner.MostOrders), RejectReason.TooManyOrders),
            (incoming.Notional(market, order.Price, order.Quantity) > owner.MostNotional, RejectReason.AccountLimitExceeded),
            ((mayRest && _orders.Count >= rules.MaximumOrders) || !HasRoomForBalances, RejectReason.CapacityReached),
        ];
        var reason = reasons.FirstOrDefault(r => r.Applies).Reason;
        if (reason != RejectReason.None)
            return reason;
        OpenBalances(answer.Account, market);
        incoming.Id = _nextOrder++;
        var accepted = About(EventKind.Accepted, incoming);
        accepted.Quantity = order.Quantity;
        accepted.OpenQuantity = order.Quantity;
        accepted.Reference = order.StopPrice ?? 0;
        accepted.Flags = waits ? EventFlags.Waiting : EventFlags.None;
        Emit(accepted, report: true);
        Begin(incoming, order.StopPrice, waits);
        return RejectReason.None;
    }

    private RejectReason Find(ushort market, ulong id, ref ExchangeEvent answer, bool mustBeOpen, out NaiveOrder order)
    {
        answer.Market = market;
        answer.OrderId = id;
        ulong account = answer.Account;
        order = _orders.Find(o => o.Id == id && o.Account == account && o.Order.Market == market)!;
        if (!_markets.TryGetValue(market, out var found))
            return RejectReason.UnknownMarket;
        if (mustBeOpen && found.State != MarketState.Open)
            return RejectReason.MarketNotOpen;
        if (mustBeOpen && (_accounts[(int)account].KillSwitch || _accounts[(int)account].Blocked))
            return RejectReason.TradingBlocked;
        return order is null ? RejectReason.UnknownOrder : RejectReason.None;
    }

    private RejectReason RunCancel(Cancel cancel, ref ExchangeEvent answer)
    {
        var reason = Find(cancel.Market, cancel.OrderId, ref answer, false, out var order);
        if (reason == RejectReason.None)
            Cancel(order, CancelReason.Requested);
        return reason;
    }

    private RejectReason RunReduce(Reduce reduce, ref ExchangeEvent answer)
    {
        var reason = Find(reduce.Market, reduce.OrderId, ref answer, false, out var order);
        if (reason != RejectReason.None || reduce.Quantity == 0)
            return reason == RejectReason.None ? RejectReason.QuantityOutOfRange : reason;
        if (reduce.Quantity >= order.Open)
        {
            Cancel(order, CancelReason.Requested);
            return RejectReason.None;
        }

        BigInteger fromHidden = BigInteger.Min(order.Hidden, reduce.Quantity);
        ulong shown = (ulong)(reduce.Quantity - fromHidden);
        order.Open -= reduce.Quantity;
        order.Hidden -= fromHidden;
        var reduced = About(EventKind.Reduced, order);
        reduced.Quantity = reduce.Quantity;
        reduced.OpenQuantity = (ulong)order.Open;
        reduced.Flags = order.Stop is null ? EventFlags.None : EventFlags.Waiting;
        Emit(reduced, report: true, feed: fromHidden == 0 && order.Stop is null);
        if (fromHidden > 0 && shown > 0)
            Emit(FeedOnly(reduced) with { Quantity = shown, OpenQuantity = (ulong)order.Shown }, feed: true);
        return RejectReason.None;
    }

    private static bool IsTooSmall(NaiveOrder order) => order.Display == 0 || order.Display * 100 < order.Open;

    /// <summary>What the feed may know of an event: nothing of whose order it is.</summary>
    private static ExchangeEvent FeedOnly(ExchangeEvent happened) => happened with { Account = 0, Nonce = 0, ClientOrderId = 0 };

    private RejectReason RunReplace(Replace replace, ref ExchangeEvent answer)
    {
        var reason = Find(replace.Market, replace.OrderId, ref answer, true, out var order);
        if (reason != RejectReason.None)
            return reason;
        var market = _markets[replace.Market];
        var wanted = new NaiveOrder
        {
            Id = 0,
            Account = order.Account,
            Order = order.Order,
            Nonce = answer.Nonce,
            Price = replace.Price,
            Open = replace.Quantity,
            Maker = _accounts[(int)answer.Account].Fees.GetValueOrDefault(replace.Market).Maker ?? market.Maker,
            Taker = _accounts[(int)answer.Account].Fees.GetValueOrDefault(replace.Market).Taker ?? market.Taker,
            Display = replace.DisplayQuantity ?? order.Display,
            Prevention = order.Prevention,
        };
        bool trades = Counterparts(wanted).Count > 0;
        if (replace.Price == 0 || replace.Price > market.Cap || replace.StopPrice == 0 || replace.StopPrice > market.Cap)
            return RejectReason.PriceOutOfRange;
        if (replace.Quantity < market.Minimum || replace.Quantity > market.Maximum)
            return RejectReason.QuantityOutOfRange;
        if (replace.StopPrice is not null && order.Stop is null)
            return RejectReason.InvalidCombination;
        if (replace.DisplayQuantity is not null && order.Order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill)
            return RejectReason.InvalidCombination;
        if (IsTooSmall(wanted) || replace.DisplayQuantity > replace.Quantity)
            return RejectReason.InvalidDisplayQuantity;
        if (wanted.Display >= wanted.Open)
            wanted.Display = null; // shown whole from now on
        if (order.Stop is null && market.IsOutsideBand(wanted))
            return RejectReason.PriceOutsideBand;
        if (order.Stop is null && trades && order.Order.Flags.HasFlag(OrderFlags.PostOnly))
            return RejectReason.WouldTrade;
        if (IsTooLarge(wanted, market))
            return RejectReason.NotionalTooLarge;
        if (Available(order.Account, PaidWith(order)) + order.Hold(market) < wanted.Hold(market))
            return RejectReason.InsufficientFunds;
        if (wanted.Notional(market, wanted.Price, wanted.Open) > _accounts[(int)order.Account].MostNotional)
            return RejectReason.AccountLimitExceeded;
        _orders.Remove(order);
        wanted.Id = _nextOrder++;
        var replaced = About(EventKind.Replaced, wanted);
        replaced.Quantity = replace.Quantity;
        replaced.OpenQuantity = replace.Quantity;
        replaced.Reference = order.Id;
        if (order.Stop is { } former)
        {
            ulong stop = replace.StopPrice ?? (ulong)former;
            bool waits = !IsTriggeredNow(market, wanted.IsBuy, stop);
            replaced.Flags = waits ? EventFlags.Waiting : EventFlags.None;
            Emit(replaced, report: true);
            Begin(wanted, stop, waits);
            return RejectReason.None;
        }

        replaced.Flags = trades ? EventFlags.None : EventFlags.Displayed;
        Emit(replaced, report: true, feed: wanted.Display is null);
        if (wanted.Display is { } shown)
            Emit(FeedOnly(replaced) with { Quantity = (ulong)shown, OpenQuantity = (ulong)shown }, feed: true);
        if (Trade(wanted))
            EndUnrested(wanted, CancelReason.SelfTrade);
        else if (wanted.Open > 0 && trades)
            Rest(wanted);
        else if (wanted.Open > 0)
            Join(wanted);
        return RejectReason.None;
    }

    private RejectReason RunCancelAll(CancelAll cancel, ref ExchangeEvent answer)
    {
        answer.Market = cancel.Market;
        answer.Side = (byte)cancel.Side;
        if (cancel.Market != 0 && !_markets.ContainsKey(cancel.Market))
            return RejectReason.UnknownMarket;
        CancelAll(answer.Account, cancel.Market, cancel.Side, CancelReason.CancelAll);
        return Complete(answer);
    }

    private void CancelAll(ulong account, ushort market, Side side, CancelReason reason)
    {
        var chosen = _orders.Where(o => o.Account == account && (market == 0 || o.Order.Market == market) && (side == 0 || o.Order.Side == side));
        foreach (var order in chosen.OrderBy(o => o.Id).ToList())
            Cancel(order, reason);
    }

    private void Cancel(NaiveOrder order, CancelReason reason)
    {
        _orders.Remove(order);
        var cancelled = About(EventKind.Cancelled, order);
        cancelled.Reason = (byte)reason;
        cancelled.Flags = EventFlags.Final | (order.Stop is null ? EventFlags.Displayed : EventFlags.Waiting);
        cancelled.Quantity = (ulong)order.Open;
        Emit(cancelled, report: true, feed: order.Stop is null);
    }

    /// <summary>Ends what is left of an order that never rested: the feed does not know it.</summary>
    private void EndUnrested(NaiveOrder order, CancelReason reason)
    {
        if (order.Open == 0)
            return;
        var cancelled = About(EventKind.Cancelled, order);
        cancelled.Reason = (byte)reason;
        cancelled.Flags = EventFlags.Final;
        cancelled.Quantity = (ulong)order.Open;
        Emit(cancelled, report: true);
    }

    private void Rest(NaiveOrder order)
    {
        Join(order);
        EmitShown(order);
    }

    private void EmitShown(NaiveOrder order) =>
        Emit(new ExchangeEvent
        {
            Kind = EventKind.Rested,
            Side = (byte)order.Order.Side,
            Market = order.Order.Market,
            OrderId = order.Id,
            Price = (ulong)order.Price,
            Quantity = (ulong)order.Shown,
            OpenQuantity = (ulong)order.Shown,
        }, feed: true);

    private static ExchangeEvent About(EventKind kind, NaiveOrder order) => new()
    {
        Kind = kind,
        Side = (byte)order.Order.Side,
        Market = order.Order.Market,
        Account = order.Account,
        Nonce = order.Nonce,
        OrderId = order.Id,
        Price = (ulong)order.Price,
        ClientOrderId = order.Order.ClientOrderId,
    };

    private uint PaidWith(NaiveOrder order)
    {
        var definition = _markets[order.Order.Market].Definition;
        return order.IsBuy ? definition.QuoteAsset : definition.BaseAsset;
    }

    private static bool IsTooLarge(NaiveOrder order, NaiveMarket market) =>
        order.Notional(market, order.Price, order.Open) > market.MostNotional || order.Hold(market) > MaximumAmount;
}
