namespace Clob.Protocol;

/// <summary>Opens the next account for a key: <c>presence u16 · public key 32</c>. The report names the account's number.</summary>
/// <param name="Key">The client's Ed25519 public key; must be admissible.</param>
public readonly record struct RegisterAccount(PublicKey Key) : ICommand
{
    private const int CoreSize = 2 + PublicKey.Size;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.RegisterAccount;

    /// <inheritdoc/>
    public int Write(Span<byte> body) => new RotateKey(Key).Write(body);

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static RegisterAccount Read(ReadOnlySpan<byte> body) => new(RotateKey.Read(body).Key);

    /// <summary>Whether <paramref name="body"/> is a registration.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, []);
}

/// <summary>
/// Credits an account: <c>presence u16 · account u64 · asset u32 · amount u128 · deposit id? 16 (bit 0)</c>. The same deposit id credits once for ever.
/// </summary>
/// <param name="Account">Who is credited.</param>
/// <param name="Asset">Asset id.</param>
/// <param name="Amount">Smallest units, at least 1.</param>
/// <param name="DepositId">First 16 bytes of SHA-256 of the id's text; null when each call credits.</param>
public readonly record struct Deposit(ulong Account, uint Asset, UInt128 Amount, UInt128? DepositId) : ICommand
{
    private const int CoreSize = 2 + 8 + 4 + 16;
    private const ushort HasDepositId = 1 << 0;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.Deposit;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(DepositId is null ? (ushort)0 : HasDepositId);
        writer.U64(Account);
        writer.U32(Asset);
        writer.U128(Amount);
        if (DepositId is { } id)
            writer.U128(id);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static Deposit Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        bool hasId = (reader.U16() & HasDepositId) != 0;
        return new Deposit(reader.U64(), reader.U32(), reader.U128(), hasId ? reader.U128() : null);
    }

    /// <summary>Whether <paramref name="body"/> is a deposit.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body) => CommandBody.CheckSize(body, CoreSize, [16]);
}

/// <summary>How a withdrawal ended.</summary>
public enum WithdrawalOutcome : byte
{
    /// <summary>Paid out: the reserved amount leaves the venue.</summary>
    Paid = 1,

    /// <summary>Not paid: the reserved amount becomes available again.</summary>
    Returned = 2,
}

/// <summary>Settles a withdrawal: <c>presence u16 · withdrawal id u64 · outcome u8</c>.</summary>
/// <param name="WithdrawalId">The id that the request's report named.</param>
/// <param name="Outcome">Paid or returned.</param>
public readonly record struct SettleWithdrawal(ulong WithdrawalId, WithdrawalOutcome Outcome) : ICommand
{
    private const int CoreSize = 2 + 8 + 1;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.SettleWithdrawal;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U64(WithdrawalId);
        writer.U8((byte)Outcome);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static SettleWithdrawal Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        return new SettleWithdrawal(reader.U64(), (WithdrawalOutcome)reader.U8());
    }

    /// <summary>Whether <paramref name="body"/> is a settlement.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, []);
        return fault == EnvelopeFault.None && Read(body).Outcome is not (WithdrawalOutcome.Paid or WithdrawalOutcome.Returned)
            ? EnvelopeFault.FieldValue : fault;
    }
}

/// <summary>Defines an asset: <c>presence u16 · asset u32 · decimals u8 · symbol 8</c>.</summary>
/// <param name="Asset">Asset id, from 1.</param>
/// <param name="Decimals">10^decimals smallest units make one, at most <see cref="Amount.MaximumDecimals"/>.</param>
/// <param name="Symbol">Short name.</param>
public readonly record struct DefineAsset(uint Asset, byte Decimals, Symbol Symbol) : ICommand
{
    private const int CoreSize = 2 + 4 + 1 + Symbol.Size;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.DefineAsset;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(0);
        writer.U32(Asset);
        writer.U8(Decimals);
        Symbol.Write(writer.Reserve(Symbol.Size));
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static DefineAsset Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body[2..]);
        uint asset = reader.U32();
        byte decimals = reader.U8();
        Symbol.TryRead(reader.Bytes(Symbol.Size), out var symbol);
        return new DefineAsset(asset, decimals, symbol);
    }

    /// <summary>Whether <paramref name="body"/> is an asset's definition.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, CoreSize, []);
        return fault == EnvelopeFault.None && !Symbol.TryRead(body[^Symbol.Size..], out _) ? EnvelopeFault.FieldValue : fault;
    }
}
