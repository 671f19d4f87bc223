using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Clob.Appliance;
using Microsoft.AspNetCore.Http;

namespace Clob.Fuzz.Tests;

/// <summary>Request bodies, by the readers of the endpoints.</summary>
internal static class HttpTargets
{
    public static readonly string[] Users = ["{}", """{"public_key_hex":"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}"""];

    public static readonly string[] Deposits =
    [
        """{"user_id":1,"asset_id":1,"amount":"10000.0","deposit_id":"first-1"}""", """{"user_id":{"0":1},"asset_id":{"0":1},"amount":"1"}""",
    ];

    public static readonly string[] Limits = ["""{"trading_allowed":false,"maximum_open_orders":4294967295,"maximum_order_notional":"none"}""", "{}"];

    public static readonly string[] Fees = ["""{"market_id":1,"maker_fee_ppm":-5,"taker_fee_ppm":5}"""];

    public static readonly string[] Assets = ["""{"asset_id":7,"decimals":6,"symbol":"USD"}"""];

    public static readonly string[] Markets =
    [
        """{"market_id":7,"symbol":"BTC/USD","base_asset":2,"quote_asset":1,"base_units_per_lot":"10000","quote_units_per_lot_and_tick":1,"maker_fee_ppm":100,"price_cap":"5","maximum_notional":"340282366920938463463374607431768211455"}""",
    ];

    public static readonly string[] Terms = ["""{"minimum_quantity":"1","maximum_quantity":9,"price_band_ppm":500000,"reference_price":"100"}""", "{}"];

    public static readonly string[] States = ["""{"state":"halted"}"""];

    public static readonly string[] Outcomes = ["""{"outcome":"paid"}"""];

    public static IEnumerable<FuzzTarget> All =>
    [
        Body("users", Users, HttpJson.Default.RegisterUserRequest),
        Body("deposits", Deposits, HttpJson.Default.DepositRequest),
        Body("limits", Limits, HttpJson.Default.UserLimitsRequest),
        Body("markets", Markets, HttpJson.Default.DefineMarketRequest),
        Body("terms", Terms, HttpJson.Default.MarketTermsRequest),
    ];

    private static FuzzTarget Body<T>(string name, string[] samples, JsonTypeInfo<T> type) where T : class =>
        new($"HTTP bodies: {name}", [.. samples.Select(Encoding.UTF8.GetBytes)], input => Read(input, type))
        {
            Refusals = [typeof(JsonException), typeof(HttpProblemException)],
            FixedAllocation = 128 * 1024,
            AllocationPerByte = 64,
        };

    private static Decoded Read<T>(ReadOnlySpan<byte> input, JsonTypeInfo<T> type) where T : class
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(input.ToArray());
        return Decoded.Accepted(RequestBody.ReadAsync(context, type).GetAwaiter().GetResult());
    }
}
