using Clob.Protocol;

namespace Clob.Engine;

/// <summary>An account, apart from its key and settings, which other threads read (<see cref="KeyDirectory"/>): one cache line.</summary>
internal struct AccountState
{
    /// <summary>Nonces begin at 1, so that 0 stands for none in events.</summary>
    public const ulong FirstNonce = 1;

    /// <summary>Lowest nonce the next envelope may begin with.</summary>
    public ulong NextNonce;

    /// <summary>Number of the next execution report.</summary>
    public ulong NextReport;

    /// <summary>First of its balances, by rising asset id.</summary>
    public uint Balances;

    /// <summary>
    /// The market in which it traded last, and its balances there, so that they need not be searched for: they never go away. 0 for none;
    /// nothing but speed depends on it.
    /// </summary>
    public ushort RecentMarket;
    public uint RecentBase;
    public uint RecentQuote;

    /// <summary>Its open orders, by rising id: new ones go to the end.</summary>
    public uint FirstOrder;
    public uint LastOrder;
    public int OpenOrders;

    /// <summary>Its withdrawals that are not settled.</summary>
    public int OpenWithdrawals;

    /// <summary>The envelope remembered last, 0 for none.</summary>
    public uint LatestEnvelope;

    /// <summary>The envelope whose place the next takes when all places are taken; known here so that it need not be looked for.</summary>
    public uint OldestEnvelope;
    public int Envelopes;

    /// <summary>What sets it apart from most.</summary>
    public AccountTraits Traits;

    /// <summary>Mode of its orders that name none.</summary>
    public SelfTradePrevention Prevention;
}
