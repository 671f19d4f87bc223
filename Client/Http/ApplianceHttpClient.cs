using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Clob.Client;

/// <summary>
/// The venue's HTTP side: registration, deposits, reading state, administration. Every answer that is no success throws
/// <see cref="ProblemException"/>; no connection throws <see cref="HttpRequestException"/>.
/// </summary>
public sealed class ApplianceHttpClient : IDisposable
{
    private readonly HttpClient _http;

    /// <summary>Talks to the venue at <paramref name="address"/>, normally http://127.0.0.1:9090.</summary>
    /// <param name="address">Scheme, host and port.</param>
    /// <param name="bearerToken">The administration token that a venue beyond loopback asks for; null for none.</param>
    public ApplianceHttpClient(Uri address, string? bearerToken = null)
        : this(new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) }, bearerToken)
    {
    }

    /// <summary>Talks through a client that has its base address; disposes it in the end.</summary>
    public ApplianceHttpClient(HttpClient http, string? bearerToken = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        _http = http;
        if (bearerToken is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", bearerToken);
    }

    /// <summary>Registers a user with a key pair that the venue generates (the answer holds the private key), or with one's own public key.</summary>
    public Task<RegisteredUser> RegisterAsync(ReadOnlyMemory<byte>? publicKey = null, CancellationToken cancellation = default) =>
        PostAsync("users", new RegisterUserRequest(publicKey is { } key ? Convert.ToHexStringLower(key.Span) : null),
            HttpJson.Default.RegisterUserRequest, HttpJson.Default.RegisteredUser, cancellation);

    /// <summary>Credits an account with an amount such as "10000.0"; the same deposit id credits once for ever.</summary>
    public Task<DepositResult> DepositAsync(ulong user, uint asset, string amount, string? depositId = null, CancellationToken cancellation = default) =>
        PostAsync("deposit", new DepositRequest(user, asset, amount, depositId),
            HttpJson.Default.DepositRequest, HttpJson.Default.DepositResult, cancellation);

    /// <summary>State of an account: balances, open orders, next nonce and report sequence.</summary>
    public Task<User> GetUserAsync(ulong user, CancellationToken cancellation = default) =>
        GetAsync(Path($"users/{user}"), HttpJson.Default.User, cancellation);

    /// <summary>The account that is registered with a public key.</summary>
    public async Task<ulong> FindUserAsync(ReadOnlyMemory<byte> publicKey, CancellationToken cancellation = default) =>
        (await GetAsync($"users?public_key_hex={Convert.ToHexStringLower(publicKey.Span)}", HttpJson.Default.UserIdAnswer, cancellation).ConfigureAwait(false)).UserId;

    /// <summary>A new session token for an account (administration); the former one is worthless from then on, open sessions stay.</summary>
    public async Task<string> RotateSessionTokenAsync(ulong user, CancellationToken cancellation = default)
    {
        using var answer = await _http.PostAsync(Relative(Path($"users/{user}/token")), null, cancellation).ConfigureAwait(false);
        return (await ReadAsync(answer, HttpJson.Default.SessionTokenAnswer, cancellation).ConfigureAwait(false)).SessionToken;
    }

    /// <summary>Blocks or allows an account's trading, and limits it (administration).</summary>
    public Task<User> SetLimitsAsync(ulong user, UserLimitsChange limits, CancellationToken cancellation = default) =>
        PostAsync(Path($"users/{user}/limits"), limits, HttpJson.Default.UserLimitsChange, HttpJson.Default.User, cancellation);

    /// <summary>Gives an account fees of its own in a market, or the market's again (administration).</summary>
    public Task<User> SetFeesAsync(ulong user, UserFees fees, CancellationToken cancellation = default) =>
        PostAsync(Path($"users/{user}/fees"), fees, HttpJson.Default.UserFees, HttpJson.Default.User, cancellation);

    /// <summary>A market's book, at most <paramref name="depth"/> levels a side.</summary>
    public Task<MarketBook> GetBookAsync(ushort market, int depth = 10, CancellationToken cancellation = default) =>
        GetAsync(Path($"markets/{market}/book?depth={depth}"), HttpJson.Default.MarketBook, cancellation);

    /// <summary>Which venue this is.</summary>
    public Task<Venue> GetVenueAsync(CancellationToken cancellation = default) => GetAsync("venue", HttpJson.Default.Venue, cancellation);

    /// <summary>The whole state: accounts, books, sequence.</summary>
    public Task<JsonElement> GetStateAsync(CancellationToken cancellation = default) => GetAsync("state", HttpJson.Default.JsonElement, cancellation);

    /// <summary>The latest checkpoint, a signed note.</summary>
    public async Task<string> GetLatestCheckpointAsync(CancellationToken cancellation = default)
    {
        using var answer = await _http.GetAsync(Relative("checkpoints/latest"), cancellation).ConfigureAwait(false);
        await ThrowUnlessSuccessAsync(answer, cancellation).ConfigureAwait(false);
        return await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Whether the venue is up and takes orders.</summary>
    public async Task<bool> IsReadyAsync(CancellationToken cancellation = default)
    {
        try
        {
            using var answer = await _http.GetAsync(Relative("health/ready"), cancellation).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>Defines an asset (administration).</summary>
    public Task DefineAssetAsync(AssetDefinition asset, CancellationToken cancellation = default) =>
        PostAsync("assets", asset, HttpJson.Default.AssetDefinition, cancellation);

    /// <summary>Defines a market (administration).</summary>
    public Task DefineMarketAsync(MarketDefinition market, CancellationToken cancellation = default) =>
        PostAsync("markets", market, HttpJson.Default.MarketDefinition, cancellation);

    /// <summary>Changes terms of a market; those that are null stay (administration).</summary>
    public Task ChangeMarketAsync(ushort market, MarketTermsChange terms, CancellationToken cancellation = default) =>
        PostAsync(Path($"markets/{market}"), terms, HttpJson.Default.MarketTermsChange, cancellation);

    /// <summary>Opens, halts or closes a market (administration): <c>open</c>, <c>cancel-only</c>, <c>halted</c>, <c>closed</c>.</summary>
    public Task SetMarketStateAsync(ushort market, string state, CancellationToken cancellation = default) =>
        PostAsync(Path($"markets/{market}/state"), new MarketStateRequest(state), HttpJson.Default.MarketStateRequest, cancellation);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _http.Dispose();

    private static string Path(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);

    private static Uri Relative(string path) => new(path, UriKind.Relative);

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        using var answer = await _http.GetAsync(Relative(path), cancellation).ConfigureAwait(false);
        return await ReadAsync(answer, type, cancellation).ConfigureAwait(false);
    }

    private async Task PostAsync<TRequest>(string path, TRequest request, JsonTypeInfo<TRequest> requestType, CancellationToken cancellation)
    {
        using var answer = await SendAsync(path, request, requestType, cancellation).ConfigureAwait(false);
        await ThrowUnlessSuccessAsync(answer, cancellation).ConfigureAwait(false);
    }

    private async Task<TAnswer> PostAsync<TRequest, TAnswer>(
        string path, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellation)
    {
        using var answer = await SendAsync(path, request, requestType, cancellation).ConfigureAwait(false);
        return await ReadAsync(answer, answerType, cancellation).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync<TRequest>(string path, TRequest request, JsonTypeInfo<TRequest> type, CancellationToken cancellation)
    {
        using var content = JsonContent.Create(request, type);
        return await _http.PostAsync(Relative(path), content, cancellation).ConfigureAwait(false);
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage answer, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        await ThrowUnlessSuccessAsync(answer, cancellation).ConfigureAwait(false);
        return await answer.Content.ReadFromJsonAsync(type, cancellation).ConfigureAwait(false)
            ?? throw new ProblemException((int)answer.StatusCode, "Empty answer", "the venue answered with JSON null");
    }

    private static async Task ThrowUnlessSuccessAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (!answer.IsSuccessStatusCode)
            throw ProblemException.From((int)answer.StatusCode, answer.ReasonPhrase, await answer.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false));
    }
}
