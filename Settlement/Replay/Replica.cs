using System.Diagnostics;
using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// The venue a little later: on a thread of its own it applies the journal's records once they are durable and their signatures settled,
/// fills the archives, makes the core of each checkpoint, takes snapshots and answers reads. At each start of the process it begins behind a
/// snapshot, or at record 0 when there is none.
/// </summary>
public sealed partial class Replica : IDisposable
{
    /// <summary>
    /// Time between two looks at waiting reads: short beside a person's patience, long beside the writes of a turn. By the clock, since a
    /// record may hold 1 command or 128.
    /// </summary>
    private static readonly TimeSpan TurnTime = TimeSpan.FromMilliseconds(10);

    private readonly SettlementOptions _options;
    private readonly SettlementHost _host;
    private readonly SignatureVerdicts _verdicts;
    private readonly VenueArchives _archives;
    private readonly Action<CheckpointRecord> _onCheckpoint;
    private readonly SnapshotTaker _snapshots;
    private readonly Courier _courier;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _work = new();
    private volatile bool _stopping;
    private ulong _appliedSize;
    private long _markDuration;
    private ulong _audits;
    private ulong _auditsFrom;

    // Owner: the replica's thread, which builds the venue: from a snapshot that takes a while.
    private ReplayedVenue _venue = null!;
    private long _markClock = Stopwatch.GetTimestamp();
    private ulong _sizeAtRequest;
    private bool _markRequested;

    internal Replica(
        SettlementOptions options, SettlementHost host, SignatureVerdicts verdicts, VenueArchives archives,
        Action<CheckpointRecord> onCheckpoint, Action<Action> whenPublished, Courier courier, ILogger logger)
    {
        _options = options;
        _host = host;
        _verdicts = verdicts;
        _archives = archives;
        _onCheckpoint = onCheckpoint;
        _snapshots = new SnapshotTaker(options, () => _stopping, whenPublished, logger);
        _courier = courier;
        _logger = logger;
        _thread = new Thread(Run) { Name = "settlement-replica", IsBackground = true };
    }

    /// <summary>Number of leading records applied. Any thread.</summary>
    public ulong AppliedSize => Volatile.Read(ref _appliedSize);

    /// <summary>How long the last Mark took: audit, state root and the rest. Any thread.</summary>
    public TimeSpan LastMarkDuration => TimeSpan.FromTicks(Volatile.Read(ref _markDuration));

    /// <summary>Journal size of the newest snapshot; 0 without one. Any thread.</summary>
    public ulong SnapshotSize => _snapshots.NewestSize;

    /// <summary>How long the last snapshot took to write. Any thread.</summary>
    public TimeSpan LastSnapshotDuration => _snapshots.LastDuration;

    /// <summary>Ends the thread after the turn it is in; reads that wait are refused.</summary>
    public void Dispose()
    {
        _stopping = true;
        // The event stays open: a read may come at any time and set it. It has no handle of the system's unless somebody asks for it.
        _work.Set();
        if (!_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted))
            _thread.Join();
        RefuseReads();
    }

    /// <summary>Number of Marks at which the whole exchange was audited since the start. Any thread.</summary>
    public ulong Audits => Volatile.Read(ref _audits);

    /// <summary>Starts the thread.</summary>
    /// <param name="publishedSize">Journal size of the newest published checkpoint: Marks before it were audited when they were published, and only their roots are compared.</param>
    internal void Start(ulong publishedSize)
    {
        _auditsFrom = publishedSize;
        _thread.Start();
    }

    private void Run()
    {
        try
        {
            _host.OnThreadStart(_thread.Name!);
            BuildVenue();
            using var journal = new JournalReader(_options.JournalDirectory, _options.Venue.Bytes, (long)_venue.JournalSize);
            while (!_stopping)
                Turn(journal);
        }
        catch (Exception failure)
        {
            _logger.Failed(failure);
            _stopping = true;
            RefuseReads();
            _host.OnFatal(failure);
        }
    }

    private void BuildVenue()
    {
        long start = Stopwatch.GetTimestamp();
        _venue = _options.Start?.BuildVenue(_options.Venue, _options.Capacity) ?? new ReplayedVenue(_options.Capacity);
        _venue.AuditsFrom = _auditsFrom;
        Volatile.Write(ref _appliedSize, _venue.JournalSize);
        if (_venue.JournalSize > 0)
            _logger.ReplicaBegins(_venue.JournalSize, Stopwatch.GetElapsedTime(start));
    }

    private void Turn(JournalReader journal)
    {
        // Both never fall, and the smaller of the two says what may be applied: nobody may see a record that a crash could take back.
        ulong limit = Math.Min(_host.DurableSize(), _verdicts.SettledThrough);
        bool more = ApplyUpTo(limit, journal);
        _archives.Flush();
        Volatile.Write(ref _appliedSize, _venue.JournalSize);
        bool served = ServeReads();
        AskForMark();
        if (more || served)
            return;
        _work.Wait(_options.ReplicaPollInterval);
        _work.Reset();
    }

    /// <summary>True when there is more to apply up to the limit.</summary>
    private bool ApplyUpTo(ulong limit, JournalReader journal)
    {
        var sink = new ArchiveSink(_archives.Reports, _archives.Feed);
        long turn = Stopwatch.GetTimestamp();
        long start = turn;
        for (; Stopwatch.GetElapsedTime(turn, start) < TurnTime; start = Stopwatch.GetTimestamp())
        {
            if (_venue.JournalSize >= limit || !journal.TryRead((long)limit - 1, out JournalRecord record))
                return false;
            bool valid = !_verdicts.IsInvalid((ulong)record.Sequence);
            CheckpointRecord? checkpoint = _venue.Apply(record.Bytes, SignatureHint.Settled(valid), ref sink);
            if (checkpoint is not null)
                TakeMark(checkpoint, start);
        }
        return true;
    }

    private void TakeMark(CheckpointRecord checkpoint, long start)
    {
        // The checkpoint says that its reports exist: whoever sees it finds them.
        _archives.Flush();
        Volatile.Write(ref _markDuration, Stopwatch.GetElapsedTime(start).Ticks);
        Volatile.Write(ref _audits, _venue.Audits);
        _onCheckpoint(checkpoint);
        _markClock = Stopwatch.GetTimestamp();
        if (checkpoint.JournalSize > _sizeAtRequest)
            _markRequested = false;
        _snapshots.TakeIfDue(_venue);
    }

    /// <summary>
    /// Asks for a Mark when one is due. While one asked for has not come by (the replica lags), the next is asked for only if the journal
    /// has grown by more than the Verdict and the Mark themselves.
    /// </summary>
    private void AskForMark()
    {
        if (!_venue.ChangedSinceMark || Stopwatch.GetElapsedTime(_markClock) < _options.CheckpointInterval)
            return;
        ulong durable = _host.DurableSize();
        if (_markRequested && durable <= _sizeAtRequest + 2)
            return;
        if (!_host.RequestMark())
            return;
        _markRequested = true;
        _sizeAtRequest = durable;
        _markClock = Stopwatch.GetTimestamp();
    }

    private readonly struct ArchiveSink(ReportArchive reports, FeedArchive feed) : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
            if (happened.ReportSequence != 0)
                reports.Append(happened);
            if (happened.FeedSequence != 0)
                feed.Append(happened);
        }
    }
}
