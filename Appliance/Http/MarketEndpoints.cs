using Clob.Engine;
using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>Assets, markets and books.</summary>
internal sealed class MarketEndpoints(VenueAccess access, HttpSettings http)
{
    private const int DefaultDepth = 10;
    private const int MaximumDepth = 10_000;

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.Get("/assets", ListAssetsAsync).Produces<IReadOnlyList<AssetAnswer>>().Problems(503).WithSummary("All assets");
        routes.Post("/assets", DefineAssetAsync).ForAdministration().Takes<DefineAssetRequest>()
            .Produces<AssetAnswer>(201).Problems(409, 422, 503, 507).WithSummary("Defines an asset");
        routes.Get("/markets", ListMarketsAsync).Produces<IReadOnlyList<MarketAnswer>>().Problems(503).WithSummary("All markets");
        routes.Post("/markets", DefineMarketAsync).ForAdministration().Takes<DefineMarketRequest>()
            .Produces<MarketAnswer>(201).Problems(404, 409, 422, 503, 507).WithSummary("Defines a market");
        routes.Get("/markets/{id}", GetMarketAsync).Produces<MarketAnswer>().Problems(400, 404, 503).WithSummary("A market");
        routes.MapMethods("/markets/{id}", ["POST", "PATCH"], ChangeMarketAsync).ForAdministration().Takes<MarketTermsRequest>()
            .Produces<MarketAnswer>().Problems(404, 422, 503).WithSummary("Changes terms of a market; those that are absent stay");
        routes.Post("/markets/{id}/state", SetStateAsync).ForAdministration().Takes<MarketStateRequest>()
            .Produces<MarketAnswer>().Problems(404, 409, 422, 503).WithSummary("Opens, halts or closes a market");
        routes.Get("/markets/{id}/book", GetBookAsync).Produces<BookAnswer>().Problems(400, 404, 422, 503).WithSummary("The best levels of a book; prices in ticks, quantities in lots");
    }

    private async Task<IResult> ListAssetsAsync() =>
        HttpAnswer.Ok(HttpJson.Default.IReadOnlyListAssetAnswer, await ReadAsync(exchange =>
            (IReadOnlyList<AssetAnswer>)[.. exchange.AssetIds.Select(asset => VenueReader.ReadAsset(exchange, asset)!)]).ConfigureAwait(false));

    private async Task<IResult> DefineAssetAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.DefineAssetRequest).ConfigureAwait(false);
        if (request.AssetId == 0)
            throw HttpProblem.NotAccepted("asset_id", "holds 0; it accepts 1 and up");
        if (request.Decimals > Amount.MaximumDecimals)
            throw HttpProblem.NotAccepted("decimals", $"holds {request.Decimals}; it accepts 0 to {Amount.MaximumDecimals}");
        await ExecuteAsync(new DefineAsset(request.AssetId, request.Decimals, ReadSymbol(request.Symbol))).ConfigureAwait(false);
        access.Require().Assets.Add(request.AssetId, request.Decimals);
        var asset = await ReadAsync(exchange => VenueReader.ReadAsset(exchange, request.AssetId)).ConfigureAwait(false);
        return HttpAnswer.Created("/assets", HttpJson.Default.AssetAnswer, asset ?? throw HttpProblem.UnknownAsset(request.AssetId));
    }

    private async Task<IResult> ListMarketsAsync() =>
        HttpAnswer.Ok(HttpJson.Default.IReadOnlyListMarketAnswer, await ReadAsync(exchange =>
            (IReadOnlyList<MarketAnswer>)[.. exchange.MarketIds.Select(market => VenueReader.ReadMarket(exchange, market)!)]).ConfigureAwait(false));

    private async Task<IResult> DefineMarketAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.DefineMarketRequest).ConfigureAwait(false);
        await ExecuteAsync(new DefineMarket(request.MarketId, request.BaseAsset, request.QuoteAsset, request.BaseUnitsPerLot,
            request.QuoteUnitsPerLotAndTick, ReadSymbol(request.Symbol), request.ToTerms())).ConfigureAwait(false);
        return HttpAnswer.Created($"/markets/{request.MarketId}", HttpJson.Default.MarketAnswer, await ReadMarketAsync(request.MarketId).ConfigureAwait(false));
    }

    private async Task<IResult> GetMarketAsync(ushort id) =>
        HttpAnswer.Ok(HttpJson.Default.MarketAnswer, await ReadMarketAsync(id).ConfigureAwait(false));

    private async Task<IResult> ChangeMarketAsync(ushort id, HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.MarketTermsRequest).ConfigureAwait(false);
        await ExecuteAsync(new ChangeMarket(id, request.ToTerms())).ConfigureAwait(false);
        return HttpAnswer.Ok(HttpJson.Default.MarketAnswer, await ReadMarketAsync(id).ConfigureAwait(false));
    }

    private async Task<IResult> SetStateAsync(ushort id, HttpContext context)
    {
        var request = await RequestBody.ReadAsync(context, HttpJson.Default.MarketStateRequest).ConfigureAwait(false);
        await ExecuteAsync(new SetMarketState(id, HttpNames.ToMarketState(request.State))).ConfigureAwait(false);
        return HttpAnswer.Ok(HttpJson.Default.MarketAnswer, await ReadMarketAsync(id).ConfigureAwait(false));
    }

    private async Task<IResult> GetBookAsync(ushort id, int? depth)
    {
        if (depth is < 1 or > MaximumDepth)
            throw HttpProblem.NotAccepted("depth", $"holds {depth}; it accepts 1 to {MaximumDepth}");
        return HttpAnswer.Ok(HttpJson.Default.BookAnswer,
            await ReadAsync(exchange => VenueReader.ReadBook(exchange, id, depth ?? DefaultDepth)).ConfigureAwait(false) ?? throw HttpProblem.UnknownMarket(id));
    }

    private async Task<MarketAnswer> ReadMarketAsync(ushort market) =>
        await ReadAsync(exchange => VenueReader.ReadMarket(exchange, market)).ConfigureAwait(false) ?? throw HttpProblem.UnknownMarket(market);

    private Task<T> ReadAsync<T>(Func<Exchange, T> read) => access.Require().Reads.ReadAsync(read, http.ReadPatience);

    // A client that hangs up does not undo what it asked for, so nothing here is cancelled with the request.
    private Task<ExchangeEvent> ExecuteAsync<TCommand>(TCommand command)
        where TCommand : struct, ICommand =>
        access.Require().Operator.ExecuteAsync(command, CancellationToken.None);

    private static Symbol ReadSymbol(string text) =>
        Symbol.TryParse(text, out var symbol) ? symbol : throw HttpProblem.NotAccepted("symbol", "accepts 1 to 8 characters A-Z, 0-9, '.', '-' or '/'");
}
