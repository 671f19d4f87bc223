using Clob.Protocol;

namespace Clob.Engine;

/// <summary>A market: its terms, its state and its book.</summary>
internal sealed class Market
{
    /// <summary>Most units in one hold, fill, deposit or withdrawal: what the signed amount of an event can say.</summary>
    public static readonly UInt128 MaximumAmount = (UInt128)Int128.MaxValue;

    public Market(in DefineMarket definition, int baseAsset, int quoteAsset, uint feeBalance, OrderBook book)
    {
        Definition = definition;
        Terms = Merge(Defaults, definition.Terms);
        BaseAsset = baseAsset;
        QuoteAsset = quoteAsset;
        FeeBalance = feeBalance;
        Book = book;
    }

    /// <summary>What a market has that its definition does not say.</summary>
    public static MarketTerms Defaults => new()
    {
        MinimumQuantity = 1,
        MaximumQuantity = MarketTerms.HighestQuantity,
        PriceCap = MarketTerms.HighestPrice,
        MakerFee = 0,
        TakerFee = 0,
    };

    public ushort Id => Definition.Market;

    /// <summary>What never changes: ids, assets, units, symbol. Its terms are those of the start.</summary>
    public DefineMarket Definition { get; }

    /// <summary>The terms now; none is null.</summary>
    public MarketTerms Terms
    {
        get;
        set
        {
            field = value;
            PriceCap = value.PriceCap!.Value;
            MinimumQuantityNow = value.MinimumQuantity!.Value;
            MaximumQuantityNow = value.MaximumQuantity!.Value;
            MakerFee = value.MakerFee!.Value;
            TakerFee = value.TakerFee!.Value;
        }
    }

    public ulong PriceCap { get; private set; }

    public ulong MinimumQuantityNow { get; private set; }

    public ulong MaximumQuantityNow { get; private set; }

    public int MakerFee { get; private set; }

    public int TakerFee { get; private set; }

    public MarketState State { get; set; } = MarketState.Open;

    /// <summary>Place of the base asset in the ledger.</summary>
    public int BaseAsset { get; }

    /// <summary>Place of the quote asset in the ledger.</summary>
    public int QuoteAsset { get; }

    /// <summary>Account 0's balance of the quote asset.</summary>
    public uint FeeBalance { get; }

    public OrderBook Book { get; }

    /// <summary>The terms of <paramref name="change"/>, and of <paramref name="former"/> where it has none.</summary>
    public static MarketTerms Merge(MarketTerms former, MarketTerms change) => new()
    {
        MinimumQuantity = change.MinimumQuantity ?? former.MinimumQuantity,
        MaximumQuantity = change.MaximumQuantity ?? former.MaximumQuantity,
        PriceCap = change.PriceCap ?? former.PriceCap,
        MakerFee = change.MakerFee ?? former.MakerFee,
        TakerFee = change.TakerFee ?? former.TakerFee,
        PriceBand = change.PriceBand,
        ReferencePrice = change.ReferencePrice,
        MaximumNotional = change.MaximumNotional,
    };

    /// <summary>Whether complete terms contradict neither each other nor the ranges.</summary>
    public static bool AreValid(MarketTerms terms) =>
        terms.MinimumQuantity >= 1
        && terms.MinimumQuantity <= terms.MaximumQuantity
        && terms.MaximumQuantity <= MarketTerms.HighestQuantity
        && terms.PriceCap is >= 1 and <= MarketTerms.HighestPrice
        && terms.MakerFee is >= -MarketTerms.HighestFee and <= MarketTerms.HighestFee
        && terms.TakerFee is >= -MarketTerms.HighestFee and <= MarketTerms.HighestFee
        && terms.MakerFee + terms.TakerFee >= 0
        && terms.PriceBand is null && terms.ReferencePrice is null && terms.MaximumNotional is null; // not built yet

    /// <summary>Quote that changes hands for so many lots at a price; the caller knows that it passed <see cref="TryNotional"/>.</summary>
    public UInt128 Notional(ulong price, ulong quantity) => (UInt128)price * quantity * Definition.QuoteUnitsPerLotAndTick;

    /// <summary>As <see cref="Notional"/> for numbers nobody checked; false above <see cref="MaximumAmount"/>.</summary>
    public bool TryNotional(ulong price, ulong quantity, out UInt128 notional)
    {
        UInt128 lotsAndTicks = (UInt128)price * quantity;
        notional = 0;
        if (lotsAndTicks > ulong.MaxValue && Definition.QuoteUnitsPerLotAndTick > MaximumAmount / lotsAndTicks)
            return false;
        notional = lotsAndTicks * Definition.QuoteUnitsPerLotAndTick;
        return notional <= MaximumAmount;
    }

    /// <summary>Base that changes hands for so many lots: 63 times 64 bits, always at most <see cref="MaximumAmount"/>.</summary>
    public UInt128 BaseOf(ulong quantity) => (UInt128)quantity * Definition.BaseUnitsPerLot;

    /// <summary>What must be reserved for an order with so many lots open.</summary>
    public UInt128 HoldOf(Side side, ulong price, ulong openQuantity, in OrderFees fees)
    {
        if (side == Side.Sell)
            return BaseOf(openQuantity);
        UInt128 notional = Notional(price, openQuantity);
        return notional + fees.MostFor(notional);
    }
}
