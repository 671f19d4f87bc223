namespace Clob.Protocol;

/// <summary>
/// Why something was refused. The numbers rise in the order of precedence: when several apply, the lowest is given
/// (malformed, unknown account, bad signature, expired, nonce, market, order, funds, limits of the account, capacity of the venue).
/// </summary>
public enum RejectReason : byte
{
    /// <summary>Nothing was refused.</summary>
    None = 0,

    // the envelope as a whole: consumes nothing

    /// <summary>The envelope's structure is broken (only a journal written by a faulty sequencer holds such a one).</summary>
    Malformed = 1,

    /// <summary>No such account.</summary>
    UnknownAccount = 2,

    /// <summary>The signature is not valid under the account's key as of the record.</summary>
    BadSignature = 3,

    /// <summary>The record's time is past the envelope's expiry.</summary>
    Expired = 4,

    /// <summary>The nonce was used by an envelope of other content.</summary>
    NonceReused = 5,

    /// <summary>The nonce is below the next and older than the last 32 envelopes.</summary>
    NonceTooOld = 6,

    // a command: consumes its nonce

    /// <summary>A command of the operator from another account.</summary>
    NotAllowed = 10,

    /// <summary>No such market.</summary>
    UnknownMarket = 11,

    /// <summary>The market takes cancels and reductions only.</summary>
    MarketNotOpen = 12,

    /// <summary>The market is defined already.</summary>
    MarketExists = 13,

    /// <summary>A market's terms contradict each other, or an id is out of range.</summary>
    InvalidTerms = 14,

    /// <summary>No such asset.</summary>
    UnknownAsset = 15,

    /// <summary>The asset is defined already.</summary>
    AssetExists = 16,

    /// <summary>A closed market does not open again.</summary>
    MarketClosed = 17,

    /// <summary>The account's kill switch is engaged, or the operator blocked its trading.</summary>
    TradingBlocked = 18,

    /// <summary>The account has no such open order.</summary>
    UnknownOrder = 20,

    /// <summary>The price, or the stop price, is zero or above the market's cap.</summary>
    PriceOutOfRange = 21,

    /// <summary>The quantity is zero or outside the market's minimum and maximum.</summary>
    QuantityOutOfRange = 22,

    /// <summary>
    /// Fields do not go together: a market order that rests, a post-only order or an iceberg that is immediate, a stop price for an order that
    /// does not wait.
    /// </summary>
    InvalidCombination = 23,

    /// <summary>A good-till-date order without a deadline ahead of the record's time, or another order with one.</summary>
    InvalidDeadline = 24,

    /// <summary>The display quantity is zero, not below the quantity, or less than a hundredth of it.</summary>
    InvalidDisplayQuantity = 25,

    /// <summary>The price lies beyond the market's band around its reference price.</summary>
    PriceOutsideBand = 26,

    /// <summary>A post-only order would trade at once.</summary>
    WouldTrade = 27,

    /// <summary>A fill-or-kill order cannot be filled in full.</summary>
    CannotFill = 28,

    /// <summary>Price × quantity passes what an account can hold, or the market's maximum notional.</summary>
    NotionalTooLarge = 29,

    /// <summary>A key that is not a point of the prime-order group.</summary>
    InvalidKey = 30,

    /// <summary>No such withdrawal, or it is settled.</summary>
    UnknownWithdrawal = 31,

    /// <summary>The deposit id credited before, with the same content.</summary>
    DuplicateDeposit = 32,

    /// <summary>The deposit id credited before, with other content.</summary>
    DepositIdReused = 33,

    /// <summary>The target account of an operator's command does not exist.</summary>
    UnknownTarget = 34,

    /// <summary>The amount is zero, or the asset's total would pass 2^127.</summary>
    AmountOutOfRange = 35,

    /// <summary>Not enough available balance for the hold.</summary>
    InsufficientFunds = 40,

    /// <summary>The account has as many open orders as one may have, and this one could rest.</summary>
    TooManyOrders = 41,

    /// <summary>The account has as many withdrawals open as one may have.</summary>
    TooManyWithdrawals = 42,

    /// <summary>Price × quantity passes the account's own maximum notional.</summary>
    AccountLimitExceeded = 43,

    /// <summary>The venue holds as many accounts, orders, withdrawals, assets or balances as its rules allow.</summary>
    CapacityReached = 50,
}

/// <summary>Why an order ended without being filled.</summary>
public enum CancelReason : byte
{
    /// <summary>Its owner cancelled it, or reduced it to nothing.</summary>
    Requested = 1,

    /// <summary>Immediate-or-cancel or market: the remainder found no counterpart.</summary>
    Unfilled = 2,

    /// <summary>Its deadline passed.</summary>
    DeadlinePassed = 3,

    /// <summary>Its owner's last session ended and the account asked for that.</summary>
    Disconnected = 4,

    /// <summary>A cancel all of its owner.</summary>
    CancelAll = 5,

    /// <summary>It would have traded with an order of its own account, which asked for that to be prevented.</summary>
    SelfTrade = 6,

    /// <summary>The account's kill switch was engaged, or the operator blocked its trading.</summary>
    KillSwitch = 7,

    /// <summary>A stop was triggered, and its price lay beyond the market's band then.</summary>
    PriceOutsideBand = 8,

    /// <summary>A post-only stop was triggered and would have traded at once.</summary>
    WouldTrade = 9,

    /// <summary>A fill-or-kill stop was triggered and could not be filled in full.</summary>
    CannotFill = 10,
}
