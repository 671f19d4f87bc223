using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Clob.Proofs;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// Signs and publishes checkpoints, on a thread of its own: the disk and the waiting for data availability do not hold up the replica.
/// After a restart it holds every core that replay makes again against the one published before.
/// </summary>
public sealed class CheckpointPublisher : IDisposable
{
    /// <summary>
    /// Most characters of batches in one record, some hundreds of EigenDA's: after a long lag they are spread over several, so that a record
    /// stays readable and far below what a signed note and the ledger take.
    /// </summary>
    private const int MaximumBatchesSize = 1024 * 1024;

    // Neither is negative: one batch always fits, and the rest of the record has room beside them.
    private const uint RoomForOneBatch = MaximumBatchesSize - DaBatchList.LongestText;
    private const uint RoomForTheRecord = EntryLog.MaximumPayload - 2 * MaximumBatchesSize;

    private readonly SettlementOptions _options;
    private readonly SettlementHost _host;
    private readonly ICheckpointLedger _ledger;
    private readonly DaPublisher _da;
    private readonly Action _syncArchives;
    private readonly ILogger _logger;
    private readonly CheckpointSigner _signer;
    private readonly CheckpointVerifier _verifier;
    private readonly BlockingCollection<Action> _queue = [];
    private readonly Thread _thread;
    private CheckpointChain _chain;
    private IEnumerator<byte[]>? _published;
    private PublishedCheckpoint? _latest;
    private ulong _compared;
    private long _duration;

    internal CheckpointPublisher(
        SettlementOptions options, SettlementHost host, SigningKey logKey, ICheckpointLedger ledger, DaPublisher da, Action syncArchives, ILogger logger)
    {
        _options = options;
        _host = host;
        _ledger = ledger;
        _da = da;
        _syncArchives = syncArchives;
        _logger = logger;
        _signer = new CheckpointSigner(options.Venue, logKey);
        VerifyingKey key = VerifyingKey.TryImport(logKey.PublicKey) ?? throw new ArgumentException("The log key has no public key.", nameof(logKey));
        _verifier = new CheckpointVerifier(options.Venue, key);
        _chain = new CheckpointChain(_verifier);
        _latest = Newest(ledger, _verifier);
        _published = ledger.ReadAll().GetEnumerator();
        _thread = new Thread(Run) { Name = "settlement-checkpoints", IsBackground = true };
    }

    /// <summary>The newest checkpoint, durable; null before the first. Any thread.</summary>
    public PublishedCheckpoint? Latest => Volatile.Read(ref _latest);

    /// <summary>Number of the last checkpoint that this process has made, or has made again and found equal. Any thread.</summary>
    public ulong ComparedThrough => Volatile.Read(ref _compared);

    /// <summary>How long the last one took from its core to its publication. Any thread.</summary>
    public TimeSpan LastDuration => TimeSpan.FromTicks(Volatile.Read(ref _duration));

    /// <summary>Ends the thread after what is queued.</summary>
    public void Dispose()
    {
        _queue.CompleteAdding();
        if (!_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
            _thread.Join();
        _published?.Dispose();
        _queue.Dispose();
    }

    /// <summary>Starts the thread.</summary>
    /// <param name="last">The checkpoint behind which the replica begins; null for the beginning.</param>
    /// <exception cref="CheckpointMismatchException">The ledger does not hold it.</exception>
    internal void Start(CheckpointRecord? last)
    {
        if (last is not null)
            ContinueBehind(last);
        _thread.Start();
    }

    /// <summary>Queues the core that the replica made at a Mark.</summary>
    internal void Add(CheckpointRecord core) => _queue.Add(() => Take(core));

    /// <summary>Has something done on the publisher's thread once the checkpoint queued last is published and the archives are synced.</summary>
    internal void AddBehind(Action work) => _queue.Add(() =>
    {
        _syncArchives();
        work();
    });

    private static PublishedCheckpoint? Newest(ICheckpointLedger ledger, CheckpointVerifier verifier)
    {
        byte[]? newest = null;
        foreach (byte[] note in ledger.ReadAll())
            newest = note;
        if (newest is null)
            return null;
        if (!verifier.TryOpen(newest, out CheckpointRecord? record, out _, out string? error))
            throw new CheckpointMismatchException(0, $"the newest published checkpoint does not hold: {error}", Encoding.UTF8.GetString(newest), "");
        return new PublishedCheckpoint(record!, newest);
    }

    private void Run()
    {
        try
        {
            _host.OnThreadStart(_thread.Name!);
            foreach (Action work in _queue.GetConsumingEnumerable())
                work();
        }
        catch (Exception failure)
        {
            _logger.Failed(failure);
            _host.OnFatal(failure);
        }
    }

    private void Take(CheckpointRecord core)
    {
        long start = Stopwatch.GetTimestamp();
        if (!ComparePublished(core))
            Publish(core);
        Volatile.Write(ref _duration, Stopwatch.GetElapsedTime(start).Ticks);
        Volatile.Write(ref _compared, core.Number);
    }

    /// <summary>Passes over what was published before a snapshot was taken; its own checkpoint must be there. Those before it are for the verifier to check.</summary>
    private void ContinueBehind(CheckpointRecord last)
    {
        for (ulong number = 0; number < last.Number; number++)
        {
            if (!_published!.MoveNext())
                throw new CheckpointMismatchException(last.Number, $"the ledger holds {number} checkpoints", "", last.CoreText());
        }
        byte[] note = _published!.Current;
        if (!_verifier.TryOpen(note, out CheckpointRecord? published, out _, out string? error) || (error = published!.CoreDifference(last)) is not null)
            throw new CheckpointMismatchException(last.Number, error!, Encoding.UTF8.GetString(note), last.CoreText());
        _chain = new CheckpointChain(_verifier, published);
        Volatile.Write(ref _compared, last.Number);
    }

    /// <summary>False when the ledger has no checkpoint of this number.</summary>
    private bool ComparePublished(CheckpointRecord core)
    {
        if (_published is null)
            return false;
        if (!_published.MoveNext())
        {
            _published.Dispose();
            _published = null;
            return false;
        }
        byte[] note = _published.Current;
        if (_chain.Append(note) is { } fault)
            throw new CheckpointMismatchException(core.Number, fault.ToString(), Encoding.UTF8.GetString(note), core.CoreText());
        if (_chain.Last!.CoreDifference(core) is { } difference)
            throw new CheckpointMismatchException(core.Number, difference, _chain.Last.ToString(), core.CoreText());
        return true;
    }

    private void Publish(CheckpointRecord core)
    {
        _da.Wake();
        if (_options.DaPatience > TimeSpan.Zero)
            _da.WaitFor(core.JournalSize, _options.DaPatience);
        ulong from = _chain.Last?.DaSize ?? 0;
        IReadOnlyList<DaBatch> batches = _da.Between(from, core.JournalSize, MaximumBatchesSize);
        ulong daSize = batches.Count == 0 ? from : batches[^1].First + batches[^1].Count;
        CheckpointRecord record = core.With(daSize, batches);
        if (_chain.Append(record) is { } fault)
            throw new InvalidOperationException($"The venue was about to publish a checkpoint that breaks its own chain: {fault}\n{record}");

        byte[] note = _signer.Sign(record);
        _syncArchives();
        _ledger.Append(note);
        // Only now: nobody sees a checkpoint that a crash could take back.
        Volatile.Write(ref _latest, new PublishedCheckpoint(record, note));
        _logger.CheckpointPublished(record.Number, record.JournalSize, record.StateRoot.ToString(), record.DaSize);
    }
}

/// <summary>A checkpoint that is on disk.</summary>
/// <param name="Record">What it says.</param>
/// <param name="Note">The bytes of its signed note.</param>
public sealed record PublishedCheckpoint(CheckpointRecord Record, ReadOnlyMemory<byte> Note);

/// <summary>
/// Replay does not give the checkpoint that was published. The venue must not run: it would sign a second history. Either the journal,
/// the ledger or the log key is not the one of that time, or the engine is.
/// </summary>
public sealed class CheckpointMismatchException : Exception
{
    /// <summary>Holds both texts.</summary>
    /// <param name="number">Number of the checkpoint.</param>
    /// <param name="difference">What differs.</param>
    /// <param name="published">The published text.</param>
    /// <param name="recreated">The core that replay gives; empty where none was made yet.</param>
    public CheckpointMismatchException(ulong number, string difference, string published, string recreated)
        : base($"Checkpoint {number} is not the published one: {difference}\n--- published:\n{published}\n--- from the journal:\n{recreated}")
    {
        Number = number;
        Published = published;
        Recreated = recreated;
    }

    /// <summary>Number of the checkpoint.</summary>
    public ulong Number { get; }

    /// <summary>The published text.</summary>
    public string Published { get; }

    /// <summary>The core that replay gives.</summary>
    public string Recreated { get; }
}
