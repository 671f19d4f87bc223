using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Protocol;
using Clob.Ring;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// The gate: what leaves the process leaves here, and only once it is durable, verified and matched. Feeds the multicast publisher, the
/// sessions and the callers on HTTP.
/// </summary>
public sealed class EgressStage : IStage
{
    // Most events drained before sockets are served again.
    private const int DrainLimit = 4096;

    private readonly Completion _completion;
    private readonly UnmanagedRingBuffer<ExchangeEvent> _events;
    private readonly Sequence _drained;
    private readonly Sequence _durable;
    private readonly Sequence _matched;
    private readonly ulong _firstSequence;
    private readonly IOrderEntry _sessions;
    private readonly IFeed _feed;
    private readonly List<ExchangeEvent> _operatorReports = [];

    /// <summary>Follows the journal and match.</summary>
    /// <param name="ring">The record ring.</param>
    /// <param name="events">What match wrote.</param>
    /// <param name="durable">The journal's sequence.</param>
    /// <param name="matched">Match's sequence.</param>
    /// <param name="firstSequence">Sequence of the record in the ring's first slot.</param>
    /// <param name="sessions">Where execution reports go.</param>
    /// <param name="feed">Where market data goes.</param>
    /// <param name="replies">Who waits on HTTP.</param>
    public EgressStage(
        UnmanagedRingBuffer<RecordSlot> ring, EventRing events, Sequence durable, Sequence matched, ulong firstSequence,
        IOrderEntry sessions, IFeed feed, PendingReplies replies)
    {
        _events = events.Ring;
        _drained = events.Drained;
        _durable = durable;
        _matched = matched;
        _firstSequence = firstSequence;
        _sessions = sessions;
        _feed = feed;
        _completion = new Completion(ring, this, replies, durable, matched);
    }

    /// <inheritdoc/>
    public string Name => "egress";

    /// <summary>How far records have left: the ring's gating sequence.</summary>
    public Sequence Sequence => _completion.Sequence;

    /// <summary>The threads that wait for room in a ring.</summary>
    public WakeUps Downstream => _completion.Downstream;

    /// <inheritdoc/>
    public bool Poll()
    {
        bool worked = Drain(Limit(), DrainLimit);
        worked |= _completion.Poll();
        worked |= _feed.Flush();
        worked |= _sessions.Flush();
        return worked;
    }

    /// <summary>
    /// Below this record events may leave: durable and matched. Within a record that is still being matched only when its events fill the
    /// ring, for otherwise it would never end.
    /// </summary>
    private ulong Limit()
    {
        long durable = _durable.Value;
        long through = _events.HasAvailableCapacity(1) ? Math.Min(durable, _matched.Value) : durable;
        return _firstSequence + (ulong)(through + 1);
    }

    /// <summary>Hands out events of records below <paramref name="limit"/>, at most <paramref name="most"/> of them.</summary>
    private bool Drain(ulong limit, long most)
    {
        long next = _drained.Value + 1;
        long first = next;
        long available = Math.Min(_events.Cursor, next + most - 1);
        for (; next <= available; next++)
        {
            ref readonly var happened = ref _events[next];
            if (happened.RecordSequence >= limit)
                break;
            if (happened.ReportSequence != 0)
                Report(happened);
            if (happened.FeedSequence != 0)
                _feed.Publish(happened);
        }

        _drained.SetValue(next - 1);
        return next > first;
    }

    private void Report(in ExchangeEvent happened)
    {
        if (happened.Account == 0)
            _operatorReports.Add(happened); // the operator trades by HTTP: its reports are the replies
        else
            _sessions.Deliver(happened);
    }

    /// <summary>Ends each record behind its events: acknowledges it to its session, answers its caller, frees its slot.</summary>
    private sealed class Completion(
        UnmanagedRingBuffer<RecordSlot> ring, EgressStage egress, PendingReplies replies, Sequence durable, Sequence matched)
        : RingStage<RecordSlot>("egress", ring, 256, durable, matched)
    {
        protected override long OnBatch(long first, long last)
        {
            for (long sequence = first; sequence <= last; sequence++)
            {
                ref readonly var slot = ref Ring[sequence];
                egress.Drain(slot.Sequence + 1, long.MaxValue / 2);
                if (slot.Session != 0)
                    egress._sessions.Complete(slot.Session, slot.BadSignature);
                if (egress._operatorReports.Count > 0 || slot.Reply != 0)
                    Answer(slot);
            }

            return last;
        }

        /// <summary>The record's own reports only: what was drained may reach beyond it, into records that others wait for.</summary>
        private void Answer(in RecordSlot slot)
        {
            var reports = egress._operatorReports;
            int count = 0;
            while (count < reports.Count && reports[count].RecordSequence <= slot.Sequence)
                count++;
            if (slot.Reply != 0)
                replies.Complete(slot.Reply, reports.GetRange(0, count));
            reports.RemoveRange(0, count);
        }
    }
}
