using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Inspection;

/// <summary>
/// Reads the segments of a directory one by one, each with a reader of its own, so that damage in one does not hide the others. The reader
/// looks over the border to the next segment, and what does not fit there is damage as well.
/// </summary>
internal sealed class SegmentInspection(string directory, TimeSpan patience)
{
    private readonly List<SegmentListing> _listed = [];
    private readonly List<Failure> _failures = [];
    private byte[] _identity = [];

    /// <summary>The venue id in the oldest segment that can be read; null when none can.</summary>
    public Hash256? Venue => _identity.Length == 0 ? null : new Hash256(_identity);

    /// <summary>Record 0; null when it cannot be read.</summary>
    public byte[]? Genesis { get; private set; }

    /// <summary>What does not hold, in the order in which it was found.</summary>
    public IReadOnlyList<Failure> Failures => _failures;

    /// <summary>Reads all segments.</summary>
    /// <exception cref="DiskFailureException">The directory cannot be read.</exception>
    public IReadOnlyList<SegmentListing> Run()
    {
        // A live journal may go on in a new segment meanwhile: the directory is listed again for each.
        for (long behind = -1; Next(behind) is { } segment; behind = segment.FirstSequence)
        {
            if (_listed.Count == 0 && segment.FirstSequence != 0)
                Report(new Failure(ExitCode.MissingData, "a segment that holds sequence 0", $"sequence {segment.FirstSequence} as the oldest") { Segment = directory });
            _listed.Add(Read(segment));
        }
        if (_listed.Count == 0)
            Report(new Failure(ExitCode.MissingData, "a segment that holds sequence 0", "no segment") { Segment = directory });
        // Damage at a border is found from the segment before and lies in the one behind.
        return [.. _listed.Select(listing => listing with { Failures = [.. _failures.Where(failure => failure.Segment == listing.Path)] })];
    }

    private JournalSegment? Next(long behind)
    {
        foreach (JournalSegment segment in JournalReader.ListSegments(directory))
        {
            if (segment.FirstSequence > behind)
                return segment;
        }
        return null;
    }

    private SegmentListing Read(JournalSegment segment)
    {
        var listing = new SegmentListing { Path = segment.Path, FirstSequence = segment.FirstSequence };
        try
        {
            listing = listing with { FileBytes = new FileInfo(segment.Path).Length };
            using var reader = new JournalReader(directory, _identity, segment.FirstSequence);
            try
            {
                while (reader.TryReadGroup() && reader.SegmentPath == segment.Path)
                    listing = WithGroup(listing, reader);
            }
            finally
            {
                // Also a segment without groups, and one whose first group is damaged, has a header that says something.
                if (reader.SegmentPath == segment.Path)
                    listing = WithHeader(listing, reader);
            }
            if (reader.SegmentPath != segment.Path)
                return listing;
            JournalEnd end = SegmentEnd.Judge(reader, patience, out Failure? failure);
            if (failure is not null)
                Report(failure);
            return listing with { End = end };
        }
        catch (JournalDamagedException damage)
        {
            Report(DataDirectory.FailureOf(damage));
        }
        catch (IOException unreadable) when (unreadable is DiskFailureException or FileNotFoundException)
        {
            Report(new Failure(ExitCode.Damaged, "a segment that can be read", unreadable.Message) { Segment = segment.Path });
        }
        return listing;
    }

    private SegmentListing WithGroup(SegmentListing listing, JournalReader reader)
    {
        UtcTime? first = null;
        UtcTime? last = null;
        RecordFrameEnumerator records = reader.Records;
        for (long sequence = reader.GroupFirstSequence; records.MoveNext(); sequence++)
        {
            if (sequence == 0)
                Genesis = records.Current.ToArray();
            last = RecordHeader.TryRead(records.Current, out RecordHeader header, out _) ? new UtcTime(header.Time) : null;
            first = sequence == listing.FirstSequence ? last : first;
        }
        return WithHeader(listing, reader) with
        {
            Records = reader.GroupLastSequence - listing.FirstSequence + 1,
            Groups = listing.Groups + 1,
            FirstTime = listing.FirstTime ?? first,
            LastTime = last,
        };
    }

    private SegmentListing WithHeader(SegmentListing listing, JournalReader reader)
    {
        if (_identity.Length == 0)
            _identity = reader.Identity.ToArray();
        return listing with { Index = reader.SegmentIndex, UsedBytes = reader.EndOffset, ChainHash = new Hash256(reader.ChainHash) };
    }

    private void Report(Failure failure)
    {
        // A broken header is met twice, from the segment before and on its own.
        if (!_failures.Contains(failure))
            _failures.Add(failure);
    }
}
