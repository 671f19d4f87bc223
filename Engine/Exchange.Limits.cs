using Clob.Protocol;

namespace Clob.Engine;

// What keeps single accounts from trading as they like: their own kill switch, and what the operator says.
public sealed partial class Exchange
{
    private readonly Dictionary<uint, AccountLimits> _limits = []; // of accounts that have AccountTraits.OwnLimits

    private RejectReason SetLimits<TSink>(in SetAccountLimits set, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Reference = set.Account;
        if (set.Account >= Keys.Count)
            return RejectReason.UnknownTarget;
        uint account = (uint)set.Account;
        var former = LimitsOf(account);
        KeepLimits(account, new AccountLimits(set.MaximumOpenOrders ?? former.OpenOrders, set.MaximumNotional ?? former.Notional));
        if (set.IsTradingAllowed is { } allowed)
            SetMayNotTrade(account, AccountTraits.Blocked, !allowed, ref sink);
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private AccountLimits LimitsOf(uint account) =>
        (_accounts[account].Traits & AccountTraits.OwnLimits) != 0 ? _limits[account] : AccountLimits.None;

    private void KeepLimits(uint account, AccountLimits limits)
    {
        ref AccountState state = ref _accounts[account];
        if (limits == AccountLimits.None)
        {
            state.Traits &= ~AccountTraits.OwnLimits;
            _limits.Remove(account);
            return;
        }

        state.Traits |= AccountTraits.OwnLimits;
        _limits[account] = limits;
    }

    /// <summary>Sets one of the two bits of <see cref="AccountTraits.MayNotTrade"/>; with either all open orders go, by rising id.</summary>
    private void SetMayNotTrade<TSink>(uint account, AccountTraits bit, bool on, ref TSink sink) where TSink : IEventSink
    {
        ref AccountState state = ref _accounts[account];
        state.Traits = on ? state.Traits | bit : state.Traits & ~bit;
        if (on)
            CancelOpenOrders(account, 0, 0, CancelReason.KillSwitch, ref sink);
    }
}
