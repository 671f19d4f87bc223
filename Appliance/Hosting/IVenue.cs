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

    /// <summary>Account 0's commands.</summary>
    OperatorGateway Operator { get; }

    /// <summary>Session tokens.</summary>
    ISessionTokens Tokens { get; }

    /// <summary>The latest signed checkpoint; null before the first.</summary>
    string? LatestCheckpoint { get; }

    /// <summary>Lets everything that was accepted through to disk and wire, makes the last checkpoint and ends all threads.</summary>
    Task StopAsync();
}

/// <summary>Session tokens as HTTP hands them out.</summary>
internal interface ISessionTokens
{
    /// <summary>The account's token.</summary>
    string Issue(ulong account);

    /// <summary>Makes the account's token worthless and gives the next.</summary>
    string Rotate(ulong account);
}

/// <summary>The venue once it is recovered; HTTP listens before that and answers 503.</summary>
internal sealed class VenueAccess
{
    private IVenue? _venue;

    /// <summary>The running venue; null while it is being recovered and once it is stopping.</summary>
    internal IVenue? Current => Volatile.Read(ref _venue);

    /// <summary>Whether it takes commands.</summary>
    internal bool IsReady => Current is not null;

    internal void Open(IVenue venue) => Volatile.Write(ref _venue, venue);

    internal void Close() => Volatile.Write(ref _venue, null);

    /// <summary>The running venue.</summary>
    /// <exception cref="VenueNotReadyException">There is none.</exception>
    internal IVenue Require() => Current ?? throw new VenueNotReadyException();
}

/// <summary>The venue is recovering or stopping.</summary>
internal sealed class VenueNotReadyException() : Exception("the venue is recovering or stopping; try again in a moment");
