using System.Globalization;
using System.Net;
using Clob.Client;
using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>Replays a LOBSTER file pair through a market of its own on the running appliance.</summary>
internal static class LobsterCommand
{
    /// <summary>Markets and assets of replays are numbered from here, the first that is free.</summary>
    private const ushort FirstMarket = 1000;

    private const uint QuoteAsset = 1;

    /// <summary>A tick of 0.0001 USD in USD of six decimals.</summary>
    private const ulong QuoteUnitsPerLotAndTick = 100;

    private const string Funds = "1000000000000";

    /// <summary>Returns the exit status: 0 when every row was equal.</summary>
    public static async Task<int> RunAsync(string messages, string book, VenueEndpoints venue, CancellationToken cancellation)
    {
        var file = LobsterFile.Read(messages, book);
        using var http = venue.CreateHttpClient();
        ushort id = await FindFreeMarketAsync(http, cancellation).ConfigureAwait(false);
        await using var market = new ApplianceMarket(id, venue.FeedOptions);
        await DefineAsync(http, id, SymbolOf(messages), cancellation).ConfigureAwait(false);
        await market.WaitForDirectoryAsync(cancellation).ConfigureAwait(false);
        using var maker = await Participant.RegisterAsync(http, [(id, Funds), (QuoteAsset, Funds)], cancellation).ConfigureAwait(false);
        using var taker = await Participant.RegisterAsync(http, [(id, Funds), (QuoteAsset, Funds)], cancellation).ConfigureAwait(false);
        await market.ConnectAsync(venue, maker, taker, cancellation).ConfigureAwait(false);
        var run = new LobsterRun(file, market);
        string? difference = await run.RunAsync(cancellation).ConfigureAwait(false);
        Console.WriteLine($"{Path.GetFileName(messages)} in market {id}, {file.Depth} levels");
        if (difference is not null)
            Console.WriteLine(difference);
        Console.WriteLine($"{run.EqualRows} of {file.Rows.Count} rows equal");
        return run.EqualRows == file.Rows.Count ? 0 : 1;
    }

    private static async Task<ushort> FindFreeMarketAsync(ApplianceHttpClient http, CancellationToken cancellation)
    {
        for (ushort id = FirstMarket; ; id++)
        {
            try
            {
                await http.GetBookAsync(id, 1, cancellation).ConfigureAwait(false);
            }
            catch (ProblemException problem) when (problem.Status == (int)HttpStatusCode.NotFound)
            {
                return id;
            }
        }
    }

    private static async Task DefineAsync(ApplianceHttpClient http, ushort id, string symbol, CancellationToken cancellation)
    {
        await http.DefineAssetAsync(new AssetDefinition(id, 0, symbol), cancellation).ConfigureAwait(false);
        await http.DefineMarketAsync(
            new MarketDefinition
            {
                MarketId = id,
                Symbol = symbol,
                BaseAsset = id,
                QuoteAsset = QuoteAsset,
                BaseUnitsPerLot = 1,
                QuoteUnitsPerLotAndTick = QuoteUnitsPerLotAndTick,
            },
            cancellation).ConfigureAwait(false);
    }

    /// <summary>The file's name begins with it: AAPL_2012-06-21_34200000_57600000_message_10.csv.</summary>
    private static string SymbolOf(string path)
    {
        string name = Path.GetFileName(path).Split('_')[0].ToUpper(CultureInfo.InvariantCulture);
        return Symbol.TryParse(name, out _) ? name : "LOBSTER";
    }
}
