using Clob.Appliance.Diagnostics;
using Prometheus;

namespace Clob.Appliance;

/// <summary>The venue as a whole: which it is, its state, its checkpoints, its health.</summary>
internal sealed class VenueEndpoints(VenueAccess access, HttpSettings http, VenueMetrics metrics)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/venue", GetVenue).Produces<VenueAnswer>().Problems(503).WithSummary("Which venue this is");
        routes.Get("/state", GetStateAsync).ForAdministration().Produces<StateAnswer>().Problems(503).WithSummary("The whole state after a record: assets, markets, books, accounts");
        routes.Get("/checkpoints/latest", GetCheckpoint).Produces<string>(200, "text/plain").Problems(404, 503).WithSummary("The latest signed checkpoint");
        routes.Get("/health/live", static () => HttpAnswer.Ok(HttpJson.Default.HealthAnswer, new HealthAnswer("live")))
            .Produces<HealthAnswer>().WithSummary("Whether the process answers");
        routes.Get("/health/ready", GetReady).Produces<HealthAnswer>().Problems(503).WithSummary("Whether the venue is recovered and takes orders, or cancels only");
        routes.MapMetrics("/metrics", metrics.Registry);
    }

    private IResult GetVenue()
    {
        var venue = access.Require();
        return HttpAnswer.Ok(HttpJson.Default.VenueAnswer, new VenueAnswer(Convert.ToHexStringLower(venue.VenueId.Span), venue.Session, venue.Sequence));
    }

    private async Task<IResult> GetStateAsync() =>
        HttpAnswer.Ok(HttpJson.Default.StateAnswer, await access.Require().Reads.ReadAsync(VenueReader.ReadState, http.ReadPatience).ConfigureAwait(false));

    private IResult GetCheckpoint() =>
        access.Require().LatestCheckpoint is { } checkpoint
            ? Results.Text(checkpoint, "text/plain")
            : throw new HttpProblemException(404, "no-checkpoint", "No checkpoint yet", "the first one is made when something changed and Settlement:CheckpointInterval has passed");

    private IResult GetReady()
    {
        // Also 200 while only cancels are taken: whoever sends traffic elsewhere for another status would keep cancels away.
        string? obstacle = access.Require().CancelsOnlyBecause;
        return HttpAnswer.Ok(HttpJson.Default.HealthAnswer, obstacle is null ? new HealthAnswer("ready") : new HealthAnswer("cancels-only", obstacle));
    }
}
