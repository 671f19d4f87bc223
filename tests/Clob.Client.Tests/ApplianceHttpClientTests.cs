using System.Net;
using System.Text;

namespace Clob.Client.Tests;

public sealed class ApplianceHttpClientTests
{
    [Test]
    public async Task Registers_with_the_bytes_that_were_agreed()
    {
        using var venue = new Canned(201, """{"user_id":12,"private_key_hex":"aa","public_key_hex":"bb","session_token":"ABCDEFGHIJ","venue_id":"cc"}""");
        using var http = venue.Client();
        var user = await http.RegisterAsync();
        Assert.That(venue.Seen, Is.EqualTo("POST /users {}"));
        Assert.That(user, Is.EqualTo(new RegisteredUser(12, "aa", "bb", "ABCDEFGHIJ", "cc")));
        await http.RegisterAsync(new byte[] { 0x0a, 0xff });
        Assert.That(venue.Seen, Is.EqualTo("""POST /users {"public_key_hex":"0aff"}"""));
    }

    [Test]
    public async Task Deposits()
    {
        using var venue = new Canned(200, """{"user_id":12,"asset_id":1,"amount":"10000","credited":true}""");
        using var http = venue.Client();
        var result = await http.DepositAsync(12, 1, "10000.0", "first");
        Assert.That(venue.Seen, Is.EqualTo("""POST /deposit {"user_id":12,"asset_id":1,"amount":"10000.0","deposit_id":"first"}"""));
        Assert.That(result, Is.EqualTo(new DepositResult(12, 1, "10000", true)));
    }

    [Test]
    public async Task Reads_numbers_that_come_as_text()
    {
        using var venue = new Canned(200, """
            {"user_id":3,"public_key_hex":"aa","next_nonce":"18446744073709551615","next_report_sequence":4,"cancel_on_disconnect":false,"self_trade_prevention":"cancel-both",
             "balances":[{"asset_id":1,"symbol":"USD","available":"9.5","reserved":"0"}],
             "open_orders":[{"order_id":"9","market_id":1,"side":"sell","price":"101","quantity":"7","shown_quantity":"3","display_quantity":"4","self_trade_prevention":"allow","client_order_id":"0","stop_price":"100"}],
             "limits":{"kill_switch":true,"trading_allowed":false,"maximum_open_orders":7,"maximum_order_notional":"170141183460469231731687303715884105728"},
             "fees":[{"market_id":1,"maker_fee_ppm":-5,"taker_fee_ppm":null}]}
            """);
        using var http = venue.Client();
        var user = await http.GetUserAsync(3);
        Assert.That(venue.Seen, Is.EqualTo("GET /users/3 "));
        Assert.That(user.NextNonce, Is.EqualTo(ulong.MaxValue));
        Assert.That(user.Balances[0], Is.EqualTo(new UserBalance(1, "USD", "9.5", "0")));
        Assert.That(user.OpenOrders[0], Is.EqualTo(new UserOrder(9, 1, "sell", 101, 7, 3, 4, "allow", 0, 100)));
        Assert.That(user.SelfTradePrevention, Is.EqualTo("cancel-both"));
        Assert.That(user.Limits, Is.EqualTo(new UserLimits(true, false, 7, "170141183460469231731687303715884105728")));
        Assert.That(user.Fees, Is.EqualTo(new[] { new UserFees(1, -5) }));
        await http.SetFeesAsync(3, new UserFees(1, TakerFeePpm: 7));
        Assert.That(venue.Seen, Is.EqualTo("""POST /users/3/fees {"market_id":1,"taker_fee_ppm":7}"""));
        await http.SetLimitsAsync(3, new UserLimitsChange(TradingAllowed: true, MaximumOrderNotional: "none"));
        Assert.That(venue.Seen, Is.EqualTo("""POST /users/3/limits {"trading_allowed":true,"maximum_order_notional":"none"}"""));
    }

    [Test]
    public async Task Defines_a_market_with_large_numbers_as_text()
    {
        using var venue = new Canned(201, "{}");
        using var http = venue.Client();
        await http.DefineMarketAsync(new MarketDefinition
        {
            MarketId = 5,
            Symbol = "AAPL",
            BaseAsset = 7,
            QuoteAsset = 1,
            BaseUnitsPerLot = 1,
            QuoteUnitsPerLotAndTick = 100,
            MakerFeePpm = 0,
        });
        Assert.That(venue.Seen, Is.EqualTo(
            """POST /markets {"market_id":5,"symbol":"AAPL","base_asset":7,"quote_asset":1,"base_units_per_lot":"1","quote_units_per_lot_and_tick":"100","maker_fee_ppm":0}"""));
        await http.ChangeMarketAsync(5, new MarketTermsChange { PriceBandPpm = 50_000, ReferencePrice = 700, MaximumNotional = (UInt128)ulong.MaxValue + 1 });
        Assert.That(venue.Seen, Is.EqualTo("""POST /markets/5 {"price_band_ppm":50000,"reference_price":"700","maximum_notional":"18446744073709551616"}"""));
        await http.SetMarketStateAsync(5, "halted");
        Assert.That(venue.Seen, Is.EqualTo("""POST /markets/5/state {"state":"halted"}"""));
    }

    [TestCase("""{"type":"about:blank","title":"Unknown user","detail":"no user 9","status":404}""", "Unknown user", "no user 9")]
    [TestCase("plain words", "Not Found", "plain words")]
    [TestCase("", "Not Found", null)]
    public void A_refusal_throws_with_what_the_venue_says(string body, string title, string? detail)
    {
        using var venue = new Canned(404, body);
        using var http = venue.Client();
        var problem = Assert.ThrowsAsync<ProblemException>(() => http.GetUserAsync(9));
        Assert.That((problem!.Status, problem.Title, problem.Detail), Is.EqualTo((404, title, detail)));
    }

    private sealed class Canned(int status, string body) : HttpMessageHandler
    {
        public string Seen { get; private set; } = "";

        public ApplianceHttpClient Client() => new(new HttpClient(this) { BaseAddress = new Uri("http://venue/") });

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            string content = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
            Seen = $"{request.Method} {request.RequestUri!.PathAndQuery} {content}";
            return new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        }
    }
}
