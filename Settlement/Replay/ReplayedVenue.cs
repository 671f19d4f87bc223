using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// The venue as its journal says it is: feed it the records one by one, and at each Mark it says what a checkpoint must say.
/// The settlement plane and the verifier both run this class, so what is published and what is checked come from one path; they differ
/// only in the hint: settlement trusts the settled verdicts, the verifier checks every signature itself.
/// It begins at record 0, or behind the Mark of a snapshot as if it had applied all before. Not thread-safe.
/// </summary>
public sealed class ReplayedVenue
{
    private readonly CompactRange _journal = new();
    private readonly CompactRange _recordsSinceMark = new();
    private readonly CompactRange _eventsSinceMark = new();
    private readonly StateCommitmentBuilder _state = new();
    private Hash256 _engine;
    private Hash256 _previous;

    /// <summary>An empty venue that waits for its genesis record.</summary>
    public ReplayedVenue(ExchangeCapacity capacity) => Exchange = new Exchange(capacity);

    /// <summary>The venue of a snapshot, whose exchange is its own from now on.</summary>
    public ReplayedVenue(VenueSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Exchange = snapshot.Exchange;
        _journal.CopyFrom(snapshot.Journal);
        LastCheckpoint = snapshot.Checkpoint;
        _previous = LastCheckpoint.CoreHash();
        _engine = LastCheckpoint.Engine;
        TakeGenesis(snapshot.GenesisRecord.Span);
    }

    /// <summary>The exchange after the last record.</summary>
    public Exchange Exchange { get; }

    /// <summary>Number of records applied.</summary>
    public ulong JournalSize => _journal.Size;

    /// <summary>The RFC 6962 root over the records applied.</summary>
    public Hash256 JournalRoot => _journal.Root();

    /// <summary>Record 0; null before it.</summary>
    public Genesis? Genesis { get; private set; }

    /// <summary>Record 0 as it stands in the journal; empty before it.</summary>
    public ReadOnlyMemory<byte> GenesisRecord { get; private set; }

    /// <summary>SHA-256 of record 0; zeros before it.</summary>
    public Hash256 Venue { get; private set; }

    /// <summary>The last checkpoint, as its core: without data availability. Null before the first Mark.</summary>
    public CheckpointRecord? LastCheckpoint { get; private set; }

    /// <summary>Whether a record other than a Mark or a Verdict was applied since the last Mark.</summary>
    public bool ChangedSinceMark { get; private set; }

    /// <summary>What became of the last record as a whole.</summary>
    public ApplyResult LastResult { get; private set; }

    /// <summary>
    /// Marks at a journal size below this are not audited, which takes time in proportion to the whole state: for a replay of what was
    /// audited when it was first published, and whose roots are compared now. 0, the default, to audit at all.
    /// </summary>
    public ulong AuditsFrom { get; set; }

    /// <summary>Number of Marks at which the whole exchange was audited.</summary>
    public ulong Audits { get; private set; }

    /// <summary>The right edge of the tree over all records, for a snapshot.</summary>
    internal CompactRange JournalRange => _journal;

    /// <summary>Applies the next record.</summary>
    /// <param name="record">The whole record, head and payload.</param>
    /// <param name="hint">What is known of its signature; <see cref="SignatureHint.None"/> to have it checked.</param>
    /// <param name="sink">Receives the events after they were folded into the events' root.</param>
    /// <returns>At a Mark the core of its checkpoint (DA size 0, no batches), else null.</returns>
    /// <exception cref="ReplayRefusedException">No honest journal holds this record here. Nothing can be applied any more.</exception>
    /// <exception cref="InvariantViolationException">The state is inconsistent: a bug.</exception>
    public CheckpointRecord? Apply<TSink>(ReadOnlySpan<byte> record, in SignatureHint hint, ref TSink sink) where TSink : IEventSink
    {
        if (!RecordHeader.TryRead(record, out RecordHeader header, out ReadOnlySpan<byte> payload))
            throw new ReplayRefusedException(JournalSize, "a record of a known kind", $"{record.Length} bytes that are none");

        var folding = new FoldingSink<TSink>(_eventsSinceMark, sink);
        LastResult = Exchange.Apply(header, payload, hint, ref folding);
        sink = folding.Inner;

        Hash256 leaf = MerkleHash.Leaf(record);
        _journal.Append(leaf);
        _recordsSinceMark.Append(leaf);
        TakeNote(header, record, payload);
        return header.Kind == RecordKind.Mark ? Checkpoint(header) : null;
    }

    private void TakeNote(in RecordHeader header, ReadOnlySpan<byte> record, ReadOnlySpan<byte> payload)
    {
        switch (header.Kind)
        {
            case RecordKind.Genesis:
                TakeGenesis(record);
                _engine = new Hash256(Genesis!.EngineHash);
                break;
            case RecordKind.EngineVersion:
                if (!EngineVersionChange.TryRead(payload, out EngineVersionChange change))
                    throw new ReplayRefusedException(header.Sequence, "an engine version", "another payload");
                _engine = new Hash256(change.EngineHash.Span);
                break;
        }
        ChangedSinceMark |= header.Kind is not (RecordKind.Mark or RecordKind.Verdict);
    }

    private void TakeGenesis(ReadOnlySpan<byte> record)
    {
        Genesis = Genesis.TryRead(record[RecordHeader.Size..]) ?? throw new ReplayRefusedException(0, "a genesis record", "another payload");
        GenesisRecord = record.ToArray();
        Venue = Hash256.Of(record);
    }

    private CheckpointRecord Checkpoint(in RecordHeader mark)
    {
        if (JournalSize >= AuditsFrom)
        {
            Exchange.Audit();
            Audits++;
        }

        var core = new CheckpointRecord
        {
            Venue = Venue,
            Number = (LastCheckpoint?.Number ?? 0) + 1,
            Sequence = mark.Sequence,
            Time = mark.Time,
            JournalSize = JournalSize,
            JournalRoot = _journal.Root(),
            RecordsRoot = _recordsSinceMark.Root(),
            EventsRoot = _eventsSinceMark.Root(),
            StateRoot = StateRoot.Of(Exchange, _state),
            Previous = _previous,
            Engine = _engine,
            DaSize = 0,
            Batches = [],
        };
        _previous = core.CoreHash();
        _recordsSinceMark.Clear();
        _eventsSinceMark.Clear();
        LastCheckpoint = core;
        ChangedSinceMark = false;
        return core;
    }

    /// <summary>Folds each event into the events' tree on its way to the caller's sink.</summary>
    private struct FoldingSink<TSink>(CompactRange events, TSink inner) : IEventSink
        where TSink : IEventSink
    {
        public TSink Inner = inner;

        public void OnEvent(in ExchangeEvent happened)
        {
            Span<byte> leaf = stackalloc byte[ExchangeEvent.Size];
            happened.Write(leaf);
            events.AppendEntry(leaf);
            Inner.OnEvent(happened);
        }
    }
}
