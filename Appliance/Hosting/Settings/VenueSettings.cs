using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>Section <c>Venue</c>: what a new venue starts with. After the first start it changes nothing; differences are reported.</summary>
public sealed record VenueSettings
{
    /// <summary>Assets.</summary>
    public required IReadOnlyList<DefineAsset> Assets { get; init; }

    /// <summary>Markets.</summary>
    public required IReadOnlyList<DefineMarket> Markets { get; init; }

    internal static VenueSettings Read(SettingReader settings)
    {
        var venue = new VenueSettings
        {
            Assets = settings.ReadList("Assets", ReadAsset),
            Markets = settings.ReadList("Markets", ReadMarket),
        };
        var assets = venue.Assets.Select(asset => asset.Asset).ToHashSet();
        if (assets.Count != venue.Assets.Count)
            settings.Fault($"{settings.Key("Assets")} holds an AssetId twice; it accepts each once.");
        if (venue.Markets.Select(market => market.Market).Distinct().Count() != venue.Markets.Count)
            settings.Fault($"{settings.Key("Markets")} holds a MarketId twice; it accepts each once.");
        if (venue.Assets.Count + venue.Markets.Count > Envelope.MaximumCommands || FirstEnvelopeSize(venue) > Envelope.MaximumSize)
        {
            settings.Fault($"{settings.Key("Assets")} and {settings.Key("Markets")} hold {venue.Assets.Count} and {venue.Markets.Count} entries; a new venue accepts "
                + $"what fits one envelope ({Envelope.MaximumCommands} commands, {Envelope.MaximumSize} bytes). Define the others over HTTP.");
        }

        CheckMarkets(settings, venue, assets);
        return venue;
    }

    private static DefineAsset ReadAsset(SettingReader settings) => new(
        settings.Number<uint>("AssetId", 1, uint.MaxValue),
        settings.Number<byte>("Decimals", 0, Amount.MaximumDecimals),
        settings.Symbol("Symbol"));

    private static DefineMarket ReadMarket(SettingReader settings) => new(
        settings.Number<ushort>("MarketId", 1, ushort.MaxValue),
        Symbol: settings.Symbol("Symbol"),
        BaseAsset: settings.Number<uint>("BaseAsset", 1, uint.MaxValue),
        QuoteAsset: settings.Number<uint>("QuoteAsset", 1, uint.MaxValue),
        BaseUnitsPerLot: settings.Number<ulong>("BaseUnitsPerLot", 1, ulong.MaxValue),
        QuoteUnitsPerLotAndTick: settings.Number<ulong>("QuoteUnitsPerLotAndTick", 1, ulong.MaxValue),
        Terms: new MarketTerms
        {
            MinimumQuantity = settings.Number<ulong>("MinimumQuantity", 1, MarketTerms.HighestQuantity),
            MaximumQuantity = settings.Number<ulong>("MaximumQuantity", 1, MarketTerms.HighestQuantity),
            PriceCap = settings.Number<ulong>("PriceCap", 1, MarketTerms.HighestPrice),
            MakerFee = settings.Number("MakerFeePpm", -MarketTerms.HighestFee, MarketTerms.HighestFee),
            TakerFee = settings.Number("TakerFeePpm", -MarketTerms.HighestFee, MarketTerms.HighestFee),
            PriceBand = settings.Number<uint>("PriceBandPpm", 0, uint.MaxValue),
            ReferencePrice = settings.Number<ulong>("ReferencePrice", 0, MarketTerms.HighestPrice),
            MaximumNotional = settings.Number<UInt128>("MaximumNotional", 1, MarketTerms.HighestNotional),
        });

    private static void CheckMarkets(SettingReader settings, VenueSettings venue, HashSet<uint> assets)
    {
        for (int i = 0; i < venue.Markets.Count; i++)
        {
            var market = venue.Markets[i];
            string key = settings.Key($"Markets:{i}");
            if (!assets.Contains(market.BaseAsset) || !assets.Contains(market.QuoteAsset) || market.BaseAsset == market.QuoteAsset)
                settings.Fault($"{key}:BaseAsset and {key}:QuoteAsset hold {market.BaseAsset} and {market.QuoteAsset}; they accept two different assets of {settings.Key("Assets")}.");
            if (market.Terms.MinimumQuantity > market.Terms.MaximumQuantity)
                settings.Fault($"{key}:MinimumQuantity holds '{market.Terms.MinimumQuantity}'; it accepts at most MaximumQuantity, {market.Terms.MaximumQuantity}.");
            if (market.Terms.MakerFee + market.Terms.TakerFee < 0)
                settings.Fault($"{key}:MakerFeePpm and {key}:TakerFeePpm hold {market.Terms.MakerFee} and {market.Terms.TakerFee}; they accept a sum of at least 0.");
        }
    }

    private static int FirstEnvelopeSize(VenueSettings venue)
    {
        Span<byte> body = stackalloc byte[byte.MaxValue];
        int size = Envelope.HeadSize + Envelope.SignatureSize;
        foreach (var asset in venue.Assets)
            size += Command.HeadSize + asset.Write(body);
        foreach (var market in venue.Markets)
            size += Command.HeadSize + market.Write(body);
        return size;
    }
}
