using System.Net;
using Clob.Protocol;

namespace Clob.Client;

/// <summary>Whose session this is, where it connects and from where it continues.</summary>
public sealed record OrderEntryOptions
{
    /// <summary>Where the venue takes orders, normally 127.0.0.1:8080.</summary>
    public required EndPoint EndPoint { get; init; }

    /// <summary>The account that signs and receives reports.</summary>
    public required ulong Account { get; init; }

    /// <summary>The account's session token, 10 characters, from registration.</summary>
    public required string SessionToken { get; init; }

    /// <summary>The account's key. The caller keeps and disposes of it.</summary>
    public required SigningKey Key { get; init; }

    /// <summary>The venue id that every signature covers, 32 bytes.</summary>
    public required ReadOnlyMemory<byte> VenueId { get; init; }

    /// <summary>
    /// Nonce of the first command to send: the account's next nonce, as <see cref="ApplianceHttpClient.GetUserAsync"/> tells it. Too high leaves a
    /// gap, which is allowed; too low is answered with a reject that names the right one, and the client goes on from there.
    /// </summary>
    public required ulong NextNonce { get; init; }

    /// <summary>Sequence of the first execution report wanted; 1 for all there ever were, 0 for only new ones.</summary>
    public ulong NextReportSequence { get; init; }

    /// <summary>Session name to insist on; empty for the venue's current one.</summary>
    public string Session { get; init; } = "";

    /// <summary>Nanoseconds since 1970 after which the venue refuses an envelope, per envelope sent; null for never.</summary>
    public Func<ulong>? Expiry { get; init; }

    /// <summary>Whether a lost connection is set up again; else losing it ends the client.</summary>
    public bool Reconnect { get; init; } = true;

    /// <summary>First pause before connecting again; doubled per attempt that brought no report, up to <see cref="LongestReconnectPause"/>.</summary>
    public TimeSpan ReconnectPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest pause between two attempts.</summary>
    public TimeSpan LongestReconnectPause { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The clock of heartbeats and pauses.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
