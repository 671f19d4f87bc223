using System.Runtime.CompilerServices;
using Clob.Protocol;

namespace Clob.Engine;

// The commands of traders about orders. Every reason is found before anything changes; most stand in Exchange.OrderReasons.cs.
public sealed partial class Exchange
{
    private ulong _nextOrderId = 1;

    private RejectReason Place<TSink>(in NewOrder order, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Market = order.Market;
        answer.Side = (byte)order.Side;
        answer.ClientOrderId = order.ClientOrderId;
        var market = FindMarket(order.Market);
        if (market is null)
            return RejectReason.UnknownMarket;
        var reason = WhyNotTrading(market, account);
        if (reason == RejectReason.None)
            reason = ReasonAgainst(order, market);
        if (reason != RejectReason.None)
            return reason;
        SetTerms(out var terms, order, market, account, answer.Nonce);
        if (order.StopPrice is null)
            reason = WhyNotNow(market, terms, order.Price, order.Quantity);
        bool waits = order.StopPrice is { } stop && !market.Stops.Triggers(order.Side, stop);
        if (reason == RejectReason.None)
            reason = TakeHold(market, order.Price, order.Quantity, held: 0, isOneMore: waits || terms.MayRest, ref terms);
        if (reason != RejectReason.None)
            return reason;
        if (order.Deadline != 0 || order.DisplayQuantity is not null)
            _terms.SetRare(ref terms, order.Deadline, order.DisplayQuantity ?? 0, rebateOwed: 0);
        answer.Kind = EventKind.Accepted;
        answer.Flags = waits ? EventFlags.Waiting : EventFlags.None;
        answer.OrderId = _nextOrderId++;
        answer.Price = order.Price;
        answer.Quantity = order.Quantity;
        answer.OpenQuantity = order.Quantity;
        answer.Reference = order.StopPrice ?? 0;
        Report(ref sink, ref answer);
        if (waits)
            Wait(market, order.StopPrice!.Value, order.Price, order.Quantity, answer.OrderId, terms);
        else
            Start(market, order.StopPrice, order.Price, order.Quantity, answer.OrderId, ref terms, ref sink);
        CheckMarket(market);
        return RejectReason.None;
    }

    /// <summary>Runs an order that just came; one that came with a stop price was triggered at once.</summary>
    private void Start<TSink>(Market market, ulong? stopPrice, ulong price, ulong quantity, ulong id, ref OrderTerms terms, ref TSink sink)
        where TSink : IEventSink
    {
        ulong open = stopPrice is { } stop
            ? RunTriggered(market, stop, price, quantity, id, ref terms, ref sink)
            : Take(market, price, quantity, id, ref terms, ref sink);
        if (open != 0)
            RestDisplayed(market, price, open, id, terms, ref sink);
        else
            _terms.DropRare(terms);
    }

    /// <summary>Writes field by field where the terms stay: to copy them at once would wait until they are in the cache.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void SetTerms(out OrderTerms terms, in NewOrder order, Market market, uint account, ulong nonce)
    {
        terms = default;
        SetFees(ref terms.Fees, market, account);
        terms.Nonce = nonce;
        terms.ClientOrderId = order.ClientOrderId;
        terms.Account = account;
        terms.Market = order.Market;
        terms.Side = order.Side;
        terms.TimeInForce = order.TimeInForce;
        terms.Flags = order.Flags;
        terms.Prevention = PreventionOf(order, account);
    }

    /// <summary>
    /// Reserves what the order needs beyond what is <paramref name="held"/> for its predecessor, or gives the difference back, and opens
    /// the balances its fills will move. On a reason nothing changed. The limits on open orders hold for one <paramref name="isOneMore"/>
    /// that may rest; a replaced order only takes the place of its predecessor.
    /// </summary>
    private RejectReason TakeHold(Market market, ulong price, ulong quantity, UInt128 held, bool isOneMore, ref OrderTerms terms)
    {
        if (!market.TryNotional(price, quantity, out UInt128 notional))
            return RejectReason.NotionalTooLarge;
        bool isBuy = terms.Side == Side.Buy;
        UInt128 fee = isBuy ? terms.Fees.MostFor(notional) : 0; // at most the notional: the rate is at most one
        if (fee > Market.MaximumAmount - notional)
            return RejectReason.NotionalTooLarge;
        UInt128 hold = isBuy ? notional + fee : market.BaseOf(quantity);
        ref AccountState account = ref _accounts[terms.Account];
        FindBalances(market, account, ref terms);
        uint payer = PayerOf(terms);
        if (hold > held && (payer == 0 || _ledger.Balances[payer].Available < hold - held))
            return RejectReason.InsufficientFunds;
        bool hasOwnLimits = (account.Traits & AccountTraits.OwnLimits) != 0;
        if (isOneMore && (account.OpenOrders >= _rules.MaximumOrdersOfAccount || (hasOwnLimits && account.OpenOrders >= _limits[terms.Account].OpenOrders)))
            return RejectReason.TooManyOrders;
        if (hasOwnLimits && notional > _limits[terms.Account].Notional)
            return RejectReason.AccountLimitExceeded;
        bool hasBalances = held != 0; // its predecessor opened them
        if ((isOneMore && _storage.OpenOrders >= _rules.MaximumOrders) || (!hasBalances && !_ledger.HasRoom))
            return RejectReason.CapacityReached;
        if (hold > held)
            _ledger.TryReserve(payer, hold - held);
        else
            _ledger.Release(payer, held - hold);
        if (account.RecentMarket != market.Id)
            OpenBalances(market, ref account, ref terms);
        return RejectReason.None;
    }

    /// <summary>The owner's balances of the market's assets, 0 for one that he never had.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void FindBalances(Market market, in AccountState account, ref OrderTerms terms)
    {
        bool isRecent = account.RecentMarket == market.Id;
        terms.BaseBalance = isRecent ? account.RecentBase : _ledger.Find(account.Balances, market.BaseAsset);
        terms.QuoteBalance = isRecent ? account.RecentQuote : _ledger.Find(account.Balances, market.QuoteAsset);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OpenBalances(Market market, ref AccountState account, ref OrderTerms terms)
    {
        terms.BaseBalance = _ledger.GetOrAdd(ref account.Balances, market.BaseAsset);
        terms.QuoteBalance = _ledger.GetOrAdd(ref account.Balances, market.QuoteAsset);
        account.RecentMarket = market.Id;
        account.RecentBase = terms.BaseBalance;
        account.RecentQuote = terms.QuoteBalance;
    }

    private RejectReason Cancel<TSink>(in Cancel cancel, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        var reason = FindOrder(cancel.Market, cancel.OrderId, account, ref answer, out _, out uint order);
        if (reason == RejectReason.None)
            CancelOrder(order, CancelReason.Requested, ref sink);
        return reason;
    }

    private RejectReason Reduce<TSink>(in Reduce reduce, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        var reason = FindOrder(reduce.Market, reduce.OrderId, account, ref answer, out var market, out uint order);
        if (reason != RejectReason.None)
            return reason;
        if (reduce.Quantity == 0)
            return RejectReason.QuantityOutOfRange;
        if (reduce.Quantity >= _storage.OpenOf(order))
            CancelOrder(order, CancelReason.Requested, ref sink);
        else
            ReduceOrder(market!, order, reduce.Quantity, ref sink);
        return RejectReason.None;
    }

    private void ReduceOrder<TSink>(Market market, uint order, ulong by, ref TSink sink) where TSink : IEventSink
    {
        ref OrderTerms terms = ref _terms[order];
        UInt128 before = HoldOf(market, order);
        ulong shown = _storage[order].Quantity;
        BookOf(market, order).Reduce(order, by); // the hidden part first
        ulong byShown = shown - _storage[order].Quantity;
        _ledger.Release(PayerOf(terms), before - HoldOf(market, order));
        var happened = EventOf(EventKind.Reduced, terms, _storage[order].Id, LimitOf(market, order));
        happened.Flags = terms.IsWaiting ? EventFlags.Waiting : EventFlags.None;
        happened.Quantity = by;
        happened.OpenQuantity = _storage.OpenOf(order);
        if (byShown == by && !terms.IsWaiting)
            ReportAndPublish(ref sink, ref happened);
        else if (byShown == 0 || terms.IsWaiting)
            Report(ref sink, ref happened);
        else
            ReportAndPublishShown(ref happened, byShown, _storage[order].Quantity, ref sink);
        CheckMarket(market);
    }

    private RejectReason Replace<TSink>(in Replace replace, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        var reason = FindOrder(replace.Market, replace.OrderId, account, ref answer, out var market, out uint order, mustTrade: true);
        if (reason == RejectReason.None)
            reason = ReasonAgainst(replace.Price, replace.StopPrice, replace.Quantity, market!);
        if (reason != RejectReason.None)
            return reason;
        OrderTerms terms = _terms[order];
        if ((replace.StopPrice is not null && !terms.IsWaiting) || (replace.DisplayQuantity is not null && !terms.MayRest))
            return RejectReason.InvalidCombination;
        ulong display = _terms.DisplayOf(terms);
        if (!TryChangeDisplay(replace, ref display))
            return RejectReason.InvalidDisplayQuantity;
        if (!terms.IsWaiting)
            reason = WhyNotNow(market!, terms, replace.Price, replace.Quantity);
        if (reason != RejectReason.None)
            return reason;
        terms.Nonce = answer.Nonce;
        SetFees(ref terms.Fees, market!, account);
        reason = TakeHold(market!, replace.Price, replace.Quantity, HoldOf(market!, order), isOneMore: false, ref terms);
        if (reason != RejectReason.None)
            return reason;
        _terms.SetRare(ref terms, _terms.DeadlineOf(terms), display, rebateOwed: 0); // its own: the predecessor gives his back
        if (terms.IsWaiting)
            ReplaceWaiting(market!, order, replace, ref terms, ref sink);
        else
            ReplaceResting(market!, order, replace, ref terms, ref sink);
        CheckMarket(market!);
        return RejectReason.None;
    }

    /// <summary>
    /// The replaced order under its new id. The feed sees one replacement when it only moves; when it trades first, it sees the former
    /// order go and what is left of the new one rest.
    /// </summary>
    private void ReplaceResting<TSink>(Market market, uint order, in Replace replace, ref OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        Forget(order);
        market.Book.Remove(order);
        bool wouldTrade = market.Book.WouldTrade(terms.Side, replace.Price);
        ulong id = _nextOrderId++;
        var happened = EventOf(EventKind.Replaced, terms, id, replace.Price);
        happened.Flags = wouldTrade ? EventFlags.None : EventFlags.Displayed;
        happened.Quantity = replace.Quantity;
        happened.OpenQuantity = replace.Quantity;
        happened.Reference = replace.OrderId;
        ulong display = _terms.DisplayOf(terms);
        if (display == 0)
            ReportAndPublish(ref sink, ref happened);
        else
            ReportAndPublishShown(ref happened, display, display, ref sink);
        ulong open = Take(market, replace.Price, replace.Quantity, id, ref terms, ref sink);
        if (open != 0 && wouldTrade)
            RestDisplayed(market, replace.Price, open, id, terms, ref sink);
        else if (open != 0)
            Rest(market, replace.Price, open, id, terms);
        else
            _terms.DropRare(terms);
    }

    private RejectReason CancelAll<TSink>(in CancelAll cancel, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Market = cancel.Market;
        answer.Side = (byte)cancel.Side;
        if (cancel.Market != 0 && FindMarket(cancel.Market) is null)
            return RejectReason.UnknownMarket;
        CancelOpenOrders(account, cancel.Market, cancel.Side, CancelReason.CancelAll, ref sink);
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private void CancelOpenOrders<TSink>(uint account, ushort market, Side side, CancelReason reason, ref TSink sink) where TSink : IEventSink
    {
        uint next;
        for (uint order = _accounts[account].FirstOrder; order != 0; order = next)
        {
            ref OrderTerms terms = ref _terms[order];
            next = terms.NextOfAccount;
            if ((market == 0 || terms.Market == market) && (side == 0 || terms.Side == side))
                CancelOrder(order, reason, ref sink);
        }
    }

    /// <summary>
    /// Finds an open order of the account. Another's order is as unknown as one that does not exist, so that ids tell nothing.
    /// </summary>
    private RejectReason FindOrder(
        ushort marketId, ulong orderId, uint account, ref ExchangeEvent answer, out Market? market, out uint order, bool mustTrade = false)
    {
        answer.Market = marketId;
        answer.OrderId = orderId;
        order = 0;
        market = FindMarket(marketId);
        if (market is null)
            return RejectReason.UnknownMarket;
        var reason = mustTrade ? WhyNotTrading(market, account) : RejectReason.None;
        if (reason != RejectReason.None)
            return reason;
        order = _storage.Find(orderId);
        bool isOwn = order != 0 && _terms[order].Account == account && _terms[order].Market == marketId;
        return isOwn ? RejectReason.None : RejectReason.UnknownOrder;
    }
}
