using Clob.Settlement;

namespace Clob.Appliance;

/// <summary>Where batches of journal records are published.</summary>
public enum DataAvailabilityKind
{
    /// <summary>A content-addressed folder.</summary>
    Folder,

    /// <summary>An EigenDA proxy over its REST API.</summary>
    EigenDa,
}

/// <summary>Section <c>Settlement</c>.</summary>
public sealed record SettlementSettings
{
    /// <summary>Time between checkpoints when something changed.</summary>
    public required TimeSpan CheckpointInterval { get; init; }

    /// <summary>Least time between two snapshots.</summary>
    public required TimeSpan SnapshotInterval { get; init; }

    /// <summary>How many snapshots stay.</summary>
    public required int SnapshotsKept { get; init; }

    /// <summary>Where batches go.</summary>
    public required DataAvailabilityKind DataAvailability { get; init; }

    /// <summary>Folder of the batches, below the data directory unless absolute.</summary>
    public required string DataAvailabilityFolder { get; init; }

    /// <summary>The EigenDA proxy.</summary>
    public required Uri EigenDaUrl { get; init; }

    /// <summary>Bytes of the largest batch; a lower limit of the proxy wins.</summary>
    public required int MaximumBatchBytes { get; init; }

    internal static SettlementSettings Read(SettingReader settings) => new()
    {
        CheckpointInterval = settings.Duration("CheckpointInterval", TimeSpan.FromMilliseconds(50), TimeSpan.FromDays(1)),
        SnapshotInterval = settings.Duration("SnapshotInterval", TimeSpan.FromMilliseconds(50), TimeSpan.FromDays(7)),
        SnapshotsKept = settings.Number("SnapshotsKept", 1, 1000),
        DataAvailability = settings.Choice<DataAvailabilityKind>("DataAvailability"),
        DataAvailabilityFolder = settings.Path("DataAvailabilityFolder", "a path, below Data:Directory unless absolute"),
        EigenDaUrl = settings.Url("EigenDaUrl"),
        // One record, at most 64 KiB, must always fit a batch with its head.
        MaximumBatchBytes = settings.Number("MaximumBatchBytes", 128 * 1024, EigenDaProxy.DefaultMaximumBatchSize),
    };
}
