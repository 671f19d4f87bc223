using Clob.Journal;

namespace Clob.Verifier.Sources;

/// <summary>The segments of a data directory, also while a venue is writing them: no lock, up to the last whole group.</summary>
internal sealed class SegmentSource : IRecordSource
{
    private static readonly TimeSpan JudgementDelay = TimeSpan.FromMilliseconds(20);

    private readonly JournalReader _reader;
    private readonly TimeSpan _patience;
    private Failure? _failure;

    /// <summary>Reads the segments of a directory.</summary>
    /// <param name="journalDirectory">The directory.</param>
    /// <param name="patience">How long a last group that looks damaged may take to become whole: a venue may be writing it.</param>
    /// <exception cref="VerificationFailedException">There is no such directory.</exception>
    public SegmentSource(string journalDirectory, TimeSpan patience)
    {
        if (!Directory.Exists(journalDirectory))
            throw new VerificationFailedException(new Failure(ExitCode.MissingData, "a directory of segments", "none") { Segment = journalDirectory });
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
            _failure = FailureOf(damage);
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
        try
        {
            JournalEnd end = _reader.ExamineEnd();
            for (TimeSpan waited = TimeSpan.Zero; waited < _patience && end.Kind == JournalEndKind.Damaged; waited += JudgementDelay)
            {
                Thread.Sleep(JudgementDelay);
                end = _reader.ExamineEnd();
            }
            return end.Kind switch
            {
                JournalEndKind.Clean => null,
                JournalEndKind.Torn => $"{end.SegmentPath} offset {end.Offset}: the remains of a group that was cut off while it was written, or is being written now; it is not part of the journal",
                _ => throw new VerificationFailedException(new Failure(ExitCode.Damaged, $"the group that begins with sequence {_reader.NextSequence}, since no part of it is missing", "bytes whose checksum does not match")
                {
                    Sequence = (ulong)_reader.NextSequence,
                    Segment = end.SegmentPath,
                    Offset = end.Offset,
                }),
            };
        }
        catch (JournalDamagedException damage)
        {
            throw new VerificationFailedException(FailureOf(damage));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private static Failure FailureOf(JournalDamagedException damage)
    {
        // A journal whose oldest segment is gone names the file that should hold record 0.
        ExitCode code = File.Exists(damage.SegmentPath) ? ExitCode.Damaged : ExitCode.MissingData;
        return new Failure(code, damage.Expected, damage.Found)
        {
            Segment = damage.SegmentPath,
            Offset = damage.Offset,
            Sequence = (ulong)damage.Sequence,
        };
    }
}
