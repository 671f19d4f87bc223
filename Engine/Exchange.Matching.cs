using System.Runtime.CompilerServices;
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
        market.Stops.BeginTrades();
        ulong open;
        if (!MayMeetOwn(taker.Prevention, taker.Account))
        {
            var settlement = new FillSettlement<TSink, AnyMaker>(this, market, limit, quantity, orderId, ref taker, ref sink);
            open = market.Book.Match(taker.Side, limit, quantity, ref settlement);
        }
        else
        {
            var choosing = new FillSettlement<TSink, OtherMakers>(this, market, limit, quantity, orderId, ref taker, ref sink);
            open = market.Book.Match(taker.Side, limit, quantity, ref choosing);
            isPrevented = choosing.IsPrevented;
        }

        NoteTriggered(market);
        return open;
    }

    /// <summary>Runs an order against the book, ends what of it must not rest, and returns the lots that are to rest.</summary>
    private ulong Take<TSink>(Market market, ulong limit, ulong quantity, ulong id, ref OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        ulong open = Match(market, limit, quantity, id, ref terms, out bool isPrevented, ref sink);
        if (!isPrevented && terms.MayRest)
            return open;
        EndUnrested(market, limit, open, id, terms, isPrevented ? CancelReason.SelfTrade : CancelReason.Unfilled, ref sink);
        return 0;
    }

    private void RestDisplayed<TSink>(Market market, ulong price, ulong open, ulong id, in OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        Rest(market, price, open, id, terms);
        PublishShown(terms, price, _terms.ShownOf(terms, open), id, ref sink);
    }

    /// <summary>Tells the feed of lots that stand at the end of their price's queue from now on.</summary>
    private void PublishShown<TSink>(in OrderTerms terms, ulong price, ulong shown, ulong id, ref TSink sink) where TSink : IEventSink
    {
        var happened = new ExchangeEvent
        {
            Kind = EventKind.Rested,
            Side = (byte)terms.Side,
            Market = terms.Market,
            OrderId = id,
            Price = price,
            Quantity = shown,
            OpenQuantity = shown,
        };
        Publish(ref sink, ref happened);
    }

    /// <summary>
    /// Reports what happened to an order of which a part is hidden, and tells the feed apart of the displayed part, without whose it is.
    /// </summary>
    private void ReportAndPublishShown<TSink>(ref ExchangeEvent happened, ulong quantity, ulong shown, ref TSink sink) where TSink : IEventSink
    {
        Report(ref sink, ref happened);
        happened.Account = 0;
        happened.ReportSequence = 0;
        happened.Nonce = 0;
        happened.ClientOrderId = 0;
        happened.Quantity = quantity;
        happened.OpenQuantity = shown;
        Publish(ref sink, ref happened);
    }

    private void Rest(Market market, ulong price, ulong open, ulong id, in OrderTerms terms) =>
        Remember(JoinBook(market, price, open, id, terms), id, terms);

    private uint JoinBook(Market market, ulong price, ulong open, ulong id, in OrderTerms terms)
    {
        ulong display = _terms.DisplayOf(terms);
        if (display == 0)
            return market.Book.Rest(terms.Side, price, open, id);
        ulong shown = Math.Min(display, open);
        return market.Book.RestIceberg(terms.Side, price, shown, open - shown, display, id);
    }

    /// <summary>Keeps the terms of an order with a new id beside its place in a book.</summary>
    private void Remember(uint order, ulong id, in OrderTerms terms)
    {
        _terms.Reach(_storage.Orders.Capacity);
        _terms[order] = terms;
        Link(order, id);
    }

    /// <summary>
    /// Puts an order at the end of its account's list, and among the deadlines when it has one. Item 0 takes the writes for neighbours that do
    /// not exist: cheaper than branches that nobody can predict.
    /// </summary>
    private void Link(uint order, ulong id)
    {
        ref OrderTerms terms = ref _terms[order];
        ref AccountState account = ref _accounts[terms.Account];
        uint first = account.FirstOrder;
        uint last = account.LastOrder;
        terms.PreviousOfAccount = last;
        terms.NextOfAccount = 0;
        _terms[last].NextOfAccount = order;
        account.FirstOrder = last == 0 ? order : first;
        account.LastOrder = order;
        account.OpenOrders++;
        ulong deadline = _terms.DeadlineOf(terms);
        if (deadline != 0)
            _deadlines.Add(new DeadlineHeap.Entry(deadline, id, order, terms.Rare));
    }

    /// <summary>Takes an order out of everything but the book.</summary>
    private void Forget(uint order)
    {
        ref OrderTerms terms = ref _terms[order];
        ref AccountState account = ref _accounts[terms.Account];
        uint previous = terms.PreviousOfAccount;
        uint next = terms.NextOfAccount;
        uint first = account.FirstOrder;
        uint last = account.LastOrder;
        _terms[previous].NextOfAccount = next; // item 0 again
        _terms[next].PreviousOfAccount = previous;
        account.FirstOrder = previous == 0 ? next : first;
        account.LastOrder = next == 0 ? previous : last;
        account.OpenOrders--;
        if (terms.Rare != 0)
            ForgetRare(terms);
    }

    private void ForgetRare(in OrderTerms terms)
    {
        int place = _terms.DeadlinePlaceOf(terms);
        if (place != 0)
            _deadlines.RemoveAt(place);
        _terms.DropRare(terms);
    }

    /// <summary>Ends an open order, whatever the occasion, and checks its market.</summary>
    private void CancelOrder<TSink>(uint order, CancelReason reason, ref TSink sink) where TSink : IEventSink
    {
        var market = _markets[_terms[order].Market]!;
        var book = BookOf(market, order);
        EndOpen(market, order, reason, ref sink);
        book.Remove(order);
        CheckMarket(market);
    }

    /// <summary>Ends an open order everywhere but in its book, which drops it next. The feed knows of none that waited.</summary>
    private void EndOpen<TSink>(Market market, uint order, CancelReason reason, ref TSink sink) where TSink : IEventSink
    {
        ref OrderTerms terms = ref _terms[order];
        bool waited = terms.IsWaiting;
        var happened = EventOf(EventKind.Cancelled, terms, _storage[order].Id, LimitOf(market, order));
        happened.Reason = (byte)reason;
        happened.Flags = EventFlags.Final | (waited ? EventFlags.Waiting : EventFlags.Displayed);
        happened.Quantity = _storage.OpenOf(order);
        _ledger.Release(PayerOf(terms), HoldOf(market, order));
        Forget(order);
        if (waited)
            Report(ref sink, ref happened);
        else
            ReportAndPublish(ref sink, ref happened);
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

    /// <summary>What is reserved for an open order: a function of what is left of it, so it is kept nowhere.</summary>
    private UInt128 HoldOf(Market market, uint order)
    {
        ref OrderTerms terms = ref _terms[order];
        return market.HoldOf(terms.Side, LimitOf(market, order), _storage.OpenOf(order), terms.Fees);
    }

    /// <summary>Where an open order has its place: in the book or among the stops.</summary>
    private OrderBook BookOf(Market market, uint order) => _terms[order].IsWaiting ? market.Stops.Book : market.Book;

    /// <summary>Limit or protection price of an open order.</summary>
    private ulong LimitOf(Market market, uint order) => _terms[order].IsWaiting ? _stopLimits[order] : market.Book.PriceOf(order);

    /// <summary>The invariants that a command on this market could have broken.</summary>
    private void CheckMarket(Market market)
    {
        _ledger.CheckConservation(market.BaseAsset);
        _ledger.CheckConservation(market.QuoteAsset);
        if (market.Book.TryGetBest(Side.Buy, out ulong bid) && market.Book.TryGetBest(Side.Sell, out ulong ask) && bid >= ask)
            throw Crossed(market, bid, ask);
    }

    // Apart, so that what makes texts costs the checks nothing.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvariantViolationException Crossed(Market market, ulong bid, ulong ask) =>
        _record.Violation($"the book of market {market.Id} is not crossed", $"a best bid below {ask}", $"{bid}");

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvariantViolationException HoldTooSmall(UInt128 cost, UInt128 freed) =>
        _record.Violation("a hold covers what its order pays", $"at least {cost}", $"{freed}");
}
