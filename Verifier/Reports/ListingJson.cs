using System.Text.Json;
using Clob.Journal;
using Clob.Proofs;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Reports;

/// <summary>A listing for programs: one JSON object on one line.</summary>
internal static class ListingJson
{
    /// <summary>Writes a listing.</summary>
    public static void Write(DirectoryListing listing, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(Of(listing), JsonReport.Context.JsonListing));

    private static JsonListing Of(DirectoryListing listing) => new(
        listing.Failures.Count == 0 ? "success" : "failure", (int)listing.Code, listing.Data, listing.Venue?.ToString(), listing.Records,
        [.. listing.Segments.Select(Of)],
        listing.Ledger is { } ledger ? new JsonLedger(ledger.Count, Of(ledger.First), Of(ledger.Newest), ledger.SignaturesChecked) : null,
        listing.Batches is { } batches ? new JsonBatches(batches.Batches, batches.Records) : null,
        [.. listing.Failures.Select(JsonReport.Of)]);

    private static JsonSegment Of(SegmentListing segment) => new(
        segment.Path, segment.Index, segment.FirstSequence, segment.LastSequence, segment.Records, segment.Groups, segment.UsedBytes, segment.FileBytes,
        segment.FirstTime?.ToString(), segment.LastTime?.ToString(), segment.ChainHash?.ToString(),
        segment.End is { } end ? new JsonEnd(NameOf(end.Kind), end.Offset, end.Remains) : null,
        segment.Failures.Count > 0);

    private static string NameOf(JournalEndKind kind) => kind switch
    {
        JournalEndKind.Clean => "clean",
        JournalEndKind.Torn => "torn",
        _ => "damaged",
    };

    private static JsonCheckpoint? Of(CheckpointRecord? checkpoint) => checkpoint is null
        ? null
        : new JsonCheckpoint(checkpoint.Number, checkpoint.Sequence, checkpoint.JournalSize, new UtcTime(checkpoint.Time).ToString(), checkpoint.StateRoot.ToString());
}

internal sealed record JsonEnd(string Kind, long Offset, long Remains);

internal sealed record JsonSegment(
    string File, long? Index, long FirstSequence, long? LastSequence, long Records, long Groups, long UsedBytes, long FileBytes, string? FirstTime,
    string? LastTime, string? ChainHash, JsonEnd? OpenEnd, bool Damaged);

internal sealed record JsonCheckpoint(ulong Number, ulong Sequence, ulong JournalSize, string Time, string StateRoot);

internal sealed record JsonLedger(ulong Count, JsonCheckpoint? First, JsonCheckpoint? Newest, bool SignaturesChecked);

internal sealed record JsonBatches(ulong Count, ulong Records);

internal sealed record JsonListing(
    string Status, int Code, string Data, string? Venue, long Records, IReadOnlyList<JsonSegment> Segments, JsonLedger? Checkpoints, JsonBatches? Batches,
    IReadOnlyList<JsonFailure> Failures);
