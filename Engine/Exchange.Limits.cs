using System.Runtime.CompilerServices;
using Clob.Protocol;

namespace Clob.Engine;

// What keeps single accounts from trading as they like: their own kill switch, and what the operator says.
public sealed partial class Exchange
{
    private readonly Dictionary<uint, AccountLimits> _limits = []; // of accounts that have AccountTraits.OwnLimits

    // Of accounts that have AccountTraits.OwnFees, by market.
    private readonly Dictionary<uint, SortedList<ushort, AccountFees>> _fees = [];
    private int _feeOverrides; // in all of them

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

    private RejectReason SetFees<TSink>(in SetAccountFees set, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Market = set.Market;
        answer.Reference = set.Account;
        var market = FindMarket(set.Market);
        if (market is null)
            return RejectReason.UnknownMarket;
        // Absent ones count as they are now. Should the market's change, a sum below zero still takes nothing from account 0: see OrderFees.
        if (!Market.AreValidFees(set.MakerFee ?? market.MakerFee, set.TakerFee ?? market.TakerFee))
            return RejectReason.InvalidTerms;
        if (set.Account >= Keys.Count)
            return RejectReason.UnknownTarget;
        uint account = (uint)set.Account;
        bool isRemoved = set.MakerFee is null && set.TakerFee is null;
        bool had = _fees.TryGetValue(account, out var own) && own.ContainsKey(set.Market);
        if (!isRemoved && !had && _feeOverrides >= _rules.MaximumFeeOverrides)
            return RejectReason.CapacityReached;
        if (isRemoved)
            RemoveFees(account, set.Market);
        else
            KeepFees(account, set.Market, new AccountFees(set.MakerFee, set.TakerFee));
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private void KeepFees(uint account, ushort market, AccountFees fees)
    {
        if (!_fees.TryGetValue(account, out var own))
            _fees.Add(account, own = []);
        _feeOverrides += own.ContainsKey(market) ? 0 : 1;
        own[market] = fees;
        _accounts[account].Traits |= AccountTraits.OwnFees;
    }

    private void RemoveFees(uint account, ushort market)
    {
        if (!_fees.TryGetValue(account, out var own) || !own.Remove(market))
            return;
        _feeOverrides--;
        if (own.Count != 0)
            return;
        _fees.Remove(account);
        _accounts[account].Traits &= ~AccountTraits.OwnFees;
    }

    /// <summary>The fees under which an order of the account is accepted now.</summary>
    private void SetFees(ref OrderFees fees, Market market, uint account)
    {
        fees.MakerRate = market.MakerFee;
        fees.TakerRate = market.TakerFee;
        fees.PaidAhead = 0;
        fees.RebateFraction = 0;
        if ((_accounts[account].Traits & AccountTraits.OwnFees) != 0)
            SetOwnFees(ref fees, market, account);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SetOwnFees(ref OrderFees fees, Market market, uint account)
    {
        if (!_fees[account].TryGetValue(market.Id, out var own))
            return;
        fees.MakerRate = own.Maker ?? fees.MakerRate;
        fees.TakerRate = own.Taker ?? fees.TakerRate;
    }
}
