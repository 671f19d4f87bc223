using System.Text.Json;

namespace Clob.Client;

/// <summary>The venue refused a request, with what its RFC 9457 problem document says.</summary>
public sealed class ProblemException : Exception
{
    /// <summary>Puts status, title and detail into the message.</summary>
    public ProblemException(int status, string title, string? detail, string? type = null)
        : base(detail is null ? $"{status} {title}" : $"{status} {title}: {detail}")
    {
        Status = status;
        Title = title;
        Detail = detail;
        Type = type;
    }

    /// <summary>HTTP status.</summary>
    public int Status { get; }

    /// <summary>Kind of problem in a few words.</summary>
    public string Title { get; }

    /// <summary>What exactly was wrong; null when the venue did not say.</summary>
    public string? Detail { get; }

    /// <summary>The problem type, a URI reference; null for none.</summary>
    public string? Type { get; }

    /// <summary>Reads the body of a refusal; one that is no problem document still makes an exception.</summary>
    internal static ProblemException From(int status, string? reason, string body)
    {
        try
        {
            if (JsonSerializer.Deserialize(body, HttpJson.Default.ProblemDocument) is { } problem)
                return new ProblemException(status, problem.Title ?? reason ?? "", problem.Detail, problem.Type);
        }
        catch (JsonException)
        {
            // plain text or nothing
        }

        return new ProblemException(status, reason ?? "", body.Length == 0 ? null : body);
    }
}
