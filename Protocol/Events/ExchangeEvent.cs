using System.Runtime.InteropServices;

namespace Clob.Protocol;

/// <summary>What happened; the first byte of every execution report.</summary>
public enum EventKind : byte
{
    /// <summary>An order was accepted; executions, a rest or a cancellation follow.</summary>
    Accepted = 1,

    /// <summary>A command was refused; its nonce is used up.</summary>
    Rejected = 2,

    /// <summary>A whole envelope was refused; no nonce is used up.</summary>
    EnvelopeRejected = 3,

    /// <summary>An envelope came again: nothing was done, the reports of the first time stand.</summary>
    Duplicate = 4,

    /// <summary>A fill, once for the maker and once for the taker.</summary>
    Executed = 5,

    /// <summary>An order went to rest on the book (feed only).</summary>
    Rested = 6,

    /// <summary>Quantity was taken off a resting order, which kept its priority.</summary>
    Reduced = 7,

    /// <summary>An order ended unfilled.</summary>
    Cancelled = 8,

    /// <summary>An order got a new price, quantity and id.</summary>
    Replaced = 9,

    /// <summary>A command that is no order was done.</summary>
    Completed = 10,

    /// <summary>The account was credited.</summary>
    Deposited = 11,

    /// <summary>A withdrawal was reserved.</summary>
    WithdrawalRequested = 12,

    /// <summary>A withdrawal was paid or returned.</summary>
    WithdrawalSettled = 13,

    /// <summary>A stop's price was reached: it is an order like others from now on (report only).</summary>
    Triggered = 14,

    /// <summary>A market's directory entry (feed only).</summary>
    Directory = 20,

    /// <summary>A market's state (feed only).</summary>
    TradingAction = 21,

    /// <summary>Start of messages (feed only).</summary>
    SystemEvent = 22,

    /// <summary>What a market's orders may ask for beside its directory entry: price band and largest notional (feed only).</summary>
    PriceBand = 23,
}

/// <summary>Flags of an event.</summary>
[Flags]
public enum EventFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The account took liquidity in this fill; without it the account made it.</summary>
    Taker = 1,

    /// <summary>The order is closed now.</summary>
    Final = 2,

    /// <summary>The order stands (Replaced) or stood (Cancelled) on the displayed book.</summary>
    Displayed = 4,

    /// <summary>A withdrawal was returned rather than paid.</summary>
    Returned = 8,

    /// <summary>The order waits for its stop price (Accepted, Replaced) or waited for it (Cancelled).</summary>
    Waiting = 16,
}

/// <summary>
/// One thing the Exchange did. It goes to an account as an execution report when <see cref="ReportSequence"/> is set, to the feed when
/// <see cref="FeedSequence"/> is set, or to both. In memory it is a plain struct of 128 bytes, one ring slot; on the wire and in the
/// events tree its fields stand in the same order, big-endian:
/// <code>
///  0      1        2      3       4        6          8         16                24                32
///  │ kind │ reason │ side │ flags │ market │ decimals │ account │ report sequence │ record sequence │ time
///  │ u8   │ u8     │ u8   │ u8    │ u16    │ u16      │ u64     │ u64             │ u64             │ u64 ns
///  40      48         56      64         72              80          88                96       112     116         120
///  │ nonce │ order id │ price │ quantity │ open quantity │ reference │ client order id │ amount │ asset │ asset 2   │ feed sequence
///  │ u64   │ u64      │ u64   │ u64      │ u64           │ u64       │ u64             │ i128   │ u32   │ u32       │ u64
/// </code>
/// An execution report is the first 120 bytes. Fields that a kind does not use are zero. Directory entries and price bands reuse fields
/// under other names, see the properties below the fields.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public record struct ExchangeEvent
{
    /// <summary>Bytes of an event in the events tree.</summary>
    public const int Size = 128;

    /// <summary>Bytes of an execution report.</summary>
    public const int ReportSize = Size - 8;

    /// <summary>Offset of <see cref="Account"/>.</summary>
    public const int AccountOffset = 8;

    /// <summary>Offset of <see cref="ReportSequence"/>.</summary>
    public const int ReportSequenceOffset = AccountOffset + sizeof(ulong);

    /// <summary>What happened.</summary>
    public EventKind Kind;

    /// <summary>A <see cref="RejectReason"/> for rejects, a <see cref="CancelReason"/> for cancellations, else 0.</summary>
    public byte Reason;

    /// <summary>Side of the order; a <see cref="MarketState"/> for Directory and TradingAction.</summary>
    public byte Side;

    /// <summary>Flags.</summary>
    public EventFlags Flags;

    /// <summary>Market id, 0 for none.</summary>
    public ushort Market;

    /// <summary>Directory: decimals of base (high byte) and quote (low byte).</summary>
    public ushort Decimals;

    /// <summary>Account the report is for.</summary>
    public ulong Account;

    /// <summary>Number of the report in its account's stream, from 1; 0 when it is not reported.</summary>
    public ulong ReportSequence;

    /// <summary>Sequence of the journal record that caused it.</summary>
    public ulong RecordSequence;

    /// <summary>Time of that record, ns since 1970.</summary>
    public ulong Time;

    /// <summary>Nonce of the command that created the order (orders) or that is answered (everything else).</summary>
    public ulong Nonce;

    /// <summary>The venue's order id; Duplicate: sequence of the original record.</summary>
    public ulong OrderId;

    /// <summary>Ticks: limit of an order, price of a fill.</summary>
    public ulong Price;

    /// <summary>Lots: of the order (Accepted, Rested, Replaced), of the fill, of the reduction, of what was cancelled; Duplicate: number of commands.</summary>
    public ulong Quantity;

    /// <summary>Lots still open afterwards.</summary>
    public ulong OpenQuantity;

    /// <summary>
    /// Executed: match number. Replaced: the former order id. Duplicate: first report sequence of the original. Withdrawals: withdrawal id.
    /// Completed: the new account's number for a registration. EnvelopeRejected for a reused nonce: the account's next nonce.
    /// </summary>
    public ulong Reference;

    /// <summary>The client's own order number; 0 for none.</summary>
    public ulong ClientOrderId;

    /// <summary>Executed: the fee in smallest units of quote, negative for a rebate. Deposits and withdrawals: smallest units of <see cref="Asset"/>.</summary>
    public Int128 Amount;

    /// <summary>Asset of <see cref="Amount"/>; Directory: base asset.</summary>
    public uint Asset;

    /// <summary>Directory: quote asset.</summary>
    public uint SecondAsset;

    /// <summary>Number of the message in the feed, from 1; 0 when it is not published. Not part of a report.</summary>
    public ulong FeedSequence;

    /// <summary>Writes all 128 bytes.</summary>
    public readonly void Write(Span<byte> destination)
    {
        WriteReport(destination);
        new BigEndianWriter(destination[ReportSize..]).U64(FeedSequence);
    }

    /// <summary>Writes the 120 bytes of an execution report.</summary>
    public readonly void WriteReport(Span<byte> destination)
    {
        var writer = new BigEndianWriter(destination);
        writer.U8((byte)Kind);
        writer.U8(Reason);
        writer.U8(Side);
        writer.U8((byte)Flags);
        writer.U16(Market);
        writer.U16(Decimals);
        writer.U64(Account);
        writer.U64(ReportSequence);
        writer.U64(RecordSequence);
        writer.U64(Time);
        writer.U64(Nonce);
        writer.U64(OrderId);
        writer.U64(Price);
        writer.U64(Quantity);
        writer.U64(OpenQuantity);
        writer.U64(Reference);
        writer.U64(ClientOrderId);
        writer.I128(Amount);
        writer.U32(Asset);
        writer.U32(SecondAsset);
    }

    /// <summary>Reads an execution report; false when it has another size or an unknown kind.</summary>
    public static bool TryReadReport(ReadOnlySpan<byte> source, out ExchangeEvent report)
    {
        var reader = new BigEndianReader(source);
        report = new ExchangeEvent
        {
            Kind = (EventKind)reader.U8(),
            Reason = reader.U8(),
            Side = reader.U8(),
            Flags = (EventFlags)reader.U8(),
            Market = reader.U16(),
            Decimals = reader.U16(),
            Account = reader.U64(),
            ReportSequence = reader.U64(),
            RecordSequence = reader.U64(),
            Time = reader.U64(),
            Nonce = reader.U64(),
            OrderId = reader.U64(),
            Price = reader.U64(),
            Quantity = reader.U64(),
            OpenQuantity = reader.U64(),
            Reference = reader.U64(),
            ClientOrderId = reader.U64(),
            Amount = reader.I128(),
            Asset = reader.U32(),
            SecondAsset = reader.U32(),
        };
        return reader.IsAtEnd && report.Kind is >= EventKind.Accepted and <= EventKind.Triggered;
    }

    // Directory entries and price bands: the fields above under their other names. On events of other kinds they mean nothing, but whoever
    // prints an event reads them all, so none may overflow.

    /// <summary>Directory: the market's symbol.</summary>
    public Symbol Symbol { readonly get => Protocol.Symbol.FromPacked(Nonce); set => Nonce = value.Packed; }

    /// <summary>Directory: smallest units of base in a lot.</summary>
    public ulong BaseUnitsPerLot { readonly get => OrderId; set => OrderId = value; }

    /// <summary>Directory: smallest units of quote per lot and tick.</summary>
    public ulong QuoteUnitsPerLotAndTick { readonly get => Reference; set => Reference = value; }

    /// <summary>Directory: smallest order, lots.</summary>
    public ulong MinimumQuantity { readonly get => Quantity; set => Quantity = value; }

    /// <summary>Directory: largest order, lots.</summary>
    public ulong MaximumQuantity { readonly get => OpenQuantity; set => OpenQuantity = value; }

    /// <summary>Directory: highest price, ticks.</summary>
    public ulong PriceCap { readonly get => Price; set => Price = value; }

    /// <summary>PriceBand: the price the band lies around, ticks; 0 for none yet.</summary>
    public ulong ReferencePrice { readonly get => Price; set => Price = value; }

    /// <summary>PriceBand: its width, parts per million of the reference price; 0 for no band.</summary>
    public uint Band { readonly get => unchecked((uint)Quantity); set => Quantity = value; }

    /// <summary>PriceBand: largest notional of an order, smallest units of quote.</summary>
    public UInt128 MaximumNotional { readonly get => unchecked((UInt128)Amount); set => Amount = (Int128)value; }

    /// <summary>Directory: maker fee, parts per million.</summary>
    public int MakerFee
    {
        readonly get => unchecked((int)(ClientOrderId >> 32));
        set => ClientOrderId = unchecked((ulong)(uint)value << 32 | (uint)ClientOrderId);
    }

    /// <summary>Directory: taker fee, parts per million.</summary>
    public int TakerFee
    {
        readonly get => unchecked((int)ClientOrderId);
        set => ClientOrderId = unchecked(ClientOrderId & 0xFFFF_FFFF_0000_0000 | (uint)value);
    }
}
