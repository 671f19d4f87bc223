using System.Diagnostics;
using Clob.Journal;
using Clob.Proofs;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// Takes snapshots on the replica's thread, at Marks, when one is due. The file is written and synced there, while the checkpoint of the same Mark is
/// being published; it gets its name on the publisher's thread behind that, once the ledger has the checkpoint and the archives are synced: a
/// snapshot that can be found is one that holds.
/// </summary>
internal sealed class SnapshotTaker
{
    private readonly SettlementOptions _options;
    private readonly Func<bool> _isStopping;
    private readonly Action<Action> _whenPublished;
    private readonly ILogger _logger;
    private long _clock = Stopwatch.GetTimestamp();
    private long _blockClock;
    private ulong _lastSize;
    private ulong _publishedSize;
    private long _duration;

    /// <param name="options">Where, how often and how many.</param>
    /// <param name="isStopping">Whether a snapshot being written should be given up.</param>
    /// <param name="whenPublished">Has something done once the checkpoint queued last is published and the archives are synced.</param>
    /// <param name="logger">Log.</param>
    public SnapshotTaker(SettlementOptions options, Func<bool> isStopping, Action<Action> whenPublished, ILogger logger)
    {
        _options = options;
        _isStopping = isStopping;
        _whenPublished = whenPublished;
        _logger = logger;
        _publishedSize = _lastSize = options.Start?.JournalSize ?? 0;
    }

    /// <summary>Journal size of the newest snapshot; 0 without one. Any thread.</summary>
    public ulong NewestSize => Volatile.Read(ref _publishedSize);

    /// <summary>How long the last one took to write. Any thread.</summary>
    public TimeSpan LastDuration => TimeSpan.FromTicks(Volatile.Read(ref _duration));

    /// <summary>Takes a snapshot if one is due. The venue stands right behind a Mark whose checkpoint is queued for publication.</summary>
    /// <exception cref="DiskFailureException">The disk did not take it: the process has to stop.</exception>
    public void TakeIfDue(ReplayedVenue venue)
    {
        // A Verdict and a Mark alone change nothing worth a snapshot.
        if (Stopwatch.GetElapsedTime(_clock) < _options.SnapshotInterval || venue.JournalSize <= _lastSize + 2)
            return;
        long start = Stopwatch.GetTimestamp();
        _blockClock = start;
        var writer = new SnapshotWriter(VenueSnapshot.DirectoryIn(_options.DataDirectory), _options.Venue.Bytes, (long)venue.JournalSize, _options.Storage, LetOthersAtTheDisk);
        try
        {
            VenueSnapshot.Write(writer, venue);
            writer.Complete();
        }
        catch (OperationCanceledException)
        {
            writer.Dispose();
            return;
        }
        catch
        {
            writer.Dispose();
            throw;
        }
        _lastSize = venue.JournalSize;
        TimeSpan duration = Stopwatch.GetElapsedTime(start);
        Volatile.Write(ref _duration, duration.Ticks);
        CheckpointRecord checkpoint = venue.LastCheckpoint!;
        _whenPublished(() => Publish(writer, checkpoint, duration));
        _clock = Stopwatch.GetTimestamp();
    }

    private void Publish(SnapshotWriter writer, CheckpointRecord checkpoint, TimeSpan duration)
    {
        using (writer)
            writer.Publish();
        Volatile.Write(ref _publishedSize, checkpoint.JournalSize);
        SnapshotDirectory.Prune(VenueSnapshot.DirectoryIn(_options.DataDirectory), _options.SnapshotsKept, _options.Storage);
        _logger.SnapshotTaken(checkpoint.JournalSize, checkpoint.Number, writer.Length, duration);
    }

    /// <summary>Half of the disk's time is the journal's: as long as a block took, none is written.</summary>
    private void LetOthersAtTheDisk()
    {
        if (_isStopping())
            throw new OperationCanceledException("The replica stops; the snapshot is given up.");
        Thread.Sleep(Stopwatch.GetElapsedTime(_blockClock));
        _blockClock = Stopwatch.GetTimestamp();
    }
}
