using System.Text.Json.Serialization;

namespace Clob.Appliance;

/// <summary>POST /users: with a key of one's own, or empty for one that the venue makes.</summary>
internal sealed record RegisterUserRequest(string? PublicKeyHex = null);

/// <summary>POST /deposit. Ids may also come as <c>{"0": number}</c>.</summary>
internal sealed record DepositRequest(
    [property: JsonConverter(typeof(WrappedUInt64Converter))] ulong UserId,
    [property: JsonConverter(typeof(WrappedUInt32Converter))] uint AssetId,
    string Amount,
    string? DepositId = null);

/// <summary>POST /users/{id}/limits: what is absent stays.</summary>
/// <param name="TradingAllowed">False ends all open orders of the account and lets none in.</param>
/// <param name="MaximumOpenOrders">Most open orders; 4294967295 for no limit beside the venue's own.</param>
/// <param name="MaximumOrderNotional">Largest notional of an order, a count of smallest units of its market's quote asset, or <c>none</c>.</param>
internal sealed record UserLimitsRequest(bool? TradingAllowed = null, uint? MaximumOpenOrders = null, string? MaximumOrderNotional = null);

/// <summary>POST /users/{id}/fees: fees of a user in a market; one that is absent is the market's, with neither the user has the market's again.</summary>
internal sealed record UserFeesRequest(ushort MarketId, int? MakerFeePpm = null, int? TakerFeePpm = null);

/// <summary>POST /assets.</summary>
internal sealed record DefineAssetRequest(uint AssetId, byte Decimals, string Symbol);

/// <summary>POST /markets; terms that are absent take their defaults.</summary>
internal sealed record DefineMarketRequest(
    ushort MarketId,
    string Symbol,
    uint BaseAsset,
    uint QuoteAsset,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] ulong BaseUnitsPerLot,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] ulong QuoteUnitsPerLotAndTick) : MarketTermsRequest;

/// <summary>POST /markets/{id}: what is absent stays.</summary>
internal record MarketTermsRequest
{
    /// <summary>Smallest order, lots.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public ulong? MinimumQuantity { get; init; }

    /// <summary>Largest order, lots.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public ulong? MaximumQuantity { get; init; }

    /// <summary>Highest price, ticks.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public ulong? PriceCap { get; init; }

    /// <summary>Maker fee, parts per million; negative for a rebate.</summary>
    public int? MakerFeePpm { get; init; }

    /// <summary>Taker fee, parts per million.</summary>
    public int? TakerFeePpm { get; init; }

    /// <summary>How far a buy may go above and a sell below the reference price, parts per million of it; 0 for no band.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public uint? PriceBandPpm { get; init; }

    /// <summary>What the band lies around until the next trade, ticks; 0 for none.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public ulong? ReferencePrice { get; init; }

    /// <summary>Largest notional of an order, smallest units of the quote asset.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
    public UInt128? MaximumNotional { get; init; }

    internal Protocol.MarketTerms ToTerms() => new()
    {
        MinimumQuantity = MinimumQuantity,
        MaximumQuantity = MaximumQuantity,
        PriceCap = PriceCap,
        MakerFee = MakerFeePpm,
        TakerFee = TakerFeePpm,
        PriceBand = PriceBandPpm,
        ReferencePrice = ReferencePrice,
        MaximumNotional = MaximumNotional,
    };
}

/// <summary>POST /markets/{id}/state: <c>open</c>, <c>cancel-only</c>, <c>halted</c> or <c>closed</c>.</summary>
internal sealed record MarketStateRequest(string State);

/// <summary>POST /withdrawals/{id}: <c>paid</c> or <c>returned</c>.</summary>
internal sealed record SettleWithdrawalRequest(string Outcome);
