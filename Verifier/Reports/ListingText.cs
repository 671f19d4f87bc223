using System.Globalization;
using Clob.Journal;
using Clob.Proofs;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Reports;

/// <summary>A listing for people: a line for each segment, then the other parts of the data directory.</summary>
internal static class ListingText
{
    private const int ShortHashDigits = 16;

    /// <summary>Writes a listing; each failure's one line goes to <paramref name="error"/>.</summary>
    public static void Write(DirectoryListing listing, TextWriter output, TextWriter error)
    {
        TextReport.Line(output, "data", $"{listing.Data}");
        TextReport.Line(output, "venue", $"{listing.Venue?.ToString() ?? "unknown"}, as the segments say");
        TextReport.Line(output, "journal", $"{listing.Segments.Count:N0} segments, {listing.Records:N0} records");
        foreach (SegmentListing segment in listing.Segments)
            TextReport.Line(output, "segment", $"{Of(segment)}");
        WriteLedger(listing.Ledger, output);
        TextReport.Line(output, "batches", $"{(listing.Batches is { } batches ? string.Create(CultureInfo.InvariantCulture, $"{batches.Batches:N0} taken by the DA layer, the first {batches.Records:N0} records") : "no list")}");
        foreach (Failure failure in listing.Failures)
            error.WriteLine($"❌ {failure}");
    }

    private static string Of(SegmentListing segment)
    {
        List<string> parts = [$"{segment.Index?.ToString(CultureInfo.InvariantCulture) ?? "?",3}  {Path.GetFileName(segment.Path)}"];
        parts.Add(segment.LastSequence is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"records {segment.FirstSequence} to {last} ({segment.Records:N0} in {segment.Groups:N0} groups)")
            : "no records");
        parts.Add(string.Create(CultureInfo.InvariantCulture, $"{segment.UsedBytes:N0} of {segment.FileBytes:N0} bytes"));
        if (segment.Records > 0)
            parts.Add($"{segment.FirstTime?.ToString() ?? "?"} to {segment.LastTime?.ToString() ?? "?"}");
        if (segment.ChainHash is { } chain)
            parts.Add($"chain {chain.ToString()[..ShortHashDigits]}");
        if (segment.End is { } end)
            parts.Add(Of(end));
        else if (segment.Failures.Count > 0)
            parts.Add("DAMAGED");
        return string.Join("  ", parts);
    }

    private static string Of(in JournalEnd end) => end.Kind switch
    {
        JournalEndKind.Clean => "open end: clean",
        JournalEndKind.Torn => string.Create(CultureInfo.InvariantCulture, $"open end: torn remains of {end.Remains} bytes at offset {end.Offset}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"open end: DAMAGED at offset {end.Offset}"),
    };

    private static void WriteLedger(LedgerListing? ledger, TextWriter output)
    {
        if (ledger is null)
        {
            TextReport.Line(output, "checkpoints", $"none");
            return;
        }
        TextReport.Line(output, "checkpoints", $"{ledger.Count:N0}, signatures of the first and the newest {(ledger.SignaturesChecked ? "checked" : "NOT checked: record 0 cannot be read")}");
        WriteCheckpoint("  first", ledger.First, output);
        WriteCheckpoint("  newest", ledger.Newest, output);
    }

    private static void WriteCheckpoint(string name, CheckpointRecord? checkpoint, TextWriter output)
    {
        if (checkpoint is null)
            TextReport.Line(output, name, $"cannot be read");
        else
            TextReport.Line(output, name, $"number {checkpoint.Number}  sequence {checkpoint.Sequence}  journal size {checkpoint.JournalSize}  {new UtcTime(checkpoint.Time)}  state {checkpoint.StateRoot}");
    }
}
