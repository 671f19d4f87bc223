using Clob.Protocol;

namespace Clob.Engine;

// The commands of traders about orders. Every reason is found before anything changes.
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
            reason = ReasonAgainst(order, market, account);
        if (reason != RejectReason.None)
            return reason;
        var terms = TermsOf(order, market, account, answer.Nonce);
        bool mayRest = order.TimeInForce is TimeInForce.GoodTillCancel or TimeInForce.GoodTillDate;
        reason = TakeHold(market, order.Price, order.Quantity, held: 0, mayRest, ref terms);
        if (reason != RejectReason.None)
            return reason;
        ulong id = _nextOrderId++;
        answer.Kind = EventKind.Accepted;
        answer.OrderId = id;
        answer.Price = order.Price;
        answer.Quantity = order.Quantity;
        answer.OpenQuantity = order.Quantity;
        Report(ref sink, ref answer);
        ulong open = Match(market, order.Price, order.Quantity, id, ref terms, out bool isPrevented, ref sink);
        if (isPrevented || !mayRest)
            EndUnrested(market, order.Price, open, id, terms, isPrevented ? CancelReason.SelfTrade : CancelReason.Unfilled, ref sink);
        else if (open != 0)
            RestDisplayed(market, order.Price, open, id, terms, ref sink);
        CheckMarket(market);
        return RejectReason.None;
    }

    /// <summary>What keeps any order of the account in the market from being taken or replaced.</summary>
    private RejectReason WhyNotTrading(Market market, uint account)
    {
        if (market.State != MarketState.Open)
            return RejectReason.MarketNotOpen;
        return (_accounts[account].Traits & AccountTraits.MayNotTrade) != 0 ? RejectReason.TradingBlocked : RejectReason.None;
    }

    private RejectReason ReasonAgainst(in NewOrder order, Market market, uint account)
    {
        var reason = ReasonAgainst(order.Price, order.Quantity, market);
        if (reason != RejectReason.None)
            return reason;
        bool isImmediate = order.TimeInForce is TimeInForce.ImmediateOrCancel or TimeInForce.FillOrKill;
        bool isPostOnly = (order.Flags & OrderFlags.PostOnly) != 0;
        if ((order.OrderType == OrderType.Market && !isImmediate) || (isPostOnly && isImmediate))
            return RejectReason.InvalidCombination;
        if (order.DisplayQuantity is not null && isImmediate)
            return RejectReason.InvalidCombination;
        if (order.StopPrice is not null)
            return RejectReason.InvalidCombination; // not built yet
        bool hasDeadlineAhead = order.Deadline > _record.Time;
        if (order.TimeInForce == TimeInForce.GoodTillDate ? !hasDeadlineAhead : order.Deadline != 0)
            return RejectReason.InvalidDeadline;
        if (order.DisplayQuantity is { } display && (!IsDisplayEnough(display, order.Quantity) || display >= order.Quantity))
            return RejectReason.InvalidDisplayQuantity;
        if (!market.IsWithinBand(order.Side, order.Price))
            return RejectReason.PriceOutsideBand;
        if (isPostOnly && market.Book.WouldTrade(order.Side, order.Price))
            return RejectReason.WouldTrade;
        return order.TimeInForce == TimeInForce.FillOrKill && !CanFill(order, market, account)
            ? RejectReason.CannotFill : RejectReason.None;
    }

    private static RejectReason ReasonAgainst(ulong price, ulong quantity, Market market)
    {
        if (price == 0 || price > market.PriceCap)
            return RejectReason.PriceOutOfRange;
        return quantity < market.MinimumQuantityNow || quantity > market.MaximumQuantityNow ? RejectReason.QuantityOutOfRange : RejectReason.None;
    }

    /// <summary>At least a hundredth, rounded up, so that an order has at most a hundred portions: they bound what taking it costs.</summary>
    private static bool IsDisplayEnough(ulong display, ulong quantity) => display >= Math.Max(1, (quantity + 99) / 100);

    /// <summary>What a replaced order shows from now on: the new quantity or the former, and the whole when that is not more.</summary>
    private static bool TryChangeDisplay(in Replace replace, ref OrderTerms terms)
    {
        if (replace.DisplayQuantity is null && terms.Display == 0)
            return true;
        ulong display = replace.DisplayQuantity ?? terms.Display;
        terms.Display = display < replace.Quantity ? display : 0;
        return IsDisplayEnough(display, replace.Quantity) && !(replace.DisplayQuantity > replace.Quantity);
    }

    private OrderTerms TermsOf(in NewOrder order, Market market, uint account, ulong nonce) => new()
    {
        Fees = FeesOf(market, account),
        Nonce = nonce,
        ClientOrderId = order.ClientOrderId,
        Deadline = order.Deadline,
        Display = order.DisplayQuantity ?? 0,
        Account = account,
        Market = order.Market,
        Side = order.Side,
        TimeInForce = order.TimeInForce,
        Flags = order.Flags,
        Prevention = PreventionOf(order, account),
    };

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
        uint payer = _ledger.Find(account.Balances, isBuy ? market.QuoteAsset : market.BaseAsset);
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
        terms.BaseBalance = _ledger.GetOrAdd(ref account.Balances, market.BaseAsset);
        terms.QuoteBalance = _ledger.GetOrAdd(ref account.Balances, market.QuoteAsset);
        return RejectReason.None;
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
        ulong price = market.Book.PriceOf(order);
        UInt128 before = HoldOf(market, order);
        ulong shown = _storage[order].Quantity;
        market.Book.Reduce(order, by); // the hidden part first
        ulong byShown = shown - _storage[order].Quantity;
        _ledger.Release(PayerOf(terms), before - HoldOf(market, order));
        var happened = EventOf(EventKind.Reduced, terms, _storage[order].Id, price);
        happened.Quantity = by;
        happened.OpenQuantity = _storage.OpenOf(order);
        if (byShown == by)
            ReportAndPublish(ref sink, ref happened);
        else if (byShown == 0)
            Report(ref sink, ref happened);
        else
            ReportAndPublishShown(ref happened, byShown, _storage[order].Quantity, ref sink);
        CheckMarket(market);
    }

    private RejectReason Replace<TSink>(in Replace replace, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        var reason = FindOrder(replace.Market, replace.OrderId, account, ref answer, out var market, out uint order, mustTrade: true);
        if (reason == RejectReason.None)
            reason = ReasonAgainst(replace.Price, replace.Quantity, market!);
        if (reason == RejectReason.None && replace.StopPrice is not null)
            reason = RejectReason.InvalidCombination; // not built yet
        if (reason != RejectReason.None)
            return reason;
        OrderTerms terms = _terms[order];
        if (!TryChangeDisplay(replace, ref terms))
            return RejectReason.InvalidDisplayQuantity;
        if (!market!.IsWithinBand(terms.Side, replace.Price))
            return RejectReason.PriceOutsideBand;
        bool wouldTrade = market.Book.WouldTrade(terms.Side, replace.Price);
        if (wouldTrade && (terms.Flags & OrderFlags.PostOnly) != 0)
            return RejectReason.WouldTrade;
        terms.Nonce = answer.Nonce;
        terms.Fees = FeesOf(market, account);
        reason = TakeHold(market, replace.Price, replace.Quantity, HoldOf(market, order), isOneMore: false, ref terms);
        if (reason != RejectReason.None)
            return reason;
        Forget(order);
        market.Book.Remove(order);
        RunReplaced(market, replace, wouldTrade, ref terms, ref sink);
        CheckMarket(market);
        return RejectReason.None;
    }

    /// <summary>
    /// The replaced order under its new id. The feed sees one replacement when it only moves; when it trades first, it sees the former
    /// order go and what is left of the new one rest.
    /// </summary>
    private void RunReplaced<TSink>(Market market, in Replace replace, bool wouldTrade, ref OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        ulong id = _nextOrderId++;
        var happened = EventOf(EventKind.Replaced, terms, id, replace.Price);
        happened.Flags = wouldTrade ? EventFlags.None : EventFlags.Displayed;
        happened.Quantity = replace.Quantity;
        happened.OpenQuantity = replace.Quantity;
        happened.Reference = replace.OrderId;
        if (terms.Display == 0)
            ReportAndPublish(ref sink, ref happened);
        else
            ReportAndPublishShown(ref happened, terms.Display, terms.Display, ref sink);
        ulong open = Match(market, replace.Price, replace.Quantity, id, ref terms, out bool isPrevented, ref sink);
        if (isPrevented)
            EndUnrested(market, replace.Price, open, id, terms, CancelReason.SelfTrade, ref sink);
        else if (open != 0 && wouldTrade)
            RestDisplayed(market, replace.Price, open, id, terms, ref sink);
        else if (open != 0)
            Rest(market, replace.Price, open, id, terms);
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
