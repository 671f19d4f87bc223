using Clob.Engine;
using Clob.Journal;
using Clob.NaiveVenue;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;
using Clob.Simulation.Tests.Process;

namespace Clob.Simulation.Tests.Oracle;

/// <summary>
/// Holds every recovered venue against what the journal on the disk says to two who have no part in recovery: the naive venue and the replay
/// that verifiers run, both told who signed what. What was recovered once may never change, so both go on from restart to restart.
/// </summary>
internal sealed class Auditor(Witness witness, WorldFigures figures)
{
    private readonly List<byte[]> _history = [];
    private readonly NaiveExchange _naive = new();
    private readonly ReplayedVenue _replay = new(ExchangeCapacity.Small);
    private readonly Dictionary<ulong, List<byte[]>> _reports = [];
    private readonly List<byte[]> _messages = [];
    private readonly List<byte[]> _events = [];
    private readonly HashSet<(ulong Account, ulong ClientOrderId)> _accepted = [];

    /// <summary>Kinds of the records so far.</summary>
    public HashSet<RecordKind> RecordKinds { get; } = [];

    /// <summary>Reports of an account that its journal causes, the first at 0.</summary>
    public IReadOnlyList<byte[]> ReportsOf(ulong account) => _reports.GetValueOrDefault(account, []);

    /// <summary>To be called between recovery and the first poll of the new process.</summary>
    public void Check(RecoveredVenue venue, JournalOptions journal)
    {
        ReadJournal(journal);
        RequireAcknowledged();
        RequireSameEvents(venue.Events);
        RequireSameState(venue.Exchange);
    }

    private void ReadJournal(JournalOptions journal)
    {
        using var reader = new JournalReader(journal.Directory, journal.Identity.Span, 0, journal.Storage);
        int size = 0;
        for (; reader.TryRead(out var record); size++)
        {
            if (size == _history.Count)
                Apply(record.Bytes.ToArray());
            else if (!_history[size].AsSpan().SequenceEqual(record.Bytes))
                throw new ViolationException(Violation.HistoryRewritten, $"record {size} is another than a former start recovered");
        }

        if (size < _history.Count)
            throw new ViolationException(Violation.HistoryRewritten, $"the journal has {size} records, a former start recovered {_history.Count}");
        if ((ulong)size < witness.AcknowledgedSize)
            throw new ViolationException(Violation.AcknowledgedLost, $"the journal has {size} records, something of record {witness.AcknowledgedSize - 1} had left");
    }

    private void Apply(byte[] record)
    {
        _history.Add(record);
        figures.Records++;
        RecordHeader.TryRead(record, out var header, out var payload);
        RecordKinds.Add(header.Kind);
        bool isValid = header.Kind == RecordKind.Envelope && Envelope.TryRead(payload, out var envelope, out _)
            && envelope.Account < (ulong)_naive.AccountCount && _naive.KeyOf(envelope.Account).SequenceEqual(witness.SignerOf(payload));
        var expected = _naive.Apply(record, isValid);
        var found = new EventList();
        _replay.Apply(record, SignatureHint.Settled(isValid), ref found);
        if (!found.Items.SequenceEqual(expected))
            throw new ViolationException(Violation.StateDiffers, $"record {header.Sequence}: the verifier's replay says other events than the naive venue");
        foreach (var happened in expected)
            Note(happened);
    }

    private void Note(in ExchangeEvent happened)
    {
        byte[] bytes = new byte[ExchangeEvent.Size];
        happened.Write(bytes);
        _events.Add(bytes);
        if (happened.FeedSequence != 0)
            _messages.Add(bytes);
        if (happened.ReportSequence != 0)
        {
            if (!_reports.TryGetValue(happened.Account, out var reports))
                _reports[happened.Account] = reports = [];
            reports.Add(bytes[..ExchangeEvent.ReportSize]);
        }

        // A trader names each order it ever wants by a number of its own.
        if (happened.Kind == EventKind.Accepted && !_accepted.Add((happened.Account, happened.ClientOrderId)))
            throw new ViolationException(Violation.ExecutedTwice, $"order {happened.ClientOrderId} of account {happened.Account} was accepted twice");
        figures.Executions += happened.Kind == EventKind.Executed ? 1 : 0;
        figures.Duplicates += happened.Kind == EventKind.Duplicate ? 1 : 0;
    }

    private void RequireAcknowledged()
    {
        foreach (var (account, sequence, bytes) in witness.NewReports)
            Require(_reports.GetValueOrDefault(account, []), sequence, bytes, $"report {sequence} of account {account}");
        foreach (var (sequence, bytes) in witness.NewMessages)
            Require(_messages, sequence, bytes, $"message {sequence}");
        witness.NewReports.Clear();
        witness.NewMessages.Clear();
    }

    private static void Require(List<byte[]> caused, ulong sequence, byte[] left, string what)
    {
        if (sequence > (ulong)caused.Count)
            throw new ViolationException(Violation.AcknowledgedLost, $"{what} left, the journal causes {caused.Count}");
        if (!caused[(int)sequence - 1].AsSpan().SequenceEqual(left))
            throw new ViolationException(Violation.AcknowledgedChanged, $"{what} left with another content than the journal causes");
    }

    /// <summary>What recovery said while it replayed: the reports that traders will be sent who come back.</summary>
    private void RequireSameEvents(List<ExchangeEvent> recovered)
    {
        Span<byte> bytes = stackalloc byte[ExchangeEvent.Size];
        for (int i = 0; i < Math.Max(recovered.Count, _events.Count); i++)
        {
            if (i < recovered.Count)
                recovered[i].Write(bytes);
            if (i >= recovered.Count || i >= _events.Count || !bytes.SequenceEqual(_events[i]))
                throw new ViolationException(Violation.StateDiffers, $"event {i} of recovery is not the journal's");
        }
    }

    /// <summary>Entry for entry, so that nothing is applied by half.</summary>
    private void RequireSameState(Exchange recovered)
    {
        var expected = _naive.StateLines();
        var found = StateLines.Of(recovered);
        for (int i = 0; i < Math.Max(expected.Count, found.Count); i++)
        {
            if (expected.ElementAtOrDefault(i) != found.ElementAtOrDefault(i))
                throw new ViolationException(Violation.StateDiffers, $"state entry {i} is {found.ElementAtOrDefault(i)}, expected {expected.ElementAtOrDefault(i)}");
        }

        var builder = new StateCommitmentBuilder();
        if (StateRoot.Of(recovered, builder) != StateRoot.Of(_replay.Exchange, builder))
            throw new ViolationException(Violation.StateDiffers, "the recovered state has another root than the verifier's replay");
    }
}
