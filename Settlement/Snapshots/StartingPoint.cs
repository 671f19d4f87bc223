using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// Where a start of the process begins, for the live exchange and the replica alike: behind the newest snapshot that holds, or at record 0. A
/// snapshot holds if
/// <list type="bullet">
/// <item>every checksum does, and it is of this venue;</item>
/// <item>the ledger has its checkpoint, equal in the core and signed by the log key that record 0 names;</item>
/// <item>the exchange built from it comes to the state root of that checkpoint;</item>
/// <item>the archives hold every report and feed message up to it: replay from here on does not make them again.</item>
/// </list>
/// One that does not is logged as an error and set aside, and the one before is tried.
/// </summary>
public sealed class StartingPoint : IDisposable
{
    private readonly List<string> _refused = [];
    private readonly IStorage _storage;
    private readonly string _directory;

    private StartingPoint(string directory, IStorage storage, VenueArchives archives)
    {
        _directory = directory;
        _storage = storage;
        Archives = archives;
    }

    /// <summary>The archives, opened; the settlement plane takes them over.</summary>
    public VenueArchives Archives { get; }

    /// <summary>Number of records before the start; 0 for the beginning.</summary>
    public ulong JournalSize => Checkpoint?.JournalSize ?? 0;

    /// <summary>The checkpoint of the snapshot; null for the beginning.</summary>
    public CheckpointRecord? Checkpoint { get; private set; }

    /// <summary>What record 0 says, by the snapshot; null for the beginning.</summary>
    public Genesis? Genesis { get; private set; }

    /// <summary>The state there: an empty exchange at the beginning. For the live pipeline; the replica builds its own.</summary>
    public Exchange Exchange { get; private set; } = null!;

    /// <summary>Number of snapshots that did not hold.</summary>
    public int Refused => _refused.Count;

    /// <summary>Opens the archives and looks for the newest snapshot that holds.</summary>
    /// <param name="dataDirectory">The data directory. The caller holds its lock.</param>
    /// <param name="venue">The venue id; null before the first start.</param>
    /// <param name="capacity">Memory that an exchange takes at the start.</param>
    /// <param name="logger">Told what is taken and what refused.</param>
    /// <param name="storage">The disk of the snapshots; null for the real one.</param>
    /// <exception cref="InvalidDataException">An archive or the ledger is damaged.</exception>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public static StartingPoint Find(string dataDirectory, Hash256? venue, ExchangeCapacity capacity, ILogger logger, IStorage? storage = null)
    {
        storage ??= Disk.Storage;
        var start = new StartingPoint(VenueSnapshot.DirectoryIn(dataDirectory), storage, new VenueArchives(dataDirectory));
        try
        {
            SnapshotDirectory.RemoveUnfinished(start._directory, storage);
            if (venue is { } id)
                start.TakeNewest(dataDirectory, id, capacity, logger);
            start.Exchange ??= new Exchange(capacity);
            return start;
        }
        catch
        {
            start.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Holds the journal's record at the snapshot's Mark against it, so that a snapshot is not continued with the journal of another history. The
    /// other records are passed over.
    /// </summary>
    /// <exception cref="JournalDamagedException">It is another record.</exception>
    public void CheckMark(long sequence, ReadOnlySpan<byte> record)
    {
        if (Checkpoint is not { } checkpoint || (ulong)sequence != checkpoint.Sequence)
            return;
        bool isMark = RecordHeader.TryRead(record, out RecordHeader header, out _) && header.Kind == RecordKind.Mark && header.Time == checkpoint.Time;
        if (!isMark)
        {
            throw new JournalDamagedException(
                SnapshotDirectory.PathOf(_directory, (long)JournalSize), 0, sequence, $"the Mark of time {checkpoint.Time} behind which the snapshot was taken", "another record in the journal");
        }
    }

    /// <summary>Builds the replica's venue: the snapshot once more, or an empty one.</summary>
    /// <param name="venue">The venue id.</param>
    /// <param name="capacity">Memory that its exchange takes at the start.</param>
    /// <exception cref="SnapshotRefusedException">The snapshot does not hold any more.</exception>
    public ReplayedVenue BuildVenue(Hash256 venue, ExchangeCapacity capacity)
    {
        if (Checkpoint is null)
            return new ReplayedVenue(capacity);
        VenueSnapshot snapshot = VenueSnapshot.Load(_directory, JournalSize, venue, capacity, (found, _) => found.CoreDifference(Checkpoint), _storage);
        snapshot.Exchange.Audit(); // this one has the time
        Archives.ResumeBehind(snapshot.Exchange);
        return new ReplayedVenue(snapshot);
    }

    /// <summary>
    /// Takes the refused snapshots out of the row, once the journal has been found to reach behind them: they get another name, for whoever wants to know
    /// what became of them.
    /// </summary>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public void SetRefusedAside()
    {
        foreach (string path in _refused)
            _storage.Rename(path, path + ".refused");
        if (_refused.Count > 0)
            _storage.SyncDirectory(_directory);
        _refused.Clear();
    }

    /// <summary>Closes the archives.</summary>
    public void Dispose() => Archives.Dispose();

    private void TakeNewest(string dataDirectory, Hash256 venue, ExchangeCapacity capacity, ILogger logger)
    {
        long[] sizes = SnapshotDirectory.JournalSizes(_directory, _storage);
        foreach (long size in sizes.Reverse())
        {
            try
            {
                VenueSnapshot snapshot = VenueSnapshot.Load(_directory, (ulong)size, venue, capacity, (checkpoint, verifier) => FileLedger.ObjectionTo(dataDirectory, checkpoint, verifier), _storage);
                if (Archives.WhatIsMissing(snapshot.Exchange) is { } missing)
                    throw new SnapshotRefusedException(SnapshotDirectory.PathOf(_directory, size), new InvalidDataException(missing));
                Checkpoint = snapshot.Checkpoint;
                Exchange = snapshot.Exchange;
                Genesis = Genesis.TryRead(snapshot.GenesisRecord.Span[RecordHeader.Size..]);
                logger.StartsBehind(snapshot.Checkpoint.JournalSize, snapshot.Checkpoint.Number);
                return;
            }
            catch (SnapshotRefusedException refused)
            {
                _refused.Add(refused.Path);
                logger.SnapshotRefused(refused.Message);
            }
        }
        if (sizes.Length > 0)
            logger.NoSnapshotHolds(sizes.Length);
    }
}
