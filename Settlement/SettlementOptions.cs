using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;

namespace Clob.Settlement;

/// <summary>How the settlement plane works.</summary>
public sealed record SettlementOptions
{
    /// <summary>The data directory; ledger, archives and the list of batches go below it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The directory of the journal's segments.</summary>
    public required string JournalDirectory { get; init; }

    /// <summary>The venue id: SHA-256 of record 0, and the identity in every segment.</summary>
    public required Hash256 Venue { get; init; }

    /// <summary>Memory that the replica's exchange takes at the start.</summary>
    public ExchangeCapacity Capacity { get; init; } = ExchangeCapacity.Default;

    /// <summary>Least time between two Marks; default 5 s.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Least time between two snapshots; default 10 minutes. One is taken at the next Mark behind which more than a Verdict and a Mark was journaled.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How many snapshots stay; default 2: when the newest turns out to be damaged, the one before serves.</summary>
    public int SnapshotsKept { get; init; } = 2;

    /// <summary>Where the replica begins, and its archives, which it takes over; null to open them anew and begin at record 0.</summary>
    public StartingPoint? Start { get; init; }

    /// <summary>The disk of the snapshots.</summary>
    public IStorage Storage { get; init; } = Disk.Storage;

    /// <summary>
    /// How long a checkpoint waits for data availability to reach its Mark, so that it can say so; default 1 s. Zero where a batch takes
    /// longer than that anyway.
    /// </summary>
    public TimeSpan DaPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Largest batch, bytes, also where the layer takes more; default 4 MiB, at least <see cref="DaPublisher.MinimumBatchSize"/>.</summary>
    public int MaximumBatchSize { get; init; } = 4 * 1024 * 1024;

    /// <summary>Wait after the first failed attempt at a batch; doubles up to 30 s. Default 1 s.</summary>
    public TimeSpan DaRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest time in which nobody looks whether a batch is full; default 200 ms. Marks are looked for at once.</summary>
    public TimeSpan DaPollInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest time in which the replica does not look for new records when nobody asks it; default 5 ms.</summary>
    public TimeSpan ReplicaPollInterval { get; init; } = TimeSpan.FromMilliseconds(5);
}

/// <summary>What the settlement plane needs of the process around it. All are called from settlement's threads.</summary>
public sealed record SettlementHost
{
    /// <summary>Number of leading records that are durable; never falls. Cheap: asked often.</summary>
    public required Func<ulong> DurableSize { get; init; }

    /// <summary>Asks for a Verdict and a Mark to be journaled. False when they cannot be taken now: it is asked again.</summary>
    public required Func<bool> RequestMark { get; init; }

    /// <summary>Called first on each of settlement's threads, with its name: the place to give it the lowest scheduling class.</summary>
    public Action<string> OnThreadStart { get; init; } = _ => { };

    /// <summary>
    /// A failure after which the process must stop: a disk that did not take a checkpoint, a journal that cannot be replayed, a checkpoint
    /// that differs from the published one. Called once per thread that fails.
    /// </summary>
    public required Action<Exception> OnFatal { get; init; }
}
