using System.CommandLine;
using System.CommandLine.Parsing;
using Clob.Proofs;
using Clob.Settlement;
using Clob.Verifier.Audit;
using Clob.Verifier.Reports;

namespace Clob.Verifier.Commands;

/// <summary><c>full</c>: all records, all signatures, replay, every root, the money of each asset.</summary>
internal static class FullCommand
{
    private const string Segments = "segments";
    private const string Da = "da";

    /// <summary>The command.</summary>
    /// <param name="interactive">Whether the output is a terminal, on which progress may be shown.</param>
    public static Command Create(bool interactive)
    {
        var data = new Option<string>("--data") { Description = "The venue's data directory, live or a copy", DefaultValueFactory = _ => "./data" };
        Option<string> source = new Option<string>("--source") { Description = "Where the records are read from", DefaultValueFactory = _ => Segments }
            .AcceptOnlyFromAmong(Segments, Da);
        var daUrl = new Option<Uri?>("--da-url") { Description = "An EigenDA proxy, with --source da; instead of the folder, or beside one that --da-folder names", CustomParser = ParseUrl };
        var daFolder = new Option<string?>("--da-folder") { Description = "The folder of batches, with --source da; below the data directory unless absolute. Default: da, without --da-url" };
        var venue = new Option<Hash256?>("--venue") { Description = "The venue id, 64 hexadecimal digits, when you know it from elsewhere", CustomParser = ParseHash };
        var engine = new Option<Hash256?>("--engine-hash") { Description = "The engine hash that the last checkpoint must name, 64 hexadecimal digits", CustomParser = ParseHash };
        var json = new Option<bool>("--json") { Description = "Print one JSON object" };
        var command = new Command("full", "Replays everything and compares it with every checkpoint") { data, source, daUrl, daFolder, venue, engine, json };
        command.Validators.Add(result =>
        {
            if (result.GetResult(daUrl) is not null && result.GetValue(source) != Da)
                result.AddError("--da-url needs --source da.");
        });
        command.SetAction(parsed =>
        {
            var options = new FullOptions
            {
                DataDirectory = parsed.GetRequiredValue(data),
                Source = parsed.GetRequiredValue(source) == Da ? RecordSourceKind.Da : RecordSourceKind.Segments,
                DaFolder = parsed.GetValue(daFolder),
                DaUrl = parsed.GetValue(daUrl),
                Venue = parsed.GetValue(venue),
                EngineHash = parsed.GetValue(engine),
            };
            return (int)Run(options, parsed.GetValue(json), interactive, parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        });
        return command;
    }

    private static ExitCode Run(FullOptions options, bool json, bool interactive, TextWriter output, TextWriter error)
    {
        VerificationResult result = interactive && !json
            ? TerminalProgress.Show(NewestCheckpoint(options.DataDirectory), progress => FullVerification.Run(options, progress))
            : FullVerification.Run(options);
        if (json)
            JsonReport.Write(result, output);
        else
            TextReport.Write(result, output, error);
        return result.Code;
    }

    /// <summary>For progress only; what is wrong with the ledger is for the verification to say.</summary>
    private static ulong NewestCheckpoint(string dataDirectory)
    {
        try
        {
            return FileLedger.NewestJournalSize(dataDirectory);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException)
        {
            return 0;
        }
    }

    private static Hash256? ParseHash(ArgumentResult argument)
    {
        if (Hash256.TryParse(argument.Tokens[0].Value, out Hash256 hash))
            return hash;
        argument.AddError($"'{argument.Tokens[0].Value}' is not {Hash256.Digits} lower-case hexadecimal digits.");
        return null;
    }

    private static Uri? ParseUrl(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
            return url;
        argument.AddError($"'{argument.Tokens[0].Value}' is not an http or https address.");
        return null;
    }
}
