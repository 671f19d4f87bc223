using Clob.Appliance.OrderEntry;
using Clob.Engine;
using Clob.Protocol;
using Clob.Ring;
using Clob.Settlement;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// Where records come from: envelopes from sessions, the queue of HTTP and marks, and what the venue writes on its own account: Time,
/// Disconnect and Verdict records.
/// </summary>
public sealed class IngressStage : IStage, ISessionObserver
{
    // Verdicts bound how many signatures a recovery checks again; 8,192 of them take a core half a second.
    private const ulong VerdictInterval = 8192;

    // Records from the queue per poll: HTTP must not hold up sessions.
    private const int QueueBatch = 16;

    private readonly Sequencer _sequencer;
    private readonly CommandQueue _queue;
    private readonly OrderEntryGateway _gateway;
    private readonly MatchStage _match;
    private readonly SignatureVerdicts _verdicts;
    private readonly KeyDirectory _keys;
    private readonly Dictionary<ulong, Departure> _departures = [];
    private readonly List<ulong> _settledDepartures = [];
    private readonly byte[] _verdict = new byte[Verdict.SizeOf(Verdict.MaximumCount)];
    private readonly Sequence _matched;
    private readonly ulong _firstSequence;
    private int _heldVerdict;
    private ulong _announcedDeadline;
    private bool _closed;

    /// <summary>Feeds <paramref name="sequencer"/>.</summary>
    /// <param name="sequencer">The only way into the ring.</param>
    /// <param name="queue">HTTP and marks.</param>
    /// <param name="gateway">Sessions.</param>
    /// <param name="match">Tells the earliest deadline and how far matching is.</param>
    /// <param name="verdicts">What became of signatures.</param>
    /// <param name="keys">Accounts' settings.</param>
    /// <param name="firstSequence">Sequence of the record in the ring's first slot.</param>
    public IngressStage(
        Sequencer sequencer, CommandQueue queue, OrderEntryGateway gateway, MatchStage match, SignatureVerdicts verdicts, KeyDirectory keys,
        ulong firstSequence)
    {
        _sequencer = sequencer;
        _queue = queue;
        _gateway = gateway;
        _match = match;
        _matched = match.Sequence;
        _verdicts = verdicts;
        _keys = keys;
        _firstSequence = firstSequence;
    }

    /// <inheritdoc/>
    public string Name => "ingress";

    private ulong MatchedSize => _firstSequence + (ulong)(_matched.Value + 1);

    /// <summary>From now on nothing more is taken from sessions; the queue still runs, for the last mark.</summary>
    public void CloseSessions() => Volatile.Write(ref _closed, true);

    /// <summary>Before the start: this account asked for cancel on disconnect and has no session yet; it has until <paramref name="deadline"/> (ns since 1970) to come back.</summary>
    public void ExpectBack(ulong account, ulong deadline) => _departures[account] = new Departure(0, deadline);

    /// <inheritdoc/>
    public void OnLastSessionEnded(ulong account) => _departures[account] = new Departure(_sequencer.NextSequence, 0);

    /// <inheritdoc/>
    public void OnSessionStarted(ulong account) => _departures.Remove(account);

    /// <inheritdoc/>
    public bool Poll()
    {
        bool worked = PublishDeadline();
        worked |= PublishVerdictWhenDue();
        worked |= PublishQueued();
        if (_departures.Count > 0)
            worked |= PublishDepartures();
        if (!Volatile.Read(ref _closed))
            worked |= _gateway.Poll();
        return worked;
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

    /// <summary>One Time record per deadline: the next is not written before matching has seen this one.</summary>
    private bool PublishDeadline()
    {
        ulong deadline = _match.EarliestDeadline;
        if (deadline == ulong.MaxValue || deadline == _announcedDeadline || _sequencer.Now < deadline)
            return false;
        if (!_sequencer.TryPublish(RecordKind.Time, default))
            return false;
        _announcedDeadline = deadline;
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

    /// <summary>
    /// Once matching has seen everything the account sent, its setting is known for sure; only then does the record stand in the journal,
    /// where without the setting it would be a forgery.
    /// </summary>
    private bool PublishDepartures()
    {
        bool published = false;
        ulong matched = MatchedSize;
        foreach (var (account, departure) in _departures)
        {
            if (matched < departure.SizeAtDeparture || (departure.Deadline != 0 && _sequencer.Now < departure.Deadline))
                continue;
            if (_keys.CancelsOnDisconnect(account))
            {
                Span<byte> payload = stackalloc byte[Disconnect.Size];
                new Disconnect(account).Write(payload);
                if (!_sequencer.TryPublish(RecordKind.Disconnect, payload))
                    break;
                published = true;
            }

            _settledDepartures.Add(account);
        }

        foreach (ulong account in _settledDepartures)
            _departures.Remove(account);
        _settledDepartures.Clear();
        return published;
    }

    /// <param name="SizeAtDeparture">Journal size when the session ended: all the account sent is below.</param>
    /// <param name="Deadline">Until when the account may come back, ns since 1970; 0 for at once.</param>
    private readonly record struct Departure(ulong SizeAtDeparture, ulong Deadline);
}
