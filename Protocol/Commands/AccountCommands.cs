namespace Clob.Protocol;

/// <summary>
/// Asks for a withdrawal: the amount is reserved until the operator settles it.
/// <c>presence u16 · asset u32 · amount u128</c>.
/// </summary>
/// <param name="Asset">Asset id.</param>
/// <param name="Amount">Smallest units of the asset.</param>
public readonly record struct Withdraw(uint Asset, UInt128 Amount) : ICommand
{
    private const int CoreSize = 2 + 4 + 16;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.Withdraw;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U32(Asset);
        writer.U128(Amount);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static Withdraw Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new Withdraw(reader.U32(), reader.U128());
    }

    /// <summary>Whether <paramref name="body"/> is a withdrawal.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, []);
}

/// <summary>
/// Replaces the account's key from the next envelope on: <c>presence u16 · public key 32</c>. The key must be admissible
/// (<see cref="VerifyingKey.IsAdmissible"/>). The rest of the same envelope still runs: it was signed as one.
/// </summary>
/// <param name="Key">The new Ed25519 public key.</param>
public readonly record struct RotateKey(PublicKey Key) : ICommand
{
    private const int CoreSize = 2 + PublicKey.Size;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.RotateKey;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        Key.CopyTo(writer.Reserve(PublicKey.Size));
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static RotateKey Read(ReadOnlySpan<byte> body) => new(new PublicKey(body.Slice(2, PublicKey.Size)));

    /// <summary>Whether <paramref name="body"/> is a key rotation.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, []);
}

/// <summary>
/// Settings of the account itself: <c>presence u16 · bit 0 cancel on disconnect u8 (0 off, 1 on) · bit 1 self-trade prevention u8 ·
/// bit 2 kill switch u8 (0 released, 1 engaged)</c>. A setting that is absent stays.
/// </summary>
/// <param name="CancelOnDisconnect">Whether all open orders go when the last session ends; null leaves it as it is.</param>
/// <param name="SelfTradePrevention">The mode of orders that name none; null leaves it as it is.</param>
/// <param name="KillSwitch">True ends all open orders and refuses new ones until it is false again; null leaves it as it is.</param>
public readonly record struct AccountSettings(
    bool? CancelOnDisconnect = null, SelfTradePrevention? SelfTradePrevention = null, bool? KillSwitch = null) : ICommand
{
    private const ushort HasCancelOnDisconnect = 1 << 0;
    private const ushort HasSelfTradePrevention = 1 << 1;
    private const ushort HasKillSwitch = 1 << 2;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.AccountSettings;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16((ushort)((CancelOnDisconnect is null ? 0 : HasCancelOnDisconnect)
            | (SelfTradePrevention is null ? 0 : HasSelfTradePrevention) | (KillSwitch is null ? 0 : HasKillSwitch)));
        if (CancelOnDisconnect is { } cancels)
            writer.U8(cancels ? (byte)1 : (byte)0);
        if (SelfTradePrevention is { } mode)
            writer.U8((byte)mode);
        if (KillSwitch is { } engaged)
            writer.U8(engaged ? (byte)1 : (byte)0);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static AccountSettings Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        return new AccountSettings
        {
            CancelOnDisconnect = (presence & HasCancelOnDisconnect) != 0 ? reader.U8() == 1 : null,
            SelfTradePrevention = (presence & HasSelfTradePrevention) != 0 ? (SelfTradePrevention)reader.U8() : null,
            KillSwitch = (presence & HasKillSwitch) != 0 ? reader.U8() == 1 : null,
        };
    }

    /// <summary>Whether <paramref name="body"/> is account settings.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, 2, [1, 1, 1]);
        if (fault != EnvelopeFault.None)
            return fault;
        var reader = new BigEndianReader(body);
        ushort presence = reader.U16();
        bool defined = ((presence & HasCancelOnDisconnect) == 0 || reader.U8() <= 1)
            && ((presence & HasSelfTradePrevention) == 0 || CommandBody.IsDefined((SelfTradePrevention)reader.U8()))
            && ((presence & HasKillSwitch) == 0 || reader.U8() <= 1);
        return defined ? EnvelopeFault.None : EnvelopeFault.FieldValue;
    }
}
