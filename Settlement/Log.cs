using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>Every message of the settlement plane; event ids 500 to 599.</summary>
internal static partial class Log
{
    [LoggerMessage(500, LogLevel.Information, "Settlement starts: {Records} records to replay, newest checkpoint {Checkpoint}, data availability holds {DaSize} records")]
    public static partial void Starts(this ILogger logger, ulong records, ulong checkpoint, ulong daSize);

    [LoggerMessage(501, LogLevel.Debug, "Checkpoint {Number} at journal size {JournalSize}: state root {StateRoot}, data availability {DaSize}")]
    public static partial void CheckpointPublished(this ILogger logger, ulong number, ulong journalSize, string stateRoot, ulong daSize);

    [LoggerMessage(502, LogLevel.Information, "Settlement stopped at journal size {Applied}, checkpoint {Number}")]
    public static partial void Stopped(this ILogger logger, ulong applied, ulong number);

    [LoggerMessage(503, LogLevel.Critical, "Settlement failed; the process has to stop")]
    public static partial void Failed(this ILogger logger, Exception failure);

    [LoggerMessage(504, LogLevel.Information, "Snapshot at journal size {JournalSize}, checkpoint {Number}: {Length} bytes in {Duration}")]
    public static partial void SnapshotTaken(this ILogger logger, ulong journalSize, ulong number, long length, TimeSpan duration);

    [LoggerMessage(505, LogLevel.Information, "The start begins behind the snapshot at journal size {JournalSize}, checkpoint {Number}")]
    public static partial void StartsBehind(this ILogger logger, ulong journalSize, ulong number);

    [LoggerMessage(506, LogLevel.Error, "A snapshot is refused, the one before it is tried: {Reason}")]
    public static partial void SnapshotRefused(this ILogger logger, string reason);

    [LoggerMessage(507, LogLevel.Error, "None of {Count} snapshots holds: the start begins at record 0")]
    public static partial void NoSnapshotHolds(this ILogger logger, int count);

    [LoggerMessage(508, LogLevel.Information, "The replica begins at journal size {JournalSize} after {Duration}")]
    public static partial void ReplicaBegins(this ILogger logger, ulong journalSize, TimeSpan duration);

    [LoggerMessage(510, LogLevel.Warning, "Data availability lags: records {First} to {Last} were not stored, next attempt in {Delay}")]
    public static partial void DaFailed(this ILogger logger, ulong first, ulong last, TimeSpan delay, Exception failure);

    [LoggerMessage(511, LogLevel.Error, "Data availability refused records {First} to {Last} for good; nothing is published there until the next start")]
    public static partial void DaRefused(this ILogger logger, ulong first, ulong last, Exception failure);

    [LoggerMessage(512, LogLevel.Information, "Data availability takes batches of up to {MaximumBatchSize} bytes")]
    public static partial void DaLimit(this ILogger logger, long maximumBatchSize);

    [LoggerMessage(513, LogLevel.Warning, "Data availability did not state its limit, next attempt in {Delay}")]
    public static partial void DaLimitUnknown(this ILogger logger, TimeSpan delay, Exception failure);
}
