using System.Net;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

/// <summary>Settings of order entry.</summary>
public sealed record OrderEntryOptions
{
    /// <summary>Most sessions the ids have room for.</summary>
    public const int SessionsLimit = 65_536;

    /// <summary>Where to listen. Port 0 lets the system choose.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8080);

    /// <summary>Connections at once, 1 to <see cref="SessionsLimit"/>; further ones are closed at once.</summary>
    public int MaximumSessions { get; init; } = 4_096;

    /// <summary>Sessions of one account at once, at least 1; further logins are rejected.</summary>
    public int MaximumSessionsPerAccount { get; init; } = 64;

    /// <summary>Envelopes a session may send in any one second before it is dropped; 0 for no limit.</summary>
    public int MaximumEnvelopesPerSecond { get; init; }

    /// <summary>
    /// How long logins of an account wait behind the second session of it that sent a bad signature; twice as long behind each further one.
    /// Zero for no wait.
    /// </summary>
    public TimeSpan BadSignaturePause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such wait; also the quiet time after which one such session is forgiven.</summary>
    public TimeSpan MaximumBadSignaturePause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes the kernel buffers for a session that reads slowly (it may be configured to grant less). What does not fit is not buffered at
    /// all but read again from the recent reports or the archive when the peer takes it.
    /// </summary>
    public int SendBufferBytes { get; init; } = 1 << 20;

    /// <summary>Execution reports kept in memory for all accounts together, a power of two; 128 bytes and a link of 24 each.</summary>
    public int RecentReports { get; init; } = 65_536;

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside of its range; names it.</exception>
    public void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumSessions, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaximumSessions, SessionsLimit);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumSessionsPerAccount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(MaximumEnvelopesPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(BadSignaturePause, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaximumBadSignaturePause, BadSignaturePause);
        ArgumentOutOfRangeException.ThrowIfLessThan(SendBufferBytes, 4_096);
        ArgumentOutOfRangeException.ThrowIfLessThan(RecentReports, 16);
        if (!System.Numerics.BitOperations.IsPow2(RecentReports))
            throw new ArgumentOutOfRangeException(nameof(RecentReports), RecentReports, "The number of recent reports must be a power of two.");
    }
}

/// <summary>What order entry is connected to.</summary>
public sealed record OrderEntryConnections
{
    /// <summary>Takes the envelopes.</summary>
    public required IEnvelopeSequencer Sequencer { get; init; }

    /// <summary>Hears of sessions that start and end.</summary>
    public required ISessionObserver Observer { get; init; }

    /// <summary>Reports that are no longer in memory.</summary>
    public required IReportArchive Archive { get; init; }

    /// <summary>Checks passwords.</summary>
    public required SessionTokens Tokens { get; init; }

    /// <summary>Whether an account exists. Called on the ingress thread at a login.</summary>
    public required Func<ulong, bool> AccountExists { get; init; }

    /// <summary>
    /// The sequence of an account's next report as of the start of this process (1 for accounts registered since). Called on the egress
    /// thread, once at most per account, when it logs in before any report of it was delivered.
    /// </summary>
    public required Func<ulong, ulong> NextReportSequence { get; init; }

    /// <summary>The session's name, 10 characters, see <see cref="MoldUdp64.SessionName"/>.</summary>
    public required string SessionName { get; init; }

    /// <summary>The clock of heartbeats, silence and throttles.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
