using Clob.Protocol;

namespace Clob.Engine;

// Envelopes: whether one is taken in, and its commands one by one.
public sealed partial class Exchange
{
    /// <summary>
    /// Reasons in their order: malformed, unknown account, bad signature; then a repetition is answered, even past its expiry, so that
    /// resending is always safe; then expired, then the nonce. An envelope is a repetition when one of the last 32 taken in has its first
    /// nonce and its digest. Otherwise its first nonce must not be below the account's next. The answers to a malformed envelope and to an
    /// unknown account belong to nobody's stream of reports: nothing proves that the account it names sent it.
    /// </summary>
    private ApplyResult ApplyEnvelope<TSink>(ReadOnlySpan<byte> payload, in SignatureHint hint, ref TSink sink) where TSink : IEventSink
    {
        if (!Envelope.TryRead(payload, out var envelope, out _))
            return RefuseUnowned(payload.Length < sizeof(ulong) ? 0 : new BigEndianReader(payload).U64(), RejectReason.Malformed, ref sink);
        if (envelope.Account >= Keys.Count)
            return RefuseUnowned(envelope.Account, RejectReason.UnknownAccount, ref sink);
        uint account = (uint)envelope.Account;
        _envelopes.Expect(_accounts[account]);
        if (!IsSignatureValid(envelope, hint))
        {
            _unsettledInvalid.Add(_record.Sequence);
            Refuse(account, envelope.FirstNonce, RejectReason.BadSignature, ref sink);
            return ApplyResult.BadSignature;
        }

        UInt128 digest = hint.Digest != 0 ? hint.Digest : EnvelopeSignature.DigestOf(envelope);
        var reason = ReasonAgainst(envelope, account, digest, out uint original);
        if (original != 0)
            return AnswerDuplicate(account, original, ref sink);
        if (reason != RejectReason.None)
        {
            Refuse(account, envelope.FirstNonce, reason, ref sink);
            return ApplyResult.Rejected;
        }

        TakeIn(envelope, account, digest, ref sink);
        return ApplyResult.Applied;
    }

    private bool IsSignatureValid(in Envelope envelope, in SignatureHint hint)
    {
        Keys.TryGet(envelope.Account, out var key, out uint version);
        bool isUsable = hint.Status != SignatureStatus.Unchecked && (hint.IsSettled || hint.KeyVersion == version);
        return isUsable ? hint.Status == SignatureStatus.Valid : EnvelopeSignature.Verify(key!, _venueId, envelope);
    }

    private RejectReason ReasonAgainst(in Envelope envelope, uint account, UInt128 digest, out uint original)
    {
        ref AccountState state = ref _accounts[account];
        bool isBehind = envelope.FirstNonce < state.NextNonce;
        original = isBehind ? _envelopes.Find(state, envelope.FirstNonce, digest) : 0;
        if (envelope.Expiry != 0 && _record.Time > envelope.Expiry)
            return RejectReason.Expired;
        return isBehind ? _envelopes.WhyRefused(state, envelope.FirstNonce) : RejectReason.None;
    }

    private void TakeIn<TSink>(in Envelope envelope, uint account, UInt128 digest, ref TSink sink) where TSink : IEventSink
    {
        ref AccountState state = ref _accounts[account];
        _envelopes.Remember(ref state, new RememberedEnvelope
        {
            Digest = digest,
            FirstNonce = envelope.FirstNonce,
            RecordSequence = _record.Sequence,
            FirstReport = state.NextReport,
            Commands = (ushort)envelope.Count,
        });
        state.NextNonce = envelope.LastNonce + 1;
        if (envelope.Count > 1 && IsLookaheadUseful)
            ExpectAll(envelope, account);
        ulong nonce = envelope.FirstNonce;
        foreach (var command in envelope.Commands)
            Run(command, account, nonce++, ref sink);
    }

    /// <summary>One command of an envelope that was taken in; also where measurements of the engine without envelopes enter.</summary>
    internal void Run<TSink>(in Command command, uint account, ulong nonce, ref TSink sink) where TSink : IEventSink
    {
        var answer = new ExchangeEvent { Account = account, Nonce = nonce };
        var reason = Execute(command, account, ref answer, ref sink);
        if (reason != RejectReason.None)
        {
            answer.Kind = EventKind.Rejected;
            answer.Reason = (byte)reason;
            Report(ref sink, ref answer);
        }
        else if (_triggeredMarkets.Count != 0)
        {
            RunTriggered(ref sink);
        }
    }

    /// <summary>
    /// Does a command or says why not, and then nothing has changed. <paramref name="answer"/> comes with account and nonce; what is done
    /// fills in what the command is about, so that a reject can name it.
    /// </summary>
    private RejectReason Execute<TSink>(in Command command, uint account, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        if (command.Type >= CommandType.RegisterAccount)
            return account == 0 ? ExecuteForOperator(command, ref answer, ref sink) : RejectReason.NotAllowed;
        return command.Type switch
        {
            CommandType.NewOrder => Place(NewOrder.Read(command.Body), account, ref answer, ref sink),
            CommandType.Cancel => Cancel(Protocol.Cancel.Read(command.Body), account, ref answer, ref sink),
            CommandType.Reduce => Reduce(Protocol.Reduce.Read(command.Body), account, ref answer, ref sink),
            CommandType.Replace => Replace(Protocol.Replace.Read(command.Body), account, ref answer, ref sink),
            CommandType.CancelAll => CancelAll(Protocol.CancelAll.Read(command.Body), account, ref answer, ref sink),
            CommandType.Withdraw => Withdraw(Protocol.Withdraw.Read(command.Body), account, ref answer, ref sink),
            CommandType.RotateKey => RotateKey(Protocol.RotateKey.Read(command.Body), account, ref answer, ref sink),
            CommandType.AccountSettings => ChangeSettings(AccountSettings.Read(command.Body), account, ref answer, ref sink),
            _ => throw _record.Violation("a checked envelope holds known commands", "a known type", $"{command.Type}"),
        };
    }

    private RejectReason ExecuteForOperator<TSink>(in Command command, ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink =>
        command.Type switch
        {
            CommandType.RegisterAccount => Register(RegisterAccount.Read(command.Body), ref answer, ref sink),
            CommandType.Deposit => Deposit(Protocol.Deposit.Read(command.Body), ref answer, ref sink),
            CommandType.SettleWithdrawal => Settle(SettleWithdrawal.Read(command.Body), ref answer, ref sink),
            CommandType.DefineAsset => Define(DefineAsset.Read(command.Body), ref answer, ref sink),
            CommandType.DefineMarket => Define(DefineMarket.Read(command.Body), ref answer, ref sink),
            CommandType.ChangeMarket => Change(ChangeMarket.Read(command.Body), ref answer, ref sink),
            CommandType.SetAccountLimits => SetLimits(SetAccountLimits.Read(command.Body), ref answer, ref sink),
            CommandType.SetAccountFees => SetFees(SetAccountFees.Read(command.Body), ref answer, ref sink),
            CommandType.SetMarketState => SetState(SetMarketState.Read(command.Body), ref answer, ref sink),
            _ => throw _record.Violation("a checked envelope holds known commands", "a known type", $"{command.Type}"),
        };

    private void Complete<TSink>(ref ExchangeEvent answer, ref TSink sink) where TSink : IEventSink
    {
        answer.Kind = EventKind.Completed;
        Report(ref sink, ref answer);
    }

    private ApplyResult RefuseUnowned<TSink>(ulong account, RejectReason reason, ref TSink sink) where TSink : IEventSink
    {
        var happened = new ExchangeEvent { Kind = EventKind.EnvelopeRejected, Reason = (byte)reason, Account = account };
        Emit(ref sink, ref happened);
        return ApplyResult.Rejected;
    }

    private void Refuse<TSink>(uint account, ulong nonce, RejectReason reason, ref TSink sink) where TSink : IEventSink
    {
        bool concernsNonce = reason is RejectReason.NonceReused or RejectReason.NonceTooOld;
        var happened = new ExchangeEvent
        {
            Kind = EventKind.EnvelopeRejected,
            Reason = (byte)reason,
            Account = account,
            Nonce = nonce,
            Reference = concernsNonce ? _accounts[account].NextNonce : 0,
        };
        Report(ref sink, ref happened);
    }

    private ApplyResult AnswerDuplicate<TSink>(uint account, uint original, ref TSink sink) where TSink : IEventSink
    {
        ref RememberedEnvelope envelope = ref _envelopes[original];
        var happened = new ExchangeEvent
        {
            Kind = EventKind.Duplicate,
            Account = account,
            Nonce = envelope.FirstNonce,
            OrderId = envelope.RecordSequence,
            Quantity = envelope.Commands,
            Reference = envelope.FirstReport,
        };
        Report(ref sink, ref happened);
        return ApplyResult.Duplicate;
    }
}
