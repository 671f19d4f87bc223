using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Reports;

/// <summary>The result for programs: one JSON object on one line. Amounts are strings, since they may have 128 bits.</summary>
internal static class JsonReport
{
    /// <summary>How all objects of the program are written: names in snake case.</summary>
    public static readonly JsonContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>Writes a result.</summary>
    public static void Write(VerificationResult result, TextWriter output) =>
        output.WriteLine(JsonSerializer.Serialize(Result(result), Context.JsonResult));

    /// <summary>A failure as it stands in every object.</summary>
    public static JsonFailure Of(Failure failure) =>
        new(failure.Kind, failure.Sequence, failure.Checkpoint, failure.Segment, failure.Offset, failure.Expected, failure.Found);

    private static JsonResult Result(VerificationResult result)
    {
        AuditSummary summary = result.Summary;
        return new JsonResult(
            result.Failure is null ? "success" : "failure", (int)result.Code, summary.Venue?.ToString(), summary.Records, summary.Envelopes, summary.Commands,
            summary.Signatures, summary.InvalidSignatures, summary.Checkpoints, summary.RecordsBeyond, summary.CheckpointsBeyond, summary.Accounts,
            [.. summary.Assets.Select(asset => new JsonAsset(asset.Asset, asset.Symbol, asset.Total.ToString(CultureInfo.InvariantCulture)))],
            summary.LastCheckpoint?.StateRoot.ToString(), summary.LastCheckpoint?.JournalRoot.ToString(), summary.LastCheckpoint?.JournalSize, summary.Milliseconds,
            summary.Remarks,
            result.Failure is { } failure ? Of(failure) : null);
    }
}

internal sealed record JsonAsset(uint Asset, string Symbol, string Total);

internal sealed record JsonFailure(string Kind, ulong? Sequence, ulong? Checkpoint, string? Segment, long? Offset, string Expected, string Found);

internal sealed record JsonResult(
    string Status, int Code, string? Venue, ulong Records, ulong Envelopes, ulong Commands, ulong Signatures, ulong InvalidSignatures, ulong Checkpoints,
    ulong RecordsBeyond, ulong CheckpointsBeyond, ulong Accounts, IReadOnlyList<JsonAsset> Assets, string? StateRoot, string? JournalRoot, ulong? JournalSize,
    long Milliseconds, IReadOnlyList<string> Remarks, JsonFailure? Failure);

[JsonSerializable(typeof(JsonResult))]
[JsonSerializable(typeof(JsonListing))]
internal sealed partial class JsonContext : JsonSerializerContext;
