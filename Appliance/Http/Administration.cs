using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace Clob.Appliance;

/// <summary>Marks an endpoint that changes the venue.</summary>
internal sealed class AdministrationMetadata
{
    internal static readonly AdministrationMetadata Instance = new();
}

/// <summary>
/// Who may administrate: whoever has the bearer token, when there is one. Without one HTTP listens on loopback only, and whoever is on the host may - but no
/// web page in a browser there: a page can make the browser resolve its own name to 127.0.0.1, but then sends that name as host.
/// </summary>
internal sealed class Administration
{
    private readonly RequestDelegate _next;
    private readonly byte[]? _tokenHash;

    public Administration(RequestDelegate next, HttpSettings http)
    {
        _next = next;
        _tokenHash = http.AdminToken is { } token ? SHA256.HashData(Encoding.UTF8.GetBytes(token)) : null;
    }

    /// <summary>Lets a request through or answers it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<AdministrationMetadata>() is null)
            return _next(context);
        if (_tokenHash is null)
        {
            return IsAddressOrLocalhost(context.Request.Host.Host) ? _next(context)
                : ProblemMiddleware.WriteAsync(context, HttpProblem.Of(403, "foreign-host", "Not for this host name", "administration without a token is for localhost and IP addresses as host"));
        }

        if (HasToken(context.Request))
            return _next(context);
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"administration\"";
        return ProblemMiddleware.WriteAsync(context, HttpProblem.Of(401, "unauthorized", "Administration needs a bearer token", "send Authorization: Bearer with the token of Http:AdminToken"));
    }

    // Hashes have one length, so the comparison takes the same time for every wrong token.
    private bool HasToken(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var authorization)
        && authorization.Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(authorization.Parameter ?? "")), _tokenHash);

    private static bool IsAddressOrLocalhost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out _);
}
