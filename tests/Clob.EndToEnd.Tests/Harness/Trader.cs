using Clob.Client;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>A registered user with funds, a session and all its reports.</summary>
internal sealed class Trader : IAsyncDisposable
{
    /// <summary>Enough of both assets for any test: a thousand million USD, ten thousand BTC.</summary>
    public static readonly IReadOnlyList<(uint Asset, string Amount)> Rich = [(1, "1000000000.0"), (2, "10000.0")];

    private readonly ApplianceProcess _appliance;
    private OrderEntryClient? _client;

    private Trader(ApplianceProcess appliance, SigningKey key, RegisteredUser user)
    {
        _appliance = appliance;
        Key = key;
        User = user;
    }

    /// <summary>Its key; the tests may go on with another after a rotation.</summary>
    public SigningKey Key { get; set; }

    public RegisteredUser User { get; }

    public ulong Account => User.UserId;

    public byte[] VenueId => Convert.FromHexString(User.VenueId);

    /// <summary>All reports from the first on.</summary>
    public ReportLog Log { get; private set; } = new();

    /// <summary>The session.</summary>
    public OrderEntryClient Client => _client ?? throw new InvalidOperationException("it is not connected");

    /// <summary>Registers a user with a key of its own and funds it; does not connect.</summary>
    public static async Task<Trader> RegisterAsync(ApplianceProcess appliance, IEnumerable<(uint Asset, string Amount)>? funds = null)
    {
        using var http = appliance.CreateHttpClient();
        var key = SigningKey.Generate();
        var user = await http.RegisterAsync(key.PublicKey.ToArray()).ConfigureAwait(false);
        foreach (var (asset, amount) in funds ?? Rich)
            await http.DepositAsync(user.UserId, asset, amount).ConfigureAwait(false);
        return new Trader(appliance, key, user);
    }

    /// <summary>Registers, funds and connects.</summary>
    public static async Task<Trader> JoinAsync(ApplianceProcess appliance, IEnumerable<(uint Asset, string Amount)>? funds = null)
    {
        var trader = await RegisterAsync(appliance, funds).ConfigureAwait(false);
        await trader.ConnectAsync().ConfigureAwait(false);
        return trader;
    }

    /// <summary>What a session of this user is opened with.</summary>
    public OrderEntryOptions Options(ulong nextNonce = 1, ulong nextReport = 1) => new()
    {
        EndPoint = _appliance.OrderEntry,
        Account = Account,
        SessionToken = User.SessionToken,
        Key = Key,
        VenueId = VenueId,
        NextNonce = nextNonce,
        NextReportSequence = nextReport,
        LongestReconnectPause = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>Opens the session; all reports from the first on are collected anew.</summary>
    public async Task ConnectAsync(ulong nextNonce = 1)
    {
        if (_client is not null)
            await _client.DisposeAsync().ConfigureAwait(false);
        Log = new ReportLog();
        _client = await OrderEntryClient.ConnectAsync(Options(nextNonce), Log).ConfigureAwait(false);
    }

    /// <summary>Sends one command and waits for the first report about its nonce.</summary>
    public async Task<ExchangeEvent> ExecuteAsync<TCommand>(TCommand command) where TCommand : struct, ICommand =>
        await Log.AnswerToAsync(await Client.SendAsync(command).ConfigureAwait(false)).ConfigureAwait(false);

    /// <summary>Waits until all it sent is acknowledged.</summary>
    public Task DrainAsync() => Client.DrainAsync().WaitAsync(ProgramProcess.Patience);

    /// <summary>Ends the session.</summary>
    public async Task DisconnectAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync().ConfigureAwait(false);
        _client = null;
    }

    public async ValueTask DisposeAsync()
    {
        await DisconnectAsync().ConfigureAwait(false);
        Key.Dispose();
    }
}
