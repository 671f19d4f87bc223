using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Clob.Appliance;

/// <summary>Request bodies: JSON and nothing else, read to the end before anything is done.</summary>
internal static class RequestBody
{
    /// <summary>The answer to another content than JSON, whether routing or reading notices first.</summary>
    internal static ProblemAnswer NotJson { get; } = HttpProblem.Of(415, "not-json", "The content is not JSON", "send Content-Type: application/json");

    /// <summary>Reads a body.</summary>
    /// <exception cref="HttpProblemException">The content is not declared as JSON, or is JSON null.</exception>
    /// <exception cref="JsonException">It is not JSON, or not the JSON that is expected.</exception>
    internal static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        // A browser lets any page send forms and plain text here, but JSON only after asking, which is answered with no.
        if (!context.Request.HasJsonContentType())
            throw new HttpProblemException(NotJson);
        return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
            ?? throw new HttpProblemException(400, "malformed-json", "The body is not the JSON that is expected here", "it is null");
    }

    /// <summary>Reads a body that may be absent.</summary>
    internal static async Task<T> ReadOrAsync<T>(HttpContext context, JsonTypeInfo<T> type, T absent)
        where T : class =>
        context.Request.ContentLength is 0 || (context.Request.ContentLength is null && !context.Request.Headers.ContainsKey("Transfer-Encoding"))
            ? absent
            : await ReadAsync(context, type).ConfigureAwait(false);
}
