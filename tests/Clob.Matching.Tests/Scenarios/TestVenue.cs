using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>An Exchange fed with records of the test's making; it keeps every event and checks their numbering.</summary>
internal sealed class TestVenue
{
    public const ulong Start = 1_000;

    private static readonly Lazy<SigningKey> Operator = new(() => KeyOf(0));
    private readonly byte[] _buffer = new byte[Envelope.MaximumSize];
    private readonly Dictionary<ulong, ulong> _reports = [];
    private EventList _events = new();
    private ulong _feed;

    public TestVenue(ExchangeCapacity? capacity = null, EngineRules? rules = null)
    {
        Exchange = new Exchange(capacity ?? ExchangeCapacity.Small, rules ?? EngineRules.Current) { LookaheadFrom = 0 };
        Time = Start;
        Apply(GenesisRecord(), SignatureHint.None);
    }

    public Exchange Exchange { get; }

    /// <summary>Time of the last record.</summary>
    public ulong Time { get; private set; }

    public List<byte[]> Journal { get; } = [];

    /// <summary>Called after each record with its bytes, whether its hint said invalid, and its events.</summary>
    public Action<byte[], bool, List<ExchangeEvent>>? Applied { get; set; }

    public List<ApplyResult> Results { get; } = [];

    public static SigningKey OperatorKey => Operator.Value;

    public static SigningKey KeyOf(int number)
    {
        byte[] seed = new byte[SigningKey.SeedSize];
        seed[0] = (byte)number;
        seed[1] = (byte)(number >> 8);
        seed[31] = 1;
        return SigningKey.FromSeed(seed);
    }

    public static byte[] GenesisRecord(uint version = 1) => new Genesis
    {
        Salt = new byte[32],
        OperatorKey = OperatorKey.PublicKey.ToArray(),
        LogKey = OperatorKey.PublicKey.ToArray(),
        EngineVersion = version,
        EngineHash = new byte[32],
    }.ToRecord(Start);

    /// <summary>An envelope for hints that settle its signature, which is the operator's whoever the account is.</summary>
    public byte[] Unsigned(ulong account, ulong firstNonce, ulong expiry, params ReadOnlySpan<Added> commands) =>
        Signed(OperatorKey, account, firstNonce, expiry, commands);

    /// <summary>An envelope signed by a key.</summary>
    public byte[] Signed(SigningKey key, ulong account, ulong firstNonce, ulong expiry, params ReadOnlySpan<Added> commands)
    {
        var builder = new EnvelopeBuilder(_buffer, account, firstNonce, expiry);
        foreach (var add in commands)
            add(ref builder);
        return builder.Sign(key, Exchange.VenueId).ToArray();
    }

    public static Added Of<TCommand>(TCommand command) where TCommand : struct, ICommand =>
        (ref EnvelopeBuilder builder) => Assert.That(builder.TryAdd(command), Is.True);

    /// <summary>Applies an envelope with a settled signature as the next record and returns its events.</summary>
    public List<ExchangeEvent> Submit(byte[] envelope, bool isValid = true, ulong? time = null) =>
        ApplyNext(RecordKind.Envelope, envelope, SignatureHint.Settled(isValid), time);

    /// <summary>Applies an envelope of the next nonce.</summary>
    public List<ExchangeEvent> Do(ulong account, params ReadOnlySpan<Added> commands) =>
        Submit(Unsigned(account, Exchange.ReadAccount(account)!.NextNonce, 0, commands));

    public List<ExchangeEvent> ApplyNext(RecordKind kind, ReadOnlySpan<byte> payload, SignatureHint hint = default, ulong? time = null)
    {
        byte[] record = new byte[RecordHeader.Size + payload.Length];
        Time = time ?? Time + 10;
        new RecordHeader(kind, Exchange.NextSequence, Time).Write(record);
        payload.CopyTo(record.AsSpan(RecordHeader.Size));
        return Apply(record, hint);
    }

    public List<ExchangeEvent> Apply(byte[] record, SignatureHint hint)
    {
        Assert.That(RecordHeader.TryRead(record, out var header, out var payload), Is.True);
        _events = new EventList();
        Results.Add(Exchange.Apply(header, payload, hint, ref _events));
        Journal.Add(record);
        foreach (var happened in _events.Items)
            CheckNumbers(happened, header);
        Applied?.Invoke(record, hint.Status != SignatureStatus.Invalid, _events.Items);
        return _events.Items;
    }

    private void CheckNumbers(in ExchangeEvent happened, in RecordHeader header)
    {
        // Of an order that hides a part, the report and the feed say different things: two events, of which one may be missing.
        bool isEither = happened.Kind is EventKind.Reduced or EventKind.Replaced && (happened.FeedSequence != 0 || happened.ReportSequence != 0);
        bool isPublished = happened.Kind is EventKind.Rested or EventKind.Directory or EventKind.TradingAction or EventKind.SystemEvent
            or EventKind.PriceBand
            || (isEither && happened.FeedSequence != 0)
            || (happened.Kind == EventKind.Executed && (happened.Flags & EventFlags.Taker) == 0)
            || (happened.Kind == EventKind.Cancelled && (happened.Flags & EventFlags.Displayed) != 0);
        bool isUnowned = happened.Kind == EventKind.EnvelopeRejected
            && (RejectReason)happened.Reason is RejectReason.Malformed or RejectReason.UnknownAccount;
        bool isReported = happened.Kind is not (EventKind.Rested or EventKind.Directory or EventKind.TradingAction or EventKind.SystemEvent
            or EventKind.PriceBand)
            && !isUnowned && !(isEither && happened.ReportSequence == 0);
        if (isReported)
            _reports[happened.Account] = _reports.GetValueOrDefault(happened.Account) + 1;
        bool isNumbered = happened.FeedSequence == (isPublished ? ++_feed : 0)
            && happened.ReportSequence == (isReported ? _reports[happened.Account] : 0)
            && happened.RecordSequence == header.Sequence && happened.Time == header.Time;
        if (!isNumbered)
            throw new InvalidOperationException($"sequences or time of {happened} under {header}");
    }

    public delegate void Added(ref EnvelopeBuilder builder);
}

internal struct EventList() : IEventSink
{
    public List<ExchangeEvent> Items { get; } = [];

    public readonly void OnEvent(in ExchangeEvent happened) => Items.Add(happened);
}
