namespace Clob.Engine;

/// <summary>
/// What sets an account apart from most: looked at for each of its orders, so it is one byte beside what an order touches anyway. What the
/// last two stand for lies apart, since few accounts have any.
/// </summary>
[Flags]
internal enum AccountTraits : byte
{
    None = 0,

    /// <summary>The account engaged its kill switch.</summary>
    KillSwitch = 1,

    /// <summary>The operator blocked its trading.</summary>
    Blocked = 2,

    /// <summary>Whoever has one of these has no open orders and opens none.</summary>
    MayNotTrade = KillSwitch | Blocked,

    /// <summary>The operator gave it limits of its own.</summary>
    OwnLimits = 4,

    /// <summary>The operator gave it fees of its own in some market.</summary>
    OwnFees = 8,
}

/// <summary>The operator's limits of one account.</summary>
/// <param name="OpenOrders">Most open orders.</param>
/// <param name="Notional">Largest notional of an order, smallest units of its market's quote.</param>
internal readonly record struct AccountLimits(uint OpenOrders, UInt128 Notional)
{
    /// <summary>What an account has until the operator says otherwise: the rules' limits alone.</summary>
    public static AccountLimits None => new(uint.MaxValue, UInt128.MaxValue);
}

/// <summary>Fees of one account in one market, parts per million; null for the market's.</summary>
internal readonly record struct AccountFees(int? Maker, int? Taker);
