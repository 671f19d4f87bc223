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
/// Settings of the account itself: <c>presence u16 · cancel on disconnect? u8 (bit 0: 0 off, 1 on)</c>. A setting that is absent stays.
/// </summary>
/// <param name="CancelOnDisconnect">Whether all open orders go when the last session ends; null leaves it as it is.</param>
public readonly record struct AccountSettings(bool? CancelOnDisconnect) : ICommand
{
    private const ushort HasCancelOnDisconnect = 1 << 0;

    /// <inheritdoc/>
    public static CommandType Type => CommandType.AccountSettings;

    /// <inheritdoc/>
    public int Write(Span<byte> body)
    {
        var writer = new BigEndianWriter(body);
        writer.U16(CancelOnDisconnect is null ? (ushort)0 : HasCancelOnDisconnect);
        if (CancelOnDisconnect is { } on)
            writer.U8(on ? (byte)1 : (byte)0);
        return writer.Written;
    }

    /// <summary>Reads a body that passed <see cref="Check"/>.</summary>
    public static AccountSettings Read(ReadOnlySpan<byte> body)
    {
        var reader = new BigEndianReader(body);
        return new AccountSettings((reader.U16() & HasCancelOnDisconnect) != 0 ? reader.U8() == 1 : null);
    }

    /// <summary>Whether <paramref name="body"/> is account settings.</summary>
    public static EnvelopeFault Check(ReadOnlySpan<byte> body)
    {
        var fault = CommandBody.CheckSize(body, 2, [1]);
        return fault == EnvelopeFault.None && body.Length == 3 && body[2] > 1 ? EnvelopeFault.FieldValue : fault;
    }
}
