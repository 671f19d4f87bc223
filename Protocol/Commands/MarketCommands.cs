namespace Clob.Protocol;

/// <summary>
/// Defines a market; it opens at once.
/// <code>
///  0          2        4            8             12                   20                       28       36
///  │ presence │ market │ base asset │ quote asset │ base units per lot │ quote units per lot    │ symbol │ optional fields
///  │ u16      │ u16    │ u32        │ u32         │ u64                │ and tick u64           │ 8      │ of MarketTerms
/// </code>
/// The notional of a fill is price × quantity × quote units per lot and tick; the base that changes hands is quantity × base units per lot.
/// </summary>
/// <param name="Market">Market id, 1 to 65,535.</param>
/// <param name="BaseAsset">What is traded.</param>
/// <param name="QuoteAsset">What it is paid with.</param>
/// <param name="BaseUnitsPerLot">Smallest units of base in one lot, at least 1.</param>
/// <param name="QuoteUnitsPerLotAndTick">Smallest units of quote that one lot costs per tick of price, at least 1.</param>
/// <param name="Symbol">Short name.</param>
/// <param name="Terms">What may change later; a term that is absent takes its default.</param>
public readonly record struct DefineMarket(
    ushort Market, uint BaseAsset, uint QuoteAsset, ulong BaseUnitsPerLot, ulong QuoteUnitsPerLotAndTick, Symbol Symbol, MarketTerms Terms) : ICommand
{
    private const int CoreSize = 2 + 2 + 4 + 4 + 8 + 8 + Symbol.Size;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.DefineMarket;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(Terms.Presence);
        writer.U16(Market);
        writer.U32(BaseAsset);
        writer.U32(QuoteAsset);
        writer.U64(BaseUnitsPerLot);
        writer.U64(QuoteUnitsPerLotAndTick);
        Symbol.Write(writer.Reserve(Symbol.Size));
        Terms.WriteTo(ref writer);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static DefineMarket Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        ushort market = reader.U16();
        uint baseAsset = reader.U32();
        uint quoteAsset = reader.U32();
        ulong baseUnits = reader.U64();
        ulong quoteUnits = reader.U64();
        Symbol.TryRead(reader.Bytes(Symbol.Size), out var symbol);
        return new DefineMarket(market, baseAsset, quoteAsset, baseUnits, quoteUnits, symbol, MarketTerms.ReadFrom(ref reader, presence));
    }

    /// <summary>Whether <paramref name="body"/> is a market's definition.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, MarketTerms.Sizes);
        return fault == EnvelopeFault.None && !Symbol.TryRead(body.Slice(CoreSize - Symbol.Size, Symbol.Size), out _)
            ? EnvelopeFault.FieldValue : fault;
    }
}

/// <summary>Changes terms of a market: <c>presence u16 · market u16 · optional fields of MarketTerms</c>. Absent terms stay.</summary>
/// <param name="Market">Market id.</param>
/// <param name="Terms">The terms that change.</param>
public readonly record struct ChangeMarket(ushort Market, MarketTerms Terms) : ICommand
{
    private const int CoreSize = 2 + 2;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.ChangeMarket;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(Terms.Presence);
        writer.U16(Market);
        Terms.WriteTo(ref writer);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static ChangeMarket Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        return new ChangeMarket(reader.U16(), MarketTerms.ReadFrom(ref reader, presence));
    }

    /// <summary>Whether <paramref name="body"/> is a change of a market.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, MarketTerms.Sizes);
}

/// <summary>
/// The terms of a market that may change, each behind its presence bit:
/// bit 0 minimum quantity u64 · bit 1 maximum quantity u64 · bit 2 price cap u64 · bit 3 maker fee i32 · bit 4 taker fee i32 ·
/// bit 5 price band u32 · bit 6 reference price u64 · bit 7 maximum notional u128.
/// </summary>
public readonly record struct MarketTerms
{
    /// <summary>Highest price cap, ticks: prices have 62 bits.</summary>
    public const ulong HighestPrice = (1UL << 62) - 1;

    /// <summary>Highest quantity of an order, lots: quantities have 63 bits.</summary>
    public const ulong HighestQuantity = (1UL << 63) - 1;

    /// <summary>Highest fee and rebate, parts per million: the whole notional.</summary>
    public const int HighestFee = 1_000_000;

    /// <summary>Highest notional of an order, smallest units of quote: what a signed amount can say.</summary>
    public static readonly UInt128 HighestNotional = (UInt128)Int128.MaxValue;

    /// <summary>Smallest quantity of an order, lots; default 1.</summary>
    public ulong? MinimumQuantity { get; init; }

    /// <summary>Largest quantity of an order, lots; default 2^63 - 1.</summary>
    public ulong? MaximumQuantity { get; init; }

    /// <summary>Highest price of an order, ticks; default 2^62 - 1.</summary>
    public ulong? PriceCap { get; init; }

    /// <summary>Maker fee, parts per million of the notional, negative for a rebate; default 0.</summary>
    public int? MakerFee { get; init; }

    /// <summary>Taker fee, parts per million of the notional; default 0. Maker and taker together are never below zero.</summary>
    public int? TakerFee { get; init; }

    /// <summary>How far an order's price may lie beyond the reference price, parts per million of it; default 0: no band.</summary>
    public uint? PriceBand { get; init; }

    /// <summary>Sets the reference price of the band until the next trade sets it, ticks; default 0: none before the first trade.</summary>
    public ulong? ReferencePrice { get; init; }

    /// <summary>Largest notional of an order, smallest units of quote, from 1; default <see cref="HighestNotional"/>.</summary>
    public UInt128? MaximumNotional { get; init; }

    internal static ReadOnlySpan<byte> Sizes => [8, 8, 8, 4, 4, 4, 8, 16];

    internal ushort Presence => (ushort)(
        (MinimumQuantity is null ? 0 : 1 << 0) | (MaximumQuantity is null ? 0 : 1 << 1) | (PriceCap is null ? 0 : 1 << 2)
        | (MakerFee is null ? 0 : 1 << 3) | (TakerFee is null ? 0 : 1 << 4) | (PriceBand is null ? 0 : 1 << 5)
        | (ReferencePrice is null ? 0 : 1 << 6) | (MaximumNotional is null ? 0 : 1 << 7));

    internal void WriteTo(ref BigEndianWriter writer)
    {
        if (MinimumQuantity is { } minimum)
            writer.U64(minimum);
        if (MaximumQuantity is { } maximum)
            writer.U64(maximum);
        if (PriceCap is { } cap)
            writer.U64(cap);
        if (MakerFee is { } maker)
            writer.I32(maker);
        if (TakerFee is { } taker)
            writer.I32(taker);
        if (PriceBand is { } band)
            writer.U32(band);
        if (ReferencePrice is { } reference)
            writer.U64(reference);
        if (MaximumNotional is { } notional)
            writer.U128(notional);
    }

    internal static MarketTerms ReadFrom(ref BigEndianReader reader, ushort presence) => new()
    {
        MinimumQuantity = (presence & 1 << 0) != 0 ? reader.U64() : null,
        MaximumQuantity = (presence & 1 << 1) != 0 ? reader.U64() : null,
        PriceCap = (presence & 1 << 2) != 0 ? reader.U64() : null,
        MakerFee = (presence & 1 << 3) != 0 ? reader.I32() : null,
        TakerFee = (presence & 1 << 4) != 0 ? reader.I32() : null,
        PriceBand = (presence & 1 << 5) != 0 ? reader.U32() : null,
        ReferencePrice = (presence & 1 << 6) != 0 ? reader.U64() : null,
        MaximumNotional = (presence & 1 << 7) != 0 ? reader.U128() : null,
    };
}

/// <summary>Halts, resumes or closes a market: <c>presence u16 · market u16 · state u8</c>. Closed is for good.</summary>
/// <param name="Market">Market id.</param>
/// <param name="State">The new state.</param>
public readonly record struct SetMarketState(ushort Market, MarketState State) : ICommand
{
    private const int CoreSize = 2 + 2 + 1;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.SetMarketState;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U16(Market);
        writer.U8((byte)State);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static SetMarketState Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new SetMarketState(reader.U16(), (MarketState)reader.U8());
    }

    /// <summary>Whether <paramref name="body"/> is a change of state.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, []);
        return fault == EnvelopeFault.None && Read(body).State is < MarketState.Open or > MarketState.Closed ? EnvelopeFault.FieldValue : fault;
    }
}
