using System.Numerics;
using Clob.Protocol;

namespace Clob.NaiveVenue;

internal sealed partial class NaiveExchange
{
    private static byte[] BytesOf(PublicKey key)
    {
        byte[] bytes = new byte[PublicKey.Size];
        key.CopyTo(bytes);
        return bytes;
    }

    private RejectReason RunRotate(RotateKey rotate, ref ExchangeEvent answer)
    {
        if (!VerifyingKey.IsAdmissible(BytesOf(rotate.Key)))
            return RejectReason.InvalidKey;
        if (_accounts[(int)answer.Account].KeyVersion == rules.MaximumKeyVersion)
            return RejectReason.CapacityReached;
        _accounts[(int)answer.Account].Key = BytesOf(rotate.Key);
        _accounts[(int)answer.Account].KeyVersion++;
        return Complete(answer);
    }

    private RejectReason RunSettings(AccountSettings settings, ref ExchangeEvent answer)
    {
        var account = _accounts[(int)answer.Account];
        account.CancelsOnDisconnect = settings.CancelOnDisconnect ?? account.CancelsOnDisconnect;
        account.Prevention = settings.SelfTradePrevention ?? account.Prevention;
        account.KillSwitch = settings.KillSwitch ?? account.KillSwitch;
        if (account.KillSwitch)
            CancelAll(answer.Account, 0, 0, CancelReason.KillSwitch);
        return Complete(answer);
    }

    private RejectReason RunLimits(SetAccountLimits set, ref ExchangeEvent answer)
    {
        answer.Reference = set.Account;
        if (set.Account >= (ulong)_accounts.Count)
            return RejectReason.UnknownTarget;
        var account = _accounts[(int)set.Account];
        account.MostOrders = set.MaximumOpenOrders ?? account.MostOrders;
        account.MostNotional = set.MaximumNotional ?? account.MostNotional;
        account.Blocked = !(set.IsTradingAllowed ?? !account.Blocked);
        if (account.Blocked)
            CancelAll(set.Account, 0, 0, CancelReason.KillSwitch);
        return Complete(answer);
    }

    private RejectReason RunFees(SetAccountFees set, ref ExchangeEvent answer)
    {
        answer.Market = set.Market;
        answer.Reference = set.Account;
        if (!_markets.TryGetValue(set.Market, out var market))
            return RejectReason.UnknownMarket;
        if (!(market with { Maker = set.MakerFee ?? market.Maker, Taker = set.TakerFee ?? market.Taker }).IsValid())
            return RejectReason.InvalidTerms;
        if (set.Account >= (ulong)_accounts.Count)
            return RejectReason.UnknownTarget;
        var fees = _accounts[(int)set.Account].Fees;
        bool isRemoved = set.MakerFee is null && set.TakerFee is null;
        if (!isRemoved && !fees.ContainsKey(set.Market) && _accounts.Sum(a => a.Fees.Count) >= rules.MaximumFeeOverrides)
            return RejectReason.CapacityReached;
        fees.Remove(set.Market);
        if (!isRemoved)
            fees.Add(set.Market, (set.MakerFee, set.TakerFee));
        return Complete(answer);
    }

    private RejectReason RunRegister(RegisterAccount register, ref ExchangeEvent answer)
    {
        if (!VerifyingKey.IsAdmissible(BytesOf(register.Key)))
            return RejectReason.InvalidKey;
        answer.Reference = (ulong)_accounts.Count;
        _accounts.Add(new NaiveAccount { Key = BytesOf(register.Key) });
        return Complete(answer);
    }

    private RejectReason RunDeposit(Deposit deposit, ref ExchangeEvent answer)
    {
        answer.Asset = deposit.Asset;
        if (!_assets.TryGetValue(deposit.Asset, out var asset))
            return RejectReason.UnknownAsset;
        if (deposit.DepositId is { } id && _deposits.TryGetValue(id, out var former))
            return former == deposit ? RejectReason.DuplicateDeposit : RejectReason.DepositIdReused;
        if (deposit.Account >= (ulong)_accounts.Count)
            return RejectReason.UnknownTarget;
        if (deposit.Amount == 0 || deposit.Amount > MaximumAmount || asset.Total + deposit.Amount > BigInteger.One << 127)
            return RejectReason.AmountOutOfRange;
        if (!HasRoomForBalances)
            return RejectReason.CapacityReached;
        _balances.Add((deposit.Account, deposit.Asset));
        if (deposit.DepositId is { } newId)
            _deposits.Add(newId, deposit);
        asset.Total += deposit.Amount;
        _accounts[(int)deposit.Account].Add(deposit.Asset, deposit.Amount);
        Complete(answer);
        Emit(new ExchangeEvent
        {
            Kind = EventKind.Deposited,
            Account = deposit.Account,
            Asset = deposit.Asset,
            Amount = (Int128)deposit.Amount,
        }, report: true);
        return RejectReason.None;
    }

    private RejectReason RunWithdraw(Withdraw withdraw, ref ExchangeEvent answer)
    {
        answer.Asset = withdraw.Asset;
        if (!_assets.ContainsKey(withdraw.Asset))
            return RejectReason.UnknownAsset;
        if (withdraw.Amount == 0 || withdraw.Amount > MaximumAmount)
            return RejectReason.AmountOutOfRange;
        if (Available(answer.Account, withdraw.Asset) < withdraw.Amount)
            return RejectReason.InsufficientFunds;
        ulong account = answer.Account;
        if (_withdrawals.Values.Count(w => w.Account == account) >= rules.MaximumWithdrawalsOfAccount)
            return RejectReason.TooManyWithdrawals;
        if (_withdrawals.Count >= rules.MaximumWithdrawals)
            return RejectReason.CapacityReached;
        answer.Kind = EventKind.WithdrawalRequested;
        answer.Reference = _nextWithdrawal++;
        answer.Amount = (Int128)withdraw.Amount;
        _withdrawals.Add(answer.Reference, (answer.Account, withdraw.Asset, withdraw.Amount));
        Emit(answer, report: true);
        return RejectReason.None;
    }

    private RejectReason RunSettle(SettleWithdrawal settle, ref ExchangeEvent answer)
    {
        answer.Reference = settle.WithdrawalId;
        if (!_withdrawals.Remove(settle.WithdrawalId, out var withdrawal))
            return RejectReason.UnknownWithdrawal;
        bool paid = settle.Outcome == WithdrawalOutcome.Paid;
        if (paid)
        {
            _assets[withdrawal.Asset].Total -= withdrawal.Amount;
            _accounts[(int)withdrawal.Account].Add(withdrawal.Asset, -withdrawal.Amount);
        }

        Complete(answer);
        Emit(new ExchangeEvent
        {
            Kind = EventKind.WithdrawalSettled,
            Flags = paid ? EventFlags.None : EventFlags.Returned,
            Account = withdrawal.Account,
            Reference = settle.WithdrawalId,
            Asset = withdrawal.Asset,
            Amount = (Int128)withdrawal.Amount,
        }, report: true);
        return RejectReason.None;
    }

    private RejectReason RunDefine(DefineAsset define, ref ExchangeEvent answer)
    {
        answer.Asset = define.Asset;
        if (define.Asset == 0 || define.Decimals > 18)
            return RejectReason.InvalidTerms;
        return _assets.TryAdd(define.Asset, new NaiveAsset(define.Asset, define.Decimals, define.Symbol)) ? Complete(answer) : RejectReason.AssetExists;
    }

    private RejectReason RunDefine(DefineMarket define, ref ExchangeEvent answer)
    {
        answer.Market = define.Market;
        if (_markets.ContainsKey(define.Market))
            return RejectReason.MarketExists;
        var market = new NaiveMarket(define).With(define.Terms);
        bool hasIds = define.Market != 0 && define.BaseAsset != define.QuoteAsset;
        if (!hasIds || define.BaseUnitsPerLot == 0 || define.QuoteUnitsPerLotAndTick == 0 || !market.IsValid())
            return RejectReason.InvalidTerms;
        if (!_assets.ContainsKey(define.BaseAsset) || !_assets.ContainsKey(define.QuoteAsset))
            return RejectReason.UnknownAsset;
        if (!HasRoomForBalances)
            return RejectReason.CapacityReached;
        _balances.Add((0, define.QuoteAsset));
        _markets.Add(define.Market, market);
        Complete(answer);
        EmitDirectory(market);
        EmitState(market);
        return RejectReason.None;
    }

    private RejectReason RunChange(ChangeMarket change, ref ExchangeEvent answer)
    {
        answer.Market = change.Market;
        if (!_markets.TryGetValue(change.Market, out var market))
            return RejectReason.UnknownMarket;
        var changed = market.With(change.Terms);
        if (!changed.IsValid())
            return RejectReason.InvalidTerms;
        _markets[change.Market] = changed;
        Complete(answer);
        EmitDirectory(changed);
        if (market.HasBounds && !changed.HasBounds)
            EmitBand(changed);
        return RejectReason.None;
    }

    private RejectReason RunState(SetMarketState set, ref ExchangeEvent answer)
    {
        answer.Market = set.Market;
        if (!_markets.TryGetValue(set.Market, out var market))
            return RejectReason.UnknownMarket;
        if (market.State == MarketState.Closed)
            return RejectReason.MarketClosed;
        market.State = set.State;
        Complete(answer);
        EmitState(market);
        return RejectReason.None;
    }

    private void EmitDirectory(NaiveMarket market)
    {
        EmitEntry(market);
        if (market.HasBounds)
            EmitBand(market);
    }

    private void EmitBand(NaiveMarket market) => Emit(new ExchangeEvent
    {
        Kind = EventKind.PriceBand,
        Market = market.Definition.Market,
        ReferencePrice = (ulong)market.Reference,
        Band = (uint)market.Band,
        MaximumNotional = (UInt128)market.MostNotional,
    }, feed: true);

    private void EmitEntry(NaiveMarket market) => Emit(new ExchangeEvent
    {
        Kind = EventKind.Directory,
        Side = (byte)market.State,
        Market = market.Definition.Market,
        Decimals = (ushort)(_assets[market.Definition.BaseAsset].Decimals * 256 + _assets[market.Definition.QuoteAsset].Decimals),
        Asset = market.Definition.BaseAsset,
        SecondAsset = market.Definition.QuoteAsset,
        Symbol = market.Definition.Symbol,
        BaseUnitsPerLot = market.Definition.BaseUnitsPerLot,
        QuoteUnitsPerLotAndTick = market.Definition.QuoteUnitsPerLotAndTick,
        MinimumQuantity = (ulong)market.Minimum,
        MaximumQuantity = (ulong)market.Maximum,
        PriceCap = (ulong)market.Cap,
        MakerFee = market.Maker,
        TakerFee = market.Taker,
    }, feed: true);

    private void EmitState(NaiveMarket market) =>
        Emit(new ExchangeEvent { Kind = EventKind.TradingAction, Side = (byte)market.State, Market = market.Definition.Market }, feed: true);
}
