using Clob.Protocol;

namespace Clob.Engine;

// What happens to an order once it is accepted: fills and their money, resting, ending.
public sealed partial class Exchange
{
    private ulong _nextMatch = 1;

    /// <summary>
    /// Runs an order against the book and returns the lots that are left. <paramref name="isPrevented"/>: they must neither go on nor rest,
    /// because the next order they would trade with is the account's own.
    /// </summary>
    private ulong Match<TSink>(
        Market market, ulong limit, ulong quantity, ulong orderId, ref OrderTerms taker, out bool isPrevented, ref TSink sink)
        where TSink : IEventSink
    {
        isPrevented = false;
        if (!market.Book.WouldTrade(taker.Side, limit))
            return quantity;
        var settlement = new FillSettlement<TSink>(this, market, limit, quantity, orderId, ref taker, ref sink);
        if (MayMeetOwn(taker.Prevention, taker.Account))
            return MatchAroundOwn(market, limit, quantity, ref taker, ref settlement, out isPrevented, ref sink);
        return market.Book.Match(taker.Side, limit, quantity, ref settlement);
    }

    private void RestDisplayed<TSink>(Market market, ulong price, ulong open, ulong id, in OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        Rest(market, price, open, id, terms);
        var happened = new ExchangeEvent
        {
            Kind = EventKind.Rested,
            Side = (byte)terms.Side,
            Market = market.Id,
            OrderId = id,
            Price = price,
            Quantity = open,
            OpenQuantity = open,
        };
        Publish(ref sink, ref happened);
    }

    private void Rest(Market market, ulong price, ulong open, ulong id, in OrderTerms terms)
    {
        uint order = market.Book.Rest(terms.Side, price, open, id);
        if (order >= _terms.Length)
            Array.Resize(ref _terms, _storage.Orders.Capacity);
        ref OrderTerms resting = ref _terms[order];
        resting = terms;
        ref AccountState account = ref _accounts[terms.Account];
        resting.PreviousOfAccount = account.LastOrder;
        resting.NextOfAccount = 0;
        if (account.LastOrder == 0)
            account.FirstOrder = order;
        else
            _terms[account.LastOrder].NextOfAccount = order;
        account.LastOrder = order;
        account.OpenOrders++;
        resting.DeadlinePlace = 0;
        if (terms.Deadline != 0)
            _deadlines.Add(new DeadlineHeap.Entry(terms.Deadline, id, order), _terms);
    }

    /// <summary>Takes an order out of everything but the book.</summary>
    private void Forget(uint order)
    {
        ref OrderTerms terms = ref _terms[order];
        ref AccountState account = ref _accounts[terms.Account];
        if (terms.PreviousOfAccount == 0)
            account.FirstOrder = terms.NextOfAccount;
        else
            _terms[terms.PreviousOfAccount].NextOfAccount = terms.NextOfAccount;
        if (terms.NextOfAccount == 0)
            account.LastOrder = terms.PreviousOfAccount;
        else
            _terms[terms.NextOfAccount].PreviousOfAccount = terms.PreviousOfAccount;
        account.OpenOrders--;
        if (terms.DeadlinePlace != 0)
            _deadlines.RemoveAt(terms.DeadlinePlace, _terms);
    }

    /// <summary>Ends a resting order, whatever the occasion, and checks its market.</summary>
    private void CancelOrder<TSink>(uint order, CancelReason reason, ref TSink sink) where TSink : IEventSink
    {
        ref OrderTerms terms = ref _terms[order];
        var market = _markets[terms.Market]!;
        var happened = EventOf(EventKind.Cancelled, terms, _storage.Orders[order].Id, market.Book.PriceOf(order));
        happened.Reason = (byte)reason;
        happened.Flags = EventFlags.Final | EventFlags.Displayed;
        happened.Quantity = _storage.Orders[order].Quantity;
        _ledger.Release(PayerOf(terms), HoldOf(market, order));
        Forget(order);
        market.Book.Remove(order);
        ReportAndPublish(ref sink, ref happened);
        CheckMarket(market);
    }

    /// <summary>Ends what is left of an order that must not rest; it was never displayed, so the feed does not learn of it.</summary>
    private void EndUnrested<TSink>(
        Market market, ulong price, ulong open, ulong id, in OrderTerms terms, CancelReason reason, ref TSink sink) where TSink : IEventSink
    {
        if (open == 0)
            return;
        _ledger.Release(PayerOf(terms), market.HoldOf(terms.Side, price, open, terms.Fees));
        var happened = EventOf(EventKind.Cancelled, terms, id, price);
        happened.Reason = (byte)reason;
        happened.Flags = EventFlags.Final;
        happened.Quantity = open;
        Report(ref sink, ref happened);
    }

    private static ExchangeEvent EventOf(EventKind kind, in OrderTerms terms, ulong id, ulong price) => new()
    {
        Kind = kind,
        Side = (byte)terms.Side,
        Market = terms.Market,
        Account = terms.Account,
        Nonce = terms.Nonce,
        OrderId = id,
        Price = price,
        ClientOrderId = terms.ClientOrderId,
    };

    private static uint PayerOf(in OrderTerms terms) => terms.Side == Side.Buy ? terms.QuoteBalance : terms.BaseBalance;

    /// <summary>What is reserved for a resting order: a function of what is left of it, so it is kept nowhere.</summary>
    private UInt128 HoldOf(Market market, uint order)
    {
        ref OrderTerms terms = ref _terms[order];
        return market.HoldOf(terms.Side, market.Book.PriceOf(order), _storage.Orders[order].Quantity, terms.Fees);
    }

    /// <summary>The invariants that a command on this market could have broken.</summary>
    private void CheckMarket(Market market)
    {
        _ledger.CheckConservation(market.BaseAsset);
        _ledger.CheckConservation(market.QuoteAsset);
        if (market.Book.TryGetBest(Side.Buy, out ulong bid) && market.Book.TryGetBest(Side.Sell, out ulong ask) && bid >= ask)
            throw _record.Violation($"the book of market {market.Id} is not crossed", $"a best bid below {ask}", $"{bid}");
    }

    /// <summary>What one side of a fill pays and gets in fees; one of them is zero.</summary>
    private readonly record struct Fee(UInt128 Pays, UInt128 Gets)
    {
        public Int128 Net => (Int128)Pays - (Int128)Gets;
    }

    /// <summary>Moves the money of each fill and tells both sides, the maker first.</summary>
    private ref struct FillSettlement<TSink> : IFillSink where TSink : IEventSink
    {
        private readonly Exchange _exchange;
        private readonly Market _market;
        private readonly ulong _limit;
        private readonly ulong _takerId;
        private readonly ref OrderTerms _taker;
        private readonly ref TSink _sink;
        private ulong _takerOpen;
        private UInt128 _takerHold; // buyers only

        public FillSettlement(
            Exchange exchange, Market market, ulong limit, ulong quantity, ulong takerId, ref OrderTerms taker, ref TSink sink)
        {
            _exchange = exchange;
            _market = market;
            _limit = limit;
            _takerId = takerId;
            _taker = ref taker;
            _sink = ref sink;
            _takerOpen = quantity;
            _takerHold = taker.Side == Side.Buy ? market.HoldOf(Side.Buy, limit, quantity, taker.Fees) : 0;
        }

        public static bool ChoosesMakers => false;

        public readonly MakerChoice Choose(uint maker, in RestingOrder order, ulong price) => MakerChoice.Trade;

        public readonly void OnPortion(uint maker, in RestingOrder order, ulong price)
        {
        }

        public void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity)
        {
            ref OrderTerms makerTerms = ref _exchange._terms[maker];
            _takerOpen -= quantity;
            _market.ReferencePrice = price;
            UInt128 notional = _market.Notional(price, quantity);
            bool takerBuys = _taker.Side == Side.Buy;
            UInt128 holdBefore = takerBuys ? _takerHold : _market.HoldOf(Side.Buy, price, order.Quantity + quantity, makerTerms.Fees);

            UInt128 makerPays = makerTerms.Fees.Charge(makerTerms.Fees.MakerRate, notional);
            UInt128 takerPays = _taker.Fees.Charge(_taker.Fees.TakerRate, notional);
            var makerFee = new Fee(makerPays, Rebate(ref makerTerms.Fees, makerTerms.Fees.MakerRate, notional, takerPays));
            var takerFee = new Fee(takerPays, Rebate(ref _taker.Fees, _taker.Fees.TakerRate, notional, makerPays));

            UInt128 holdAfter = takerBuys
                ? _takerHold = _market.HoldOf(Side.Buy, _limit, _takerOpen, _taker.Fees)
                : _market.HoldOf(Side.Buy, price, order.Quantity, makerTerms.Fees);
            if (takerBuys)
                Buy(_taker, takerFee, notional, holdBefore - holdAfter, quantity);
            else
                Buy(makerTerms, makerFee, notional, holdBefore - holdAfter, quantity);
            if (takerBuys)
                Sell(makerTerms, makerFee, notional, quantity);
            else
                Sell(_taker, takerFee, notional, quantity);

            // Not negative: a rebate never passes what the other side pays in the same fill.
            _exchange._ledger.Credit(_market.FeeBalance, makerPays + takerPays - makerFee.Gets - takerFee.Gets);
            TellBoth(makerTerms, order, price, quantity, makerFee.Net, takerFee.Net);
            if (order.Quantity == 0)
                _exchange.Forget(maker);
        }

        private static UInt128 Rebate(ref OrderFees fees, int rate, UInt128 notional, UInt128 otherSidePays)
        {
            if (rate >= 0)
                return 0;
            fees.Earn(rate, notional);
            return fees.TakeRebate(otherSidePays);
        }

        /// <summary>
        /// The buyer's hold shrinks by <paramref name="freed"/>: by what the fill costs at least (see <see cref="OrderFees"/>); what is
        /// beyond, from a better price or a lower rate, returns.
        /// </summary>
        private readonly void Buy(in OrderTerms buyer, in Fee fee, UInt128 notional, UInt128 freed, ulong quantity)
        {
            UInt128 cost = notional + fee.Pays;
            if (freed < cost)
                throw _exchange._record.Violation("a hold covers what its order pays", $"at least {cost}", $"{freed}");
            _exchange._ledger.Spend(buyer.QuoteBalance, cost);
            if (freed != cost)
                _exchange._ledger.Release(buyer.QuoteBalance, freed - cost);
            if (fee.Gets != 0)
                _exchange._ledger.Credit(buyer.QuoteBalance, fee.Gets);
            _exchange._ledger.Credit(buyer.BaseBalance, _market.BaseOf(quantity));
        }

        /// <summary>The seller's fee comes out of what he receives; it never passes that, since a rate is at most one.</summary>
        private readonly void Sell(in OrderTerms seller, in Fee fee, UInt128 notional, ulong quantity)
        {
            _exchange._ledger.Spend(seller.BaseBalance, _market.BaseOf(quantity));
            _exchange._ledger.Credit(seller.QuoteBalance, notional - fee.Pays + fee.Gets);
        }

        private readonly void TellBoth(
            in OrderTerms makerTerms, in RestingOrder order, ulong price, ulong quantity, Int128 makerFee, Int128 takerFee)
        {
            ulong match = _exchange._nextMatch++;
            var happened = EventOf(EventKind.Executed, makerTerms, order.Id, price);
            happened.Flags = order.Quantity == 0 ? EventFlags.Final : EventFlags.None;
            happened.Quantity = quantity;
            happened.OpenQuantity = order.Quantity;
            happened.Reference = match;
            happened.Amount = makerFee;
            happened.Asset = _market.Definition.QuoteAsset;
            _exchange.ReportAndPublish(ref _sink, ref happened);

            happened = EventOf(EventKind.Executed, _taker, _takerId, price);
            happened.Flags = _takerOpen == 0 ? EventFlags.Taker | EventFlags.Final : EventFlags.Taker;
            happened.Quantity = quantity;
            happened.OpenQuantity = _takerOpen;
            happened.Reference = match;
            happened.Amount = takerFee;
            happened.Asset = _market.Definition.QuoteAsset;
            _exchange.Report(ref _sink, ref happened);
        }
    }
}
