using System.Numerics;
using System.Security.Cryptography;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.NaiveVenue;

/// <summary>
/// The venue written for being obviously right: lists that are searched and sorted, unbounded numbers, and nothing kept that can be
/// computed. Reserved balances are what the open orders need by definition; fees are differences of rounded sums.
/// </summary>
internal sealed partial class NaiveExchange(EngineRules rules)
{
    private static readonly BigInteger MaximumAmount = (BigInteger.One << 127) - 1;

    private readonly List<NaiveAccount> _accounts = [];
    private readonly SortedDictionary<uint, NaiveAsset> _assets = [];
    private readonly SortedDictionary<ushort, NaiveMarket> _markets = [];
    private readonly List<NaiveOrder> _orders = [];
    private readonly SortedDictionary<UInt128, Deposit> _deposits = [];
    private readonly SortedDictionary<ulong, (ulong Account, uint Asset, BigInteger Amount)> _withdrawals = [];
    private readonly List<ulong> _invalid = [];
    private readonly SortedSet<(ulong Account, uint Asset)> _balances = []; // whoever ever had or traded it, also when nothing is left
    private byte[] _venueId = [];
    private RecordHeader _record;
    private ulong _nextSequence;
    private ulong _nextFeed = 1;
    private ulong _nextOrder = 1;
    private ulong _nextMatch = 1;
    private ulong _nextWithdrawal = 1;
    private ulong _nextUnsettled;
    private List<ExchangeEvent> _events = [];

    public NaiveExchange() : this(EngineRules.Current)
    {
    }

    public IReadOnlyList<NaiveOrder> Orders => _orders;

    public int AccountCount => _accounts.Count;

    /// <summary>The key that the account's envelopes must be signed with now.</summary>
    public ReadOnlySpan<byte> KeyOf(ulong account) => _accounts[(int)account].Key;

    public List<ExchangeEvent> Apply(byte[] record, bool isValid)
    {
        _events = [];
        RecordHeader.TryRead(record, out _record, out var payload);
        while (_orders.Where(o => o.Order.Deadline != 0 && o.Order.Deadline <= _record.Time)
            .OrderBy(o => o.Order.Deadline).ThenBy(o => o.Id).FirstOrDefault() is { } due)
        {
            Cancel(due, CancelReason.DeadlinePassed);
        }

        _runsLeft = rules.MaximumTriggeredOfRecord;
        RunTriggered();

        switch (_record.Kind)
        {
            case RecordKind.Genesis:
                _venueId = SHA256.HashData(record);
                _accounts.Add(new NaiveAccount { Key = Genesis.TryRead(payload)!.OperatorKey });
                Emit(new ExchangeEvent { Kind = EventKind.SystemEvent }, feed: true);
                break;
            case RecordKind.Envelope:
                ApplyEnvelope(payload, isValid);
                break;
            case RecordKind.Mark:
                foreach (var market in _markets.Values)
                {
                    EmitDirectory(market);
                    EmitState(market);
                }

                break;
            case RecordKind.Disconnect:
                Disconnect.TryRead(payload, out var disconnect);
                CancelAll(disconnect.Account, 0, 0, CancelReason.Disconnected);
                break;
            case RecordKind.Verdict:
                Verdict.TryRead(payload, out var verdict);
                _nextUnsettled = verdict.Through + 1;
                _invalid.RemoveAll(sequence => sequence < _nextUnsettled);
                break;
        }

        _nextSequence++;
        return _events;
    }

    private void ApplyEnvelope(ReadOnlySpan<byte> payload, bool isValid)
    {
        if (!Envelope.TryRead(payload, out var envelope, out _))
        {
            Emit(Refusal(new BigEndianReader(payload).U64(), 0, RejectReason.Malformed));
            return;
        }

        if (envelope.Account >= (ulong)_accounts.Count)
        {
            Emit(Refusal(envelope.Account, 0, RejectReason.UnknownAccount));
            return;
        }

        var account = _accounts[(int)envelope.Account];
        ulong first = envelope.FirstNonce;
        UInt128 digest = EnvelopeSignature.DigestOf(envelope);
        var remembered = account.Envelopes.TakeLast(32).ToList();
        if (!isValid)
        {
            _invalid.Add(_record.Sequence);
            Emit(Refusal(envelope.Account, first, RejectReason.BadSignature), report: true);
        }
        else if (remembered.Find(e => e.First == first && e.Digest == digest) is { } same)
        {
            Emit(new ExchangeEvent
            {
                Kind = EventKind.Duplicate,
                Account = envelope.Account,
                Nonce = first,
                OrderId = same.Record,
                Quantity = same.Count,
                Reference = same.FirstReport,
            }, report: true);
        }
        else if (envelope.Expiry != 0 && envelope.Expiry < _record.Time)
        {
            Emit(Refusal(envelope.Account, first, RejectReason.Expired), report: true);
        }
        else if (first < account.NextNonce)
        {
            bool isRemembered = remembered.Count != 0 && first >= remembered[0].First;
            var refusal = Refusal(envelope.Account, first, isRemembered ? RejectReason.NonceReused : RejectReason.NonceTooOld);
            refusal.Reference = account.NextNonce;
            Emit(refusal, report: true);
        }
        else
        {
            account.Envelopes.Add(new NaiveEnvelope(first, (ushort)envelope.Count, digest, _record.Sequence, account.NextReport));
            account.NextNonce = first + (ulong)envelope.Count;
            Run(envelope);
        }
    }

    private void Run(Envelope envelope)
    {
        ulong nonce = envelope.FirstNonce;
        foreach (var command in envelope.Commands)
        {
            var answer = new ExchangeEvent { Account = envelope.Account, Nonce = nonce++ };
            var reason = (byte)command.Type >= 32 && envelope.Account != 0 ? RejectReason.NotAllowed : Run(command, ref answer);
            if (reason == RejectReason.None)
            {
                RunTriggered();
                continue;
            }

            answer.Kind = EventKind.Rejected;
            answer.Reason = (byte)reason;
            Emit(answer, report: true);
        }
    }

    private RejectReason Run(Command command, ref ExchangeEvent answer) => command.Type switch
    {
        CommandType.NewOrder => Place(NewOrder.Read(command.Body), ref answer),
        CommandType.Cancel => RunCancel(Protocol.Cancel.Read(command.Body), ref answer),
        CommandType.Reduce => RunReduce(Reduce.Read(command.Body), ref answer),
        CommandType.Replace => RunReplace(Replace.Read(command.Body), ref answer),
        CommandType.CancelAll => RunCancelAll(Protocol.CancelAll.Read(command.Body), ref answer),
        CommandType.Withdraw => RunWithdraw(Withdraw.Read(command.Body), ref answer),
        CommandType.RotateKey => RunRotate(RotateKey.Read(command.Body), ref answer),
        CommandType.AccountSettings => RunSettings(AccountSettings.Read(command.Body), ref answer),
        CommandType.RegisterAccount => RunRegister(RegisterAccount.Read(command.Body), ref answer),
        CommandType.Deposit => RunDeposit(Deposit.Read(command.Body), ref answer),
        CommandType.SettleWithdrawal => RunSettle(SettleWithdrawal.Read(command.Body), ref answer),
        CommandType.DefineAsset => RunDefine(DefineAsset.Read(command.Body), ref answer),
        CommandType.DefineMarket => RunDefine(DefineMarket.Read(command.Body), ref answer),
        CommandType.ChangeMarket => RunChange(ChangeMarket.Read(command.Body), ref answer),
        CommandType.SetAccountLimits => RunLimits(SetAccountLimits.Read(command.Body), ref answer),
        CommandType.SetAccountFees => RunFees(SetAccountFees.Read(command.Body), ref answer),
        CommandType.SetMarketState => RunState(SetMarketState.Read(command.Body), ref answer),
        _ => throw new InvalidOperationException($"{command.Type}"),
    };

    private RejectReason Complete(ExchangeEvent answer)
    {
        answer.Kind = EventKind.Completed;
        Emit(answer, report: true);
        return RejectReason.None;
    }

    private static ExchangeEvent Refusal(ulong account, ulong nonce, RejectReason reason) =>
        new() { Kind = EventKind.EnvelopeRejected, Account = account, Nonce = nonce, Reason = (byte)reason };

    private void Emit(ExchangeEvent happened, bool report = false, bool feed = false)
    {
        happened.RecordSequence = _record.Sequence;
        happened.Time = _record.Time;
        if (report)
            happened.ReportSequence = _accounts[(int)happened.Account].NextReport++;
        if (feed)
            happened.FeedSequence = _nextFeed++;
        _events.Add(happened);
    }

    private bool HasRoomForBalances => _balances.Count + 2 <= rules.MaximumBalances;

    private void OpenBalances(ulong account, NaiveMarket market)
    {
        _balances.Add((account, market.Definition.BaseAsset));
        _balances.Add((account, market.Definition.QuoteAsset));
    }

    private BigInteger Reserved(ulong account, uint asset)
    {
        BigInteger sum = 0;
        foreach (var order in _orders.Where(o => o.Account == account))
        {
            var market = _markets[order.Order.Market];
            if ((order.IsBuy ? market.Definition.QuoteAsset : market.Definition.BaseAsset) == asset)
                sum += order.Hold(market);
        }

        foreach (var withdrawal in _withdrawals.Values.Where(w => w.Account == account && w.Asset == asset))
            sum += withdrawal.Amount;
        return sum;
    }

    private BigInteger Available(ulong account, uint asset) =>
        _accounts[(int)account].Owned.GetValueOrDefault(asset) - Reserved(account, asset);
}
