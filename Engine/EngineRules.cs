namespace Clob.Engine;

/// <summary>
/// The numbers among the rules. They are part of what a version of the engine is, so every replay of a journal has the same ones: nothing
/// configures them, and only tests make others.
/// </summary>
internal sealed record EngineRules
{
    /// <summary>The rules of this build.</summary>
    public static EngineRules Current { get; } = new();

    /// <summary>The newest version that is known; all below are as well.</summary>
    public uint NewestVersion { get; init; } = Exchange.CurrentVersion;

    /// <summary>Open orders of the venue.</summary>
    public int MaximumOrders { get; init; } = BookStorage.MaximumOrders;

    /// <summary>Open orders of one account.</summary>
    public int MaximumOrdersOfAccount { get; init; } = Exchange.MaximumOrdersOfAccount;

    /// <summary>Triggered stops that run in one record.</summary>
    public int MaximumTriggeredOfRecord { get; init; } = Exchange.MaximumTriggeredOfRecord;

    /// <summary>Open withdrawals of the venue.</summary>
    public int MaximumWithdrawals { get; init; } = Exchange.MaximumWithdrawals;

    /// <summary>Open withdrawals of one account.</summary>
    public int MaximumWithdrawalsOfAccount { get; init; } = Exchange.MaximumWithdrawalsOfAccount;

    /// <summary>Orders that a fill-or-kill order may meet when its account asked for self-trade prevention and has open orders.</summary>
    public int MaximumMakersOfFillOrKill { get; init; } = Exchange.MaximumMakersOfFillOrKill;

    /// <summary>Fees of accounts in markets that are not the market's.</summary>
    public int MaximumFeeOverrides { get; init; } = Exchange.MaximumFeeOverrides;

    /// <summary>Balances of all accounts.</summary>
    public int MaximumBalances { get; init; } = Exchange.MaximumBalances;

    /// <summary>Highest version of an account's key.</summary>
    public uint MaximumKeyVersion { get; init; } = uint.MaxValue;
}
