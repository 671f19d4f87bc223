using System.Net;
using System.Security.Cryptography;

namespace Clob.Appliance.FakeDa;

/// <summary>
/// A stand-in for an EigenDA proxy that keeps its blobs in memory: the routes of the real one's standard commitment mode, its status codes,
/// and faults on demand. A commitment is a version byte and the SHA-256 of the payload.
/// <code>
/// POST /put?commitment_mode=standard          raw payload → raw commitment         400 wrong mode or too large
/// GET  /get/0x…?commitment_mode=standard      → raw payload                        400 not hexadecimal, 418 no commitment of this server, 404 forgotten
/// GET  /config                                → {"version":…,"max_payload_size_bytes":…,…}
/// GET  /health                                → 200
/// </code>
/// </summary>
public static class FakeDaServer
{
    /// <summary>Serves until cancelled.</summary>
    /// <param name="listen">Address and port, such as <c>127.0.0.1:3100</c>.</param>
    /// <param name="options">Limits and faults; null for none.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task RunAsync(string listen, FakeDaOptions? options = null, CancellationToken cancellation = default)
    {
        WebApplication server = Build(listen, options ?? new FakeDaOptions());
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync(cancellation).ConfigureAwait(false);
            Console.WriteLine($"fake-da listens on {string.Join(", ", server.Urls)}");
            await server.WaitForShutdownAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The server, not yet started; its address is in <c>Urls</c> once it is (port 0 takes a free one).</summary>
    /// <exception cref="FormatException">The address is none.</exception>
    public static WebApplication Build(string listen, FakeDaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        IPEndPoint endpoint = IPEndPoint.Parse(listen);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            // One more than is taken: what is too large is answered by this server, not cut off by the connection.
            kestrel.Limits.MaxRequestBodySize = options.MaximumPayloadSize + 1024 * 1024;
            kestrel.Listen(endpoint);
        });
        WebApplication server = builder.Build();
        Map(server, new FakeDaStore(options), options);
        return server;
    }

    private static void Map(WebApplication server, FakeDaStore store, FakeDaOptions options)
    {
        server.MapPost("/put", async (HttpRequest request) =>
        {
            if (store.TakeFault())
                return Answer(options.FailureStatus, "a fault on demand");
            if (!IsStandard(request))
                return Answer(StatusCodes.Status400BadRequest, "only commitment_mode=standard is served");
            using var payload = new MemoryStream();
            await request.Body.CopyToAsync(payload, request.HttpContext.RequestAborted).ConfigureAwait(false);
            return payload.Length > options.MaximumPayloadSize
                ? Answer(StatusCodes.Status400BadRequest, $"encoded blob is larger than max blob size: {payload.Length} bytes, {options.MaximumPayloadSize} are taken")
                : Results.Bytes(store.Put(payload.ToArray()), "application/octet-stream");
        });
        server.MapGet("/get/{commitment}", (string commitment, HttpRequest request) =>
        {
            if (store.TakeFault())
                return Answer(options.FailureStatus, "a fault on demand");
            if (!IsStandard(request))
                return Answer(StatusCodes.Status400BadRequest, "only commitment_mode=standard is served");
            string digits = commitment.StartsWith("0x", StringComparison.Ordinal) ? commitment[2..] : commitment;
            if (digits.Length == 0 || digits.Length % 2 != 0 || !digits.All(char.IsAsciiHexDigit))
                return Answer(StatusCodes.Status400BadRequest, "the commitment is not hexadecimal");
            byte[] bytes = Convert.FromHexString(digits);
            if (bytes.Length != FakeDaStore.CommitmentSize || bytes[0] != FakeDaStore.Version)
                return Answer(StatusCodes.Status418ImATeapot, "the certificate is invalid");
            return store.Find(bytes) is { } payload
                ? Results.Bytes(payload, "application/octet-stream")
                : Answer(StatusCodes.Status404NotFound, "there is no such blob (any more)");
        });
        server.MapGet("/config", () => Results.Text(
            FormattableString.Invariant($$"""{"version":"fake","chain_id":"","max_payload_size_bytes":{{options.MaximumPayloadSize}},"recency_window_size":0,"apis_enabled":["standard"],"read_only_mode":false}"""),
            "application/json"));
        server.MapGet("/health", () => Results.Ok());
    }

    private static bool IsStandard(HttpRequest request) => request.Query["commitment_mode"] == "standard";

    private static IResult Answer(int status, string reason) => Results.Text(reason + "\n", "text/plain", statusCode: status);
}

/// <summary>The blobs of a <see cref="FakeDaServer"/>. Thread-safe.</summary>
internal sealed class FakeDaStore(FakeDaOptions options)
{
    public const byte Version = 0x02;
    public const int CommitmentSize = 1 + SHA256.HashSizeInBytes;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _blobs = [];
    private readonly Queue<string> _order = new();
    private long _size;
    private int _faultsLeft = options.FailFirst;

    /// <summary>Whether this request is one of those to fail.</summary>
    public bool TakeFault() => Volatile.Read(ref _faultsLeft) > 0 && Interlocked.Decrement(ref _faultsLeft) >= 0;

    /// <summary>Keeps a payload and gives its commitment.</summary>
    public byte[] Put(byte[] payload)
    {
        byte[] commitment = [Version, .. SHA256.HashData(payload)];
        string key = Convert.ToHexStringLower(commitment);
        lock (_lock)
        {
            if (!_blobs.TryAdd(key, payload))
                return commitment;
            _order.Enqueue(key);
            _size += payload.Length;
            while (_size > options.Capacity && _order.Count > 1)
            {
                _blobs.Remove(_order.Dequeue(), out byte[]? forgotten);
                _size -= forgotten!.Length;
            }
        }
        return commitment;
    }

    /// <summary>The payload of a commitment; null when it was never put or is forgotten.</summary>
    public byte[]? Find(ReadOnlySpan<byte> commitment)
    {
        lock (_lock)
            return _blobs.GetValueOrDefault(Convert.ToHexStringLower(commitment));
    }
}
