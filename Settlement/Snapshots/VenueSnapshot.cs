using System.IO.Hashing;
using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// Everything that replay needs to go on behind a Mark instead of from record 0. In the file (see <see cref="SnapshotFormat"/>) these entries:
/// <code>
/// 0        record 0, whole: the venue id is its SHA-256
/// 1        compact range of the journal up to the Mark, as CompactRange writes it
/// 2        text of the checkpoint that the Mark made, as its core: without data availability
/// 3 …      the state in canonical order:  section u8 ‖ entry, as Exchange.VisitState gives it
/// </code>
/// All of it is bound to the checkpoint, whose core the ledger holds under the log key's signature: the venue, the journal's root and the state root. What else a
/// restart needs (report and feed numbers, deposit ids, nonces, envelopes, stops, deadlines, the position of the Verdicts) is in the state.
/// </summary>
public sealed class VenueSnapshot
{
    /// <summary>The directory below the data directory.</summary>
    public const string DirectoryName = "snapshots";

    private const int EntriesBeforeState = 3;
    private const int SectionSize = 1;

    private VenueSnapshot(byte[] genesisRecord, CompactRange journal, CheckpointRecord checkpoint, Exchange exchange)
    {
        GenesisRecord = genesisRecord;
        Journal = journal;
        Checkpoint = checkpoint;
        Exchange = exchange;
    }

    /// <summary>Record 0.</summary>
    public ReadOnlyMemory<byte> GenesisRecord { get; }

    /// <summary>The right edge of the tree over the records up to the Mark.</summary>
    public CompactRange Journal { get; }

    /// <summary>The core of the checkpoint at the Mark.</summary>
    public CheckpointRecord Checkpoint { get; }

    /// <summary>The state after the Mark.</summary>
    public Exchange Exchange { get; }

    /// <summary>Where the snapshots of a data directory are.</summary>
    public static string DirectoryIn(string dataDirectory) => Path.Combine(Path.GetFullPath(dataDirectory), DirectoryName);

    /// <summary>Reads a snapshot and builds the exchange from it, which must come to the state root of its checkpoint.</summary>
    /// <param name="directory">Where snapshots are.</param>
    /// <param name="journalSize">Which one.</param>
    /// <param name="venue">The venue that it must be of.</param>
    /// <param name="capacity">Memory that the exchange takes at the start.</param>
    /// <param name="judge">Says of a checkpoint, before the state is built, what speaks against it; null for nothing.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <exception cref="SnapshotRefusedException">It is damaged, another venue's, or not the state of its checkpoint.</exception>
    public static VenueSnapshot Load(
        string directory, ulong journalSize, Hash256 venue, ExchangeCapacity capacity, Func<CheckpointRecord, CheckpointVerifier, string?>? judge = null, IStorage? storage = null)
    {
        string path = SnapshotDirectory.PathOf(directory, (long)journalSize);
        try
        {
            using var reader = new SnapshotReader(directory, (long)journalSize, venue.Bytes, storage);
            byte[] genesisRecord = Next(reader, "record 0").ToArray();
            var journal = new CompactRange();
            journal.ReadFrom(Next(reader, "the journal's range"));
            CheckpointRecord checkpoint = ReadCheckpoint(Next(reader, "a checkpoint"));
            CheckpointVerifier verifier = CheckpointVerifier.FromGenesis(genesisRecord) ?? throw new InvalidDataException("its record 0 is no genesis record");
            if (DifferenceOf(genesisRecord, journal, checkpoint, journalSize, venue) is { } difference)
                throw new InvalidDataException(difference);
            if (judge?.Invoke(checkpoint, verifier) is { } objection)
                throw new InvalidDataException(objection);
            return new VenueSnapshot(genesisRecord, journal, checkpoint, ReadState(reader, checkpoint, capacity, () =>
            {
                using var again = new SnapshotReader(directory, (long)journalSize, venue.Bytes, storage);
                return RootOf(again, journalSize);
            }));
        }
        catch (Exception damage) when (damage is SnapshotDamagedException or InvalidDataException or StateRefusedException or InvariantViolationException or OverflowException)
        {
            throw new SnapshotRefusedException(path, damage);
        }
    }

    /// <summary>Writes all entries; the caller ends the file.</summary>
    /// <param name="writer">An empty snapshot of the venue's journal size.</param>
    /// <param name="venue">The venue, right behind a Mark.</param>
    /// <exception cref="InvalidOperationException">The last record was no Mark.</exception>
    /// <exception cref="DiskFailureException">A write or sync failed.</exception>
    public static void Write(SnapshotWriter writer, ReplayedVenue venue)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(venue);
        if (venue.LastCheckpoint is not { } checkpoint || checkpoint.JournalSize != venue.JournalSize)
            throw new InvalidOperationException($"A snapshot is taken behind a Mark, not after {venue.JournalSize} records.");
        writer.Append(venue.GenesisRecord.Span);
        byte[] range = new byte[venue.JournalRange.SerializedSize];
        venue.JournalRange.WriteTo(range);
        writer.Append(range);
        writer.Append(System.Text.Encoding.ASCII.GetBytes(checkpoint.ToString()));
        var visitor = new StateWriter(writer);
        venue.Exchange.VisitState(ref visitor);
    }

    private static ReadOnlySpan<byte> Next(SnapshotReader reader, string what) =>
        reader.TryRead(out ReadOnlySpan<byte> entry) ? entry : throw new InvalidDataException($"expected {what}, found the end");

    private static CheckpointRecord ReadCheckpoint(ReadOnlySpan<byte> text) =>
        CheckpointRecord.TryParse(System.Text.Encoding.ASCII.GetString(text), out CheckpointRecord? checkpoint, out string? error)
            ? checkpoint! : throw new InvalidDataException($"its checkpoint is none: {error}");

    private static string? DifferenceOf(byte[] genesisRecord, CompactRange journal, CheckpointRecord checkpoint, ulong journalSize, Hash256 venue)
    {
        if (Hash256.Of(genesisRecord) != venue)
            return $"its record 0 makes venue {Hash256.Of(genesisRecord)}, expected {venue}";
        if (checkpoint.Venue != venue)
            return $"its checkpoint is of venue {checkpoint.Venue}, expected {venue}";
        if (checkpoint.JournalSize != journalSize || checkpoint.Sequence != journalSize - 1)
            return $"its checkpoint is of {checkpoint.JournalSize} records, expected {journalSize}";
        if (checkpoint.DaSize != 0 || checkpoint.Batches.Count != 0)
            return "its checkpoint speaks of data availability, expected the core alone";
        if (journal.Size != journalSize)
            return $"its range is that of {journal.Size} records, expected {journalSize}";
        return journal.Root() == checkpoint.JournalRoot ? null : $"its range has the root {journal.Root()}, its checkpoint {checkpoint.JournalRoot}";
    }

    /// <summary>
    /// Builds the exchange, while another thread computes the root over the entries that are read. What the exchange exports must be those entries, so its
    /// root is that root.
    /// </summary>
    private static Exchange ReadState(SnapshotReader reader, CheckpointRecord checkpoint, ExchangeCapacity capacity, Func<Hash256> computeRoot)
    {
        using var root = new Computation(computeRoot);
        var import = Exchange.StateImport.OfCommitted(capacity);
        var read = new EntryDigest();
        while (reader.TryRead(out ReadOnlySpan<byte> entry))
        {
            StateSection section = Split(ref entry);
            import.Visit(section, entry);
            read.Visit(section, entry);
        }
        Exchange exchange = import.Finish();
        var exported = new EntryDigest();
        exchange.VisitState(ref exported);
        if (exported.Value != read.Value)
            throw new InvalidDataException("the exchange built from its state exports another one");
        if (root.Result != checkpoint.StateRoot || exchange.NextSequence != checkpoint.JournalSize || exchange.LastTime != checkpoint.Time)
            throw new InvalidDataException($"its state has the root {root.Result} at {exchange.NextSequence} records, its checkpoint {checkpoint.StateRoot} at {checkpoint.JournalSize}");
        return exchange;
    }

    private static Hash256 RootOf(SnapshotReader reader, ulong journalSize)
    {
        for (int i = 0; i < EntriesBeforeState; i++)
            Next(reader, "what stands before the state");
        var builder = new StateCommitmentBuilder();
        while (reader.TryRead(out ReadOnlySpan<byte> entry))
            builder.Add(Split(ref entry), entry);
        return builder.StateRoot(journalSize);
    }

    private static StateSection Split(ref ReadOnlySpan<byte> framed)
    {
        var section = (StateSection)framed[0];
        if (framed.Length <= SectionSize || !Enum.IsDefined(section))
            throw new InvalidDataException($"a state entry of {framed.Length} bytes in section {section}");
        framed = framed[SectionSize..];
        return section;
    }

    /// <summary>A digest over entries with their sections. Both sides of the comparison come from one start; against intent stands the state root.</summary>
    private sealed class EntryDigest : IStateVisitor
    {
        private const int HeadSize = 2 * SectionSize;
        private readonly XxHash128 _hash = new();
        private readonly byte[] _framed = new byte[HeadSize + Exchange.StateImport.MaximumEntry];

        public UInt128 Value => _hash.GetCurrentHashAsUInt128();

        public void Visit(StateSection section, ReadOnlySpan<byte> entry)
        {
            _framed[0] = (byte)section;
            _framed[1] = (byte)entry.Length; // checked: an entry has at most 255 bytes
            entry.CopyTo(_framed.AsSpan(HeadSize));
            _hash.Append(_framed.AsSpan(0, HeadSize + entry.Length));
        }
    }

    /// <summary>Something computed on a thread of its own, which is of the class of the one that asks: none of the pool's.</summary>
    private sealed class Computation : IDisposable
    {
        private readonly Thread _thread;
        private Hash256 _result;
        private Exception? _failure;

        public Computation(Func<Hash256> compute)
        {
            _thread = new Thread(() =>
            {
                try
                {
                    _result = compute();
                }
                catch (Exception failure)
                {
                    _failure = failure; // thrown where the result is asked for
                }
            })
            { Name = "state-root", IsBackground = true };
            _thread.Start();
        }

        public Hash256 Result
        {
            get
            {
                _thread.Join();
                return _failure is null ? _result : throw new InvalidDataException(_failure.Message, _failure);
            }
        }

        public void Dispose() => _thread.Join();
    }

    private readonly struct StateWriter(SnapshotWriter writer) : IStateVisitor
    {
        public void Visit(StateSection section, ReadOnlySpan<byte> entry)
        {
            Span<byte> framed = stackalloc byte[SectionSize + Exchange.StateImport.MaximumEntry];
            framed[0] = (byte)section;
            entry.CopyTo(framed[SectionSize..]);
            writer.Append(framed[..(SectionSize + entry.Length)]);
        }
    }
}

/// <summary>A snapshot is of no use: damaged, missing what it rests on, or not the state that was published. The start takes the one before.</summary>
public sealed class SnapshotRefusedException : Exception
{
    /// <summary>Says which and why.</summary>
    public SnapshotRefusedException(string path, Exception reason)
        : base(reason is SnapshotDamagedException or DiskFailureException ? reason.Message : $"Snapshot {path}: {reason.Message}", reason) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }
}
