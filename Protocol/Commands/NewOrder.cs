using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Clob.Protocol;

/// <summary>
/// A new order.
/// <code>
///  0          2        4      5      6               7       8       16         24
///  │ presence │ market │ side │ type │ time in force │ flags │ price │ quantity │ optional fields, in this order:
///  │ u16      │ u16    │ u8   │ u8   │ u8            │ u8    │ u64   │ u64      │
///    bit 0 deadline u64 · bit 1 client order id u64 · bit 2 stop price u64 · bit 3 display quantity u64 · bit 4 self-trade prevention u8
/// </code>
/// Price and quantity must be positive and below 2^63; zero or beyond is a reject of the command, not of the envelope.
/// </summary>
public readonly record struct NewOrder : ICommand
{
    /// <summary>Presence bit of <see cref="Deadline"/>.</summary>
    public const ushort HasDeadline = 1 << 0;

    /// <summary>Presence bit of <see cref="ClientOrderId"/>.</summary>
    public const ushort HasClientOrderId = 1 << 1;

    /// <summary>Presence bit of <see cref="StopPrice"/>.</summary>
    public const ushort HasStopPrice = 1 << 2;

    /// <summary>Presence bit of <see cref="DisplayQuantity"/>.</summary>
    public const ushort HasDisplayQuantity = 1 << 3;

    /// <summary>Presence bit of <see cref="SelfTradePrevention"/>.</summary>
    public const ushort HasSelfTradePrevention = 1 << 4;

    private const int MarketOffset = sizeof(ushort); // behind the presence bits
    private const int SideOffset = MarketOffset + sizeof(ushort);
    private const int TypeOffset = SideOffset + 1;
    private const int TimeInForceOffset = TypeOffset + 1;
    private const int FlagsOffset = TimeInForceOffset + 1;
    private const int PriceOffset = FlagsOffset + 1;
    private const int QuantityOffset = PriceOffset + sizeof(ulong);
    private const int CoreSize = QuantityOffset + sizeof(ulong);

    /// <summary>What every new order has; most have nothing else, and this is on the way of each.</summary>
    [SetsRequiredMembers]
    private NewOrder(ReadOnlySpan<byte> core)
    {
        Market = BinaryPrimitives.ReadUInt16BigEndian(core[MarketOffset..]);
        Side = (Side)core[SideOffset];
        OrderType = (OrderType)core[TypeOffset];
        TimeInForce = (TimeInForce)core[TimeInForceOffset];
        Flags = (OrderFlags)core[FlagsOffset];
        Price = BinaryPrimitives.ReadUInt64BigEndian(core[PriceOffset..]);
        Quantity = BinaryPrimitives.ReadUInt64BigEndian(core[QuantityOffset..]);
    }

    /// <inheritdoc/>
    public static CommandType Type => CommandType.NewOrder;

    /// <summary>Market id.</summary>
    public required ushort Market { get; init; }

    /// <summary>Side.</summary>
    public required Side Side { get; init; }

    /// <summary>Limit or market.</summary>
    public OrderType OrderType { get; init; }

    /// <summary>How long it lives.</summary>
    public TimeInForce TimeInForce { get; init; }

    /// <summary>Flags.</summary>
    public OrderFlags Flags { get; init; }

    /// <summary>Limit or protection price, ticks.</summary>
    public required ulong Price { get; init; }

    /// <summary>Quantity, lots.</summary>
    public required ulong Quantity { get; init; }

    /// <summary>When a good-till-date order ends, ns since 1970; 0 when absent.</summary>
    public ulong Deadline { get; init; }

    /// <summary>A number of the client's own that its reports repeat; 0 when absent.</summary>
    public ulong ClientOrderId { get; init; }

    /// <summary>The order waits until a trade happens at this price or beyond, ticks; null for an order that does not wait.</summary>
    public ulong? StopPrice { get; init; }

    /// <summary>The part of the quantity that is shown at a time, lots; null for an order that is shown whole.</summary>
    public ulong? DisplayQuantity { get; init; }

    /// <summary>What happens when it would trade with an order of its own account; 0 for what the account's settings say.</summary>
    public SelfTradePrevention SelfTradePrevention { get; init; }

    private ushort Presence => (ushort)(
        (Deadline != 0 ? HasDeadline : 0) | (ClientOrderId != 0 ? HasClientOrderId : 0) | (StopPrice is null ? 0 : HasStopPrice)
        | (DisplayQuantity is null ? 0 : HasDisplayQuantity) | (SelfTradePrevention != 0 ? HasSelfTradePrevention : 0));

    /// <summary>A limit order that is good till cancelled.</summary>
    public static NewOrder Limit(ushort market, Side side, ulong price, ulong quantity, TimeInForce timeInForce = TimeInForce.GoodTillCancel) =>
        new() { Market = market, Side = side, OrderType = OrderType.Limit, TimeInForce = timeInForce, Price = price, Quantity = quantity };

    /// <summary>A limit order that is good till cancelled and shows <paramref name="displayQuantity"/> lots of itself at a time.</summary>
    public static NewOrder Iceberg(ushort market, Side side, ulong price, ulong quantity, ulong displayQuantity) =>
        Limit(market, side, price, quantity) with { DisplayQuantity = displayQuantity };

    /// <summary>A limit order, good till cancelled, that waits until a trade happens at <paramref name="stopPrice"/> or beyond.</summary>
    public static NewOrder StopLimit(ushort market, Side side, ulong stopPrice, ulong price, ulong quantity) =>
        Limit(market, side, price, quantity) with { StopPrice = stopPrice };

    /// <summary>A market order with a protection price that waits until a trade happens at <paramref name="stopPrice"/> or beyond.</summary>
    public static NewOrder Stop(ushort market, Side side, ulong stopPrice, ulong protectionPrice, ulong quantity) =>
        AtMarket(market, side, protectionPrice, quantity) with { StopPrice = stopPrice };

    /// <summary>A market order with a protection price.</summary>
    public static NewOrder AtMarket(ushort market, Side side, ulong protectionPrice, ulong quantity) =>
        new() { Market = market, Side = side, OrderType = OrderType.Market, TimeInForce = TimeInForce.ImmediateOrCancel, Price = protectionPrice, Quantity = quantity };

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(Presence);
        writer.U16(Market);
        writer.U8((byte)Side);
        writer.U8((byte)OrderType);
        writer.U8((byte)TimeInForce);
        writer.U8((byte)Flags);
        writer.U64(Price);
        writer.U64(Quantity);
        if (Deadline != 0)
            writer.U64(Deadline);
        if (ClientOrderId != 0)
            writer.U64(ClientOrderId);
        if (StopPrice is { } stopPrice)
            writer.U64(stopPrice);
        if (DisplayQuantity is { } displayQuantity)
            writer.U64(displayQuantity);
        if (SelfTradePrevention != 0)
            writer.U8((byte)SelfTradePrevention);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static NewOrder Read(ReadOnlySpan<byte> body)
    {
        var core = body[..CoreSize];
        ushort presence = BinaryPrimitives.ReadUInt16BigEndian(core);
        return presence == 0 ? new NewOrder(core) : Read(core, presence, body[CoreSize..]);
    }

    private static NewOrder Read(ReadOnlySpan<byte> core, ushort presence, ReadOnlySpan<byte> optional)
    {
        var reader = new BigEndianReader(optional);
        return new NewOrder(core)
        {
            Deadline = (presence & HasDeadline) != 0 ? reader.U64() : 0,
            ClientOrderId = (presence & HasClientOrderId) != 0 ? reader.U64() : 0,
            StopPrice = (presence & HasStopPrice) != 0 ? reader.U64() : null,
            DisplayQuantity = (presence & HasDisplayQuantity) != 0 ? reader.U64() : null,
            SelfTradePrevention = (presence & HasSelfTradePrevention) != 0 ? (SelfTradePrevention)reader.U8() : 0,
        };
    }

    /// <summary>Whether <paramref name="body"/> is a new order.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, [8, 8, 8, 8, 1]);
        if (fault != EnvelopeFault.None)
            return fault;
        var order = Read(body);
        bool hasPrevention = (new BigEndianReader(body).U16() & HasSelfTradePrevention) != 0;
        bool defined = order.Side is Side.Buy or Side.Sell
            && order.OrderType is OrderType.Limit or OrderType.Market
            && order.TimeInForce is >= TimeInForce.GoodTillCancel and <= TimeInForce.GoodTillDate
            && (order.Flags & ~OrderFlags.PostOnly) == 0
            && (!hasPrevention || CommandBody.IsDefined(order.SelfTradePrevention));
        return defined ? EnvelopeFault.None : EnvelopeFault.FieldValue;
    }
}
