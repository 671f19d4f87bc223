using System.Runtime.CompilerServices;
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>A market: its terms, its state and its book.</summary>
internal sealed class Market
{
    /// <summary>Most units in one hold, fill, deposit or withdrawal: what the signed amount of an event can say.</summary>
    public static readonly UInt128 MaximumAmount = MarketTerms.HighestNotional;

    private const uint Million = OrderFees.Million;
    private readonly ulong _baseUnitsPerLot; // of the definition, which is too large to be asked for each order
    private readonly ulong _quoteUnitsPerLotAndTick;

    public Market(in DefineMarket definition, int baseAsset, int quoteAsset, uint feeBalance, OrderBook book, OrderBook stops)
    {
        Definition = definition;
        Id = definition.Market;
        QuoteAssetId = definition.QuoteAsset;
        _baseUnitsPerLot = definition.BaseUnitsPerLot;
        _quoteUnitsPerLotAndTick = definition.QuoteUnitsPerLotAndTick;
        Terms = Merge(Defaults, definition.Terms);
        BaseAsset = baseAsset;
        QuoteAsset = quoteAsset;
        FeeBalance = feeBalance;
        Book = book;
        Stops = new StopBook(stops);
    }

    /// <summary>What a market has that its definition does not say.</summary>
    public static MarketTerms Defaults => new()
    {
        MinimumQuantity = 1,
        MaximumQuantity = MarketTerms.HighestQuantity,
        PriceCap = MarketTerms.HighestPrice,
        MakerFee = 0,
        TakerFee = 0,
        PriceBand = 0,
        ReferencePrice = 0,
        MaximumNotional = MarketTerms.HighestNotional,
    };

    public ushort Id { get; }

    /// <summary>Id of the quote asset.</summary>
    public uint QuoteAssetId { get; }

    /// <summary>What never changes: ids, assets, units, symbol. Its terms are those of the start.</summary>
    public DefineMarket Definition { get; }

    /// <summary>The terms now; none is null.</summary>
    public MarketTerms Terms
    {
        get => field with { ReferencePrice = ReferencePrice };
        set
        {
            field = value;
            PriceBand = value.PriceBand!.Value;
            ReferencePrice = value.ReferencePrice!.Value;
            MaximumNotional = value.MaximumNotional!.Value;
            PriceCap = value.PriceCap!.Value;
            MinimumQuantity = value.MinimumQuantity!.Value;
            MaximumQuantity = value.MaximumQuantity!.Value;
            MakerFee = value.MakerFee!.Value;
            TakerFee = value.TakerFee!.Value;
        }
    }

    public ulong PriceCap { get; private set; }

    public ulong MinimumQuantity { get; private set; }

    public ulong MaximumQuantity { get; private set; }

    public int MakerFee { get; private set; }

    public int TakerFee { get; private set; }

    /// <summary>Parts per million of the reference price, 0 for no band.</summary>
    public uint PriceBand { get; private set; }

    /// <summary>What the band lies around: the price of the last trade, or what the operator said since; 0 for none yet.</summary>
    public ulong ReferencePrice { get; private set; }

    /// <summary>Largest notional of an order.</summary>
    public UInt128 MaximumNotional { get; private set; }

    /// <summary>Takes note of a fill.</summary>
    public void NoteTrade(ulong price)
    {
        ReferencePrice = price;
        Stops.NoteTrade(price);
    }

    /// <summary>Whether the feed must say more of what orders may ask for than the directory entry does.</summary>
    public bool HasOrderBounds => PriceBand != 0 || MaximumNotional != MarketTerms.HighestNotional;

    public MarketState State { get; set; } = MarketState.Open;

    /// <summary>Place of the base asset in the ledger.</summary>
    public int BaseAsset { get; }

    /// <summary>Place of the quote asset in the ledger.</summary>
    public int QuoteAsset { get; }

    /// <summary>Account 0's balance of the quote asset.</summary>
    public uint FeeBalance { get; }

    public OrderBook Book { get; }

    /// <summary>Orders that wait for their stop price.</summary>
    public StopBook Stops { get; }

    /// <summary>The terms of <paramref name="change"/>, and of <paramref name="former"/> where it has none.</summary>
    public static MarketTerms Merge(MarketTerms former, MarketTerms change) => new()
    {
        MinimumQuantity = change.MinimumQuantity ?? former.MinimumQuantity,
        MaximumQuantity = change.MaximumQuantity ?? former.MaximumQuantity,
        PriceCap = change.PriceCap ?? former.PriceCap,
        MakerFee = change.MakerFee ?? former.MakerFee,
        TakerFee = change.TakerFee ?? former.TakerFee,
        PriceBand = change.PriceBand ?? former.PriceBand,
        ReferencePrice = change.ReferencePrice ?? former.ReferencePrice,
        MaximumNotional = change.MaximumNotional ?? former.MaximumNotional,
    };

    /// <summary>Whether complete terms contradict neither each other nor the ranges.</summary>
    public static bool AreValid(MarketTerms terms) =>
        terms.MinimumQuantity >= 1
        && terms.MinimumQuantity <= terms.MaximumQuantity
        && terms.MaximumQuantity <= MarketTerms.HighestQuantity
        && terms.PriceCap is >= 1 and <= MarketTerms.HighestPrice
        && AreValidFees(terms.MakerFee!.Value, terms.TakerFee!.Value)
        && terms.ReferencePrice <= MarketTerms.HighestPrice
        && terms.MaximumNotional >= UInt128.One
        && terms.MaximumNotional <= MarketTerms.HighestNotional;

    /// <summary>Whether a price is positive and within the cap.</summary>
    public bool IsInRange(ulong price) => price != 0 && price <= PriceCap;

    /// <summary>Whether rates are in their range and together not below zero.</summary>
    public static bool AreValidFees(int maker, int taker) =>
        maker is >= -MarketTerms.HighestFee and <= MarketTerms.HighestFee
        && taker is >= -MarketTerms.HighestFee and <= MarketTerms.HighestFee
        && maker + taker >= 0;

    /// <summary>Whether a price lies no further beyond the reference price than the band allows, which binds buys from above and sells from below.</summary>
    public bool IsWithinBand(Side side, ulong price)
    {
        if (PriceBand == 0 || ReferencePrice == 0)
            return true;
        UInt128 width = (UInt128)ReferencePrice * PriceBand / Million;
        return side == Side.Buy ? price <= ReferencePrice + width : price + width >= ReferencePrice;
    }

    /// <summary>Quote that changes hands for so many lots at a price; the caller knows that it passed <see cref="TryNotional"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt128 Notional(ulong price, ulong quantity)
    {
        ulong beyond = Math.BigMul(price, quantity, out ulong lotsAndTicks);
        return beyond == 0 ? Product(lotsAndTicks, _quoteUnitsPerLotAndTick) : (UInt128)price * quantity * _quoteUnitsPerLotAndTick;
    }

    /// <summary>As <see cref="Notional"/> for numbers nobody checked; false above <see cref="MaximumNotional"/>.</summary>
    public bool TryNotional(ulong price, ulong quantity, out UInt128 notional)
    {
        ulong beyond = Math.BigMul(price, quantity, out ulong lotsAndTicks);
        if (beyond != 0)
            return TryLargeNotional(new UInt128(beyond, lotsAndTicks), out notional);
        notional = Product(lotsAndTicks, _quoteUnitsPerLotAndTick);
        return notional <= MaximumNotional;
    }

    /// <summary>Base that changes hands for so many lots: 63 times 64 bits, always at most <see cref="MaximumAmount"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public UInt128 BaseOf(ulong quantity) => Product(quantity, _baseUnitsPerLot);

    /// <summary>What must be reserved for an order with so many lots open.</summary>
    public UInt128 HoldOf(Side side, ulong price, ulong openQuantity, in OrderFees fees)
    {
        if (side == Side.Sell)
            return BaseOf(openQuantity);
        UInt128 notional = Notional(price, openQuantity);
        return notional + fees.MostFor(notional);
    }

    /// <summary>The product of two 64-bit numbers, which 128 bits always hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static UInt128 Product(ulong left, ulong right)
    {
        ulong high = Math.BigMul(left, right, out ulong low);
        return new UInt128(high, low);
    }

    private bool TryLargeNotional(UInt128 lotsAndTicks, out UInt128 notional)
    {
        notional = 0;
        if (_quoteUnitsPerLotAndTick > MaximumAmount / lotsAndTicks)
            return false;
        notional = lotsAndTicks * _quoteUnitsPerLotAndTick;
        return notional <= MaximumNotional;
    }
}
