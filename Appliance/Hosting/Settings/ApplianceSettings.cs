using System.Net;
using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>
/// All settings of the appliance, read and checked. The defaults are those of the <c>appsettings.json</c> that is embedded in the program; a file of that
/// name beside the program or in the working directory, the environment (<c>CLOB_Http__Listen</c>) and the command line (<c>--Http:Listen=</c>) override
/// them in this order. <c>docs/configuration.md</c> lists every one.
/// </summary>
public sealed record ApplianceSettings
{
    /// <summary>Where files live.</summary>
    public required DataSettings Data { get; init; }

    /// <summary>HTTP.</summary>
    public required HttpSettings Http { get; init; }

    /// <summary>Order entry over TCP.</summary>
    public required OrderEntrySettings OrderEntry { get; init; }

    /// <summary>The multicast feed.</summary>
    public required MarketDataSettings MarketData { get; init; }

    /// <summary>Checkpoints, data availability and ledger.</summary>
    public required SettlementSettings Settlement { get; init; }

    /// <summary>The journal.</summary>
    public required JournalSettings Journal { get; init; }

    /// <summary>Stages, threads and rings.</summary>
    public required PipelineSettings Pipeline { get; init; }

    /// <summary>The log.</summary>
    public required LoggingSettings Logging { get; init; }

    /// <summary>Assets and markets of a new venue.</summary>
    public required VenueSettings Venue { get; init; }
}

/// <summary>Section <c>Data</c>.</summary>
public sealed record DataSettings
{
    /// <summary>Directory below which everything lives; see <see cref="DataLayout"/>.</summary>
    public required string Directory { get; init; }

    internal static DataSettings Read(SettingReader settings) => new()
    {
        Directory = settings.Path("Directory", "a path, created when missing"),
    };
}

/// <summary>Section <c>Http</c>.</summary>
public sealed record HttpSettings
{
    /// <summary>Shortest administration token: 16 characters of base32 are 80 bits.</summary>
    public const int MinimumTokenLength = 16;

    /// <summary>Where HTTP listens.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>The bearer token of administration; null for none, which only loopback allows.</summary>
    public required string? AdminToken { get; init; }

    /// <summary>Bytes of the largest request body.</summary>
    public required int MaximumBodyBytes { get; init; }

    /// <summary>The longest a read waits for the replica to have applied what was durable when it came.</summary>
    public required TimeSpan ReadPatience { get; init; }

    internal static HttpSettings Read(SettingReader settings)
    {
        var http = new HttpSettings
        {
            Listen = settings.Endpoint("Listen"),
            AdminToken = settings.Read<string?>("AdminToken", $"nothing, or {MinimumTokenLength} to 256 printable characters without spaces", TryToken, isSecret: true),
            MaximumBodyBytes = settings.Number("MaximumBodyBytes", 1024, 1024 * 1024),
            ReadPatience = settings.Duration("ReadPatience", TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1)),
        };
        if (http is { Listen: { } listen, AdminToken: null } && !IPAddress.IsLoopback(listen.Address))
        {
            settings.Fault($"{settings.Key("AdminToken")} is empty while {settings.Key("Listen")} holds '{listen}', which others can reach; "
                + $"it accepts {MinimumTokenLength} to 256 printable characters without spaces.");
        }

        return http;
    }

    private static bool TryToken(string text, out string? token)
    {
        token = text.Length == 0 ? null : text;
        return text.Length == 0 || (text.Length is >= MinimumTokenLength and <= 256 && !text.AsSpan().ContainsAnyExceptInRange('!', '~'));
    }
}

/// <summary>Section <c>OrderEntry</c>.</summary>
public sealed record OrderEntrySettings
{
    /// <summary>Where order entry listens.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>Most sessions at a time; the next connection is closed.</summary>
    public required int MaximumSessions { get; init; }

    /// <summary>Most sessions of one account at a time.</summary>
    public required int MaximumSessionsPerAccount { get; init; }

    /// <summary>Execution reports kept in memory for sessions that lag, all accounts together; older ones come from the archive.</summary>
    public required int RecentReports { get; init; }

    /// <summary>Bytes the kernel buffers for a session that reads slowly.</summary>
    public required int SendBufferBytes { get; init; }

    /// <summary>Envelopes a second a session may send before it is dropped; 0 for no limit. Acts before any signature is looked at.</summary>
    public required int MaximumEnvelopesPerSecond { get; init; }

    /// <summary>How long logins of an account wait behind its second session that sent a bad signature, doubling with each further one; zero for no wait.</summary>
    public required TimeSpan BadSignaturePause { get; init; }

    /// <summary>The longest such wait, and the quiet time after which one such session is forgiven.</summary>
    public required TimeSpan MaximumBadSignaturePause { get; init; }

    /// <summary>Seconds after a restart in which an account with cancel on disconnect may come back before its orders go.</summary>
    public required int DisconnectGraceSeconds { get; init; }

    internal static OrderEntrySettings Read(SettingReader settings)
    {
        var orderEntry = ReadEach(settings);
        if (orderEntry.MaximumBadSignaturePause < orderEntry.BadSignaturePause && orderEntry.MaximumBadSignaturePause > TimeSpan.Zero)
        {
            settings.Fault($"{settings.Key("MaximumBadSignaturePause")} holds '{orderEntry.MaximumBadSignaturePause}'; "
                + $"it accepts no less than {settings.Key("BadSignaturePause")}, which holds '{orderEntry.BadSignaturePause}'.");
        }

        return orderEntry;
    }

    private static OrderEntrySettings ReadEach(SettingReader settings) => new()
    {
        Listen = settings.Endpoint("Listen"),
        MaximumSessions = settings.Number("MaximumSessions", 1, OrderEntryOptions.SessionsLimit),
        MaximumSessionsPerAccount = settings.Number("MaximumSessionsPerAccount", 1, OrderEntryOptions.SessionsLimit),
        RecentReports = settings.PowerOfTwo("RecentReports", 16, 1 << 22),
        SendBufferBytes = settings.Number("SendBufferBytes", 16 * 1024, 256 * 1024 * 1024),
        MaximumEnvelopesPerSecond = settings.Number("MaximumEnvelopesPerSecond", 0, 10_000_000),
        BadSignaturePause = settings.Duration("BadSignaturePause", TimeSpan.Zero, TimeSpan.FromHours(1)),
        MaximumBadSignaturePause = settings.Duration("MaximumBadSignaturePause", TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        DisconnectGraceSeconds = settings.Number("DisconnectGraceSeconds", 0, 86_400),
    };
}

/// <summary>Section <c>MarketData</c>.</summary>
public sealed record MarketDataSettings
{
    /// <summary>Multicast group and port.</summary>
    public required IPEndPoint Group { get; init; }

    /// <summary>Address of the interface that sends.</summary>
    public required IPAddress Interface { get; init; }

    /// <summary>How many routers a packet may cross, plus one; 0 keeps it on the host.</summary>
    public required byte TimeToLive { get; init; }

    /// <summary>Bytes of the largest UDP payload.</summary>
    public required int MaximumPayload { get; init; }

    internal static MarketDataSettings Read(SettingReader settings) => new()
    {
        Group = settings.MulticastGroup("Group"),
        Interface = settings.Address("Interface"),
        TimeToLive = settings.Number<byte>("TimeToLive", 0, 255),
        // From what every IPv4 host must take to the most a UDP datagram holds.
        MaximumPayload = settings.Number("MaximumPayload", 508, FeedOptions.LargestPayload),
    };
}

/// <summary>Section <c>Logging</c>.</summary>
public sealed record LoggingSettings
{
    /// <summary>The lowest level that is written.</summary>
    public required LogLevel Level { get; init; }

    internal static LoggingSettings Read(SettingReader settings) => new() { Level = settings.Choice<LogLevel>("Level") };
}
