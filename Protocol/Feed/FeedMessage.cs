namespace Clob.Protocol;

/// <summary>Verbs of the market data feed, those of TotalView-ITCH 5.0.</summary>
public enum FeedVerb : byte
{
    /// <summary>System event.</summary>
    SystemEvent = (byte)'S',

    /// <summary>Directory entry of a market.</summary>
    Directory = (byte)'R',

    /// <summary>State of a market.</summary>
    TradingAction = (byte)'H',

    /// <summary>Price band and largest notional of a market (the verb of ITCH's auction collar).</summary>
    PriceBand = (byte)'J',

    /// <summary>An order rests.</summary>
    Add = (byte)'A',

    /// <summary>A resting order traded at its price.</summary>
    Executed = (byte)'E',

    /// <summary>A resting order traded at another price (auctions).</summary>
    ExecutedWithPrice = (byte)'C',

    /// <summary>A resting order lost some quantity.</summary>
    Cancel = (byte)'X',

    /// <summary>A resting order is gone.</summary>
    Delete = (byte)'D',

    /// <summary>A resting order got a new id, price and quantity, at the end of its level's queue.</summary>
    Replace = (byte)'U',

    /// <summary>A trade with an order that was not displayed.</summary>
    Trade = (byte)'P',
}

/// <summary>
/// A market data message in the native encoding: 64-bit prices (ticks), quantities (lots) and times (ns since 1970).
/// <code>
///  all:  0 verb u8 │ 1 market u16 │ 3 time u64 │ 11 …
///  S  … event code u8 ('O' start of messages)                                                                  12 bytes
///  R  … symbol 8 │ base asset u32 │ quote asset u32 │ base decimals u8 │ quote decimals u8 │ base units per lot u64
///       │ quote units per lot and tick u64 │ minimum quantity u64 │ maximum quantity u64 │ price cap u64
///       │ maker fee i32 │ taker fee i32                                                                        77 bytes
///  H  … state u8 ('T' open, 'C' cancel-only, 'H' halted, 'Z' closed)                                           12 bytes
///  J  … reference price u64 │ band u32 │ maximum notional u128                                                 39 bytes
///  A  … order id u64 │ side u8 ('B', 'S') │ quantity u64 │ price u64                                           36 bytes
///  E  … order id u64 │ quantity u64 │ match number u64                                                         35 bytes
///  C  … order id u64 │ quantity u64 │ match number u64 │ printable u8 ('Y', 'N') │ price u64                   44 bytes
///  X  … order id u64 │ quantity taken off u64                                                                  27 bytes
///  D  … order id u64                                                                                           19 bytes
///  U  … former order id u64 │ order id u64 │ quantity u64 │ price u64                                          43 bytes
///  P  … order id u64 │ side u8 │ quantity u64 │ price u64 │ match number u64                                   44 bytes
/// </code>
/// The venue publishes no C and P yet (auctions and hidden orders will); the layout is fixed so that decoders are complete.
/// </summary>
public readonly record struct FeedMessage
{
    /// <summary>Largest message, bytes.</summary>
    public const int MaximumSize = 77;

    /// <summary>Verb.</summary>
    public FeedVerb Verb { get; init; }

    /// <summary>Market id, 0 for the venue.</summary>
    public ushort Market { get; init; }

    /// <summary>Time of the record that caused it, ns since 1970.</summary>
    public ulong Time { get; init; }

    /// <summary>S: event code; H: state code; C: printable.</summary>
    public char Code { get; init; }

    /// <summary>Order id.</summary>
    public ulong OrderId { get; init; }

    /// <summary>U: the id it had before.</summary>
    public ulong FormerOrderId { get; init; }

    /// <summary>A, P: side.</summary>
    public Side Side { get; init; }

    /// <summary>Lots.</summary>
    public ulong Quantity { get; init; }

    /// <summary>Ticks; J: the reference price, 0 for none yet.</summary>
    public ulong Price { get; init; }

    /// <summary>J: parts per million of the reference price, 0 for no band.</summary>
    public uint Band { get; init; }

    /// <summary>J: largest notional of an order, smallest units of quote.</summary>
    public UInt128 MaximumNotional { get; init; }

    /// <summary>E, C, P: match number.</summary>
    public ulong MatchNumber { get; init; }

    /// <summary>R: the market.</summary>
    public MarketDirectoryEntry Directory { get; init; }

    /// <summary>State code of a market state: T, C, H or Z.</summary>
    public static char StateCode(MarketState state) => state switch
    {
        MarketState.Open => 'T',
        MarketState.CancelOnly => 'C',
        MarketState.Halted => 'H',
        MarketState.Closed => 'Z',
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "a market state has a code"),
    };

    /// <summary>Reads a message; false when its verb is unknown, its size is not that verb's, or a code, side or symbol is undefined.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out FeedMessage message)
    {
        var reader = new BigEndianReader(source);
        var head = new FeedMessage { Verb = (FeedVerb)reader.U8(), Market = reader.U16(), Time = reader.U64() };
        message = ReadBody(ref reader, head);
        return reader.IsAtEnd && IsDefined(message);
    }

    private static bool IsDefined(in FeedMessage message) => message.Verb switch
    {
        FeedVerb.Add or FeedVerb.Trade => message.Side != 0,
        FeedVerb.SystemEvent => message.Code == NativeFeedEncoding.StartOfMessages,
        FeedVerb.TradingAction => message.Code is 'T' or 'C' or 'H' or 'Z',
        FeedVerb.ExecutedWithPrice => message.Code is 'Y' or 'N',
        FeedVerb.Directory => message.Directory.Symbol != default,
        _ => Enum.IsDefined(message.Verb),
    };

    private static FeedMessage ReadBody(ref BigEndianReader reader, FeedMessage head) => head.Verb switch
    {
        FeedVerb.SystemEvent or FeedVerb.TradingAction => head with { Code = (char)reader.U8() },
        FeedVerb.Directory => head with { Directory = MarketDirectoryEntry.Read(ref reader) },
        FeedVerb.PriceBand => head with { Price = reader.U64(), Band = reader.U32(), MaximumNotional = reader.U128() },
        FeedVerb.Add => head with { OrderId = reader.U64(), Side = ReadSide(ref reader), Quantity = reader.U64(), Price = reader.U64() },
        FeedVerb.Executed => head with { OrderId = reader.U64(), Quantity = reader.U64(), MatchNumber = reader.U64() },
        FeedVerb.ExecutedWithPrice => head with
        {
            OrderId = reader.U64(),
            Quantity = reader.U64(),
            MatchNumber = reader.U64(),
            Code = (char)reader.U8(),
            Price = reader.U64(),
        },
        FeedVerb.Cancel => head with { OrderId = reader.U64(), Quantity = reader.U64() },
        FeedVerb.Delete => head with { OrderId = reader.U64() },
        FeedVerb.Replace => head with
        {
            FormerOrderId = reader.U64(),
            OrderId = reader.U64(),
            Quantity = reader.U64(),
            Price = reader.U64(),
        },
        FeedVerb.Trade => head with
        {
            OrderId = reader.U64(),
            Side = ReadSide(ref reader),
            Quantity = reader.U64(),
            Price = reader.U64(),
            MatchNumber = reader.U64(),
        },
        _ => head,
    };

    private static Side ReadSide(ref BigEndianReader reader) => reader.U8() switch
    {
        (byte)'B' => Side.Buy,
        (byte)'S' => Side.Sell,
        _ => 0,
    };
}

/// <summary>What a subscriber needs to know of a market to read its prices and quantities.</summary>
public readonly record struct MarketDirectoryEntry
{
    /// <summary>Short name.</summary>
    public Symbol Symbol { get; init; }

    /// <summary>Base asset id.</summary>
    public uint BaseAsset { get; init; }

    /// <summary>Quote asset id.</summary>
    public uint QuoteAsset { get; init; }

    /// <summary>Decimals of base.</summary>
    public byte BaseDecimals { get; init; }

    /// <summary>Decimals of quote.</summary>
    public byte QuoteDecimals { get; init; }

    /// <summary>Smallest units of base in a lot.</summary>
    public ulong BaseUnitsPerLot { get; init; }

    /// <summary>Smallest units of quote per lot and tick.</summary>
    public ulong QuoteUnitsPerLotAndTick { get; init; }

    /// <summary>Smallest order, lots.</summary>
    public ulong MinimumQuantity { get; init; }

    /// <summary>Largest order, lots.</summary>
    public ulong MaximumQuantity { get; init; }

    /// <summary>Highest price, ticks.</summary>
    public ulong PriceCap { get; init; }

    /// <summary>Maker fee, parts per million.</summary>
    public int MakerFee { get; init; }

    /// <summary>Taker fee, parts per million.</summary>
    public int TakerFee { get; init; }

    internal static MarketDirectoryEntry Read(ref BigEndianReader reader)
    {
        Symbol.TryRead(reader.Bytes(Symbol.Size), out var symbol);
        return new MarketDirectoryEntry
        {
            Symbol = symbol,
            BaseAsset = reader.U32(),
            QuoteAsset = reader.U32(),
            BaseDecimals = reader.U8(),
            QuoteDecimals = reader.U8(),
            BaseUnitsPerLot = reader.U64(),
            QuoteUnitsPerLotAndTick = reader.U64(),
            MinimumQuantity = reader.U64(),
            MaximumQuantity = reader.U64(),
            PriceCap = reader.U64(),
            MakerFee = reader.I32(),
            TakerFee = reader.I32(),
        };
    }
}
