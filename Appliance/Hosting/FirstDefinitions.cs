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
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Defines what a venue without any asset lacks, or reports the differences.</summary>
    internal static async Task ApplyAsync(IVenue venue, VenueSettings settings, ILogger log)
    {
        var differences = await venue.Reads.ReadAsync(exchange => exchange.AssetIds.Count == 0 ? null : DifferencesOf(exchange, settings), Patience).ConfigureAwait(false);
        if (differences is null)
        {
            await DefineAsync(venue, settings).ConfigureAwait(false);
            Log.VenueDefined(log, settings.Assets.Count, settings.Markets.Count, Convert.ToHexStringLower(venue.VenueId.Span[..4]));
            return;
        }

        foreach (string difference in differences)
            Log.VenueDiffers(log, difference);
    }

    private static Task DefineAsync(IVenue venue, VenueSettings settings) =>
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

    private static List<string> DifferencesOf(Exchange exchange, VenueSettings settings)
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
            if (exchange.ReadMarket(market.Market) is not { } defined)
                differences.Add($"market {market.Market} of the settings is not defined");
            else if (defined.Symbol != market.Symbol || defined.BaseAsset != market.BaseAsset || defined.QuoteAsset != market.QuoteAsset)
                differences.Add($"market {market.Market} is {defined.Symbol} of assets {defined.BaseAsset} and {defined.QuoteAsset}, the settings say {market.Symbol} of {market.BaseAsset} and {market.QuoteAsset}");
        }

        return differences;
    }
}
