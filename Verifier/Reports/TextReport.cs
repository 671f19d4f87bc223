using System.Globalization;
using Clob.Protocol;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Reports;

/// <summary>The result for people: a few lines, the last of which says it all.</summary>
internal static class TextReport
{
    /// <summary>The last line of a verification in which everything held, word for word what the README promises.</summary>
    public const string Success = "✅ SUCCESS: Local state root matches the official checkpoint.";

    /// <summary>Writes a result; a failure's one line goes to <paramref name="error"/>.</summary>
    public static void Write(VerificationResult result, TextWriter output, TextWriter error)
    {
        WriteSummary(result.Summary, output);
        if (result.Failure is null)
            output.WriteLine(Success);
        else
            error.WriteLine($"❌ {result.Failure}");
    }

    /// <summary>One line on how far it is.</summary>
    public static string Progress(AuditSummary summary, ulong newestCheckpoint)
    {
        string aim = newestCheckpoint == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" (the newest checkpoint covers {newestCheckpoint:N0})");
        return string.Create(CultureInfo.InvariantCulture, $"{summary.Records:N0} records{aim}, {summary.Signatures:N0} signatures, {summary.Checkpoints:N0} checkpoints");
    }

    /// <summary>One named line, of a verification or of a listing.</summary>
    public static void Line(TextWriter output, string name, FormattableString value) =>
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-13}{value.ToString(CultureInfo.InvariantCulture)}"));

    private static void WriteSummary(AuditSummary summary, TextWriter output)
    {
        if (summary.Venue is null)
            return;
        Line(output, "venue", $"{summary.Venue}");
        Line(output, "log key", $"{summary.LogKey}");
        Line(output, "records", $"{summary.Records:N0}, {summary.Envelopes:N0} envelopes, {summary.Commands:N0} commands");
        Line(output, "signatures", $"{summary.Signatures:N0} checked, {summary.InvalidSignatures:N0} invalid (those envelopes did nothing)");
        Line(output, "checkpoints", $"{summary.Checkpoints:N0} equal to the replay");
        if (summary.LastCheckpoint is { } last)
        {
            Line(output, "journal root", $"{last.JournalRoot}");
            Line(output, "state root", $"{last.StateRoot}");
            Line(output, "beyond it", $"{summary.RecordsBeyond:N0} records, replayed and checked as well");
        }
        if (summary.CheckpointsBeyond > 0)
            Line(output, "not replayed", $"{summary.CheckpointsBeyond:N0} checkpoints, signed and chained: their records are not on the DA layer yet");
        Line(output, "accounts", $"{summary.Accounts:N0}, which hold together, equal to deposits less paid withdrawals:");
        foreach (AssetSummary asset in summary.Assets)
            Line(output, "asset", $"{asset.Asset} {asset.Symbol}: {Amount.Format(asset.Total, asset.Decimals)}");
        foreach (string remark in summary.Remarks)
            Line(output, "remark", $"{remark}");
        Line(output, "time", $"{summary.Milliseconds:N0} ms");
    }
}
