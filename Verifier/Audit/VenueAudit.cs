using System.Diagnostics;
using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Audit;

/// <summary>What the caller knows from elsewhere; null for what it does not.</summary>
/// <param name="Venue">The venue id. Without it the journal is only known to agree with itself.</param>
/// <param name="Engine">The engine hash that must be in force at the last checkpoint.</param>
internal sealed record Expectations(Hash256? Venue, Hash256? Engine);

/// <summary>
/// The full verification: replays every record from record 0 on, with every signature checked, and holds each checkpoint of the ledger against
/// the replay at its Mark. Ends at the first thing that does not hold.
/// </summary>
internal sealed class VenueAudit
{
    private readonly IRecordSource _source;
    private readonly LedgerReader _ledger;
    private readonly Expectations _expected;
    private readonly ReplayedVenue _venue = new(ExchangeCapacity.Small);
    private readonly Conservation _money = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly List<string> _remarks = [];
    private AuditSummary _counts = new();
    private Place _place;

    /// <summary>Audits the records of a source against the checkpoints of a ledger; both stay their owner's.</summary>
    public VenueAudit(IRecordSource source, LedgerReader ledger, Expectations expected)
    {
        _source = source;
        _ledger = ledger;
        _expected = expected;
    }

    private Exchange Exchange => _venue.Exchange;

    /// <summary>What has been checked so far.</summary>
    public AuditSummary Summary => _counts with
    {
        Accounts = Exchange.Keys.Count,
        Assets = [.. Exchange.AssetIds.Select(id => Exchange.ReadAsset(id)!).Select(asset => new AssetSummary(asset.Asset, asset.Symbol.ToString(), asset.Decimals, asset.Total))],
        LogKey = _ledger.LogKey,
        Milliseconds = _time.ElapsedMilliseconds,
        Remarks = _remarks,
    };

    /// <summary>Runs to the end of the source.</summary>
    /// <param name="progress">Called now and then on this thread.</param>
    /// <exception cref="VerificationFailedException">The first thing that does not hold.</exception>
    public void Run(Action<AuditSummary>? progress)
    {
        var batch = new RecordBatch();
        while (Fill(batch))
        {
            SignatureAhead.Check(batch, Exchange);
            for (int index = 0; index < batch.Count; index++)
                Take(batch, index);
            progress?.Invoke(Summary);
        }
        Finish();
    }

    private bool Fill(RecordBatch batch)
    {
        batch.Clear();
        if (_source.TryFill(batch))
            return true;
        // A checkpoint is published after its Mark is on disk: if a live ledger has one more by now, the journal has its records.
        return _counts.Records > 0 && !_source.MayLag && _ledger.HasNext() && _source.TryFill(batch);
    }

    private void Take(RecordBatch batch, int index)
    {
        _place = batch.PlaceOf(index);
        try
        {
            Apply(batch.Record(index), batch.Hint(index));
        }
        catch (VerificationFailedException failed)
        {
            throw new VerificationFailedException(Placed(failed.Failure));
        }
    }

    private Failure Placed(Failure failure) => failure with
    {
        Sequence = failure.Sequence ?? _counts.Records,
        Segment = failure.Segment ?? _place.Container,
        Offset = failure.Segment is null ? _place.Offset : failure.Offset,
    };

    private void Apply(ReadOnlyMemory<byte> record, in SignatureHint hint)
    {
        if (!RecordHeader.TryRead(record.Span, out RecordHeader header, out ReadOnlySpan<byte> payload))
            throw Mismatch("a record of a known kind", $"{record.Length} bytes that are none");
        if (header.Sequence != _counts.Records)
            throw Mismatch($"sequence {_counts.Records}", $"{header.Sequence}");
        if ((header.Kind == RecordKind.Genesis) != (header.Sequence == 0))
            throw Mismatch("a genesis record at sequence 0 and nowhere else", $"{header.Kind}");
        if (header.Sequence > 0 && header.Time <= Exchange.LastTime)
            throw Mismatch($"a time above {Exchange.LastTime}", $"{header.Time}");
        bool isEnvelope = header.Kind == RecordKind.Envelope;
        _money.Begin(header.Sequence, isEnvelope ? record[RecordHeader.Size..] : default);
        if (isEnvelope)
            CountEnvelope(payload);

        CheckpointRecord? replayed = Replay(header, record.Span, hint);
        if (_venue.LastResult == ApplyResult.BadSignature)
            _counts = _counts with { InvalidSignatures = _counts.InvalidSignatures + 1 };
        if (header.Kind == RecordKind.Genesis)
            Begin(record.Span);
        if (replayed is not null)
            Compare(replayed);
        _counts = _counts with { Records = _counts.Records + 1 };
    }

    private void CountEnvelope(ReadOnlySpan<byte> payload)
    {
        bool wellFormed = Envelope.TryRead(payload, out Envelope envelope, out _);
        _counts = _counts with
        {
            Envelopes = _counts.Envelopes + 1,
            Commands = _counts.Commands + (wellFormed ? (uint)envelope.Count : 0),
            // An account that does not exist has no key to check with: that reason comes first.
            Signatures = _counts.Signatures + (wellFormed && envelope.Account < Exchange.Keys.Count ? 1u : 0),
        };
    }

    private CheckpointRecord? Replay(in RecordHeader header, ReadOnlySpan<byte> record, in SignatureHint hint)
    {
        var sink = new CountingSink(_money);
        try
        {
            return _venue.Apply(record, hint, ref sink);
        }
        catch (ReplayRefusedException refused)
        {
            throw new VerificationFailedException(new Failure(IsLyingVerdict(header, record) ? ExitCode.BadSignature : ExitCode.Mismatch, refused.Expected, refused.Found));
        }
        catch (InvariantViolationException broken)
        {
            throw Mismatch($"invariant '{broken.Invariant}': {broken.Expected}", broken.Found);
        }
        catch (Exception bug) when (bug is ArithmeticException or ArgumentException or IndexOutOfRangeException or InvalidOperationException)
        {
            throw Mismatch("a record that can be replayed", $"{bug.GetType().Name}: {bug.Message}");
        }
    }

    /// <summary>A Verdict of the right range that is refused says something else than checking the signatures gave.</summary>
    private bool IsLyingVerdict(in RecordHeader header, ReadOnlySpan<byte> record) =>
        header.Kind == RecordKind.Verdict && Verdict.TryRead(record[RecordHeader.Size..], out Verdict verdict)
        && verdict.From == Exchange.NextUnsettled && verdict.Through < header.Sequence;

    private void Begin(ReadOnlySpan<byte> genesis)
    {
        if (!_source.Identity.IsEmpty && !_source.Identity.SequenceEqual(_venue.Venue.Bytes))
            throw Mismatch($"the SHA-256 of record 0 to be the journal's identity {Convert.ToHexStringLower(_source.Identity)}", $"{_venue.Venue}");
        if (_expected.Venue is { } venue && venue != _venue.Venue)
            throw Mismatch($"venue {venue}", $"{_venue.Venue}");
        if (CheckpointVerifier.FromGenesis(genesis) is not { } verifier)
            throw Mismatch("a log key that is a valid point", Convert.ToHexStringLower(_venue.Genesis!.LogKey));
        _ledger.Trust(verifier);
        _counts = _counts with { Venue = _venue.Venue };
    }

    private void Compare(CheckpointRecord replayed)
    {
        _money.Compare(Exchange);
        if (!_ledger.HasNext())
            return;
        CheckpointRecord official = _ledger.Take();
        if (official.CoreText() != replayed.CoreText())
        {
            (string found, string expected) = FirstDifference(official.CoreText(), replayed.CoreText());
            throw new VerificationFailedException(new Failure(ExitCode.Mismatch, $"'{expected}' by replay", $"'{found}' in the checkpoint") { Checkpoint = replayed.Number });
        }
        _counts = _counts with { Checkpoints = _counts.Checkpoints + 1, LastCheckpoint = official };
    }

    private static (string Found, string Expected) FirstDifference(string found, string expected) =>
        found.Split('\n').Zip(expected.Split('\n')).First(lines => lines.First != lines.Second);

    private void Finish()
    {
        if (_source.ExamineEnd() is { } remark)
            _remarks.Add(remark);
        if (_counts.Records == 0)
            throw Missing("record 0", "no record");
        while (_ledger.HasNext())
            PassBeyond(_ledger.Take());
        if (_counts.LastCheckpoint is not { } last)
            throw Missing("an official checkpoint whose records are there", _counts.CheckpointsBeyond == 0 ? "none" : $"{_counts.CheckpointsBeyond} without their records");
        AuditEnd();
        if (_expected.Engine is { } engine && engine != last.Engine)
            throw new VerificationFailedException(new Failure(ExitCode.Mismatch, $"engine {engine}", $"{last.Engine}") { Checkpoint = last.Number });
    }

    /// <summary>A checkpoint to which the replay did not come: signed and chained is all that can be said of it.</summary>
    private void PassBeyond(CheckpointRecord checkpoint)
    {
        if (checkpoint.JournalSize <= _counts.Records)
            throw new VerificationFailedException(new Failure(ExitCode.Mismatch, "a Mark for each checkpoint", "none") { Checkpoint = checkpoint.Number, Sequence = checkpoint.Sequence });
        if (!_source.MayLag)
        {
            throw new VerificationFailedException(new Failure(ExitCode.MissingData, $"the {checkpoint.JournalSize} records under checkpoint {checkpoint.Number}", $"{_counts.Records}")
            {
                Checkpoint = checkpoint.Number,
                Sequence = _counts.Records,
                Segment = _place.Container,
                Offset = _place.Offset,
            });
        }
        _counts = _counts with { CheckpointsBeyond = _counts.CheckpointsBeyond + 1 };
    }

    private void AuditEnd()
    {
        try
        {
            Exchange.Audit();
            _money.Compare(Exchange);
        }
        catch (InvariantViolationException broken)
        {
            throw new VerificationFailedException(Placed(new Failure(ExitCode.Mismatch, $"invariant '{broken.Invariant}': {broken.Expected}", broken.Found) { Sequence = broken.Sequence }));
        }
        catch (VerificationFailedException failed)
        {
            throw new VerificationFailedException(Placed(failed.Failure));
        }
    }

    private static VerificationFailedException Mismatch(string expected, string found) => new(new Failure(ExitCode.Mismatch, expected, found));

    private static VerificationFailedException Missing(string expected, string found) => new(new Failure(ExitCode.MissingData, expected, found));

    private readonly struct CountingSink(Conservation money) : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened) => money.Count(happened);
    }
}
