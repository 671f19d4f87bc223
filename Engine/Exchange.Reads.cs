using Clob.Protocol;

namespace Clob.Engine;

// What HTTP and the replica read; not for the hot path, and only on the thread that applies records.
public sealed partial class Exchange
{
    /// <summary>Asset ids, rising.</summary>
    public IReadOnlyList<uint> AssetIds
    {
        get
        {
            var ids = new uint[_ledger.AssetCount];
            for (int i = 0; i < ids.Length; i++)
                ids[i] = _ledger.AssetAt(i).Id;
            Array.Sort(ids);
            return ids;
        }
    }

    /// <summary>Bytes taken for orders, their levels, indexes and terms, in use or not.</summary>
    internal long BytesOfOrders => _storage.Bytes + _terms.Bytes + _stopLimits.LongLength * sizeof(ulong) + _deadlines.Bytes;

    /// <summary>Market ids, rising.</summary>
    public IReadOnlyList<ushort> MarketIds => _marketIds;

    /// <summary>The account as it is now; null when there is none of that number.</summary>
    public AccountView? ReadAccount(ulong account)
    {
        if (!Keys.TryGet(account, out var key, out uint version))
            return null;
        ref AccountState state = ref _accounts[(uint)account];
        var balances = new List<BalanceView>();
        for (uint at = state.Balances; at != 0; at = _ledger.Balances[at].Next)
        {
            ref Balance balance = ref _ledger.Balances[at];
            if (balance.Available != 0 || balance.Reserved != 0)
                balances.Add(new BalanceView(_ledger.IdOf(at), balance.Available, balance.Reserved));
        }

        return new AccountView(
            account, new PublicKey(key.Bytes), version, state.NextNonce, Keys.CancelsOnDisconnect(account), state.Prevention, state.NextReport, state.OpenOrders,
            ReadLimits((uint)account), ReadFees((uint)account), balances);
    }

    /// <summary>The account's open orders by rising id; empty when there are none.</summary>
    public IReadOnlyList<OrderView> ReadOpenOrders(ulong account)
    {
        var orders = new List<OrderView>();
        if (account >= Keys.Count)
            return orders;
        for (uint order = _accounts[(uint)account].FirstOrder; order != 0; order = _terms[order].NextOfAccount)
            orders.Add(ViewOf(order));
        return orders;
    }

    /// <summary>The asset as it is now; null when it is not defined.</summary>
    public AssetView? ReadAsset(uint asset)
    {
        int place = _ledger.PlaceOf(asset);
        if (place < 0)
            return null;
        ref AssetState state = ref _ledger.AssetAt(place);
        return new AssetView(state.Id, state.Decimals, state.Symbol, state.Total);
    }

    /// <summary>The market as it is now; null when it is not defined.</summary>
    public MarketView? ReadMarket(ushort market)
    {
        var found = FindMarket(market);
        if (found is null)
            return null;
        var definition = found.Definition;
        return new MarketView
        {
            Market = market,
            Symbol = definition.Symbol,
            BaseAsset = definition.BaseAsset,
            QuoteAsset = definition.QuoteAsset,
            BaseUnitsPerLot = definition.BaseUnitsPerLot,
            QuoteUnitsPerLotAndTick = definition.QuoteUnitsPerLotAndTick,
            Terms = found.Terms,
            State = found.State,
            BestBid = found.Book.TryGetBest(Side.Buy, out ulong bid) ? bid : null,
            BestAsk = found.Book.TryGetBest(Side.Sell, out ulong ask) ? ask : null,
            OpenOrders = found.Book.OpenOrders,
            WaitingOrders = found.Stops.Book.OpenOrders,
            LastTrade = found.Stops.LastTrade == 0 ? null : found.Stops.LastTrade,
        };
    }

    /// <summary>Fills <paramref name="levels"/> from the best price on and returns how many there are; 0 for an unknown market.</summary>
    public int ReadDepth(ushort market, Side side, Span<PriceLevelView> levels)
    {
        var found = FindMarket(market);
        if (found is null)
            return 0;
        var book = found.Book;
        int count = 0;
        for (uint at = book.BestLevel(side); at != 0 && count < levels.Length; at = book.NextLevel(at))
            levels[count++] = new PriceLevelView(book.PriceOfLevel(at), book.QuantityOfLevel(at), book.OrdersOfLevel(at));

        return count;
    }

    private AccountLimitsView ReadLimits(uint account)
    {
        var traits = _accounts[account].Traits;
        var limits = LimitsOf(account);
        return new AccountLimitsView(
            (traits & AccountTraits.KillSwitch) != 0,
            (traits & AccountTraits.Blocked) == 0,
            limits.OpenOrders == AccountLimits.None.OpenOrders ? null : limits.OpenOrders,
            limits.Notional == AccountLimits.None.Notional ? null : limits.Notional);
    }

    private AccountFeesView[] ReadFees(uint account) =>
        _fees.TryGetValue(account, out var own) ? [.. own.Select(fees => new AccountFeesView(fees.Key, fees.Value.Maker, fees.Value.Taker))] : [];

    private OrderView ViewOf(uint order)
    {
        ref OrderTerms terms = ref _terms[order];
        ref readonly RestingOrder resting = ref _storage[order];
        var market = _markets[terms.Market]!;
        return new OrderView(
            resting.Id, terms.Account, terms.Market, terms.Side, LimitOf(market, order), terms.IsWaiting ? market.Stops.Book.PriceOf(order) : null,
            _storage.OpenOf(order), terms.IsWaiting ? 0 : resting.Quantity, _terms.DisplayOf(terms),
            terms.Prevention, terms.Nonce, terms.ClientOrderId, _terms.DeadlineOf(terms), HoldOf(market, order));
    }
}
