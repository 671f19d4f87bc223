namespace Clob.Protocol;

/// <summary>
/// The operator's limits of one account: <c>presence u16 · account u64 · bit 0 trading u8 (0 blocked, 1 allowed) ·
/// bit 1 maximum open orders u32 · bit 2 maximum order notional u128</c>. A limit that is absent stays.
/// </summary>
/// <param name="Account">Whose limits.</param>
/// <param name="IsTradingAllowed">False ends all open orders and refuses new ones until it is true again; null leaves it as it is.</param>
/// <param name="MaximumOpenOrders">Most open orders; the highest value of 32 bits for no limit of its own; null leaves it as it is.</param>
/// <param name="MaximumNotional">
/// Largest notional of one order, smallest units of its market's quote; the highest value of 128 bits for no limit of its own; null leaves
/// it as it is.
/// </param>
public readonly record struct SetAccountLimits(
    ulong Account, bool? IsTradingAllowed = null, uint? MaximumOpenOrders = null, UInt128? MaximumNotional = null) : ICommand
{
    private const int CoreSize = 2 + 8;
    private const ushort HasTrading = 1 << 0;
    private const ushort HasMaximumOpenOrders = 1 << 1;
    private const ushort HasMaximumNotional = 1 << 2;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.SetAccountLimits;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16((ushort)((IsTradingAllowed is null ? 0 : HasTrading)
            | (MaximumOpenOrders is null ? 0 : HasMaximumOpenOrders) | (MaximumNotional is null ? 0 : HasMaximumNotional)));
        writer.U64(Account);
        if (IsTradingAllowed is { } allowed)
            writer.U8(allowed ? (byte)1 : (byte)0);
        if (MaximumOpenOrders is { } orders)
            writer.U32(orders);
        if (MaximumNotional is { } notional)
            writer.U128(notional);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static SetAccountLimits Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        return new SetAccountLimits(reader.U64())
        {
            IsTradingAllowed = (presence & HasTrading) != 0 ? reader.U8() == 1 : null,
            MaximumOpenOrders = (presence & HasMaximumOpenOrders) != 0 ? reader.U32() : null,
            MaximumNotional = (presence & HasMaximumNotional) != 0 ? reader.U128() : null,
        };
    }

    /// <summary>Whether <paramref name="body"/> is an account's limits.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, [1, 4, 16]);
        if (fault != EnvelopeFault.None)
            return fault;
        bool hasTrading = (new BigEndianReader(body).U16() & HasTrading) != 0;
        return hasTrading && body[CoreSize] > 1 ? EnvelopeFault.FieldValue : EnvelopeFault.None;
    }
}

/// <summary>
/// Fees of one account in one market, in place of the market's: <c>presence u16 · account u64 · market u16 · bit 0 maker fee i32 ·
/// bit 1 taker fee i32</c>. A fee that is absent is the market's; with neither the account has the market's again.
/// </summary>
/// <param name="Account">Whose fees.</param>
/// <param name="Market">Market id.</param>
/// <param name="MakerFee">Parts per million of the notional, negative for a rebate.</param>
/// <param name="TakerFee">Parts per million of the notional, negative for a rebate.</param>
public readonly record struct SetAccountFees(ulong Account, ushort Market, int? MakerFee = null, int? TakerFee = null) : ICommand
{
    private const int CoreSize = 2 + 8 + 2;
    private const ushort HasMakerFee = 1 << 0;
    private const ushort HasTakerFee = 1 << 1;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.SetAccountFees;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16((ushort)((MakerFee is null ? 0 : HasMakerFee) | (TakerFee is null ? 0 : HasTakerFee)));
        writer.U64(Account);
        writer.U16(Market);
        if (MakerFee is { } maker)
            writer.I32(maker);
        if (TakerFee is { } taker)
            writer.I32(taker);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static SetAccountFees Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        return new SetAccountFees(reader.U64(), reader.U16())
        {
            MakerFee = (presence & HasMakerFee) != 0 ? reader.I32() : null,
            TakerFee = (presence & HasTakerFee) != 0 ? reader.I32() : null,
        };
    }

    /// <summary>Whether <paramref name="body"/> is an account's fees.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, [4, 4]);
}
