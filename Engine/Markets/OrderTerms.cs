using System.Runtime.InteropServices;
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// What the venue knows of an open order beside its place in the book; lies under the order's number there. One cache line: whatever few
/// orders have lies apart, see <see cref="RareTerms"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct OrderTerms
{
    /// <summary>Bytes in memory.</summary>
    public const int Size = 64;

    public OrderFees Fees;

    /// <summary>Nonce of the command that created it.</summary>
    public ulong Nonce;

    public ulong ClientOrderId;

    /// <summary>Its owner; account numbers fit, see Exchange.MaximumAccounts.</summary>
    public uint Account;

    /// <summary>The owner's balances of the market's two assets.</summary>
    public uint BaseBalance;
    public uint QuoteBalance;

    /// <summary>Neighbours in the owner's list of open orders, 0 for none.</summary>
    public uint PreviousOfAccount;
    public uint NextOfAccount;

    /// <summary>Number of its <see cref="RareTerms"/>, 0 for none. Whoever ends the order gives it back; a copy of the terms is no owner.</summary>
    public uint Rare;

    public ushort Market;
    public Side Side;
    public TimeInForce TimeInForce;
    public OrderFlags Flags;

    /// <summary>What happens when it takes from an order of its own account; settled when it was accepted.</summary>
    public SelfTradePrevention Prevention;

    /// <summary>Whether it waits for its stop price: it is in its market's stop book then and not in the book.</summary>
    public bool IsWaiting;

    /// <summary>Whether what does not trade at once stays.</summary>
    public readonly bool MayRest => TimeInForce is TimeInForce.GoodTillCancel or TimeInForce.GoodTillDate;
}

/// <summary>Terms that few orders have: those with a deadline, icebergs, and those to which a rebate is owed.</summary>
internal struct RareTerms : IPooled
{
    /// <summary>Whole units of rebate that are due but were not given, see <see cref="OrderFees"/>.</summary>
    public UInt128 RebateOwed;

    /// <summary>ns since 1970, 0 for none.</summary>
    public ulong Deadline;

    /// <summary>Lots that it shows at a time, below its quantity when it was accepted; 0 for all. An iceberg's book keeps it too.</summary>
    public ulong Display;

    /// <summary>Place in the heap of deadlines, from 1; 0 for none.</summary>
    public int DeadlinePlace;

    /// <inheritdoc/>
    public uint NextFree { get; set; }
}
