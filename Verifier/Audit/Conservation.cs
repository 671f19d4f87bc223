using Clob.Engine;
using Clob.Protocol;

namespace Clob.Verifier.Audit;

/// <summary>
/// Counts the money of each asset a second time, apart from the engine's own totals: what operator-signed deposits brought in less what
/// operator-signed settlements of client-signed withdrawals paid out. Every event that moves money over the venue's border must have its command in the very
/// record it came from, and what all accounts hold must add up to the count.
/// </summary>
internal sealed class Conservation
{
    private readonly SortedDictionary<uint, UInt128> _totals = [];
    private readonly Dictionary<ulong, (ulong Account, uint Asset, UInt128 Amount)> _requested = [];
    private ReadOnlyMemory<byte> _envelope;
    private int _nextCommand;
    private ulong _sequence;

    /// <summary>What has come in and not gone out, per asset that ever had any, smallest units.</summary>
    public IReadOnlyDictionary<uint, UInt128> Totals => _totals;

    /// <summary>Says which envelope the following events come from; empty for a record that is none.</summary>
    public void Begin(ulong sequence, ReadOnlyMemory<byte> envelope)
    {
        _sequence = sequence;
        _envelope = envelope;
        _nextCommand = 0;
    }

    /// <summary>Counts an event.</summary>
    /// <exception cref="VerificationFailedException">It moves money and nobody has signed for that.</exception>
    public void Count(in ExchangeEvent happened)
    {
        switch (happened.Kind)
        {
            case EventKind.Deposited:
                CountDeposit(happened);
                break;
            case EventKind.WithdrawalRequested:
                CountRequest(happened);
                break;
            case EventKind.WithdrawalSettled:
                CountSettlement(happened);
                break;
        }
    }

    /// <summary>Adds up what all accounts hold and compares.</summary>
    /// <exception cref="VerificationFailedException">Money has appeared or vanished.</exception>
    public void Compare(Exchange exchange)
    {
        SortedDictionary<uint, UInt128> held = [];
        for (ulong account = 0; account < exchange.Keys.Count; account++)
        {
            foreach (BalanceView balance in exchange.ReadAccount(account)?.Balances ?? [])
                held[balance.Asset] = held.GetValueOrDefault(balance.Asset) + balance.Available + balance.Reserved;
        }
        foreach (uint asset in exchange.AssetIds.Union(_totals.Keys).Union(held.Keys).Order())
        {
            UInt128 counted = _totals.GetValueOrDefault(asset);
            UInt128 total = exchange.ReadAsset(asset)?.Total ?? 0;
            if (held.GetValueOrDefault(asset) != counted)
                throw Fails($"the accounts to hold {counted} of asset {asset}: deposits less paid withdrawals", $"{held.GetValueOrDefault(asset)}");
            if (total != counted)
                throw Fails($"a total of {counted} of asset {asset}: deposits less paid withdrawals", $"{total}");
        }
    }

    private void CountDeposit(in ExchangeEvent deposit)
    {
        (ulong account, uint asset, UInt128 amount) = (deposit.Account, deposit.Asset, AmountOf(deposit));
        RequireCommand(CommandType.Deposit, $"account {account} is credited {amount} of asset {asset}", (signer, body) =>
            signer == 0 && Deposit.Read(body) is var signed && signed.Account == account && signed.Asset == asset && signed.Amount == amount);
        _totals[asset] = _totals.GetValueOrDefault(asset) + amount;
    }

    private void CountRequest(in ExchangeEvent request)
    {
        (ulong account, uint asset, UInt128 amount) = (request.Account, request.Asset, AmountOf(request));
        RequireCommand(CommandType.Withdraw, $"account {account} withdraws {amount} of asset {asset}", (signer, body) =>
            signer == account && Withdraw.Read(body) == new Withdraw(asset, amount));
        if (!_requested.TryAdd(request.Reference, (account, asset, amount)))
            throw Fails($"a new withdrawal id", $"withdrawal {request.Reference} once more");
    }

    private void CountSettlement(in ExchangeEvent settled)
    {
        ulong id = settled.Reference;
        bool returned = settled.Flags.HasFlag(EventFlags.Returned);
        RequireCommand(CommandType.SettleWithdrawal, $"withdrawal {id} is settled", (signer, body) =>
            signer == 0 && SettleWithdrawal.Read(body) == new SettleWithdrawal(id, returned ? WithdrawalOutcome.Returned : WithdrawalOutcome.Paid));
        (ulong Account, uint Asset, UInt128 Amount) found = (settled.Account, settled.Asset, AmountOf(settled));
        if (!_requested.Remove(id, out (ulong Account, uint Asset, UInt128 Amount) requested) || requested != found)
            throw Fails($"withdrawal {id} to be settled as it was requested: (account, asset, amount) {requested}", $"{found}");
        if (!returned)
            _totals[requested.Asset] = _totals.GetValueOrDefault(requested.Asset) - requested.Amount;
    }

    private UInt128 AmountOf(in ExchangeEvent happened) =>
        happened.Amount >= 0 ? (UInt128)happened.Amount : throw Fails("an amount that is not negative", $"{happened.Amount}");

    /// <summary>Events come in the order of their commands, so each is looked for behind the one found last: no command serves twice.</summary>
    private void RequireCommand(CommandType type, string what, CommandTest test)
    {
        if (Envelope.TryRead(_envelope.Span, out Envelope envelope, out _))
        {
            int index = 0;
            foreach (Command command in envelope.Commands)
            {
                if (index++ < _nextCommand || command.Type != type || !test(envelope.Account, command.Body))
                    continue;
                _nextCommand = index;
                return;
            }
        }
        throw Fails($"a signed command by which {what}", "none in this record");
    }

    private VerificationFailedException Fails(string expected, string found) =>
        new(new Failure(ExitCode.Mismatch, expected, found) { Sequence = _sequence });

    private delegate bool CommandTest(ulong signer, ReadOnlySpan<byte> body);
}
