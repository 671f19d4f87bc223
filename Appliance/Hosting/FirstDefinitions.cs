using Clob.Appliance.Diagnostics;
using Clob.Engine;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>
/// Assets and markets of the settings: ordinary operator commands, written once, at the first start. After that the settings change no
/// result; what differs is reported.
/// </summary>
internal static class FirstDefinitions
{
    /// <summary>Defines everything, on a venue that was just started for the first time.</summary>
    internal static async Task DefineAsync(IVenue venue, VenueSettings settings, ILogger log)
    {
        await SubmitAsync(venue, settings).ConfigureAwait(false);
        Log.VenueDefined(log, settings.Assets.Count, settings.Markets.Count, Convert.ToHexStringLower(venue.VenueId.Span[..4]));
    }

    private static Task SubmitAsync(IVenue venue, VenueSettings settings) =>
        settings.Assets.Count + settings.Markets.Count == 0 ? Task.CompletedTask : venue.Operator.ExecuteAllAsync(
            (ref EnvelopeBuilder envelope) =>
            {
                bool fits = true;
                foreach (var asset in settings.Assets)
                    fits &= envelope.TryAdd(asset);
                foreach (var market in settings.Markets)
                    fits &= envelope.TryAdd(market);
                return fits;
            },
            CancellationToken.None);

    /// <summary>What of the settings is not so at the recovered venue; empty when all is.</summary>
    internal static IReadOnlyList<string> DifferencesOf(Exchange exchange, VenueSettings settings)
    {
        List<string> differences = [];
        foreach (var asset in settings.Assets)
        {
            var defined = exchange.ReadAsset(asset.Asset);
            if (defined is null || defined.Decimals != asset.Decimals || defined.Symbol != asset.Symbol)
                differences.Add($"asset {asset.Asset} is {(defined is null ? "not defined" : $"{defined.Symbol} with {defined.Decimals} decimals")}, the settings say {asset.Symbol} with {asset.Decimals}");
        }

        foreach (var market in settings.Markets)
        {
            string defined = exchange.ReadMarket(market.Market) is { } view
                ? Describe(new DefineMarket(view.Market, view.BaseAsset, view.QuoteAsset, view.BaseUnitsPerLot, view.QuoteUnitsPerLotAndTick, view.Symbol, view.Terms))
                : "not defined";
            if (defined != Describe(market))
                differences.Add($"market {market.Market} is {defined}, the settings say {Describe(market)}");
        }

        return differences;
    }

    private static string Describe(DefineMarket market) =>
        $"{market.Symbol} of assets {market.BaseAsset} and {market.QuoteAsset}, {market.BaseUnitsPerLot} base units a lot, {market.QuoteUnitsPerLotAndTick} quote units a lot and tick, "
        + $"quantity {market.Terms.MinimumQuantity} to {market.Terms.MaximumQuantity}, price cap {market.Terms.PriceCap}, fees {market.Terms.MakerFee} and {market.Terms.TakerFee} ppm, "
        + $"price band {market.Terms.PriceBand} ppm, notional to {market.Terms.MaximumNotional}"; // not the reference price: trades move it
}
