namespace Clob.Protocol;

/// <summary>
/// What a client signs: one or many commands of one account under one signature.
/// <code>
///  0         8             16       24      26                         size - 64
///  │ account │ first nonce │ expiry │ count │ count × command          │ signature │
///  │ u64     │ u64         │ u64 ns │ u16   │ type u8 length u8 body   │ 64        │
/// </code>
/// Command n (from 0) carries the nonce first + n. This type is a view over bytes that it checked once: every command has a known type
/// and exactly the fields its presence bits name.
/// </summary>
public readonly ref struct Envelope
{
    /// <summary>Bytes before the first command.</summary>
    public const int HeadSize = 8 + 8 + 8 + 2;

    /// <summary>Bytes of an Ed25519 signature.</summary>
    public const int SignatureSize = 64;

    /// <summary>Most commands in one envelope; with 64 orders under one signature, checking it stops being the bottleneck.</summary>
    public const int MaximumCommands = 128;

    /// <summary>Most bytes of an envelope, signature included: one frame, one arena entry, one stack buffer.</summary>
    public const int MaximumSize = 8 * 1024;

    /// <summary>
    /// Most envelopes of a session that are not answered, and how many of an account the Exchange remembers: so whatever a client has no
    /// answer to, it can send again without doubt.
    /// </summary>
    public const int MaximumUnacknowledged = 32;

    private Envelope(ReadOnlySpan<byte> bytes)
    {
        Bytes = bytes;
        var reader = new BigEndianReader(bytes);
        Account = reader.U64();
        FirstNonce = reader.U64();
        Expiry = reader.U64();
        Count = reader.U16();
    }

    /// <summary>All bytes, signature included.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>The account that signs.</summary>
    public ulong Account { get; }

    /// <summary>Nonce of the first command.</summary>
    public ulong FirstNonce { get; }

    /// <summary>Nonce of the last command.</summary>
    public ulong LastNonce => FirstNonce + (uint)(Count - 1);

    /// <summary>Nanoseconds since 1970 after which the venue refuses the envelope; 0 for never.</summary>
    public ulong Expiry { get; }

    /// <summary>Number of commands, 1 to <see cref="MaximumCommands"/>.</summary>
    public int Count { get; }

    /// <summary>Everything the signature covers, except for the domain prefix of <see cref="EnvelopeSignature"/>.</summary>
    public ReadOnlySpan<byte> Unsigned => Bytes[..^SignatureSize];

    /// <summary>The Ed25519 signature.</summary>
    public ReadOnlySpan<byte> Signature => Bytes[^SignatureSize..];

    /// <summary>The commands in order.</summary>
    public CommandEnumerator Commands => new(Bytes[HeadSize..^SignatureSize]);

    /// <summary>
    /// Checks the structure and gives a view; the bytes must outlive it. The signature is not looked at. <paramref name="fault"/> says
    /// what is malformed, <see cref="EnvelopeFault.None"/> when nothing is.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Envelope envelope, out EnvelopeFault fault)
    {
        envelope = default;
        fault = bytes.Length > MaximumSize ? EnvelopeFault.TooLong
            : bytes.Length < HeadSize + SignatureSize ? EnvelopeFault.TooShort
            : EnvelopeFault.None;
        if (fault != EnvelopeFault.None)
            return false;
        envelope = new Envelope(bytes);
        fault = CheckHead(envelope);
        if (fault == EnvelopeFault.None)
            fault = CheckCommands(envelope);
        return fault == EnvelopeFault.None;
    }

    private static EnvelopeFault CheckHead(in Envelope envelope)
    {
        if (envelope.Count is < 1 or > MaximumCommands)
            return EnvelopeFault.CommandCount;
        return envelope.FirstNonce > ulong.MaxValue - MaximumCommands ? EnvelopeFault.NonceRange : EnvelopeFault.None;
    }

    private static EnvelopeFault CheckCommands(in Envelope envelope)
    {
        var rest = envelope.Bytes[HeadSize..^SignatureSize];
        for (int i = 0; i < envelope.Count; i++)
        {
            if (rest.Length < Command.HeadSize || rest.Length < Command.HeadSize + rest[1])
                return EnvelopeFault.CommandLength;
            var fault = Command.Check((CommandType)rest[0], rest.Slice(Command.HeadSize, rest[1]));
            if (fault != EnvelopeFault.None)
                return fault;
            rest = rest[(Command.HeadSize + rest[1])..];
        }

        return rest.IsEmpty ? EnvelopeFault.None : EnvelopeFault.TrailingBytes;
    }
}

/// <summary>What makes an envelope malformed, in the order in which it is looked for.</summary>
public enum EnvelopeFault
{
    /// <summary>Well-formed.</summary>
    None,

    /// <summary>Above <see cref="Envelope.MaximumSize"/>.</summary>
    TooLong,

    /// <summary>Shorter than head and signature.</summary>
    TooShort,

    /// <summary>Not 1 to 128 commands.</summary>
    CommandCount,

    /// <summary>The nonces would pass the end of 64 bits.</summary>
    NonceRange,

    /// <summary>A command's length points beyond the envelope.</summary>
    CommandLength,

    /// <summary>A command type nobody defined.</summary>
    CommandType,

    /// <summary>A command whose length is not what its type and presence bits say, or with a presence bit nobody defined.</summary>
    CommandFields,

    /// <summary>An enumerated field (side, type, time in force, flag, boolean, symbol) holds a value nobody defined.</summary>
    FieldValue,

    /// <summary>Bytes between the last command and the signature.</summary>
    TrailingBytes,
}

/// <summary>One command of an envelope: its type and its body (presence bits, fixed core, optional fields).</summary>
public readonly ref struct Command
{
    /// <summary>Bytes before the body: type and length of the body.</summary>
    public const int HeadSize = 2;

    /// <summary>Names a command; the body must have passed <see cref="Check"/>.</summary>
    public Command(CommandType type, ReadOnlySpan<byte> body)
    {
        Type = type;
        Body = body;
    }

    /// <summary>What to do.</summary>
    public CommandType Type { get; }

    /// <summary>Presence bits, core and optional fields.</summary>
    public ReadOnlySpan<byte> Body { get; }

    /// <summary>Whether <paramref name="body"/> is exactly a <paramref name="type"/>: the one place that knows all commands' shapes.</summary>
    public static EnvelopeFault Check(CommandType type, ReadOnlySpan<byte> body) => type switch
    {
        CommandType.NewOrder => NewOrder.Check(body),
        CommandType.Cancel => Cancel.Check(body),
        CommandType.Reduce => Reduce.Check(body),
        CommandType.Replace => Replace.Check(body),
        CommandType.CancelAll => CancelAll.Check(body),
        CommandType.Withdraw => Withdraw.Check(body),
        CommandType.RotateKey => RotateKey.Check(body),
        CommandType.AccountSettings => AccountSettings.Check(body),
        CommandType.RegisterAccount => RegisterAccount.Check(body),
        CommandType.Deposit => Deposit.Check(body),
        CommandType.SettleWithdrawal => SettleWithdrawal.Check(body),
        CommandType.DefineAsset => DefineAsset.Check(body),
        CommandType.DefineMarket => DefineMarket.Check(body),
        CommandType.ChangeMarket => ChangeMarket.Check(body),
        CommandType.SetMarketState => SetMarketState.Check(body),
        CommandType.SetAccountLimits => SetAccountLimits.Check(body),
        CommandType.SetAccountFees => SetAccountFees.Check(body),
        _ => EnvelopeFault.CommandType,
    };
}

/// <summary>Walks the commands of a checked envelope; <c>foreach</c> works on it.</summary>
public ref struct CommandEnumerator
{
    private ReadOnlySpan<byte> _rest;

    internal CommandEnumerator(ReadOnlySpan<byte> commands) => _rest = commands;

    /// <summary>The command reached.</summary>
    public Command Current { get; private set; }

    /// <summary>Goes to the next command; false at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        int length = _rest[1];
        Current = new Command((CommandType)_rest[0], _rest.Slice(Command.HeadSize, length));
        _rest = _rest[(Command.HeadSize + length)..];
        return true;
    }

    /// <summary>Itself.</summary>
    public readonly CommandEnumerator GetEnumerator() => this;
}
