namespace Clob.Appliance;

/// <summary>A venue that runs: what the host and HTTP need of it.</summary>
internal interface IVenue : IAsyncDisposable
{
    /// <summary>SHA-256 of record 0, 32 bytes.</summary>
    ReadOnlyMemory<byte> VenueId { get; }

    /// <summary>Session name of order entry and market data, 10 characters.</summary>
    string Session { get; }

    /// <summary>Sequence of the last record that is durable and matched.</summary>
    ulong Sequence { get; }

    /// <summary>Where order entry listens; with port 0 in the settings, the port the system chose.</summary>
    System.Net.IPEndPoint OrderEntryEndpoint { get; }

    /// <summary>Reads of the state.</summary>
    IVenueReads Reads { get; }

    /// <summary>Decimals of the assets.</summary>
    AssetDecimals Assets { get; }

    /// <summary>Account 0's commands.</summary>
    OperatorGateway Operator { get; }

    /// <summary>Session tokens.</summary>
    ISessionTokens Tokens { get; }

    /// <summary>The latest signed checkpoint; null before the first.</summary>
    string? LatestCheckpoint { get; }

    /// <summary>Why only cancels are taken; null while everything is.</summary>
    string? CancelsOnlyBecause { get; }

    /// <summary>Lets everything that was accepted through to disk and wire, makes the last checkpoint and ends all threads.</summary>
    Task StopAsync();
}
