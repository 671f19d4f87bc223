using System.Globalization;
using Clob.Journal;
using Clob.Proofs;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Inspection;

/// <summary>Which records to print.</summary>
internal sealed record RangeOptions
{
    /// <summary>The data directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The first sequence; null for the oldest there is.</summary>
    public long? From { get; init; }

    /// <summary>The last sequence, itself included; null for all there are.</summary>
    public long? To { get; init; }

    /// <summary>At most so many records; null for no limit.</summary>
    public long? Limit { get; init; }

    /// <summary>Whether hashes and places are asked for.</summary>
    public bool HasDetails { get; init; }

    /// <summary>How long a last group that looks damaged may take to become whole.</summary>
    public TimeSpan Patience { get; init; } = SegmentEnd.DefaultPatience;
}

/// <summary>
/// Reads a stretch of the journal, live or dead, one record after the other: nothing is kept, so a journal may have any size. Each group's checksums,
/// sequences and chain have been checked before its records are given.
/// </summary>
internal sealed class RecordRange : IDisposable
{
    private readonly RangeOptions _options;
    private readonly JournalReader _reader;
    private readonly long _from;
    private readonly long _to;
    private long _left;

    /// <summary>Opens a stretch.</summary>
    /// <exception cref="VerificationFailedException">There is no journal.</exception>
    public RecordRange(RangeOptions options)
    {
        _options = options;
        string journal = DataDirectory.RequireJournal(DataDirectory.Require(options.DataDirectory));
        IReadOnlyList<JournalSegment> segments = JournalReader.ListSegments(journal);
        if (segments.Count == 0)
            throw new VerificationFailedException(new Failure(ExitCode.MissingData, "a segment", "none") { Segment = journal });
        _from = options.From ?? segments[0].FirstSequence;
        _to = options.To ?? long.MaxValue;
        _left = options.Limit ?? long.MaxValue;
        _reader = new JournalReader(journal, startSequence: _from);
    }

    /// <summary>Gives the records in order.</summary>
    /// <param name="take">Takes a record; false when it wants no more.</param>
    /// <returns>What stands at the journal's end and is no failure, when the end was reached; null otherwise.</returns>
    /// <exception cref="VerificationFailedException">A record cannot be read or is not there; all before it have been given.</exception>
    public string? Run(Func<DecodedRecord, bool> take)
    {
        try
        {
            while (_reader.NextSequence <= _to && _left > 0)
            {
                if (!_reader.TryReadGroup())
                    return ExamineEnd();
                if (!Give(take))
                    return null;
            }
            return null;
        }
        catch (JournalDamagedException damage)
        {
            throw new VerificationFailedException(DataDirectory.FailureOf(damage));
        }
        catch (DiskFailureException failure)
        {
            throw new VerificationFailedException(DataDirectory.FailureOf(failure));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _reader.Dispose();

    private bool Give(Func<DecodedRecord, bool> take)
    {
        RecordChain? chain = _options.HasDetails ? new RecordChain(_reader.ChainBeforeGroup) : null;
        RecordFrameEnumerator records = _reader.Records;
        for (long sequence = _reader.GroupFirstSequence; records.MoveNext() && sequence <= _to && _left > 0; sequence++)
        {
            chain?.Append(records.Current);
            if (sequence < _from)
                continue;
            DecodedRecord decoded = RecordDecoder.Decode(sequence, records.Current);
            if (chain is not null)
                decoded = decoded with { Details = DetailsOf(records.Current, chain) };
            _left--;
            if (!take(decoded))
                return false;
        }
        return true;
    }

    private RecordDetails DetailsOf(ReadOnlySpan<byte> record, RecordChain chain) =>
        new(MerkleHash.Leaf(record).ToString(), Convert.ToHexStringLower(chain.Value), _reader.SegmentPath!, _reader.GroupOffset);

    private string? ExamineEnd()
    {
        JournalEnd end = SegmentEnd.Judge(_reader, _options.Patience, out Failure? failure);
        if (failure is not null)
            throw new VerificationFailedException(failure);
        long last = _reader.NextSequence - 1;
        // Without a wanted sequence an empty journal is printed as what it is.
        if ((_options.To ?? _options.From) is { } wanted && wanted > last)
        {
            string found = last < 0 ? "no record" : string.Create(CultureInfo.InvariantCulture, $"sequence {last} as the last");
            throw new VerificationFailedException(new Failure(ExitCode.MissingData, string.Create(CultureInfo.InvariantCulture, $"a record with sequence {wanted}"), found) { Segment = end.SegmentPath });
        }
        return end.Kind == JournalEndKind.Torn ? SegmentEnd.RemarkOn(end) : null;
    }
}
