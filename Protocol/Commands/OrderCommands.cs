namespace Clob.Protocol;

/// <summary>
/// A new order.
/// <code>
///  0          2        4      5      6               7       8       16         24          (32)
///  │ presence │ market │ side │ type │ time in force │ flags │ price │ quantity │ deadline? │ client order id? │
///  │ u16      │ u16    │ u8   │ u8   │ u8            │ u8    │ u64   │ u64      │ u64 bit 0 │ u64 bit 1        │
/// </code>
/// Price and quantity must be positive and below 2^63; zero or beyond is a reject of the command, not of the envelope.
/// </summary>
public readonly record struct NewOrder : ICommand
{
    /// <summary>Presence bit of <see cref="Deadline"/>.</summary>
    public const ushort HasDeadline = 1 << 0;

    /// <summary>Presence bit of <see cref="ClientOrderId"/>.</summary>
    public const ushort HasClientOrderId = 1 << 1;

    private const int CoreSize = 2 + 2 + 1 + 1 + 1 + 1 + 8 + 8;

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

    /// <summary>A limit order that is good till cancelled.</summary>
    public static NewOrder Limit(ushort market, Side side, ulong price, ulong quantity, TimeInForce timeInForce = TimeInForce.GoodTillCancel) =>
        new() { Market = market, Side = side, OrderType = OrderType.Limit, TimeInForce = timeInForce, Price = price, Quantity = quantity };

    /// <summary>A market order with a protection price.</summary>
    public static NewOrder AtMarket(ushort market, Side side, ulong protectionPrice, ulong quantity) =>
        new() { Market = market, Side = side, OrderType = OrderType.Market, TimeInForce = TimeInForce.ImmediateOrCancel, Price = protectionPrice, Quantity = quantity };

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16((ushort)((Deadline != 0 ? HasDeadline : 0) | (ClientOrderId != 0 ? HasClientOrderId : 0)));
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
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static NewOrder Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        return new NewOrder
        {
            Market = reader.U16(),
            Side = (Side)reader.U8(),
            OrderType = (OrderType)reader.U8(),
            TimeInForce = (TimeInForce)reader.U8(),
            Flags = (OrderFlags)reader.U8(),
            Price = reader.U64(),
            Quantity = reader.U64(),
            Deadline = (presence & HasDeadline) != 0 ? reader.U64() : 0,
            ClientOrderId = (presence & HasClientOrderId) != 0 ? reader.U64() : 0,
        };
    }

    /// <summary>Whether <paramref name="body"/> is a new order.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, [8, 8]);
        if (fault != EnvelopeFault.None)
            return fault;
        var order = Read(body);
        bool defined = order.Side is Side.Buy or Side.Sell
            && order.OrderType is OrderType.Limit or OrderType.Market
            && order.TimeInForce is >= TimeInForce.GoodTillCancel and <= TimeInForce.GoodTillDate
            && (order.Flags & ~OrderFlags.PostOnly) == 0;
        return defined ? EnvelopeFault.None : EnvelopeFault.FieldValue;
    }
}

/// <summary>
/// Cancels an order of the account: <c>presence u16 · market u16 · order id u64</c>.
/// </summary>
/// <param name="Market">Market id.</param>
/// <param name="OrderId">The venue's order id.</param>
public readonly record struct Cancel(ushort Market, ulong OrderId) : ICommand
{
    private const int CoreSize = 2 + 2 + 8;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.Cancel;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U16(Market);
        writer.U64(OrderId);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static Cancel Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new Cancel(reader.U16(), reader.U64());
    }

    /// <summary>Whether <paramref name="body"/> is a cancel.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, []);
}

/// <summary>
/// Takes quantity off an order, which keeps its priority: <c>presence u16 · market u16 · order id u64 · quantity u64</c>.
/// Taking the whole open quantity or more cancels the order.
/// </summary>
/// <param name="Market">Market id.</param>
/// <param name="OrderId">The venue's order id.</param>
/// <param name="Quantity">How much to take off, lots.</param>
public readonly record struct Reduce(ushort Market, ulong OrderId, ulong Quantity) : ICommand
{
    private const int CoreSize = 2 + 2 + 8 + 8;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.Reduce;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U16(Market);
        writer.U64(OrderId);
        writer.U64(Quantity);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static Reduce Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new Reduce(reader.U16(), reader.U64(), reader.U64());
    }

    /// <summary>Whether <paramref name="body"/> is a reduce.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, []);
}

/// <summary>
/// Gives an order a new price and open quantity; it loses its priority and gets a new order id:
/// <c>presence u16 · market u16 · order id u64 · price u64 · quantity u64</c>. Side, time in force, deadline and post-only stay.
/// </summary>
/// <param name="Market">Market id.</param>
/// <param name="OrderId">The venue's order id.</param>
/// <param name="Price">New limit price, ticks.</param>
/// <param name="Quantity">New open quantity, lots.</param>
public readonly record struct Replace(ushort Market, ulong OrderId, ulong Price, ulong Quantity) : ICommand
{
    private const int CoreSize = 2 + 2 + 8 + 8 + 8;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.Replace;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U16(Market);
        writer.U64(OrderId);
        writer.U64(Price);
        writer.U64(Quantity);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static Replace Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new Replace(reader.U16(), reader.U64(), reader.U64(), reader.U64());
    }

    /// <summary>Whether <paramref name="body"/> is a replace.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, []);
}

/// <summary>
/// Cancels all open orders of the account, or those of one market or side:
/// <c>presence u16 · market u16 (0 all) · side u8 (0 both)</c>. They go in the order of their ids.
/// </summary>
/// <param name="Market">Market id, 0 for all markets.</param>
/// <param name="Side">Side, 0 for both.</param>
public readonly record struct CancelAll(ushort Market = 0, Side Side = 0) : ICommand
{
    private const int CoreSize = 2 + 2 + 1;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.CancelAll;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U16(Market);
        writer.U8((byte)Side);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static CancelAll Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new CancelAll(reader.U16(), (Side)reader.U8());
    }

    /// <summary>Whether <paramref name="body"/> is a cancel all.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, []);
        return fault == EnvelopeFault.None && Read(body).Side > Side.Sell ? EnvelopeFault.FieldValue : fault;
    }
}
