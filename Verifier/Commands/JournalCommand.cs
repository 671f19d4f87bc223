using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text;
using Clob.Verifier.Inspection;
using Clob.Verifier.Reports;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Commands;

/// <summary><c>journal</c>: what a data directory holds; <c>journal cat</c>: its records, readably.</summary>
internal static class JournalCommand
{
    /// <summary>So much text is written at a time.</summary>
    private const int ChunkLength = 32 * 1024;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The venue's data directory, live or a copy", DefaultValueFactory = _ => "./data", Recursive = true };
        var json = new Option<bool>("--json") { Description = "Print JSON: one object for the listing, one a line for records", Recursive = true };
        var command = new Command("journal", "Lists segments, checkpoints and batches, and says which of them cannot be read") { data, json, CreateCat(data, json) };
        command.SetAction(parsed => (int)List(parsed.GetRequiredValue(data), parsed.GetValue(json), parsed.InvocationConfiguration));
        return command;
    }

    private static Command CreateCat(Option<string> data, Option<bool> json)
    {
        var from = new Option<long?>("--from") { Description = "The first sequence; default: the oldest there is" };
        var to = new Option<long?>("--to") { Description = "The last sequence, itself included; default: all there are" };
        var limit = new Option<long?>("--limit") { Description = "At most so many records" };
        var details = new Option<bool>("--details") { Description = "Also each record's hashes, segment and group" };
        var command = new Command("cat", "Prints records: prices in ticks, quantities in lots, amounts in smallest units, fees in millionths. Signatures are not checked") { from, to, limit, details };
        command.Validators.Add(result =>
        {
            if (Given(result, from) < 0 || Given(result, to) < 0)
                result.AddError("A sequence is 0 or more.");
            if (Given(result, from) > Given(result, to))
                result.AddError($"--from {Given(result, from)} lies behind --to {Given(result, to)}.");
            if (Given(result, limit) < 1)
                result.AddError("--limit is 1 or more.");
        });
        command.SetAction(parsed =>
        {
            var options = new RangeOptions
            {
                DataDirectory = parsed.GetRequiredValue(data),
                From = parsed.GetValue(from),
                To = parsed.GetValue(to),
                Limit = parsed.GetValue(limit),
                HasDetails = parsed.GetValue(details),
            };
            return (int)Print(options, parsed.GetValue(json), parsed.InvocationConfiguration);
        });
        return command;
    }

    /// <summary>An option's number; null without one, also when it is none, which the library says by itself.</summary>
    private static long? Given(CommandResult result, Option<long?> option) =>
        result.GetResult(option)?.Tokens is [var token, ..] && long.TryParse(token.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : null;

    private static ExitCode List(string dataDirectory, bool json, InvocationConfiguration streams)
    {
        DirectoryListing listing;
        try
        {
            listing = DirectoryInspection.Run(dataDirectory, SegmentEnd.DefaultPatience);
        }
        catch (VerificationFailedException nothing)
        {
            listing = new DirectoryListing { Data = Path.GetFullPath(dataDirectory), Failures = [nothing.Failure] };
            if (!json)
            {
                streams.Error.WriteLine($"❌ {nothing.Failure}");
                return listing.Code;
            }
        }
        if (json)
            ListingJson.Write(listing, streams.Output);
        else
            ListingText.Write(listing, streams.Output, streams.Error);
        return listing.Code;
    }

    private static ExitCode Print(RangeOptions options, bool json, InvocationConfiguration streams)
    {
        var text = new StringBuilder();
        using RecordJson? lines = json ? new RecordJson() : null;
        Failure? failure = null;
        string? remark = null;
        try
        {
            using var range = new RecordRange(options);
            remark = range.Run(record =>
            {
                if (lines is null)
                    RecordText.Append(text, record);
                else
                    lines.Append(text, record);
                return text.Length < ChunkLength || TryFlush(text, streams.Output);
            });
        }
        catch (VerificationFailedException failed)
        {
            failure = failed.Failure;
        }
        // Whoever has read enough wants to hear nothing more.
        if (!TryFlush(text, streams.Output))
            return ExitCode.Success;
        if (remark is not null)
            streams.Error.WriteLine($"remark: {remark}");
        if (failure is not null)
            streams.Error.WriteLine($"❌ {failure}");
        return failure?.Code ?? ExitCode.Success;
    }

    private static bool TryFlush(StringBuilder text, TextWriter output)
    {
        output.Write(text);
        text.Clear();
        return output is not StandardOutput { IsReaderGone: true };
    }
}
