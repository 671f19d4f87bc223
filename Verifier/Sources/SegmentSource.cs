using Clob.Journal;

namespace Clob.Verifier.Sources;

/// <summary>The segments of a data directory, also while a venue is writing them: no lock, up to the last whole group.</summary>
internal sealed class SegmentSource : IRecordSource
{
    private readonly JournalReader _reader;
    private readonly TimeSpan _patience;
    private Failure? _failure;

    /// <summary>Reads the segments of a directory.</summary>
    /// <param name="journalDirectory">The directory.</param>
    /// <param name="patience">How long a last group that looks damaged may take to become whole: a venue may be writing it.</param>
    public SegmentSource(string journalDirectory, TimeSpan patience)
    {
        _reader = new JournalReader(journalDirectory);
        _patience = patience;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Identity => _reader.Identity;

    /// <inheritdoc/>
    public bool MayLag => false;

    /// <inheritdoc/>
    public bool TryFill(RecordBatch batch)
    {
        // Damage counts once all before it has been applied: an earlier record may be the first that fails.
        if (_failure is not null)
            throw new VerificationFailedException(_failure);
        try
        {
            while (batch.HasRoom && _reader.TryRead(out JournalRecord record))
                batch.Add(record.Bytes, new Place(_reader.SegmentPath, _reader.GroupOffset));
        }
        catch (JournalDamagedException damage)
        {
            _failure = DataDirectory.FailureOf(damage);
        }
        catch (DiskFailureException failure)
        {
            _failure = new Failure(ExitCode.Damaged, "a segment that can be read", failure.Message) { Segment = failure.Path };
        }
        return batch.Count > 0 || (_failure is null ? false : throw new VerificationFailedException(_failure));
    }

    /// <inheritdoc/>
    public string? ExamineEnd()
    {
        JournalEnd end = SegmentEnd.Judge(_reader, _patience, out Failure? failure);
        if (failure is not null)
            throw new VerificationFailedException(failure);
        return end.Kind == JournalEndKind.Torn ? SegmentEnd.RemarkOn(end) : null;
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();
}
