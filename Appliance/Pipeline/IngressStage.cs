using Clob.Appliance.OrderEntry;
using Clob.Protocol;
using Clob.Ring;
using Clob.Settlement;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// Where records come from: envelopes from sessions, the queue of HTTP and marks, and what the venue writes on its own account: Time,
/// Disconnect and Verdict records.
/// </summary>
public sealed class IngressStage : IStage
{
    // Verdicts bound how many signatures a recovery checks again; 8,192 of them take a core half a second.
    private const ulong VerdictInterval = 8192;

    // Records from the queue per poll: HTTP must not hold up sessions.
    private const int QueueBatch = 16;

    private readonly Sequencer _sequencer;
    private readonly Admission _admission;
    private readonly CommandQueue _queue;
    private readonly IOrderEntry _gateway;
    private readonly MatchStage _match;
    private readonly SignatureVerdicts _verdicts;
    private readonly Departures _departures;
    private readonly byte[] _verdict = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
    private int _heldVerdict;
    private ulong _timeRecordEnd; // journal size with the last Time record
    private volatile bool _isClosing;
    private volatile bool _isClosed;

    /// <summary>Feeds <paramref name="sequencer"/>.</summary>
    /// <param name="sequencer">The only way into the ring.</param>
    /// <param name="admission">What is taken; looked at once a poll.</param>
    /// <param name="queue">HTTP and marks.</param>
    /// <param name="gateway">Sessions.</param>
    /// <param name="departures">Accounts whose last session ended.</param>
    /// <param name="match">Tells the earliest deadline.</param>
    /// <param name="verdicts">What became of signatures.</param>
    public IngressStage(
        Sequencer sequencer, Admission admission, CommandQueue queue, IOrderEntry gateway, Departures departures, MatchStage match, SignatureVerdicts verdicts)
    {
        _sequencer = sequencer;
        _admission = admission;
        _queue = queue;
        _gateway = gateway;
        _departures = departures;
        _match = match;
        _verdicts = verdicts;
    }

    /// <inheritdoc/>
    public string Name => "ingress";

    /// <inheritdoc/>
    public bool Poll()
    {
        if (_isClosing)
            return PublishLast();
        _admission.Look();
        bool worked = PublishDeadline();
        worked |= PublishVerdictWhenDue();
        worked |= PublishQueued();
        worked |= _departures.Publish();
        worked |= _gateway.Poll();
        return worked;
    }

    /// <summary>
    /// From the next poll on nothing enters but what waits in the queue and, behind it, one last mark: timers and departures wait for the next start. To be
    /// called when the gateway accepts nothing more and the queue is closed. Any thread.
    /// </summary>
    public void Close() => _isClosing = true;

    /// <summary>Whether the last mark is in the ring: nothing follows it. Any thread.</summary>
    public bool IsClosed => _isClosed;

    private bool PublishLast()
    {
        bool worked = _gateway.Poll();
        if (_isClosed)
            return worked;
        worked |= PublishQueued();
        if (_queue.TryPeek(out _) || (!TryPublishVerdict() && _heldVerdict > 0) || !_sequencer.TryPublish(RecordKind.Mark, default))
            return worked;
        _isClosed = true;
        return true;
    }

    private bool PublishQueued()
    {
        int published = 0;
        for (; published < QueueBatch && _queue.TryPeek(out var record); published++)
        {
            // A mark is preceded by a verdict, so that whoever starts from its checkpoint trusts what came before.
            if (record.Kind == RecordKind.Mark && !TryPublishVerdict() && _heldVerdict > 0)
                break;
            if (!_sequencer.TryPublish(record.Kind, record.Payload.Span, session: 0, record.Reply))
                break;
            _queue.Dequeue();
        }

        return published > 0;
    }

    /// <summary>
    /// A Time record when a deadline passed, or at once while triggered stops wait to run. The next is not written before matching has seen
    /// this one; its size is read first, so the deadline is at least as new.
    /// </summary>
    private bool PublishDeadline()
    {
        if (_match.MatchedSize < _timeRecordEnd)
            return false;
        ulong deadline = _match.EarliestDeadline;
        if (deadline == ulong.MaxValue || _sequencer.Now < deadline)
            return false;
        ulong sequence = _sequencer.NextSequence;
        if (!_sequencer.TryPublish(RecordKind.Time, default, notBefore: deadline))
            return false;
        _timeRecordEnd = sequence + 1;
        return true;
    }

    private bool PublishVerdictWhenDue() =>
        (_verdicts.SettledThrough - _verdicts.VerdictCovered >= VerdictInterval || _verdicts.UncoveredInvalid >= Verdict.MaximumCount || _heldVerdict > 0)
        && TryPublishVerdict();

    /// <summary>A verdict once written counts as journaled, so one that found no room in the ring is held until it goes in.</summary>
    private bool TryPublishVerdict()
    {
        if (_heldVerdict == 0)
            _heldVerdict = _verdicts.WriteVerdict(_verdict);
        if (_heldVerdict == 0 || !_sequencer.TryPublish(RecordKind.Verdict, _verdict.AsSpan(0, _heldVerdict)))
            return false;
        _heldVerdict = 0;
        return true;
    }
}
