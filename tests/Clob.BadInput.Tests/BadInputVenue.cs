using System.Diagnostics.CodeAnalysis;
using Clob.Client;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>
/// The one appliance that all tests of this project run against, with the good traders on it, and with peers that must be dropped for what they do not do:
/// that takes 15 seconds, so they begin first and are looked at last.
/// </summary>
[SetUpFixture]
[SuppressMessage("Design", "CA1001", Justification = "Disposed of by the tear-down.")]
public sealed class BadInputVenue
{
    /// <summary>A market with narrow terms, for bad orders.</summary>
    internal const ushort BadMarket = 2;

    /// <summary>A market in which a price and a quantity that are each allowed multiply to more than an account can hold.</summary>
    internal const ushort DearMarket = 3;

    internal const ushort NoSuchMarket = 9;
    internal const ulong MinimumQuantity = 10;
    internal const ulong MaximumQuantity = 1_000;
    internal const ulong PriceCap = 100_000;

    internal static ApplianceProcess Appliance { get; private set; } = null!;

    internal static GoodTraders Good { get; private set; } = null!;

    internal static SilentPeers Silent { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Appliance = await ApplianceProcess.StartAsync(new ApplianceSetup { Settings = ["--OrderEntry:SendBufferBytes=16384", "--OrderEntry:MaximumSessions=1024", "--OrderEntry:BadSignaturePause=00:00:00"] });
        using (var http = Appliance.CreateHttpClient())
        {
            var market = new MarketDefinition
            {
                MarketId = BadMarket,
                Symbol = "BAD",
                BaseAsset = 2,
                QuoteAsset = 1,
                BaseUnitsPerLot = 1,
                QuoteUnitsPerLotAndTick = 1,
                MinimumQuantity = MinimumQuantity,
                MaximumQuantity = MaximumQuantity,
                PriceCap = PriceCap,
            };
            await http.DefineMarketAsync(market);
            await http.DefineMarketAsync(market with
            {
                MarketId = DearMarket,
                Symbol = "DEAR",
                QuoteUnitsPerLotAndTick = 1UL << 40,
                MinimumQuantity = null,
                MaximumQuantity = null,
                PriceCap = (1UL << 62) - 1,
            });
        }

        Good = await GoodTraders.StartAsync(Appliance);
        Silent = await SilentPeers.BeginAsync(Appliance);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        Silent?.Dispose();
        if (Good is not null)
            await Good.DisposeAsync();
        if (Appliance is not null)
            await Appliance.DisposeAsync();
    }
}
