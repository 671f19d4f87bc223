#pragma warning disable CA1822 // bodies follow
using Clob.Protocol;

namespace Clob.Engine;

/// <summary>
/// The whole venue as a deterministic state machine over journal records: accounts, holds, markets, books. No clock, no randomness, no
/// I/O. Not thread-safe, except for <see cref="Keys"/>.
/// </summary>
public sealed partial class Exchange
{
    /// <summary>The version of the rules that this build applies; replay refuses others.</summary>
    public const uint CurrentVersion = 1;

    private byte[] _venueId = [];

    /// <summary>An empty venue that waits for its genesis record.</summary>
    /// <param name="capacity">Memory taken at the start.</param>
    public Exchange(ExchangeCapacity capacity) => _ = capacity;

    /// <summary>Sequence that the next record must carry.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>Time of the last record, ns since 1970; the next must be later.</summary>
    public ulong LastTime { get; private set; }

    /// <summary>SHA-256 of record 0, 32 bytes; empty before it.</summary>
    public ReadOnlySpan<byte> VenueId => _venueId;

    /// <summary>Keys and session settings for other threads.</summary>
    public KeyDirectory Keys { get; } = new();

    /// <summary>When the first open good-till-date order ends, ns since 1970; <see cref="ulong.MaxValue"/> for none.</summary>
    public ulong EarliestDeadline => ulong.MaxValue;

    /// <summary>Number that the next feed message will carry, from 1.</summary>
    public ulong NextFeedSequence { get; private set; } = 1;

    /// <summary>Asset ids, rising.</summary>
    public IReadOnlyList<uint> AssetIds => [];

    /// <summary>Market ids, rising.</summary>
    public IReadOnlyList<ushort> MarketIds => [];

    /// <summary>Number that the account's next execution report will carry, from 1; 0 when there is no such account.</summary>
    public ulong NextReportSequence(ulong account) => account < Keys.Count ? 1u : 0u;

    /// <summary>Applies one record and reports what happens to <paramref name="sink"/>, in order.</summary>
    /// <exception cref="ReplayRefusedException">No honest journal holds this record here.</exception>
    /// <exception cref="InvariantViolationException">A bug.</exception>
    public ApplyResult Apply<TSink>(in RecordHeader header, ReadOnlySpan<byte> payload, in SignatureHint hint, ref TSink sink)
        where TSink : IEventSink
    {
        if (header.Sequence != NextSequence)
            throw new ReplayRefusedException(header.Sequence, $"sequence {NextSequence}", $"{header.Sequence}");
        _ = hint;
        if (header.Kind == RecordKind.Genesis)
        {
            var genesis = Genesis.TryRead(payload)!;
            _venueId = Genesis.VenueIdOf(genesis.ToRecord(header.Time));
            Keys.Add(VerifyingKey.TryImport(genesis.OperatorKey)!);
            sink.OnEvent(new ExchangeEvent { Kind = EventKind.SystemEvent, RecordSequence = 0, Time = header.Time, FeedSequence = NextFeedSequence++ });
        }

        NextSequence++;
        LastTime = header.Time;
        return ApplyResult.Applied;
    }

    /// <summary>The account as it is now; null when there is none of that number.</summary>
    public AccountView? ReadAccount(ulong account) => null;

    /// <summary>The account's open orders by rising id; empty when there are none.</summary>
    public IReadOnlyList<OrderView> ReadOpenOrders(ulong account) => [];

    /// <summary>A resting order; null when there is none of that id.</summary>
    public OrderView? ReadOrder(ulong orderId) => null;

    /// <summary>The asset as it is now; null when it is not defined.</summary>
    public AssetView? ReadAsset(uint asset) => null;

    /// <summary>The market as it is now; null when it is not defined.</summary>
    public MarketView? ReadMarket(ushort market) => null;

    /// <summary>Fills <paramref name="levels"/> from the best price on and returns how many there are; 0 for an unknown market.</summary>
    public int ReadDepth(ushort market, Side side, Span<PriceLevelView> levels) => 0;

    /// <summary>Checks every invariant over the whole state; takes time in proportion to it.</summary>
    /// <exception cref="InvariantViolationException">Names the first that does not hold.</exception>
    public void Audit()
    {
    }

    /// <summary>
    /// Visits everything that decides what future records do, in canonical order: a function of the journal alone, whatever the memory
    /// layout or the way there.
    /// </summary>
    public void VisitState<TVisitor>(ref TVisitor visitor) where TVisitor : IStateVisitor
    {
    }
}
