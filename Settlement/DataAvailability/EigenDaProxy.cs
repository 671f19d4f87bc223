using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Clob.Settlement;

/// <summary>How <see cref="EigenDaProxy"/> talks to its proxy.</summary>
public sealed record EigenDaProxyOptions
{
    /// <summary>The proxy's address, such as <c>http://127.0.0.1:3100</c>.</summary>
    public required Uri Url { get; init; }

    /// <summary>How often one call is tried, 1 and up; default 6.</summary>
    public int Attempts { get; init; } = 6;

    /// <summary>Longest wait before the second attempt; doubles from one to the next. Default 250 ms.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Longest wait between two attempts; default 15 s.</summary>
    public TimeSpan MaximumDelay { get; init; } = TimeSpan.FromSeconds(15);
}

/// <summary>
/// The REST API of an EigenDA proxy in its standard commitment mode: <c>POST /put?commitment_mode=standard</c> with the raw batch answers the
/// raw commitment, <c>GET /get/0x…?commitment_mode=standard</c> the batch, <c>GET /config</c> the limits. Tried again with growing,
/// random waits: 429 (slow down), 500, 503 (EigenDA is away) and connection errors. Never tried again: anything else, above all 400
/// (the request is wrong) and 418 (the certificate is invalid).
/// </summary>
public sealed class EigenDaProxy : IDataAvailability
{
    /// <summary>The largest payload of EigenDA, bytes, where the proxy does not say: 16 MiB of symbols, encoded.</summary>
    public const int DefaultMaximumBatchSize = 16_252_897;

    /// <summary>Most bytes of a configuration or of what stands beside a failure.</summary>
    private const int MaximumTextSize = 64 * 1024;

    private const string Query = "?commitment_mode=standard";
    private static readonly MediaTypeHeaderValue OctetStream = new("application/octet-stream");

    private readonly HttpClient _client;
    private readonly EigenDaProxyOptions _options;
    private readonly string _url;
    private readonly TimeProvider _time;

    /// <summary>Talks to one proxy.</summary>
    /// <param name="client">Its timeout is the limit of one attempt: a dispersal takes over 10 s. Stays its owner's.</param>
    /// <param name="options">Address and patience.</param>
    /// <param name="time">The clock of the waits; null for the system's.</param>
    public EigenDaProxy(HttpClient client, EigenDaProxyOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Attempts, 1);
        _client = client;
        _options = options;
        _url = options.Url.AbsoluteUri.TrimEnd('/');
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public async Task<byte[]> PutAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        byte[] commitment = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, _url + "/put" + Query)
        {
            Content = new ReadOnlyMemoryContent(batch) { Headers = { ContentType = OctetStream } },
        }, IDataAvailability.MaximumCommitmentSize, cancellation).ConfigureAwait(false);
        return commitment.Length > 0
            ? commitment
            : throw new DataAvailabilityException($"{_url}/put answered an empty commitment.", isTransient: true);
    }

    /// <inheritdoc/>
    public Task<byte[]> GetAsync(ReadOnlyMemory<byte> commitment, CancellationToken cancellation)
    {
        string path = string.Create(CultureInfo.InvariantCulture, $"{_url}/get/0x{Convert.ToHexStringLower(commitment.Span)}{Query}");
        return SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), DefaultMaximumBatchSize, cancellation);
    }

    /// <inheritdoc/>
    public async Task<long> MaximumBatchSizeAsync(CancellationToken cancellation)
    {
        byte[] config = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, _url + "/config"), MaximumTextSize, cancellation).ConfigureAwait(false);
        try
        {
            using JsonDocument document = JsonDocument.Parse(config);
            // 0 or nothing: a proxy that does not know.
            return document.RootElement.TryGetProperty("max_payload_size_bytes", out JsonElement limit) && limit.TryGetInt64(out long bytes) && bytes > 0
                ? bytes
                : DefaultMaximumBatchSize;
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw new DataAvailabilityException($"{_url}/config answered something else than a JSON object with max_payload_size_bytes: {failure.Message}", isTransient: false, failure);
        }
    }

    private async Task<byte[]> SendAsync(Func<HttpRequestMessage> request, long maximumSize, CancellationToken cancellation)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await SendOnceAsync(request, maximumSize, cancellation).ConfigureAwait(false);
            }
            catch (DataAvailabilityException failure) when (failure.IsTransient && attempt < _options.Attempts)
            {
                await Task.Delay(Delay(attempt), _time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async Task<byte[]> SendOnceAsync(Func<HttpRequestMessage> create, long maximumSize, CancellationToken cancellation)
    {
        using HttpRequestMessage request = create();
        string what = $"{request.Method} {Shortened(request.RequestUri!)}";
        try
        {
            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.OK)
                return await ReadAsync(response.Content, maximumSize, what, cancellation).ConfigureAwait(false);
            byte[] body = await ReadAsync(response.Content, MaximumTextSize, what, cancellation).ConfigureAwait(false);
            string reason = System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 500))).Trim();
            throw new DataAvailabilityException($"{what} answered {(int)response.StatusCode}: {reason}", IsTransient(response.StatusCode));
        }
        catch (HttpRequestException failure)
        {
            throw new DataAvailabilityException($"{what} failed: {failure.Message}", isTransient: true, failure);
        }
        catch (OperationCanceledException failure) when (!cancellation.IsCancellationRequested)
        {
            throw new DataAvailabilityException($"{what} was not answered within {_client.Timeout}.", isTransient: true, failure);
        }
    }

    /// <summary>The other side does not choose how much memory its answer takes.</summary>
    private static async Task<byte[]> ReadAsync(HttpContent content, long maximumSize, string what, CancellationToken cancellation)
    {
        try
        {
            await content.LoadIntoBufferAsync(maximumSize, cancellation).ConfigureAwait(false);
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new DataAvailabilityException($"{what} answered more than {maximumSize} bytes, the most that is taken.", isTransient: false, failure);
        }

        return await content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false);
    }

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable;

    /// <summary>A certificate has kilobytes; a message needs its beginning.</summary>
    private static string Shortened(Uri uri) => uri.AbsoluteUri.Length <= 200 ? uri.AbsoluteUri : uri.AbsoluteUri[..200] + "…";

    /// <summary>Anything up to a limit that doubles: venues that were turned away together do not come back together.</summary>
    private TimeSpan Delay(int attempt)
    {
        long limit = _options.FirstDelay.Ticks;
        for (int i = 1; i < attempt && limit < _options.MaximumDelay.Ticks; i++)
            limit *= 2;
        return TimeSpan.FromTicks(Random.Shared.NextInt64(Math.Min(limit, _options.MaximumDelay.Ticks) + 1));
    }
}
