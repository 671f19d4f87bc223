using System.Text.Json;
using Clob.Appliance.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>Turns every way a request can fail into a problem document: what handlers throw, and what routing and server answer without a body.</summary>
internal sealed class ProblemMiddleware(RequestDelegate next, ILogger<ProblemMiddleware> log)
{
    private const string RetryAfterSeconds = "1";

    /// <summary>Runs the rest and answers for what went wrong there.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context).ConfigureAwait(false);
            if (!context.Response.HasStarted && context.Response.StatusCode >= 400 && context.Response.ContentType is null)
                await WriteAsync(context, Plain(context)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception failure) when (!context.Response.HasStarted)
        {
            var answer = AnswerTo(failure);
            if (answer.Status == 500)
                Log.RequestFailed(log, failure, context.Request.Method, context.Request.Path);
            context.Response.Clear();
            if (answer.Status == 503)
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
            await WriteAsync(context, answer).ConfigureAwait(false);
        }
    }

    /// <summary>Writes a problem document.</summary>
    internal static Task WriteAsync(HttpContext context, ProblemAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        return context.Response.WriteAsJsonAsync(answer, HttpJson.Default.ProblemAnswer, "application/problem+json", context.RequestAborted);
    }

    private static ProblemAnswer AnswerTo(Exception failure) => failure switch
    {
        HttpProblemException problem => problem.Answer,
        OperatorRejectException reject => HttpProblem.Of(reject.Reason),
        BadHttpRequestException { StatusCode: 413 } => HttpProblem.Of(413, "body-too-large", "The body is too large", failure.Message),
        BadHttpRequestException bad => HttpProblem.Of(bad.StatusCode, "bad-request", "The request cannot be read", bad.Message),
        JsonException bad => HttpProblem.Of(400, "malformed-json", "The body is not the JSON that is expected here", bad.Message),
        PipelineBusyException => HttpProblem.Of(503, "busy", "Too much is waiting", failure.Message),
        CancelsOnlyException => HttpProblem.Of(503, "cancels-only", "The venue takes cancels only", failure.Message),
        VenueNotReadyException => HttpProblem.Of(503, "not-ready", "The venue is not ready", failure.Message),
        TimeoutException => HttpProblem.Of(503, "replica-behind", "The state is not caught up", "what was durable at the time of the request is not applied to the replica yet; try again"),
        OperationCanceledException => HttpProblem.Of(503, "stopping", "The venue is stopping", "the outcome of the command is not known; ask again after the restart"),
        _ => HttpProblem.Of(500, "internal", "The venue failed to answer", "see the log"),
    };

    private static ProblemAnswer Plain(HttpContext context) => context.Response.StatusCode switch
    {
        404 => HttpProblem.Of(404, "unknown-route", "No such resource", $"there is nothing at {context.Request.Path}"),
        405 => HttpProblem.Of(405, "wrong-method", "Wrong method", $"{context.Request.Method} is not for {context.Request.Path}; it takes {context.Response.Headers.Allow}"),
        415 => RequestBody.NotJson,
        var status => HttpProblem.Of(status, "refused", "The request was refused"),
    };
}
