using System.Text.Json.Serialization;

namespace Clob.Appliance;

/// <summary>A user that was registered; the private key only when the venue made it.</summary>
internal sealed record RegisteredUserAnswer(
    ulong UserId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? PrivateKeyHex,
    string PublicKeyHex,
    string SessionToken,
    string VenueId);

/// <summary>The user of a key.</summary>
internal sealed record UserIdAnswer(ulong UserId);

/// <summary>A new session token.</summary>
internal sealed record SessionTokenAnswer(string SessionToken);

/// <summary>An account: nothing but what the journal says, so it is the same before and after a crash.</summary>
internal sealed record UserAnswer(
    ulong UserId, string PublicKeyHex, ulong NextNonce, ulong NextReportSequence, bool CancelOnDisconnect, string SelfTradePrevention,
    UserLimitsAnswer Limits, IReadOnlyList<UserFeesAnswer> Fees, IReadOnlyList<BalanceAnswer> Balances, IReadOnlyList<OpenOrderAnswer> OpenOrders);

/// <summary>
/// What keeps an account from trading as it likes: its own kill switch and what the operator said; null where there is no limit beside the venue's own.
/// The notional is in smallest units of the quote asset of whatever market.
/// </summary>
internal sealed record UserLimitsAnswer(bool KillSwitch, bool TradingAllowed, uint? MaximumOpenOrders, string? MaximumOrderNotional);

/// <summary>Fees of an account in a market; null where it has the market's.</summary>
internal sealed record UserFeesAnswer(ushort MarketId, int? MakerFeePpm, int? TakerFeePpm);

/// <summary>What an account owns of an asset, in whole units of it.</summary>
internal sealed record BalanceAnswer(uint AssetId, string Symbol, string Available, string Reserved);

/// <summary>
/// An open order; prices in ticks, quantities in lots: all that is open, what of it the book shows now, and what it shows at a time, null
/// when it is shown whole. The stop price is null for an order that does not wait for one, or not any more.
/// </summary>
internal sealed record OpenOrderAnswer(
    ulong OrderId, ushort MarketId, string Side, string Price, string Quantity, string ShownQuantity, string? DisplayQuantity,
    string SelfTradePrevention, ulong ClientOrderId, string? StopPrice);

/// <summary>What a deposit did; not credited when its id was credited before.</summary>
internal sealed record DepositAnswer(ulong UserId, uint AssetId, string Amount, bool Credited);

/// <summary>A withdrawal's end.</summary>
internal sealed record WithdrawalAnswer(ulong WithdrawalId, string Outcome);

/// <summary>An asset; the total is what the venue owes, in whole units.</summary>
internal sealed record AssetAnswer(uint AssetId, string Symbol, byte Decimals, string Total);

/// <summary>A market and its terms; the reference price and the price of the last trade are null while there is none.</summary>
internal sealed record MarketAnswer(
    ushort MarketId, string Symbol, string State, uint BaseAsset, uint QuoteAsset, string BaseUnitsPerLot, string QuoteUnitsPerLotAndTick,
    string MinimumQuantity, string MaximumQuantity, string PriceCap, int MakerFeePpm, int TakerFeePpm,
    uint PriceBandPpm, string? ReferencePrice, string MaximumNotional, string? LastTradePrice);

/// <summary>A book by levels, best first.</summary>
internal sealed record BookAnswer(
    ushort MarketId, string Symbol, string State, ulong Sequence, IReadOnlyList<LevelAnswer> Bids, IReadOnlyList<LevelAnswer> Asks);

/// <summary>A level: price in ticks, shown quantity in lots.</summary>
internal sealed record LevelAnswer(string Price, string Quantity, int Orders);

/// <summary>The whole state after a record, in canonical order.</summary>
internal sealed record StateAnswer(
    ulong Sequence, IReadOnlyList<AssetAnswer> Assets, IReadOnlyList<MarketAnswer> Markets, IReadOnlyList<BookAnswer> Books, IReadOnlyList<UserAnswer> Accounts);

/// <summary>Which venue this is.</summary>
internal sealed record VenueAnswer(string VenueId, string Session, ulong Sequence);

/// <summary>How the process is, and what is wrong where something is.</summary>
internal sealed record HealthAnswer(string Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, // a misspelt "deposit_id" must not credit twice
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(ProblemAnswer))]
[JsonSerializable(typeof(RegisterUserRequest))]
[JsonSerializable(typeof(DepositRequest))]
[JsonSerializable(typeof(UserLimitsRequest))]
[JsonSerializable(typeof(UserFeesRequest))]
[JsonSerializable(typeof(DefineAssetRequest))]
[JsonSerializable(typeof(DefineMarketRequest))]
[JsonSerializable(typeof(MarketTermsRequest))]
[JsonSerializable(typeof(MarketStateRequest))]
[JsonSerializable(typeof(SettleWithdrawalRequest))]
[JsonSerializable(typeof(RegisteredUserAnswer))]
[JsonSerializable(typeof(UserIdAnswer))]
[JsonSerializable(typeof(SessionTokenAnswer))]
[JsonSerializable(typeof(UserAnswer))]
[JsonSerializable(typeof(DepositAnswer))]
[JsonSerializable(typeof(WithdrawalAnswer))]
[JsonSerializable(typeof(AssetAnswer))]
[JsonSerializable(typeof(IReadOnlyList<AssetAnswer>))]
[JsonSerializable(typeof(MarketAnswer))]
[JsonSerializable(typeof(IReadOnlyList<MarketAnswer>))]
[JsonSerializable(typeof(BookAnswer))]
[JsonSerializable(typeof(StateAnswer))]
[JsonSerializable(typeof(VenueAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ulong))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(ushort))]
[JsonSerializable(typeof(string))]
internal sealed partial class HttpJson : JsonSerializerContext;
