using Clob.Journal;
using Clob.Proofs;
using Clob.Settlement;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Audit;

/// <summary>Where the records are read from.</summary>
internal enum RecordSourceKind
{
    /// <summary>The segments below the data directory.</summary>
    Segments,

    /// <summary>The batches that the ledger's checkpoints name.</summary>
    Da,
}

/// <summary>What to verify.</summary>
internal sealed record FullOptions
{
    /// <summary>The data directory: <c>journal/</c>, <c>ledger/</c> and, for the folder as data availability layer, <c>da/</c> are below it.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Where the records are read from.</summary>
    public RecordSourceKind Source { get; init; }

    /// <summary>The folder of batches, below the data directory unless absolute; null for <c>da</c>, or for none where a proxy is named.</summary>
    public string? DaFolder { get; init; }

    /// <summary>An EigenDA proxy; null for none.</summary>
    public Uri? DaUrl { get; init; }

    /// <summary>The venue id, if it is known from elsewhere.</summary>
    public Hash256? Venue { get; init; }

    /// <summary>The engine hash to insist on.</summary>
    public Hash256? EngineHash { get; init; }

    /// <summary>How long something at the end that looks damaged may take to become whole: a live venue may be writing it.</summary>
    public TimeSpan Patience { get; init; } = SegmentEnd.DefaultPatience;
}

/// <summary>How a verification ended.</summary>
/// <param name="Summary">What was checked; all of it held.</param>
/// <param name="Failure">The first thing that did not hold; null when all did.</param>
internal sealed record VerificationResult(AuditSummary Summary, Failure? Failure)
{
    /// <summary>The process's exit code.</summary>
    public ExitCode Code => Failure?.Code ?? ExitCode.Success;
}

/// <summary>Opens what the options name and runs the audit over it. Writes nothing and takes no lock.</summary>
internal static class FullVerification
{
    private const string DaFolder = "da";

    /// <summary>A dispersal takes over 10 s, a retrieval may as well.</summary>
    private static readonly TimeSpan DaTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Verifies.</summary>
    /// <param name="options">What to verify.</param>
    /// <param name="progress">Called now and then on this thread; null for nobody.</param>
    public static VerificationResult Run(FullOptions options, Action<AuditSummary>? progress = null)
    {
        VenueAudit? audit = null;
        try
        {
            string data = DataDirectory.Require(options.DataDirectory);
            using HttpClient? client = options.DaUrl is null ? null : new HttpClient { Timeout = DaTimeout };
            using IRecordSource source = OpenSource(options, data, client);
            using var ledger = new LedgerReader(FileLedger.ReadFrom(data, patience: options.Patience), DataDirectory.LedgerPath(data));
            audit = new VenueAudit(source, ledger, new Expectations(options.Venue, options.EngineHash));
            audit.Run(progress);
            return new VerificationResult(audit.Summary, null);
        }
        catch (VerificationFailedException failed)
        {
            return new VerificationResult(audit?.Summary ?? new AuditSummary(), failed.Failure);
        }
        catch (DiskFailureException failure)
        {
            return new VerificationResult(audit?.Summary ?? new AuditSummary(), DataDirectory.FailureOf(failure));
        }
    }

    private static IRecordSource OpenSource(FullOptions options, string data, HttpClient? client)
    {
        if (options.Source == RecordSourceKind.Segments)
            return new SegmentSource(DataDirectory.RequireJournal(data), options.Patience);
        string? folder = options.DaFolder ?? (client is null ? DaFolder : null);
        var layers = new DaLayers(
            folder is null ? null : new FolderDataAvailability(Path.Combine(data, folder)),
            client is null ? null : new EigenDaProxy(client, new EigenDaProxyOptions { Url = options.DaUrl! }));
        return new DaSource(layers, FileLedger.ReadFrom(data, patience: options.Patience), DataDirectory.LedgerPath(data));
    }
}
