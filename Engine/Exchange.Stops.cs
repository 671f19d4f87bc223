using Clob.Protocol;

namespace Clob.Engine;

// Stops: orders that wait for their stop price, and what becomes of them when a trade triggers them.
public sealed partial class Exchange
{
    private readonly List<Market> _triggeredMarkets = []; // by id; at least those that are open and have triggered stops waiting to run
    private ulong[] _stopLimits = [];                     // by order number: limit or protection price, for orders that wait
    private int _triggeredRunsLeft;                       // in this record

    /// <summary>Whether triggered stops wait to run in a market that is open.</summary>
    private bool HasTriggered
    {
        get
        {
            foreach (var market in _triggeredMarkets)
            {
                if (market.State == MarketState.Open && market.Stops.HasTriggered)
                    return true;
            }

            return false;
        }
    }

    /// <summary>Lets an order wait for its stop price. The feed learns of it when it rests or trades.</summary>
    private void Wait(Market market, ulong stopPrice, ulong limit, ulong quantity, ulong id, in OrderTerms terms)
    {
        uint order = market.Stops.Add(terms.Side, stopPrice, quantity, id);
        Remember(order, id, terms);
        _terms[order].IsWaiting = true;
        KeepLimit(order, limit);
    }

    private void KeepLimit(uint order, ulong limit)
    {
        if (order >= _stopLimits.Length)
            Array.Resize(ref _stopLimits, _storage.Orders.Capacity);
        _stopLimits[order] = limit;
    }

    /// <summary>A waiting order under its new id, with its former stop price or another; it may be triggered at once.</summary>
    private void ReplaceWaiting<TSink>(Market market, uint order, in Replace replace, ref OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        ulong stopPrice = replace.StopPrice ?? market.Stops.Book.PriceOf(order);
        Forget(order);
        market.Stops.Book.Remove(order);
        ulong id = _nextOrderId++;
        terms.IsWaiting = !market.Stops.Triggers(terms.Side, stopPrice);
        var happened = EventOf(EventKind.Replaced, terms, id, replace.Price);
        happened.Flags = terms.IsWaiting ? EventFlags.Waiting : EventFlags.None;
        happened.Quantity = replace.Quantity;
        happened.OpenQuantity = replace.Quantity;
        happened.Reference = replace.OrderId;
        Report(ref sink, ref happened);
        if (terms.IsWaiting)
            Wait(market, stopPrice, replace.Price, replace.Quantity, id, terms);
        else
            Start(market, stopPrice, replace.Price, replace.Quantity, id, ref terms, ref sink);
    }

    /// <summary>After trades, and when a market opens: what they triggered runs next.</summary>
    private void NoteTriggered(Market market)
    {
        if (market.State != MarketState.Open || !market.Stops.HasTriggered)
            return;
        int place = _triggeredMarkets.BinarySearch(market, MarketsById.Instance);
        if (place < 0)
            _triggeredMarkets.Insert(~place, market);
    }

    /// <summary>
    /// Runs triggered stops one by one, those that this triggers as well, as long as the record's number of runs lasts. The markets' turn is by
    /// their id. In a market that is not open nothing runs until it opens again.
    /// </summary>
    private void RunTriggered<TSink>(ref TSink sink) where TSink : IEventSink
    {
        while (_triggeredRunsLeft != 0 && _triggeredMarkets.Count != 0)
        {
            var market = _triggeredMarkets[0];
            uint order = market.State == MarketState.Open ? market.Stops.FirstTriggered() : 0;
            if (order == 0)
            {
                _triggeredMarkets.RemoveAt(0);
                continue;
            }

            _triggeredRunsLeft--;
            RunWaiting(market, order, ref sink);
        }
    }

    /// <summary>
    /// A waiting order becomes the order it stands for and keeps its id. It leaves the stop book first, so that it does not count among those
    /// that still wait; its number is taken again or given up before anything else can take it, since matching takes none.
    /// </summary>
    private void RunWaiting<TSink>(Market market, uint order, ref TSink sink) where TSink : IEventSink
    {
        ulong id = _storage[order].Id;
        ulong quantity = _storage.OpenOf(order);
        ulong limit = LimitOf(market, order);
        ulong stopPrice = market.Stops.Book.PriceOf(order);
        OrderTerms terms = _terms[order];
        terms.IsWaiting = false;
        market.Stops.Book.Remove(order);
        ulong open = RunTriggered(market, stopPrice, limit, quantity, id, ref terms, ref sink);
        if (open == 0)
        {
            _terms[order].Rare = terms.Rare; // also when its own fills gave it some
            Forget(order);
        }
        else
        {
            Renumber(order, JoinBook(market, limit, open, id, terms), terms);
            PublishShown(terms, limit, _terms.ShownOf(terms, open), id, ref sink);
        }

        CheckMarket(market);
    }

    /// <summary>What is decided now for any other order when it comes is decided for a stop when it is triggered: it ends then with a reason.</summary>
    private ulong RunTriggered<TSink>(
        Market market, ulong stopPrice, ulong limit, ulong quantity, ulong id, ref OrderTerms terms, ref TSink sink) where TSink : IEventSink
    {
        var happened = EventOf(EventKind.Triggered, terms, id, limit);
        happened.Quantity = quantity;
        happened.OpenQuantity = quantity;
        happened.Reference = stopPrice;
        Report(ref sink, ref happened);
        var reason = WhyNotNow(market, terms, limit, quantity) switch
        {
            RejectReason.PriceOutsideBand => CancelReason.PriceOutsideBand,
            RejectReason.WouldTrade => CancelReason.WouldTrade,
            RejectReason.CannotFill => CancelReason.CannotFill,
            _ => (CancelReason)0,
        };
        if (reason == 0)
            return Take(market, limit, quantity, id, ref terms, ref sink);
        EndUnrested(market, limit, quantity, id, terms, reason, ref sink);
        return 0;
    }

    /// <summary>An order goes on under another number, at its place among its owner's orders and in the heap of deadlines.</summary>
    private void Renumber(uint former, uint order, in OrderTerms terms)
    {
        _terms.Reach(_storage.Orders.Capacity);
        OrderTerms links = _terms[former];
        ref OrderTerms renumbered = ref _terms[order];
        renumbered = terms;
        renumbered.PreviousOfAccount = links.PreviousOfAccount;
        renumbered.NextOfAccount = links.NextOfAccount;
        ref AccountState account = ref _accounts[terms.Account];
        if (links.PreviousOfAccount == 0)
            account.FirstOrder = order;
        else
            _terms[links.PreviousOfAccount].NextOfAccount = order;
        if (links.NextOfAccount == 0)
            account.LastOrder = order;
        else
            _terms[links.NextOfAccount].PreviousOfAccount = order;
        int place = _terms.DeadlinePlaceOf(terms);
        if (place != 0)
            _deadlines.Renumber(place, order);
    }

    private sealed class MarketsById : IComparer<Market>
    {
        public static MarketsById Instance { get; } = new();

        public int Compare(Market? left, Market? right) => left!.Id.CompareTo(right!.Id);
    }
}
