using System.Text.Json.Serialization;

namespace Clob.Client;

/// <summary>A registered user, as POST /users answers.</summary>
/// <param name="UserId">The account.</param>
/// <param name="PrivateKeyHex">The 32-byte seed the venue generated; null when the client brought its own key.</param>
/// <param name="PublicKeyHex">The account's public key.</param>
/// <param name="SessionToken">Password of order entry sessions, 10 characters.</param>
/// <param name="VenueId">The venue id that signatures cover, 64 hex digits.</param>
public sealed record RegisteredUser(ulong UserId, string? PrivateKeyHex, string PublicKeyHex, string SessionToken, string VenueId);

/// <summary>An account as GET /users/{id} answers.</summary>
/// <param name="UserId">The account.</param>
/// <param name="PublicKeyHex">Its public key.</param>
/// <param name="NextNonce">The lowest nonce its next command may carry.</param>
/// <param name="NextReportSequence">Sequence of its next execution report.</param>
/// <param name="CancelOnDisconnect">Whether its orders go when its last session ends.</param>
/// <param name="SelfTradePrevention"><c>allow</c>, <c>cancel-newest</c>, <c>cancel-oldest</c> or <c>cancel-both</c>: of its orders that name none.</param>
/// <param name="Balances">Its balances, those that are not zero.</param>
/// <param name="OpenOrders">Its open orders.</param>
/// <param name="Limits">What keeps it from trading as it likes.</param>
/// <param name="Fees">Its own fees, in markets where it has any.</param>
public sealed record User(
    ulong UserId, string PublicKeyHex, ulong NextNonce, ulong NextReportSequence, bool CancelOnDisconnect, string SelfTradePrevention,
    IReadOnlyList<UserBalance> Balances, IReadOnlyList<UserOrder> OpenOrders, UserLimits Limits, IReadOnlyList<UserFees> Fees);

/// <summary>What keeps an account from trading as it likes.</summary>
/// <param name="KillSwitch">Whether it engaged its own kill switch.</param>
/// <param name="TradingAllowed">False when the operator blocked its trading.</param>
/// <param name="MaximumOpenOrders">Most open orders; null for none beside the venue's own limit.</param>
/// <param name="MaximumOrderNotional">Largest notional of an order as digits, smallest units of its market's quote asset; null for none.</param>
public sealed record UserLimits(bool KillSwitch, bool TradingAllowed, uint? MaximumOpenOrders, string? MaximumOrderNotional);

/// <summary>Fees of an account in a market in place of the market's; null for the market's, with neither all are the market's.</summary>
/// <param name="MarketId">Market id.</param>
/// <param name="MakerFeePpm">Maker fee, parts per million; negative for a rebate.</param>
/// <param name="TakerFeePpm">Taker fee, parts per million.</param>
public sealed record UserFees(ushort MarketId, int? MakerFeePpm = null, int? TakerFeePpm = null);

/// <summary>New limits of an account; what is null stays.</summary>
/// <param name="TradingAllowed">False ends all its open orders and lets none in.</param>
/// <param name="MaximumOpenOrders">Most open orders; the highest value of 32 bits for none beside the venue's own limit.</param>
/// <param name="MaximumOrderNotional">Largest notional of an order as digits, smallest units of its market's quote asset; "none" for none.</param>
public sealed record UserLimitsChange(bool? TradingAllowed = null, uint? MaximumOpenOrders = null, string? MaximumOrderNotional = null);

/// <summary>Balance of an account in one asset; amounts as exact text in whole units of the asset.</summary>
/// <param name="AssetId">Asset id.</param>
/// <param name="Symbol">Its short name.</param>
/// <param name="Available">What orders and withdrawals can use.</param>
/// <param name="Reserved">What open orders and withdrawals hold.</param>
public sealed record UserBalance(uint AssetId, string Symbol, string Available, string Reserved);

/// <summary>An open order of an account.</summary>
/// <param name="OrderId">The venue's order id.</param>
/// <param name="MarketId">Market id.</param>
/// <param name="Side"><c>buy</c> or <c>sell</c>.</param>
/// <param name="Price">Limit, ticks.</param>
/// <param name="Quantity">Open quantity, lots.</param>
/// <param name="ShownQuantity">Of that, what the book shows now, lots.</param>
/// <param name="DisplayQuantity">What an iceberg shows at a time, lots; null for an order that is shown whole.</param>
/// <param name="SelfTradePrevention">What happens when it takes from an order of its own account, as in <see cref="User"/>.</param>
/// <param name="ClientOrderId">The client's own number, 0 or null for none.</param>
/// <param name="StopPrice">The price it waits for, ticks; null for an order that does not wait, or not any more.</param>
public sealed record UserOrder(
    ulong OrderId, ushort MarketId, string Side, ulong Price, ulong Quantity, ulong ShownQuantity, ulong? DisplayQuantity,
    string SelfTradePrevention, ulong? ClientOrderId, ulong? StopPrice = null);

/// <summary>What a deposit did, as POST /deposit answers.</summary>
/// <param name="UserId">The account.</param>
/// <param name="AssetId">Asset id.</param>
/// <param name="Amount">The amount in whole units.</param>
/// <param name="Credited">False when the same deposit id credited it before.</param>
public sealed record DepositResult(ulong UserId, uint AssetId, string Amount, bool Credited);

/// <summary>A market's book by levels, best first.</summary>
/// <param name="MarketId">Market id.</param>
/// <param name="Symbol">Short name.</param>
/// <param name="State"><c>open</c>, <c>cancel-only</c>, <c>halted</c> or <c>closed</c>.</param>
/// <param name="Sequence">The journal sequence of which this is the state.</param>
/// <param name="Bids">Buy levels.</param>
/// <param name="Asks">Sell levels.</param>
public sealed record MarketBook(
    ushort MarketId, string Symbol, string State, ulong Sequence, IReadOnlyList<MarketLevel> Bids, IReadOnlyList<MarketLevel> Asks);

/// <summary>One price level.</summary>
/// <param name="Price">Ticks.</param>
/// <param name="Quantity">Open quantity that is shown, lots.</param>
/// <param name="Orders">Number of orders.</param>
public sealed record MarketLevel(ulong Price, ulong Quantity, int Orders);

/// <summary>Which venue this is, as GET /venue answers.</summary>
/// <param name="VenueId">The venue id that signatures cover, 64 hex digits.</param>
/// <param name="Session">Session name of order entry and market data.</param>
/// <param name="Sequence">The journal sequence reached.</param>
public sealed record Venue(string VenueId, string Session, ulong Sequence);

/// <summary>An asset to define.</summary>
/// <param name="AssetId">Asset id, from 1.</param>
/// <param name="Decimals">10^decimals smallest units make one.</param>
/// <param name="Symbol">Short name, at most 8 of A-Z, 0-9, '.', '-', '/'.</param>
public sealed record AssetDefinition(uint AssetId, int Decimals, string Symbol);

/// <summary>A market to define; terms that are null take the venue's defaults.</summary>
public sealed record MarketDefinition : MarketTermsChange
{
    /// <summary>Market id, 1 to 65,535.</summary>
    public required ushort MarketId { get; init; }

    /// <summary>Short name.</summary>
    public required string Symbol { get; init; }

    /// <summary>What is traded.</summary>
    public required uint BaseAsset { get; init; }

    /// <summary>What it is paid with.</summary>
    public required uint QuoteAsset { get; init; }

    /// <summary>Smallest units of base in one lot.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong BaseUnitsPerLot { get; init; }

    /// <summary>Smallest units of quote that one lot costs per tick.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public required ulong QuoteUnitsPerLotAndTick { get; init; }
}

/// <summary>Terms of a market; when a market is changed, those that are null stay.</summary>
public record MarketTermsChange
{
    /// <summary>Maker fee, parts per million.</summary>
    public int? MakerFeePpm { get; init; }

    /// <summary>Taker fee, parts per million.</summary>
    public int? TakerFeePpm { get; init; }

    /// <summary>Smallest order, lots.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public ulong? MinimumQuantity { get; init; }

    /// <summary>Largest order, lots.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public ulong? MaximumQuantity { get; init; }

    /// <summary>Highest price, ticks.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public ulong? PriceCap { get; init; }

    /// <summary>How far a buy may go above and a sell below the reference price, parts per million of it; 0 for no band.</summary>
    public uint? PriceBandPpm { get; init; }

    /// <summary>What the band lies around until the next trade, ticks; 0 for none.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public ulong? ReferencePrice { get; init; }

    /// <summary>Largest notional of an order, smallest units of the quote asset.</summary>
    [JsonNumberHandling(JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString)]
    public UInt128? MaximumNotional { get; init; }
}

internal sealed record RegisterUserRequest(string? PublicKeyHex);

internal sealed record DepositRequest(ulong UserId, uint AssetId, string Amount, string? DepositId);

internal sealed record MarketStateRequest(string State);

internal sealed record SessionTokenAnswer(string SessionToken);

internal sealed record UserIdAnswer(ulong UserId);

/// <summary>A problem document of RFC 9457.</summary>
internal sealed record ProblemDocument(string? Type, string? Title, string? Detail, int? Status);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(RegisteredUser))]
[JsonSerializable(typeof(User))]
[JsonSerializable(typeof(DepositResult))]
[JsonSerializable(typeof(MarketBook))]
[JsonSerializable(typeof(Venue))]
[JsonSerializable(typeof(AssetDefinition))]
[JsonSerializable(typeof(MarketDefinition))]
[JsonSerializable(typeof(MarketTermsChange))]
[JsonSerializable(typeof(RegisterUserRequest))]
[JsonSerializable(typeof(UserLimitsChange))]
[JsonSerializable(typeof(UserFees))]
[JsonSerializable(typeof(DepositRequest))]
[JsonSerializable(typeof(MarketStateRequest))]
[JsonSerializable(typeof(SessionTokenAnswer))]
[JsonSerializable(typeof(UserIdAnswer))]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(System.Text.Json.JsonElement))]
internal sealed partial class HttpJson : JsonSerializerContext;
