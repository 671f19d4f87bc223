using System.Text.Json.Serialization;
using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>A problem document of RFC 9457.</summary>
/// <param name="Type">Names the kind of problem, for programs: <c>urn:clob:problem:…</c>.</param>
/// <param name="Title">The kind of problem in a few words, for people.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What exactly was wrong here.</param>
internal sealed record ProblemAnswer(string Type, string Title, int Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail);

/// <summary>A request that is answered with a problem document.</summary>
internal sealed class HttpProblemException(ProblemAnswer answer) : Exception(answer.Detail ?? answer.Title)
{
    internal HttpProblemException(int status, string kind, string title, string? detail = null)
        : this(HttpProblem.Of(status, kind, title, detail))
    {
    }

    /// <summary>What the client gets.</summary>
    internal ProblemAnswer Answer { get; } = answer;
}

/// <summary>The problems that there are.</summary>
internal static class HttpProblem
{
    internal static ProblemAnswer Of(int status, string kind, string title, string? detail = null) =>
        new($"urn:clob:problem:{kind}", title, status, detail);

    internal static HttpProblemException UnknownUser(ulong user) => new(404, "unknown-user", "No such user", $"there is no user {user}");

    internal static HttpProblemException UnknownAsset(uint asset) => new(404, "unknown-asset", "No such asset", $"there is no asset {asset}");

    internal static HttpProblemException UnknownMarket(ushort market) => new(404, "unknown-market", "No such market", $"there is no market {market}");

    /// <summary>A value that was understood but is not accepted.</summary>
    internal static HttpProblemException NotAccepted(string name, string why) => new(422, "value-not-accepted", "Value not accepted", $"{name} {why}");

    /// <summary>The answer to a command of the operator that the venue refused.</summary>
    internal static ProblemAnswer Of(RejectReason reason) => reason switch
    {
        RejectReason.UnknownMarket => Of(404, "unknown-market", "No such market"),
        RejectReason.UnknownAsset => Of(404, "unknown-asset", "No such asset"),
        RejectReason.UnknownTarget => Of(404, "unknown-user", "No such user"),
        RejectReason.UnknownWithdrawal => Of(404, "unknown-withdrawal", "No such withdrawal, or it is settled"),
        RejectReason.MarketExists => Of(409, "market-exists", "The market is defined already"),
        RejectReason.AssetExists => Of(409, "asset-exists", "The asset is defined already"),
        RejectReason.MarketClosed => Of(409, "market-closed", "A closed market does not open again"),
        RejectReason.MarketNotOpen => Of(409, "market-not-open", "The market is not open"),
        RejectReason.DepositIdReused => Of(409, "deposit-id-reused", "The deposit id was used with other content"),
        RejectReason.InvalidTerms => Of(422, "invalid-terms", "The terms contradict each other or are out of range"),
        RejectReason.InvalidKey => Of(422, "invalid-key", "Not a public key of Ed25519's prime-order group"),
        RejectReason.AmountOutOfRange => Of(422, "amount-out-of-range", "The amount is zero or above what the asset can hold"),
        RejectReason.InsufficientFunds => Of(409, "insufficient-funds", "Not enough available balance"),
        RejectReason.CapacityReached => Of(507, "capacity-reached", "The venue holds as much as it can"),
        // What is left cannot come from what a client wrote: the venue's own signer is at fault.
        _ => Of(500, "refused", "The venue refused its operator", $"reason {reason}"),
    };
}
