using System.Security.Cryptography;
using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// The venue as its journal has it: recovered, replayed into an Exchange, and ready to be written on. A directory without a journal becomes
/// a new venue. The caller holds the directory's lock.
/// </summary>
public sealed class OpenedVenue : IRecoveredVenue, IDisposable
{
    // What settlement archives of a segment's records and publishes of them takes some three times as much.
    private const int SpareSegments = 3;

    // Until it is replayed: it may list very many.
    private JournaledVerdicts? _journaled;

    private OpenedVenue(JournalOptions options, RecoveredJournal journal, JournaledVerdicts journaled, StartingPoint? start)
    {
        Start = start;
        Exchange = start?.Exchange ?? new Exchange(ExchangeCapacity.Default);
        Id = options.Identity.ToArray();
        Cut = journal.Cut;
        _journaled = journaled;
        Journal = new JournalWriter(options, journal);
    }

    /// <summary>The venue id, 32 bytes.</summary>
    public byte[] Id { get; }

    /// <summary>Writes behind what was recovered.</summary>
    public JournalWriter Journal { get; }

    /// <summary>The state after the last record.</summary>
    public Exchange Exchange { get; }

    /// <summary>Where the replica begins as well; null for record 0, with archives that nobody has opened yet.</summary>
    public StartingPoint? Start { get; }

    /// <summary>What became of the signatures so far.</summary>
    public SignatureVerdicts Verdicts { get; } = new();

    /// <summary>What recovery cut off the journal's end; null for nothing.</summary>
    public JournalCut? Cut { get; }

    /// <summary>What replay found.</summary>
    public ReplaySummary Summary { get; private set; } = new();

    /// <summary>Whether the venue was made just now.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Recovers the venue from its newest snapshot that holds and what was journaled behind it, or makes it; says in the log how far it is.</summary>
    /// <inheritdoc cref="Open"/>
    public static OpenedVenue OpenBehindSnapshot(DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock, ILoggerFactory logging)
    {
        ArgumentNullException.ThrowIfNull(layout);
        byte[]? identity = Directory.Exists(layout.Journal) ? JournalReader.ReadIdentity(layout.Journal) : null;
        var start = StartingPoint.Find(layout.Root, identity is null ? null : new Hash256(identity), ExchangeCapacity.Default, logging.CreateLogger<StartingPoint>());
        try
        {
            return Open(layout, settings, keys, clock, start, new RecoveryProgress(logging.CreateLogger<OpenedVenue>()));
        }
        catch
        {
            start.Dispose();
            throw;
        }
    }

    /// <summary>Recovers the venue, or makes it.</summary>
    /// <param name="layout">The data directory.</param>
    /// <param name="settings">How the journal is written.</param>
    /// <param name="keys">The venue's keys; a new venue names them in its first record.</param>
    /// <param name="clock">Time of a new venue's first record.</param>
    /// <param name="start">Where to begin; null for record 0.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="storage">The disk that the journal is recovered from and written to; null for the real one.</param>
    /// <exception cref="JournalDamagedException">The journal is damaged before its last group.</exception>
    /// <exception cref="JournalCutException">The journal ends before a position that a checkpoint vouches for.</exception>
    /// <exception cref="ReplayRefusedException">The journal holds a record that no honest venue writes.</exception>
    public static OpenedVenue Open(
        DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock,
        StartingPoint? start = null, RecoveryProgress? progress = null, IStorage? storage = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(clock);
        var venue = OpenJournal(layout, settings, keys, clock, storage ?? Disk.Storage, start, progress);
        try
        {
            venue.Replay(layout, progress);
            venue.CheckKeys(layout, keys);
            return venue;
        }
        catch
        {
            venue.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Journal.Dispose();

    private static OpenedVenue OpenJournal(
        DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock, IStorage storage, StartingPoint? start, RecoveryProgress? progress)
    {
        long lastKnown = (long)KnownPosition.NewestJournalSize(layout.Root) - 1;
        if (Directory.Exists(layout.Journal) && JournalReader.ReadIdentity(layout.Journal) is { } identity)
        {
            var options = Options(layout, settings, identity, storage);
            var journaled = new JournaledVerdicts(start?.Exchange.NextUnsettled ?? 0);
            var journal = Recover(options, lastKnown, journaled, start, progress);
            if (journal.NextSequence > 0)
                return new OpenedVenue(options, journal, journaled, start);

            // The first start was cut off between making the segment and its first record: nothing was acknowledged yet, so it starts over.
            File.Delete(journal.SegmentPath!);
        }

        return Create(layout, settings, keys, clock, storage, lastKnown, start);
    }

    /// <summary>Checks the journal from the Mark of the snapshot on, or from record 0.</summary>
    private static RecoveredJournal Recover(JournalOptions options, long lastKnown, JournaledVerdicts journaled, StartingPoint? start, RecoveryProgress? progress)
    {
        long from = start?.Checkpoint is { } checkpoint ? (long)checkpoint.Sequence : 0;
        void Take(long sequence, ReadOnlySpan<byte> record)
        {
            start?.CheckMark(sequence, record);
            journaled.Read(sequence, record);
        }

        var journal = JournalRecovery.Recover(options, lastKnown, from, Take, progress is null ? null : progress.Checked);
        start?.SetRefusedAside();
        return journal;
    }

    /// <summary>
    /// A directory that has archives but no journal is a venue that lost its journal (a volume that is not mounted), not a new one: starting
    /// over under the same keys would be a second history.
    /// </summary>
    private static void RefuseLostJournal(DataLayout layout)
    {
        string reports = Path.Combine(layout.Root, ReportArchive.FileName);
        if (File.Exists(reports) && new FileInfo(reports).Length > 0)
            throw new InvalidDataException($"{layout.Journal} holds no journal, but {reports} is that of a venue. Bring the journal back, or begin a new venue in another directory.");
    }

    private static OpenedVenue Create(DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock, IStorage storage, long lastKnown, StartingPoint? start)
    {
        RefuseLostJournal(layout);
        var genesis = new Genesis
        {
            Salt = RandomNumberGenerator.GetBytes(32),
            OperatorKey = keys.Operator.PublicKey.ToArray(),
            LogKey = keys.Log.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = EngineHash.Compute(),
        };
        byte[] record = genesis.ToRecord(RecordTime.Now(clock));
        var options = Options(layout, settings, Genesis.VenueIdOf(record), storage);
        var venue = new OpenedVenue(options, JournalRecovery.Recover(options, lastKnown), new JournaledVerdicts(), start) { IsNew = true };
        if (!venue.Journal.TryAppend(record))
            throw new InvalidOperationException("the first record does not fit an empty group");
        venue.Journal.Commit();
        return venue;
    }

    private void Replay(DataLayout layout, RecoveryProgress? progress)
    {
        ulong from = Exchange.NextSequence;
        ulong size = (ulong)Journal.NextSequence;
        // The pass that gathered the Verdicts has just computed the chain over the same groups.
        using var reader = new JournalReader(layout.Journal, Id, (long)from) { TrustsChain = true };
        var nobody = new NobodyListens();
        Summary = Recovery.Replay(
            reader, size, Exchange, _journaled!, Verdicts, ref nobody, FileLedger.Newest(layout.Root), progress is null ? null : applied => progress.Replayed(from, applied, size));
        _journaled = null;
    }

    /// <summary>The files in the key folder must be the venue's: with others nothing that is signed here would be valid.</summary>
    private void CheckKeys(DataLayout layout, VenueKeys keys)
    {
        var genesis = Start?.Genesis ?? ReadGenesis(layout);
        if (!keys.Log.PublicKey.SequenceEqual(genesis.LogKey))
            throw new InvalidDataException("The log key file does not hold the key that this venue's first record names. Restore the right one from your backup.");
        if (!Exchange.Keys.TryGet(0, out var operatorKey, out _) || !operatorKey.Bytes.SequenceEqual(keys.Operator.PublicKey))
            throw new InvalidDataException("The operator key file does not hold the key of this venue's account 0. Restore the right one from your backup.");
    }

    private Genesis ReadGenesis(DataLayout layout)
    {
        using var reader = new JournalReader(layout.Journal, Id);
        if (!reader.TryRead(out var first) || !RecordHeader.TryRead(first.Bytes, out _, out var payload) || Genesis.TryRead(payload) is not { } genesis)
            throw new InvalidDataException($"The first record in {layout.Journal} is not that of a venue.");
        return genesis;
    }

    private static JournalOptions Options(DataLayout layout, JournalSettings settings, byte[] identity, IStorage storage) => new()
    {
        Directory = layout.Journal,
        Identity = identity,
        SegmentSize = settings.SegmentSizeBytes,
        MaximumGroupSize = settings.MaximumGroupBytes,
        Durability = settings.Durability,
        Storage = storage,
        SpareBytes = SpareSegments * settings.SegmentSizeBytes,
    };

    /// <summary>What was reported and published before the restart is not sent again.</summary>
    private readonly struct NobodyListens : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}
