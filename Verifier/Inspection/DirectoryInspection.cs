using Clob.Journal;
using Clob.Proofs;
using Clob.Settlement;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Inspection;

/// <summary>
/// Lists what a data directory holds, live or dead, and whether it can be read; what it means is for <c>full</c> to say. Writes nothing
/// and takes no lock. What does not hold is noted, and the rest is read on.
/// </summary>
internal static class DirectoryInspection
{
    /// <summary>Lists a directory.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="patience">How long something at an end that looks damaged may take to become whole.</param>
    /// <exception cref="VerificationFailedException">There is nothing to list.</exception>
    public static DirectoryListing Run(string directory, TimeSpan patience)
    {
        string data = DataDirectory.Require(directory);
        string journal = DataDirectory.RequireJournal(data);
        try
        {
            // One line for each part of a data directory. The ledger is read before the journal, so that a live journal covers it.
            List<Failure> failures = [];
            LedgerInspection ledger = LedgerInspection.Read(data, patience, failures);
            BatchListing? batches = ListBatches(data, failures);
            var segments = new SegmentInspection(journal, patience);
            IReadOnlyList<SegmentListing> listed = segments.Run();
            failures.InsertRange(0, segments.Failures);
            LedgerListing? checkpoints = ledger.Open(segments.Genesis);
            RequireCovered(checkpoints, listed, journal, failures);
            return new DirectoryListing { Data = data, Venue = segments.Venue, Segments = listed, Ledger = checkpoints, Batches = batches, Failures = failures };
        }
        catch (DiskFailureException failure)
        {
            throw new VerificationFailedException(DataDirectory.FailureOf(failure));
        }
    }

    private static BatchListing? ListBatches(string data, List<Failure> failures)
    {
        ulong count = 0;
        ulong records = 0;
        try
        {
            foreach (DaBatch batch in DaBatchList.ReadFrom(data))
            {
                count++;
                records = batch.First + batch.Count;
            }
        }
        catch (InvalidDataException damage)
        {
            failures.Add(new Failure(ExitCode.Damaged, $"entry {count + 1} of the list of batches", damage.Message) { Segment = Path.Combine(data, DaBatchList.FileName) });
        }
        return count == 0 ? null : new BatchListing(count, records);
    }

    private static void RequireCovered(LedgerListing? ledger, IReadOnlyList<SegmentListing> segments, string journal, List<Failure> failures)
    {
        // Where a segment cannot be read to its end, that is the finding.
        if (ledger?.Newest is not { } newest || segments.Any(segment => segment.Failures.Count > 0))
            return;
        ulong size = segments.Count == 0 ? 0 : (ulong)(segments[^1].FirstSequence + segments[^1].Records);
        if (size < newest.JournalSize)
            failures.Add(new Failure(ExitCode.MissingData, $"{newest.JournalSize} records, as the newest checkpoint covers", $"{size}") { Checkpoint = newest.Number, Segment = journal });
    }
}
