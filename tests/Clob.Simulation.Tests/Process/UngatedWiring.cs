using System.Runtime.CompilerServices;
using Clob.Appliance;
using Clob.Appliance.OrderEntry;
using Clob.Appliance.Pipeline;
using Clob.Protocol;
using Clob.Ring;
using Disruptor;
using Disruptor.Dsl;

namespace Clob.Simulation.Tests.Process;

/// <summary>
/// The negative control of the gate: the stages of the topology, but egress follows match alone and lets out what is not durable. Everything
/// else is as in the topology.
/// </summary>
internal sealed class UngatedWiring : IOperatorPipeline, IDisposable
{
    private readonly UnmanagedRingBufferMemory _memory;
    private readonly ByteArena _arena;
    private readonly EventRing _events;
    private readonly PendingReplies _replies = new();
    private readonly CommandQueue _queue;
    private readonly Sequencer _sequencer;

    public UngatedWiring(TopologyParts parts, ulong graceEnds)
    {
        var exchange = parts.Venue.Exchange;
        ulong firstSequence = exchange.NextSequence;
        _memory = UnmanagedRingBufferMemory.Allocate(parts.RingSize, Unsafe.SizeOf<RecordSlot>());
        var ring = new UnmanagedRingBuffer<RecordSlot>(_memory, ProducerType.Single, new WakeOnPublish());
        _arena = new ByteArena(parts.ArenaBytes);
        _events = new EventRing(parts.EventRingSize);
        _queue = new CommandQueue(parts.QueueSize);
        var sequencer = _sequencer = new Sequencer(ring, _arena, parts.Clock, firstSequence, exchange.LastTime);
        var verify = new VerifyStage(ring, exchange.Keys, parts.Venue.Id, 0, 1);
        var journal = new JournalStage(ring, parts.Venue.Journal);
        var match = new MatchStage(ring, exchange, parts.Venue.Verdicts, _events, [verify.Sequence]);
        var departures = new Departures(sequencer, match, exchange.Keys);
        departures.ExpectAllBack(exchange, graceEnds);
        var gateway = parts.Gateway(new EnvelopeSequencer(sequencer), departures);
        var admission = new Admission(() => null, parts.Logger);
        var ingress = new IngressStage(sequencer, admission, _queue, gateway, departures, match, parts.Venue.Verdicts);
        var egress = new EgressStage(ring, _events, durable: match.Sequence, match.Sequence, firstSequence, gateway, parts.Feed, _replies);
        ring.AddGatingSequences(egress.Sequence, journal.Sequence);
        Stages = [ingress, verify, journal, match, egress];
    }

    public IReadOnlyList<IStage> Stages { get; }

    public ulong SequencedSize => _sequencer.NextSequence;

    public Task<IReadOnlyList<ExchangeEvent>> SubmitAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellation)
    {
        var (number, reports) = _replies.Open();
        return _queue.TryEnqueue(new QueuedRecord(RecordKind.Envelope, envelope, number)) ? reports : throw new PipelineBusyException("the queue is full");
    }

    public bool RequestMark() => _queue.TryEnqueue(new QueuedRecord(RecordKind.Mark, default, Reply: 0));

    public void Dispose()
    {
        _events.Dispose();
        _arena.Dispose();
        _memory.Dispose();
    }

    private sealed class EnvelopeSequencer(Sequencer sequencer) : IEnvelopeSequencer
    {
        public bool Admits(in Envelope envelope) => true;

        public bool TryPublish(ReadOnlySpan<byte> envelope, int session) => sequencer.TryPublish(RecordKind.Envelope, envelope, session);
    }
}
