using Clob.Engine;

namespace Clob.Settlement;

/// <summary>Both archives of a venue. What holds of each holds of both: the replica's thread appends and flushes, any thread reads and syncs.</summary>
public sealed class VenueArchives : IDisposable
{
    /// <summary>Opens or creates them below a data directory.</summary>
    public VenueArchives(string dataDirectory)
    {
        Reports = new ReportArchive(dataDirectory);
        Feed = new FeedArchive(dataDirectory);
    }

    /// <summary>Every execution report.</summary>
    public ReportArchive Reports { get; }

    /// <summary>Every market data message.</summary>
    public FeedArchive Feed { get; }

    /// <summary>Lets readers see what was appended.</summary>
    public void Flush()
    {
        Reports.Flush();
        Feed.Flush();
    }

    /// <summary>Makes everything flushed durable.</summary>
    public void Sync()
    {
        Reports.Sync();
        Feed.Sync();
    }

    /// <summary>What they lack of all that an exchange has reported and published, the first of it in words; null for nothing. Before anything is appended.</summary>
    public string? WhatIsMissing(Exchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        for (ulong account = 0; account < exchange.Keys.Count; account++)
        {
            ulong next = exchange.NextReportSequence(account);
            ulong whole = Reports.WholeThrough(account);
            if (whole + 1 < next)
                return $"the report archive holds reports 1 to {whole} of account {account} whole, expected {next - 1}";
        }
        ulong messages = exchange.NextFeedSequence - 1;
        ulong wholeMessages = Feed.WholeThrough(messages);
        return wholeMessages < messages ? $"the feed archive holds messages 1 to {wholeMessages} whole, expected {messages}" : null;
    }

    /// <summary>Appending goes on behind what an exchange has reported and published.</summary>
    public void ResumeBehind(Exchange exchange)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        for (ulong account = 0; account < exchange.Keys.Count; account++)
            Reports.ResumeBehind(account, exchange.NextReportSequence(account) - 1);
        Feed.ResumeBehind(exchange.NextFeedSequence - 1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Reports.Dispose();
        Feed.Dispose();
    }
}
