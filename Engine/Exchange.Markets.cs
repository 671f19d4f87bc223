using Clob.Protocol;

namespace Clob.Engine;

// Assets and markets: the operator's commands about them, and what the feed learns.
public sealed partial class Exchange
{
    private readonly List<ushort> _marketIds = []; // rising
    private Market?[] _markets = new Market?[16];  // by id

    private Market? FindMarket(ushort id) => id < _markets.Length ? _markets[id] : null;

    private RejectReason Define<TSink>(in DefineAsset define, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Asset = define.Asset;
        if (define.Asset == 0 || define.Decimals > Amount.MaximumDecimals)
            return RejectReason.InvalidTerms;
        if (_ledger.PlaceOf(define.Asset) >= 0)
            return RejectReason.AssetExists;
        if (_ledger.AssetCount >= MaximumAssets)
            return RejectReason.CapacityReached;
        _ledger.Define(define.Asset, define.Decimals, define.Symbol);
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private RejectReason Define<TSink>(in DefineMarket define, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Market = define.Market;
        if (FindMarket(define.Market) is not null)
            return RejectReason.MarketExists;
        bool isValid = define.Market != 0 && define.BaseAsset != define.QuoteAsset
            && define.BaseUnitsPerLot != 0 && define.QuoteUnitsPerLotAndTick != 0
            && Market.AreValid(Market.Merge(Market.Defaults, define.Terms));
        if (!isValid)
            return RejectReason.InvalidTerms;
        int baseAsset = _ledger.PlaceOf(define.BaseAsset);
        int quoteAsset = _ledger.PlaceOf(define.QuoteAsset);
        if (baseAsset < 0 || quoteAsset < 0)
            return RejectReason.UnknownAsset;
        if (!_ledger.HasRoom)
            return RejectReason.CapacityReached;
        var market = AddMarket(define, baseAsset, quoteAsset);
        Complete(ref answer, ref sink);
        PublishDirectory(market, ref sink);
        PublishState(market, ref sink);
        return RejectReason.None;
    }

    private Market AddMarket(in DefineMarket define, int baseAsset, int quoteAsset)
    {
        uint feeBalance = _ledger.GetOrAdd(ref _accounts[0].Balances, quoteAsset);
        var market = new Market(define, baseAsset, quoteAsset, feeBalance, new OrderBook(_storage), new OrderBook(_storage));
        if (define.Market >= _markets.Length)
            Array.Resize(ref _markets, Math.Max(define.Market + 1, _markets.Length * 2));
        _markets[define.Market] = market;
        _marketIds.Insert(~_marketIds.BinarySearch(define.Market), define.Market);
        return market;
    }

    private RejectReason Change<TSink>(in ChangeMarket change, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Market = change.Market;
        var market = FindMarket(change.Market);
        if (market is null)
            return RejectReason.UnknownMarket;
        var terms = Market.Merge(market.Terms, change.Terms);
        if (!Market.AreValid(terms))
            return RejectReason.InvalidTerms;
        bool hadBounds = market.HasOrderBounds;
        market.Terms = terms; // orders that rest keep the rates they were accepted under, see OrderFees
        Complete(ref answer, ref sink);
        PublishDirectory(market, ref sink);
        if (hadBounds && !market.HasOrderBounds)
            PublishBand(market, ref sink); // that there are none any more
        return RejectReason.None;
    }

    private RejectReason SetState<TSink>(in SetMarketState set, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Market = set.Market;
        var market = FindMarket(set.Market);
        if (market is null)
            return RejectReason.UnknownMarket;
        if (market.State == MarketState.Closed)
            return RejectReason.MarketClosed;
        market.State = set.State;
        Complete(ref answer, ref sink);
        PublishState(market, ref sink);
        NoteTriggered(market);
        return RejectReason.None;
    }

    private void PublishMarkets<TSink>(ref TSink sink) where TSink : IEventSink
    {
        foreach (ushort id in _marketIds)
        {
            PublishDirectory(_markets[id]!, ref sink);
            PublishState(_markets[id]!, ref sink);
        }
    }

    private void PublishDirectory<TSink>(Market market, ref TSink sink) where TSink : IEventSink
    {
        var definition = market.Definition;
        var happened = new ExchangeEvent
        {
            Kind = EventKind.Directory,
            Side = (byte)market.State,
            Market = market.Id,
            Decimals = (ushort)(_ledger.AssetAt(market.BaseAsset).Decimals << 8 | _ledger.AssetAt(market.QuoteAsset).Decimals),
            Asset = definition.BaseAsset,
            SecondAsset = definition.QuoteAsset,
            Symbol = definition.Symbol,
            BaseUnitsPerLot = definition.BaseUnitsPerLot,
            QuoteUnitsPerLotAndTick = definition.QuoteUnitsPerLotAndTick,
            MinimumQuantity = market.MinimumQuantity,
            MaximumQuantity = market.MaximumQuantity,
            PriceCap = market.PriceCap,
            MakerFee = market.MakerFee,
            TakerFee = market.TakerFee,
        };
        Publish(ref sink, ref happened);
        if (market.HasOrderBounds)
            PublishBand(market, ref sink);
    }

    private void PublishBand<TSink>(Market market, ref TSink sink) where TSink : IEventSink
    {
        var happened = new ExchangeEvent
        {
            Kind = EventKind.PriceBand,
            Market = market.Id,
            ReferencePrice = market.ReferencePrice,
            Band = market.PriceBand,
            MaximumNotional = market.MaximumNotional,
        };
        Publish(ref sink, ref happened);
    }

    private void PublishState<TSink>(Market market, ref TSink sink) where TSink : IEventSink
    {
        var happened = new ExchangeEvent { Kind = EventKind.TradingAction, Side = (byte)market.State, Market = market.Id };
        Publish(ref sink, ref happened);
    }
}
