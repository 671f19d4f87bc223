using Clob.Protocol;

namespace Clob.Engine;

// Accounts, their keys and their money from and to the outside.
public sealed partial class Exchange
{
    private readonly Dictionary<UInt128, DepositContent> _deposits = [];
    private readonly Dictionary<ulong, PendingWithdrawal> _withdrawals = [];
    private ulong _nextWithdrawal = 1;

    private readonly record struct DepositContent(ulong Account, uint Asset, UInt128 Amount);

    private readonly record struct PendingWithdrawal(uint Account, uint Balance, UInt128 Amount);

    private void OpenAccount(ReadOnlySpan<byte> key, uint version = 1)
    {
        uint account = (uint)Keys.Count;
        if (account == (uint)_accounts.Capacity)
            _accounts.Reach(_accounts.Capacity * 2);
        _accounts[account] = new AccountState { NextNonce = AccountState.FirstNonce, NextReport = 1, Prevention = SelfTradePrevention.Allow };
        Keys.Add(Import(key), version);
    }

    private VerifyingKey Import(ReadOnlySpan<byte> key) =>
        VerifyingKey.TryImport(key) ?? throw _record.Violation("an admissible key can be imported", "a key", Convert.ToHexStringLower(key));

    private RejectReason Register<TSink>(in RegisterAccount register, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        Span<byte> key = stackalloc byte[PublicKey.Size];
        register.Key.CopyTo(key);
        if (!VerifyingKey.IsAdmissible(key))
            return RejectReason.InvalidKey;
        if (Keys.Count >= MaximumAccounts)
            return RejectReason.CapacityReached;
        answer.Reference = Keys.Count;
        OpenAccount(key);
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private RejectReason RotateKey<TSink>(in RotateKey rotate, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        Span<byte> key = stackalloc byte[PublicKey.Size];
        rotate.Key.CopyTo(key);
        if (!VerifyingKey.IsAdmissible(key))
            return RejectReason.InvalidKey;
        if (Keys.TryGet(account, out _, out uint version) && version >= _rules.MaximumKeyVersion)
            return RejectReason.CapacityReached;
        Keys.Rotate(account, Import(key));
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private RejectReason ChangeSettings<TSink>(in AccountSettings settings, uint account, ref ExchangeEvent answer, ref TSink sink)
        where TSink : IEventSink
    {
        if (settings.SelfTradePrevention is { } prevention)
            _accounts[account].Prevention = prevention; // of orders to come: those that are open keep theirs
        if (settings.CancelOnDisconnect is { } on)
            Keys.SetCancelsOnDisconnect(account, on);
        if (settings.KillSwitch is { } engaged)
            SetMayNotTrade(account, AccountTraits.KillSwitch, engaged, ref sink);
        Complete(ref answer, ref sink);
        return RejectReason.None;
    }

    private RejectReason Deposit<TSink>(in Deposit deposit, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Asset = deposit.Asset;
        int asset = _ledger.PlaceOf(deposit.Asset);
        if (asset < 0)
            return RejectReason.UnknownAsset;
        var content = new DepositContent(deposit.Account, deposit.Asset, deposit.Amount);
        if (deposit.DepositId is { } id && _deposits.TryGetValue(id, out var former))
            return former == content ? RejectReason.DuplicateDeposit : RejectReason.DepositIdReused;
        if (deposit.Account >= Keys.Count)
            return RejectReason.UnknownTarget;
        if (deposit.Amount == 0 || deposit.Amount > Market.MaximumAmount || deposit.Amount > Amount.Maximum - _ledger.AssetAt(asset).Total)
            return RejectReason.AmountOutOfRange;
        if (!_ledger.HasRoom)
            return RejectReason.CapacityReached;
        if (deposit.DepositId is { } newId)
            _deposits.Add(newId, content);
        uint balance = _ledger.GetOrAdd(ref _accounts[(uint)deposit.Account].Balances, asset);
        _ledger.AssetAt(asset).Total += deposit.Amount;
        _ledger.Credit(balance, deposit.Amount);
        _ledger.CheckConservation(asset);
        Complete(ref answer, ref sink);
        var credited = new ExchangeEvent
        {
            Kind = EventKind.Deposited,
            Account = deposit.Account,
            Amount = (Int128)deposit.Amount,
            Asset = deposit.Asset,
        };
        Report(ref sink, ref credited);
        return RejectReason.None;
    }

    private RejectReason Withdraw<TSink>(in Withdraw withdraw, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Asset = withdraw.Asset;
        int asset = _ledger.PlaceOf(withdraw.Asset);
        if (asset < 0)
            return RejectReason.UnknownAsset;
        if (withdraw.Amount == 0 || withdraw.Amount > Market.MaximumAmount)
            return RejectReason.AmountOutOfRange;
        ref AccountState state = ref _accounts[account];
        uint balance = _ledger.Find(state.Balances, asset);
        if (balance == 0 || _ledger.Balances[balance].Available < withdraw.Amount)
            return RejectReason.InsufficientFunds;
        if (state.OpenWithdrawals >= _rules.MaximumWithdrawalsOfAccount)
            return RejectReason.TooManyWithdrawals;
        if (_withdrawals.Count >= _rules.MaximumWithdrawals)
            return RejectReason.CapacityReached;
        _ledger.TryReserve(balance, withdraw.Amount);
        state.OpenWithdrawals++;
        answer.Reference = _nextWithdrawal++;
        _withdrawals.Add(answer.Reference, new PendingWithdrawal(account, balance, withdraw.Amount));
        answer.Kind = EventKind.WithdrawalRequested;
        answer.Amount = (Int128)withdraw.Amount;
        Report(ref sink, ref answer);
        return RejectReason.None;
    }

    private RejectReason Settle<TSink>(in SettleWithdrawal settle, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Reference = settle.WithdrawalId;
        if (!_withdrawals.Remove(settle.WithdrawalId, out var withdrawal))
            return RejectReason.UnknownWithdrawal;
        _accounts[withdrawal.Account].OpenWithdrawals--;
        int asset = _ledger.Balances[withdrawal.Balance].Asset;
        bool isPaid = settle.Outcome == WithdrawalOutcome.Paid;
        if (isPaid)
        {
            _ledger.AssetAt(asset).Total -= withdrawal.Amount;
            _ledger.Spend(withdrawal.Balance, withdrawal.Amount);
        }
        else
        {
            _ledger.Release(withdrawal.Balance, withdrawal.Amount);
        }

        _ledger.CheckConservation(asset);
        Complete(ref answer, ref sink);
        var settled = new ExchangeEvent
        {
            Kind = EventKind.WithdrawalSettled,
            Flags = isPaid ? EventFlags.None : EventFlags.Returned,
            Account = withdrawal.Account,
            Reference = settle.WithdrawalId,
            Amount = (Int128)withdrawal.Amount,
            Asset = _ledger.AssetAt(asset).Id,
        };
        Report(ref sink, ref settled);
        return RejectReason.None;
    }
}
