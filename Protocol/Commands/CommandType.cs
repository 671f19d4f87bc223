namespace Clob.Protocol;

/// <summary>Types of commands; the byte on the wire. From 32 on only account 0, the operator, may use them.</summary>
public enum CommandType : byte
{
    /// <summary><see cref="Protocol.NewOrder"/>.</summary>
    NewOrder = 1,

    /// <summary><see cref="Protocol.Cancel"/>.</summary>
    Cancel = 2,

    /// <summary><see cref="Protocol.Reduce"/>.</summary>
    Reduce = 3,

    /// <summary><see cref="Protocol.Replace"/>.</summary>
    Replace = 4,

    /// <summary><see cref="Protocol.CancelAll"/>.</summary>
    CancelAll = 5,

    /// <summary><see cref="Protocol.Withdraw"/>.</summary>
    Withdraw = 6,

    /// <summary><see cref="Protocol.RotateKey"/>.</summary>
    RotateKey = 7,

    /// <summary><see cref="Protocol.AccountSettings"/>.</summary>
    AccountSettings = 8,

    /// <summary><see cref="Protocol.RegisterAccount"/>.</summary>
    RegisterAccount = 32,

    /// <summary><see cref="Protocol.Deposit"/>.</summary>
    Deposit = 33,

    /// <summary><see cref="Protocol.SettleWithdrawal"/>.</summary>
    SettleWithdrawal = 34,

    /// <summary><see cref="Protocol.DefineAsset"/>.</summary>
    DefineAsset = 35,

    /// <summary><see cref="Protocol.DefineMarket"/>.</summary>
    DefineMarket = 36,

    /// <summary><see cref="Protocol.ChangeMarket"/>.</summary>
    ChangeMarket = 37,

    /// <summary><see cref="Protocol.SetMarketState"/>.</summary>
    SetMarketState = 38,

    /// <summary><see cref="Protocol.SetAccountLimits"/>.</summary>
    SetAccountLimits = 39,

    /// <summary><see cref="Protocol.SetAccountFees"/>.</summary>
    SetAccountFees = 40,
}

/// <summary>
/// A command that knows its bytes. Every body begins with 16 presence bits; a set bit says that the optional field of that number
/// follows the fixed core, in the order of the bits. A bit nobody defined makes the envelope malformed.
/// </summary>
public interface ICommand
{
    /// <summary>The type byte.</summary>
    static abstract CommandType Type { get; }

    /// <summary>Writes the body and returns its size.</summary>
    int Write(Span<byte> body);
}

/// <summary>Side of an order.</summary>
public enum Side : byte
{
    /// <summary>Buys base, pays quote.</summary>
    Buy = 1,

    /// <summary>Sells base, receives quote.</summary>
    Sell = 2,
}

/// <summary>Type of an order.</summary>
public enum OrderType : byte
{
    /// <summary>Trades at its price or better, may rest.</summary>
    Limit = 1,

    /// <summary>Trades at once at its protection price or better and never rests.</summary>
    Market = 2,
}

/// <summary>How long an order lives.</summary>
public enum TimeInForce : byte
{
    /// <summary>Until it is filled or cancelled.</summary>
    GoodTillCancel = 1,

    /// <summary>What does not trade at once is cancelled.</summary>
    ImmediateOrCancel = 2,

    /// <summary>Trades in full at once or not at all.</summary>
    FillOrKill = 3,

    /// <summary>Until its deadline, by the time of the record.</summary>
    GoodTillDate = 4,
}

/// <summary>Flags of a new order.</summary>
[Flags]
public enum OrderFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Rejected instead of trading when it would trade at once.</summary>
    PostOnly = 1,
}

/// <summary>
/// What happens when an order would trade with a resting one of its own account. The incoming order's mode decides, whatever the resting
/// one was placed with.
/// </summary>
public enum SelfTradePrevention : byte
{
    /// <summary>They trade.</summary>
    Allow = 1,

    /// <summary>What is left of the incoming order is cancelled; the resting one stays.</summary>
    CancelNewest = 2,

    /// <summary>The resting order is cancelled; the incoming one goes on.</summary>
    CancelOldest = 3,

    /// <summary>Both are cancelled.</summary>
    CancelBoth = 4,
}

/// <summary>State of a market.</summary>
public enum MarketState : byte
{
    /// <summary>Orders and cancels.</summary>
    Open = 1,

    /// <summary>Cancels and reductions only.</summary>
    CancelOnly = 2,

    /// <summary>Cancels and reductions only, for a while.</summary>
    Halted = 3,

    /// <summary>Cancels and reductions only, for good.</summary>
    Closed = 4,
}
