using System.Buffers.Binary;

namespace Clob.Protocol;

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
        var core = body[..CoreSize]; // one look at the length serves all fields
        return new Cancel(BinaryPrimitives.ReadUInt16BigEndian(core[2..]), BinaryPrimitives.ReadUInt64BigEndian(core[4..]));
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
/// <c>presence u16 · market u16 · order id u64 · price u64 · quantity u64 · bit 0 display quantity u64 · bit 1 stop price u64</c>.
/// What it does not name stays: side, time in force, deadline, post-only, self-trade prevention, and without the optional fields the
/// stop price and the display quantity, of which not more than the new quantity.
/// </summary>
/// <param name="Market">Market id.</param>
/// <param name="OrderId">The venue's order id.</param>
/// <param name="Price">New limit price, ticks.</param>
/// <param name="Quantity">New open quantity, lots.</param>
/// <param name="DisplayQuantity">New part that is shown at a time, lots; null leaves it as it is.</param>
/// <param name="StopPrice">New stop price of an order that waits, ticks; null leaves it as it is.</param>
public readonly record struct Replace(
    ushort Market, ulong OrderId, ulong Price, ulong Quantity, ulong? DisplayQuantity = null, ulong? StopPrice = null) : ICommand
{
    private const int CoreSize = 2 + 2 + 8 + 8 + 8;
    private const ushort HasDisplayQuantity = 1 << 0;
    private const ushort HasStopPrice = 1 << 1;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.Replace;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16((ushort)((DisplayQuantity is null ? 0 : HasDisplayQuantity) | (StopPrice is null ? 0 : HasStopPrice)));
        writer.U16(Market);
        writer.U64(OrderId);
        writer.U64(Price);
        writer.U64(Quantity);
        if (DisplayQuantity is { } displayQuantity)
            writer.U64(displayQuantity);
        if (StopPrice is { } stopPrice)
            writer.U64(stopPrice);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static Replace Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        return new Replace(reader.U16(), reader.U64(), reader.U64(), reader.U64())
        {
            DisplayQuantity = (presence & HasDisplayQuantity) != 0 ? reader.U64() : null,
            StopPrice = (presence & HasStopPrice) != 0 ? reader.U64() : null,
        };
    }

    /// <summary>Whether <paramref name="body"/> is a replace.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, [8, 8]);
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
