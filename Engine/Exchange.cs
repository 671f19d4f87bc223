using System.Runtime.CompilerServices;
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// The whole venue as a deterministic state machine over journal records: accounts, holds, markets, books. No clock, no randomness, no
/// I/O. Not thread-safe, except for <see cref="Keys"/>. After any exception out of <see cref="Apply"/> the instance is worthless.
/// </summary>
public sealed partial class Exchange
{
    /// <summary>
    /// The newest version of the rules that this build applies. It applies all former ones too, from 1 on: a journal says from which record
    /// on which one holds. Replay refuses a version it does not know.
    /// </summary>
    public const uint CurrentVersion = 1;

    /// <summary>Most accounts, account 0 included.</summary>
    public const int MaximumAccounts = 1 << 23;

    /// <summary>Most assets.</summary>
    public const int MaximumAssets = ushort.MaxValue;

    /// <summary>
    /// Most open orders of one account: one account cannot fill the venue, and what ends all of an account's orders (cancel all, disconnect)
    /// causes a bounded number of events, which others wait for.
    /// </summary>
    public const int MaximumOrdersOfAccount = 100_000;

    /// <summary>
    /// Most triggered stops that run in one record: a trade may trigger any number, and what runs may trigger more. The rest runs at the start
    /// of the following records.
    /// </summary>
    public const int MaximumTriggeredOfRecord = 64;

    /// <summary>Most withdrawals that wait for the operator, all accounts together.</summary>
    public const int MaximumWithdrawals = 1 << 24;

    /// <summary>Most withdrawals of one account that wait for the operator, who settles them one by one.</summary>
    public const int MaximumWithdrawalsOfAccount = 1_000;

    /// <summary>
    /// Most orders that a fill-or-kill order may meet when its account asked for self-trade prevention and has open orders: whether it can be
    /// filled is then decided order by order, and a refused order costs its owner nothing.
    /// </summary>
    public const int MaximumMakersOfFillOrKill = 10_000;

    /// <summary>Most balances. An account has one of each asset it ever had or traded, also when nothing is left of it.</summary>
    public const int MaximumBalances = Pool<Balance>.MaximumCount;

    /// <summary>Most fees of single accounts in single markets, all together.</summary>
    public const int MaximumFeeOverrides = 1 << 20;

    private readonly EngineRules _rules;
    private readonly AppliedRecord _record = new();
    private readonly BookStorage _storage;
    private readonly Ledger _ledger;
    private readonly EnvelopeMemory _envelopes;
    private readonly DeadlineHeap _deadlines;
    private readonly PinnedTable<AccountState> _accounts;
    private readonly OrderTermsTable _terms;
    private byte[] _venueId = [];
    private bool _isApplying;

    static Exchange()
    {
        if ((long)MaximumAccounts * EnvelopeMemory.PerAccount > Pool<RememberedEnvelope>.MaximumCount)
            throw new InvalidOperationException("the envelopes of all accounts must fit their pool");
        if (Unsafe.SizeOf<AccountState>() != PinnedMemory.CacheLine)
            throw new InvalidOperationException($"an account must be one cache line, it is {Unsafe.SizeOf<AccountState>()} bytes");
    }

    /// <summary>An empty venue that waits for its genesis record.</summary>
    /// <param name="capacity">Memory taken at the start.</param>
    public Exchange(ExchangeCapacity capacity) : this(capacity, EngineRules.Current)
    {
    }

    internal Exchange(ExchangeCapacity capacity, EngineRules rules)
    {
        _rules = rules;
        _storage = new BookStorage(capacity.Orders, capacity.PriceLevels, _record);
        _ledger = new Ledger(capacity.Accounts, rules.MaximumBalances, _record);
        _envelopes = new EnvelopeMemory(capacity.Accounts);
        _accounts = new PinnedTable<AccountState>(Math.Max(capacity.Accounts, 16));
        _terms = new OrderTermsTable(_storage.Orders.Capacity);
        _deadlines = new DeadlineHeap(_terms.Rare);
    }

    /// <summary>The version of the rules that holds for the next record; 0 before the genesis record.</summary>
    public uint Version => _version;

    /// <summary>Sequence that the next record must carry.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Time of the last record, ns since 1970; the next must be later.</summary>
    public ulong LastTime { get; private set; }

    /// <summary>SHA-256 of record 0, 32 bytes; empty before it.</summary>
    public ReadOnlySpan<byte> VenueId => _venueId;

    /// <summary>Keys and session settings for other threads.</summary>
    public KeyDirectory Keys { get; } = new();

    /// <summary>
    /// When the next record is due, ns since 1970: the earliest deadline of an order; 0, at once, while triggered stops wait to run;
    /// <see cref="ulong.MaxValue"/> for never. A Time record serves when no other comes.
    /// </summary>
    public ulong EarliestDeadline => HasTriggered ? 0 : _deadlines.Earliest;

    /// <summary>Number that the next feed message will carry, from 1.</summary>
    public ulong NextFeedSequence { get; private set; } = 1;

    /// <summary>Number that the account's next execution report will carry, from 1; 0 when there is no such account.</summary>
    public ulong NextReportSequence(ulong account) => account < Keys.Count ? _accounts[(uint)account].NextReport : 0;

    /// <summary>
    /// Applies one record: first ends what is due at its time and runs triggered stops that wait, then does what it says. What happens goes to <paramref name="sink"/>, in order.
    /// </summary>
    /// <param name="header">The record's head.</param>
    /// <param name="payload">The record's payload; good during the call only.</param>
    /// <param name="hint">What is known of an envelope's signature.</param>
    /// <param name="sink">Where events go.</param>
    /// <exception cref="ReplayRefusedException">No honest journal holds this record here.</exception>
    /// <exception cref="InvariantViolationException">A bug.</exception>
    public ApplyResult Apply<TSink>(in RecordHeader header, ReadOnlySpan<byte> payload, in SignatureHint hint, ref TSink sink)
        where TSink : IEventSink
    {
        RefuseUnlessNext(header);
        _isApplying = true; // stays when an exception leaves: half a record may have been applied
        _record.Sequence = header.Sequence;
        _record.Time = header.Time;
        if (_deadlines.Earliest <= header.Time)
            EndWhatIsDue(ref sink);
        _triggeredRunsLeft = _rules.MaximumTriggeredOfRecord;
        if (_triggeredMarkets.Count != 0)
            RunTriggered(ref sink);
        var result = ApplyResult.Applied;
        if (header.Kind == RecordKind.Envelope)
            result = ApplyEnvelope(payload, hint, ref sink);
        else
            ApplyOther(header, payload, ref sink);
        NextSequence = header.Sequence + 1;
        LastTime = header.Time;
        _isApplying = false;
        return result;
    }

    private void RefuseUnlessNext(in RecordHeader header)
    {
        if (_isApplying)
            throw new InvalidOperationException($"record {_record.Sequence} ended in an exception: this Exchange must not be used any more");
        if (header.Sequence != NextSequence)
            throw new ReplayRefusedException(header.Sequence, $"sequence {NextSequence}", $"{header.Sequence}");
        if (header.Sequence != 0 && header.Time <= LastTime)
            throw new ReplayRefusedException(header.Sequence, $"a time after {LastTime}", $"{header.Time}");
        if ((header.Kind == RecordKind.Genesis) != (header.Sequence == 0))
            throw new ReplayRefusedException(header.Sequence, "Genesis as record 0 and nowhere else", $"{header.Kind}");
    }

    private void Report<TSink>(ref TSink sink, ref ExchangeEvent happened) where TSink : IEventSink
    {
        if (happened.Account >= Keys.Count)
            throw OfNobody(happened.Account);
        happened.ReportSequence = _accounts[(uint)happened.Account].NextReport++;
        Emit(ref sink, ref happened);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private InvariantViolationException OfNobody(ulong account) =>
        _record.Violation("reports are those of accounts", $"an account below {Keys.Count}", $"{account}");

    private void Publish<TSink>(ref TSink sink, ref ExchangeEvent happened) where TSink : IEventSink
    {
        happened.FeedSequence = NextFeedSequence++;
        Emit(ref sink, ref happened);
    }

    private void ReportAndPublish<TSink>(ref TSink sink, ref ExchangeEvent happened) where TSink : IEventSink
    {
        happened.FeedSequence = NextFeedSequence++;
        Report(ref sink, ref happened);
    }

    private void Emit<TSink>(ref TSink sink, ref ExchangeEvent happened) where TSink : IEventSink
    {
        happened.RecordSequence = _record.Sequence;
        happened.Time = _record.Time;
        sink.OnEvent(happened);
    }
}
