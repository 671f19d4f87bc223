using System.Text.Json.Serialization.Metadata;

namespace Clob.Appliance;

/// <summary>Answers in JSON through the generated serializers.</summary>
internal static class HttpAnswer
{
    internal static IResult Ok<T>(JsonTypeInfo<T> type, T answer) => new JsonAnswer<T>(type, answer, 200, null);

    internal static IResult Created<T>(string location, JsonTypeInfo<T> type, T answer) => new JsonAnswer<T>(type, answer, 201, location);

    /// <summary>Maps a handler whose result is the answer. (<c>MapGet</c> alone takes a method with an HttpContext for one without a result.)</summary>
    internal static RouteHandlerBuilder Get(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => routes.MapGet(pattern, handler);

    /// <summary>Maps a handler whose result is the answer.</summary>
    internal static RouteHandlerBuilder Post(this IEndpointRouteBuilder routes, string pattern, Delegate handler) => routes.MapPost(pattern, handler);

    /// <summary>Says that an endpoint changes the venue: see <see cref="Administration"/>.</summary>
    internal static RouteHandlerBuilder ForAdministration(this RouteHandlerBuilder endpoint) =>
        endpoint.WithMetadata(AdministrationMetadata.Instance).Problems(401, 403);

    /// <summary>Says that an endpoint takes JSON, and the problems of all that do.</summary>
    internal static RouteHandlerBuilder Takes<T>(this RouteHandlerBuilder endpoint, bool isOptional = false)
        where T : notnull =>
        endpoint.Accepts<T>(isOptional, "application/json").Problems(400, 413, 415);

    /// <summary>Says with which problems of docs/http.md an endpoint answers, for the OpenAPI document; 500 is not said, for it is a fault anywhere.</summary>
    internal static RouteHandlerBuilder Problems(this RouteHandlerBuilder endpoint, params ReadOnlySpan<int> statuses)
    {
        foreach (int status in statuses)
            endpoint.ProducesProblem(status);
        return endpoint;
    }

    private sealed class JsonAnswer<T>(JsonTypeInfo<T> type, T answer, int status, string? location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            if (location is not null)
                httpContext.Response.Headers.Location = location;
            return httpContext.Response.WriteAsJsonAsync(answer, type, cancellationToken: httpContext.RequestAborted);
        }
    }
}
