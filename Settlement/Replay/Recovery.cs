using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// The Verdict records of a journal, gathered before it is replayed: a Verdict stands behind what it covers. Feed it every record of the
/// pass that checks the journal (<see cref="JournalRecovery.Recover"/> takes <see cref="Read"/> as its handler).
/// </summary>
/// <param name="covered">Number of leading records that Verdicts before that pass settle: behind a snapshot its <see cref="Exchange.NextUnsettled"/>.</param>
public sealed class JournaledVerdicts(ulong covered = 0)
{
    private readonly List<ulong> _invalid = [];

    /// <summary>Number of leading records whose signatures Verdicts settle.</summary>
    public ulong Covered { get; private set; } = covered;

    /// <summary>Sequences of invalid signatures among them, rising.</summary>
    public IReadOnlyList<ulong> Invalid => _invalid;

    /// <summary>Takes the next record; all but Verdicts are passed over.</summary>
    /// <exception cref="ReplayRefusedException">A Verdict is malformed or does not follow the one before.</exception>
    public void Read(long sequence, ReadOnlySpan<byte> record)
    {
        if (!RecordHeader.TryRead(record, out RecordHeader header, out ReadOnlySpan<byte> payload) || header.Kind != RecordKind.Verdict)
            return;
        if (!Verdict.TryRead(payload, out Verdict verdict))
            throw new ReplayRefusedException((ulong)sequence, "a verdict", "another payload");
        if (verdict.From != Covered || verdict.Through >= (ulong)sequence)
            throw new ReplayRefusedException((ulong)sequence, $"a verdict from record {Covered} to at most {sequence - 1}", $"one from {verdict.From} to {verdict.Through}");
        for (int i = 0; i < verdict.Count; i++)
            _invalid.Add(verdict.InvalidAt(i));
        Covered = verdict.Through + 1;
    }
}

/// <summary>Brings a live exchange to the end of its journal.</summary>
public static class Recovery
{
    /// <summary>Records between two reports of progress: some milliseconds, or a fifth of a second where each signature is checked again.</summary>
    public const ulong ProgressInterval = 4_096;

    /// <summary>
    /// Applies the records of a journal. Signatures that journaled Verdicts cover are trusted; those behind the last Verdict are checked
    /// again. All of them are recorded in <paramref name="verdicts"/>, where live matching goes on.
    /// </summary>
    /// <param name="reader">The journal, from the record that the exchange wants next.</param>
    /// <param name="journalSize">Number of records of the journal, as recovery found it.</param>
    /// <param name="exchange">Brought to the end: an empty one, or that of a snapshot.</param>
    /// <param name="journaled">The journal's Verdicts.</param>
    /// <param name="verdicts">A fresh one; filled.</param>
    /// <param name="sink">Receives every event, in order.</param>
    /// <param name="newest">The newest published checkpoint: the live state must have its root there; null to compare nothing.</param>
    /// <param name="onProgress">Told the number of records applied, now and then and at the end.</param>
    /// <returns>What the start has to know of the journal.</returns>
    /// <exception cref="ReplayRefusedException">No honest journal holds the record named.</exception>
    /// <exception cref="InvariantViolationException">The state is inconsistent.</exception>
    /// <exception cref="CheckpointMismatchException">The state at the newest checkpoint is not the published one.</exception>
    public static ReplaySummary Replay<TSink>(
        JournalReader reader, ulong journalSize, Exchange exchange, JournaledVerdicts journaled, SignatureVerdicts verdicts, ref TSink sink,
        CheckpointRecord? newest = null, Action<ulong>? onProgress = null) where TSink : IEventSink
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(exchange);
        ArgumentNullException.ThrowIfNull(journaled);
        ArgumentNullException.ThrowIfNull(verdicts);
        var recovered = new ReplaySummary(exchange);
        int nextInvalid = 0;
        verdicts.StartBehind(exchange.NextSequence, exchange.UnsettledInvalid);
        while (exchange.NextSequence < journalSize && reader.TryRead((long)journalSize - 1, out JournalRecord record))
        {
            ulong sequence = (ulong)record.Sequence;
            if (!RecordHeader.TryRead(record.Bytes, out RecordHeader header, out ReadOnlySpan<byte> payload))
                throw new ReplayRefusedException(sequence, "a record of a known kind", $"{record.Bytes.Length} bytes that are none");
            while (nextInvalid < journaled.Invalid.Count && journaled.Invalid[nextInvalid] < sequence)
                nextInvalid++;
            bool listed = nextInvalid < journaled.Invalid.Count && journaled.Invalid[nextInvalid] == sequence;
            bool trusted = sequence < journaled.Covered;
            ApplyResult result = exchange.Apply(header, payload, trusted ? SignatureHint.Settled(!listed) : SignatureHint.None, ref sink);
            verdicts.Record(sequence, result == ApplyResult.BadSignature);
            recovered.Note(header, trusted);
            if (exchange.NextSequence == newest?.JournalSize)
                Compare(exchange, newest);
            if (recovered.JournalSize % ProgressInterval == 0)
                onProgress?.Invoke(recovered.JournalSize);
        }
        if (exchange.NextSequence != journalSize)
            throw new ReplayRefusedException(exchange.NextSequence, $"{journalSize} records", $"{exchange.NextSequence}");
        verdicts.ResumeVerdicts(journaled.Covered);
        onProgress?.Invoke(recovered.JournalSize);
        return recovered;
    }

    /// <summary>Before anybody trades: rules that came to another state than the published one must not go on from it.</summary>
    private static void Compare(Exchange exchange, CheckpointRecord newest)
    {
        Hash256 root = StateRoot.Of(exchange, new StateCommitmentBuilder());
        if (root != newest.StateRoot)
            throw new CheckpointMismatchException(newest.Number, $"replay comes to the state root {root}", newest.ToString(), "");
    }
}

/// <summary>What replay found out about a journal.</summary>
public sealed class ReplaySummary
{
    /// <summary>Nothing yet.</summary>
    public ReplaySummary()
    {
    }

    /// <summary>Begins behind the records that an exchange has applied, the last of which was a snapshot's Mark.</summary>
    internal ReplaySummary(Exchange start)
    {
        JournalSize = StartSize = LastMarkSize = start.NextSequence;
        LastTime = start.LastTime;
    }

    /// <summary>Number of records that a snapshot saved from being replayed.</summary>
    public ulong StartSize { get; }

    /// <summary>Number of records.</summary>
    public ulong JournalSize { get; private set; }

    /// <summary>How many leading ones up to the last Mark, that one included; 0 without a Mark.</summary>
    public ulong LastMarkSize { get; private set; }

    /// <summary>Number of Marks among the records replayed.</summary>
    public ulong Marks { get; private set; }

    /// <summary>Time of the last record, ns since 1970.</summary>
    public ulong LastTime { get; private set; }

    /// <summary>Number of envelopes whose signatures were checked again: those behind the last Verdict.</summary>
    public ulong RecheckedEnvelopes { get; private set; }

    internal void Note(in RecordHeader header, bool trusted)
    {
        JournalSize = header.Sequence + 1;
        LastTime = header.Time;
        if (header.Kind == RecordKind.Mark)
        {
            LastMarkSize = JournalSize;
            Marks++;
        }
        if (header.Kind == RecordKind.Envelope && !trusted)
            RecheckedEnvelopes++;
    }
}

/// <summary>The newest position that the data directory knows of outside the journal.</summary>
public static class KnownPosition
{
    /// <summary>
    /// How many records the journal must have at least: checkpoints and batches that were published, or a snapshot, cover them. To be given to
    /// <see cref="JournalRecovery.Recover"/> (as the last known sequence: one less). Reads only.
    /// </summary>
    /// <exception cref="InvalidDataException">Ledger or batch list is damaged.</exception>
    public static ulong NewestJournalSize(string dataDirectory) =>
        Math.Max(
            Math.Max(FileLedger.NewestJournalSize(dataDirectory), DaBatchList.NewestJournalSize(dataDirectory)),
            (ulong)SnapshotDirectory.NewestJournalSize(VenueSnapshot.DirectoryIn(dataDirectory)));
}
