using Clob.Engine;
using Clob.Protocol;
using Clob.Ring;
using Clob.Settlement;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>Applies records to the Exchange, in order, on one thread; what happens goes into the event ring.</summary>
public sealed class MatchStage : RingStage<RecordSlot>
{
    // Bounds how long the other stages of a shared thread wait.
    private const int BatchSize = 64;

    private readonly Exchange _exchange;
    private readonly SignatureVerdicts _verdicts;
    private EventRingSink _sink;
    private readonly ulong _firstSequence;
    private ulong _earliestDeadline;

    /// <summary>Runs behind <paramref name="verified"/>, the sequences of all verify stages.</summary>
    public MatchStage(UnmanagedRingBuffer<RecordSlot> ring, Exchange exchange, SignatureVerdicts verdicts, EventRing events, ReadOnlySpan<Sequence> verified)
        : base("match", ring, BatchSize, verified)
    {
        _exchange = exchange;
        _verdicts = verdicts;
        _sink = new EventRingSink(events, Downstream);
        _firstSequence = exchange.NextSequence;
        _earliestDeadline = exchange.EarliestDeadline;
    }

    /// <summary>Journal size that is matched; any thread may read it.</summary>
    public ulong MatchedSize => _firstSequence + (ulong)(Sequence.Value + 1);

    /// <summary>When a Time record is due, ns since 1970, 0 for at once (<see cref="Exchange.EarliestDeadline"/>); read by the ingress thread.</summary>
    public ulong EarliestDeadline => Volatile.Read(ref _earliestDeadline);

    /// <inheritdoc/>
    protected override long OnBatch(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
        {
            ref var slot = ref Ring[sequence];
            var hint = slot.SignatureStatus == SignatureStatus.Unchecked
                ? SignatureHint.None
                : SignatureHint.Checked(slot.SignatureStatus == SignatureStatus.Valid, slot.KeyVersion, slot.Digest);
            slot.BadSignature = _exchange.Apply(slot.Header, slot.Payload, hint, ref _sink) == ApplyResult.BadSignature;
            _verdicts.Record(slot.Sequence, slot.BadSignature);
        }

        Volatile.Write(ref _earliestDeadline, _exchange.EarliestDeadline);
        return last;
    }
}
