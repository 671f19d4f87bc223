using System.Runtime.CompilerServices;
using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Engine;
using Clob.Journal;
using Clob.Protocol;
using Clob.Ring;
using Clob.Settlement;
using Disruptor;
using Disruptor.Dsl;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// The way of an order. Nobody else knows the order of the stages.
/// <code>
///  sessions ─► ingress ──► ring ──┬─► verify × N ──► match ──┐ gate: durable
///  HTTP, marks, timers ─►         └─► journal ───────────────┴──AND matched──► egress ──► feed, reports, replies
/// </code>
/// </summary>
public sealed class Topology : IOperatorPipeline, IDisposable
{
    private readonly IRecoveredVenue _venue;
    private readonly UnmanagedRingBufferMemory _memory;
    private readonly ByteArena _arena;
    private readonly EventRing _events;
    private readonly PendingReplies _replies = new();
    private readonly CommandQueue _queue;
    private readonly Admission _admission;
    private readonly Departures _departures;
    private readonly IngressStage _ingress;
    private readonly JournalStage _journal;
    private readonly MatchStage _match;
    private readonly EgressStage _egress;
    private readonly UnmanagedRingBuffer<RecordSlot> _ring;
    private readonly StageThread[] _threads;
    private readonly ulong _firstSequence;

    /// <summary>Builds the stages and their threads; nothing runs before <see cref="Start"/>.</summary>
    public Topology(TopologyParts parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var venue = _venue = parts.Venue;
        var exchange = venue.Exchange;
        _firstSequence = exchange.NextSequence;

        // the rings
        var wakeOnPublish = new WakeOnPublish();
        _memory = UnmanagedRingBufferMemory.Allocate(parts.RingSize, Unsafe.SizeOf<RecordSlot>());
        _ring = new UnmanagedRingBuffer<RecordSlot>(_memory, ProducerType.Single, wakeOnPublish);
        _arena = new ByteArena(parts.ArenaBytes);
        _events = new EventRing(parts.EventRingSize);
        _queue = new CommandQueue(parts.QueueSize);

        // the stages, each behind those it follows
        var sequencer = new Sequencer(_ring, _arena, parts.Clock, _firstSequence, exchange.LastTime);
        var verifiers = new VerifyStage[parts.Plan.Verifiers];
        for (int i = 0; i < verifiers.Length; i++)
            verifiers[i] = new VerifyStage(_ring, exchange.Keys, venue.Id, i, verifiers.Length);
        _journal = new JournalStage(_ring, venue.Journal);
        _match = new MatchStage(_ring, exchange, venue.Verdicts, _events, [.. verifiers.Select(static verifier => verifier.Sequence)]);
        _departures = new Departures(sequencer, _match, exchange.Keys);
        var journal = venue.Journal;
        _admission = new Admission(() => journal.NextSegmentFailure, parts.Logger);
        Gateway = parts.Gateway(new EnvelopeSequencer(_admission, sequencer), _departures);
        _ingress = new IngressStage(sequencer, _admission, _queue, Gateway, _departures, _match, venue.Verdicts);
        _egress = new EgressStage(_ring, _events, _journal.Sequence, _match.Sequence, _firstSequence, Gateway, parts.Feed, _replies);

        // the slowest reader of a slot: egress is behind all others
        _ring.AddGatingSequences(_egress.Sequence);

        // the threads, and who wakes whom
        var stages = new Dictionary<StageName, IStage>
        {
            [new(StageRole.Ingress)] = _ingress,
            [new(StageRole.Match)] = _match,
            [new(StageRole.Journal)] = _journal,
            [new(StageRole.Egress)] = _egress,
        };
        for (int i = 0; i < verifiers.Length; i++)
            stages[new StageName(StageRole.Verify, i + 1)] = verifiers[i];
        _threads = [.. parts.Plan.Threads.Select(thread => ToThread(thread, stages, parts))];
        var ingress = ThreadOf(_ingress);
        _queue.Added = ingress.Wake;
        wakeOnPublish.Downstream.Add(ThreadOf(_journal));
        foreach (var verifier in verifiers)
        {
            wakeOnPublish.Downstream.Add(ThreadOf(verifier));
            verifier.Downstream.Add(ThreadOf(_match));
        }

        _journal.Downstream.Add(ThreadOf(_egress));
        _match.Downstream.Add(ThreadOf(_egress));
        _match.Downstream.Add(ingress); // deadlines, verdicts and departures wait for matching
        _egress.Downstream.Add(ingress); // a full ring waits for egress
        Gateway.IngressWakeUps.Add(ingress);
        Gateway.EgressWakeUps.Add(ThreadOf(_egress));
    }

    /// <summary>Sessions.</summary>
    public IOrderEntry Gateway { get; }

    /// <summary>The threads, as the plan has them.</summary>
    public IReadOnlyList<StageThread> Threads => _threads;

    /// <summary>Journal size that is on disk; what settlement may read.</summary>
    public ulong DurableSize => _firstSequence + (ulong)(_journal.Sequence.Value + 1);

    /// <summary>Journal size that is matched.</summary>
    public ulong MatchedSize => _match.MatchedSize;

    /// <summary>Journal size including what is still in the ring.</summary>
    public ulong SequencedSize => _firstSequence + (ulong)(_ring.Cursor + 1);

    /// <summary>Journal size whose reports and messages have left.</summary>
    public ulong CompletedSize => _firstSequence + (ulong)(_egress.Sequence.Value + 1);

    /// <summary>The stage that makes records durable, for its figures.</summary>
    public JournalStage Journal => _journal;

    /// <summary>Whether the journal's next segment is prepared.</summary>
    public bool NextSegmentReady => _venue.Journal.NextSegmentReady;

    /// <summary>Why only cancels are taken; null while everything is.</summary>
    public DiskFailureException? Obstacle => _admission.Obstacle;

    /// <summary>Starts all threads.</summary>
    public void Start()
    {
        foreach (var thread in _threads)
            thread.Start();
    }

    /// <summary>Before <see cref="Start"/>: accounts with open orders that cancel on disconnect have until <paramref name="deadline"/> (ns since 1970) to come back.</summary>
    public void ExpectAllBack(ulong deadline) => _departures.ExpectAllBack(_venue.Exchange, deadline);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ExchangeEvent>> SubmitAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellation)
    {
        if (_admission.Obstacle is { } obstacle && Envelope.TryRead(envelope.Span, out var read, out _) && !_admission.Admits(read))
            throw new CancelsOnlyException(obstacle.Message);
        var (number, reports) = _replies.Open();
        if (_queue.TryEnqueue(new QueuedRecord(RecordKind.Envelope, envelope, number)))
            return reports.WaitAsync(cancellation);
        _replies.Cancel(number);
        throw new PipelineBusyException("the venue is stopping or has more commands waiting than it takes; try again in a moment");
    }

    /// <summary>Asks for a mark; false when the queue is full or the venue is stopping.</summary>
    public bool RequestMark() => _queue.TryEnqueue(new QueuedRecord(RecordKind.Mark, default, Reply: 0));

    /// <summary>
    /// Takes nothing more from sessions, lets everything in flight through to disk and wire, with a mark at the end, and stops the threads.
    /// False when they did not get there in time: then they may still run, and nothing they use may be disposed of.
    /// </summary>
    public bool Stop(TimeSpan patience)
    {
        long deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        Gateway.StopAccepting();
        _queue.Close();
        _ingress.Close();
        ThreadOf(_ingress).Wake();

        while (!IsDrained() && Environment.TickCount64 < deadline)
            Thread.Sleep(1);
        foreach (var thread in _threads)
            thread.RequestStop();

        bool stopped = _threads.All(thread => thread.Join(TimeSpan.FromMilliseconds(Math.Max(1, deadline - Environment.TickCount64))));
        _replies.FailAll(new OperationCanceledException("the venue is stopping"));
        return stopped && IsDrained();
    }

    /// <summary>Frees rings and sockets. Only after <see cref="Stop"/> has said that all threads have ended, or before <see cref="Start"/>.</summary>
    public void Dispose()
    {
        Gateway.Dispose();
        _events.Dispose();
        _arena.Dispose();
        _memory.Dispose();
    }

    private bool IsDrained() => _ingress.IsClosed && CompletedSize == SequencedSize;

    private StageThread ThreadOf(IStage stage) => _threads.Single(thread => thread.Stages.Contains(stage));

    private StageThread ToThread(PlannedThread thread, Dictionary<StageName, IStage> stages, TopologyParts parts)
    {
        var polled = thread.Stages.Select(name => stages[name]).ToArray();
        return polled.Contains(_ingress)
            ? new StageThread(thread.Name, parts.OnFatal, polled) { WaitStrategy = parts.Plan.WaitStrategy, Core = thread.Core, Idle = Gateway.Idle }
            : new StageThread(thread.Name, parts.OnFatal, polled) { WaitStrategy = parts.Plan.WaitStrategy, Core = thread.Core };
    }

    private sealed class EnvelopeSequencer(Admission admission, Sequencer sequencer) : IEnvelopeSequencer
    {
        public bool Admits(in Envelope envelope) => admission.Admits(envelope);

        public bool TryPublish(ReadOnlySpan<byte> envelope, int session) => sequencer.TryPublish(RecordKind.Envelope, envelope, session);
    }
}

/// <summary>What a topology is built from.</summary>
public sealed record TopologyParts
{
    /// <summary>The recovered venue.</summary>
    public required IRecoveredVenue Venue { get; init; }

    /// <summary>Makes order entry, given where envelopes go and who hears of sessions.</summary>
    public required Func<IEnvelopeSequencer, ISessionObserver, IOrderEntry> Gateway { get; init; }

    /// <summary>Market data.</summary>
    public required IFeed Feed { get; init; }

    /// <summary>Threads.</summary>
    public required ThreadPlan Plan { get; init; }

    /// <summary>Wall clock of the sequencer.</summary>
    public required TimeProvider Clock { get; init; }

    /// <summary>Called once on a thread whose stage threw: the process must end.</summary>
    public required Action<StageThread, Exception> OnFatal { get; init; }

    /// <summary>Hears when the venue takes cancels only, and when it takes everything again.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Slots of the record ring, a power of two.</summary>
    public int RingSize { get; init; } = 16 * 1024;

    /// <summary>Slots of the event ring, a power of two.</summary>
    public int EventRingSize { get; init; } = 64 * 1024;

    /// <summary>Bytes beside the record ring, a power of two.</summary>
    public long ArenaBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>Records that HTTP may have waiting.</summary>
    public int QueueSize { get; init; } = 1024;
}
