using Clob.Proofs;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// Everything that happens behind the durable journal, on three threads of the lowest priority:
/// <code>
/// segments ──► replica ──► archives                        (reports, feed)
///    │            │  └───► reads                           (HTTP)
///    │            └──────► checkpoint publisher ──► ledger  (waits a while for ▼)
///    └───────────────────► DA publisher ──► data availability layer
/// </code>
/// A fourth of the normal priority, the <see cref="Courier"/>, hands out what they have made.
/// It may lag; it never holds anything up. docs/settlement.md has files and restart rules.
/// </summary>
public sealed class SettlementPlane : IAsyncDisposable
{
    private readonly SettlementOptions _options;
    private readonly SettlementHost _host;
    private readonly ICheckpointLedger _ledger;
    private readonly ILogger _logger;
    private readonly VenueArchives _archives;
    private readonly Courier _courier = new();
    private bool _stopped;

    /// <summary>Opens the files; nothing runs before <see cref="Start"/>. The journal has been recovered before.</summary>
    /// <param name="options">How it works.</param>
    /// <param name="host">The process around it.</param>
    /// <param name="verdicts">What matching found out about signatures.</param>
    /// <param name="logKey">Signs checkpoints; stays its owner's.</param>
    /// <param name="ledger">Where checkpoints are published; stays its owner's.</param>
    /// <param name="layer">Where batches are published; stays its owner's.</param>
    /// <param name="logger">Log.</param>
    /// <exception cref="InvalidDataException">A file is damaged.</exception>
    /// <exception cref="CheckpointMismatchException">The newest checkpoint is not signed by the log key for this venue.</exception>
    public SettlementPlane(
        SettlementOptions options, SettlementHost host, SignatureVerdicts verdicts, SigningKey logKey, ICheckpointLedger ledger,
        IDataAvailability layer, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumBatchSize, DaPublisher.MinimumBatchSize, nameof(options));
        _options = options;
        _host = host;
        _ledger = ledger;
        _logger = new CourierLogger(logger, _courier);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.SnapshotsKept, 1, nameof(options));
        _archives = options.Start?.Archives ?? new VenueArchives(options.DataDirectory);
        DataAvailability = new DaPublisher(options, host, layer, _courier, _logger);
        Checkpoints = new CheckpointPublisher(options, host, logKey, ledger, DataAvailability, _archives.Sync, _logger);
        Replica = new Replica(options, host, verdicts, _archives, OnCheckpoint, Checkpoints.AddBehind, _courier, _logger);
    }

    /// <summary>The venue a little later, for reads.</summary>
    public Replica Replica { get; }

    /// <summary>Every execution report.</summary>
    public ReportArchive Reports => _archives.Reports;

    /// <summary>Every market data message.</summary>
    public FeedArchive Feed => _archives.Feed;

    /// <summary>The checkpoints.</summary>
    public CheckpointPublisher Checkpoints { get; }

    /// <summary>The batches.</summary>
    public DaPublisher DataAvailability { get; }

    /// <summary>How far each part is, for metrics. Any thread.</summary>
    public SettlementStatus Status()
    {
        ulong applied = Replica.AppliedSize;
        ulong durable = _host.DurableSize();
        CheckpointRecord? latest = Checkpoints.Latest?.Record;
        return new SettlementStatus
        {
            DurableSize = durable,
            AppliedSize = applied,
            DaSize = DataAvailability.Size,
            DaFailures = DataAvailability.Failures,
            DaRefused = DataAvailability.IsRefused,
            CheckpointNumber = latest?.Number ?? 0,
            CheckpointJournalSize = latest?.JournalSize ?? 0,
            CheckpointTime = latest?.Time ?? 0,
            LastMarkDuration = Replica.LastMarkDuration,
            LastPublicationDuration = Checkpoints.LastDuration,
            SnapshotJournalSize = Replica.SnapshotSize,
            LastSnapshotDuration = Replica.LastSnapshotDuration,
        };
    }

    /// <summary>Starts the threads. The caller is of the normal scheduling class.</summary>
    /// <exception cref="CheckpointMismatchException">The newest checkpoint covers more records than the journal has, or the one of the snapshot is not in the ledger.</exception>
    public void Start()
    {
        CheckpointRecord? newest = Checkpoints.Latest?.Record;
        ulong durable = _host.DurableSize();
        if (newest is not null && newest.JournalSize > durable)
            throw new CheckpointMismatchException(newest.Number, $"it covers {newest.JournalSize} records, the journal has {durable}", newest.ToString(), "");
        if (newest is not null && newest.DaSize > DataAvailability.Size)
            DataAvailability.Restore(_ledger.ReadAll());
        _logger.Starts(durable - (_options.Start?.JournalSize ?? 0), newest?.Number ?? 0, DataAvailability.Size);
        _courier.Start();
        DataAvailability.Start();
        Checkpoints.Start(_options.Start?.Checkpoint);
        Replica.Start(newest?.JournalSize ?? 0);
    }

    /// <summary>
    /// Waits until everything durable now is applied and its last Mark published, then ends the threads. For the host's orderly stop, after
    /// it has journaled its last Mark.
    /// </summary>
    /// <param name="patience">How long to wait; what is missing then is made after the next start.</param>
    /// <returns>Whether all was done in time.</returns>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        if (_stopped)
            return true;
        bool done = true;
        try
        {
            await Replica.ReadAsync(_ => true, patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            done = false;
        }
        await DisposeAsync().ConfigureAwait(false);
        return done;
    }

    /// <summary>Ends the threads without waiting for what is not applied yet.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        await Task.Run(Close).ConfigureAwait(false);
        _logger.Stopped(Replica.AppliedSize, Checkpoints.Latest?.Record.Number ?? 0);
    }

    private void Close()
    {
        // In the order of the flow: what the replica has queued is still published.
        Replica.Dispose();
        Checkpoints.Dispose();
        DataAvailability.Dispose();
        _courier.Dispose();
        _archives.Dispose();
    }

    private void OnCheckpoint(CheckpointRecord core)
    {
        DataAvailability.Wake();
        Checkpoints.Add(core);
    }
}

/// <summary>How far the parts of the settlement plane are.</summary>
public sealed record SettlementStatus
{
    /// <summary>Number of durable records.</summary>
    public required ulong DurableSize { get; init; }

    /// <summary>Number of records the replica has applied.</summary>
    public required ulong AppliedSize { get; init; }

    /// <summary>Records between the two.</summary>
    public ulong Lag => DurableSize > AppliedSize ? DurableSize - AppliedSize : 0;

    /// <summary>Number of records that data availability holds.</summary>
    public required ulong DaSize { get; init; }

    /// <summary>Durable records that data availability does not hold.</summary>
    public ulong DaLag => DurableSize > DaSize ? DurableSize - DaSize : 0;

    /// <summary>Failed attempts at data availability since the last success.</summary>
    public required int DaFailures { get; init; }

    /// <summary>Whether data availability refused a batch for good.</summary>
    public required bool DaRefused { get; init; }

    /// <summary>Number of the newest checkpoint; 0 before the first.</summary>
    public required ulong CheckpointNumber { get; init; }

    /// <summary>Number of records it covers.</summary>
    public required ulong CheckpointJournalSize { get; init; }

    /// <summary>Time of its Mark, ns since 1970; 0 before the first.</summary>
    public required ulong CheckpointTime { get; init; }

    /// <summary>How long the last Mark took on the replica: audit and roots.</summary>
    public required TimeSpan LastMarkDuration { get; init; }

    /// <summary>How long its publication took: data availability, signature, disk.</summary>
    public required TimeSpan LastPublicationDuration { get; init; }

    /// <summary>Journal size of the newest snapshot that this process has made or begun behind; 0 before the first.</summary>
    public required ulong SnapshotJournalSize { get; init; }

    /// <summary>How long the last snapshot took to write.</summary>
    public required TimeSpan LastSnapshotDuration { get; init; }
}
