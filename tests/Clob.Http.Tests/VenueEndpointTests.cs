using Clob.Protocol;

namespace Clob.Http.Tests;

internal sealed class VenueEndpointTests : HttpFixture
{
    [Test]
    public async Task Says_which_venue_it_is()
    {
        var venue = await GetOkAsync("/venue");
        Assert.That(venue.GetRawText(), Is.EqualTo(
            $$"""{"venue_id":"{{Convert.ToHexStringLower(Venue.VenueId.Span)}}","session":"ABCDEFG001","sequence":0}"""));
    }

    [Test]
    public async Task Shows_equal_states_as_equal_bytes()
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", """{"public_key_hex":"5866666666666666666666666666666666666666666666666666666666666666"}""", 201);
        await PostOkAsync("/deposit", """{"user_id":1,"asset_id":2,"amount":"0.00000001"}""");
        string first = (await GetOkAsync("/state")).GetRawText();
        Assert.That((await GetOkAsync("/state")).GetRawText(), Is.EqualTo(first));
        Assert.That(first, Does.Contain("\"available\":\"0.00000001\"").And.Contain("\"total\":\"0.00000001\"").And.Contain("\"books\":[{\"market_id\":1"));
        await PostOkAsync("/deposit", """{"user_id":1,"asset_id":2,"amount":"0.00000001"}""");
        Assert.That((await GetOkAsync("/state")).GetRawText(), Is.Not.EqualTo(first));
    }

    [Test]
    public async Task Gives_the_latest_checkpoint_as_text()
    {
        await AssertProblemAsync(await Http.GetAsync(new Uri("/checkpoints/latest", UriKind.Relative)), 404, "no-checkpoint");
        Venue.LatestCheckpoint = "venue\n1\nroot\n";
        using var answer = await Http.GetAsync(new Uri("/checkpoints/latest", UriKind.Relative));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo("venue\n1\nroot\n"));
    }

    [Test]
    public async Task Is_live_but_not_ready_until_the_venue_is_recovered()
    {
        Access.Close();
        Assert.That((await GetOkAsync("/health/live")).GetProperty("status").GetString(), Is.EqualTo("live"));
        foreach (string path in new[] { "/health/ready", "/venue", "/users/1", "/state", "/checkpoints/latest", "/markets" })
            await AssertProblemAsync(await Http.GetAsync(new Uri(path, UriKind.Relative)), 503, "not-ready");
        await AssertProblemAsync(await PostAsync("/users", "{}"), 503, "not-ready");
        Access.Open(Venue);
        Assert.That((await GetOkAsync("/health/ready")).GetRawText(), Is.EqualTo("""{"status":"ready"}"""));
    }

    [Test]
    public async Task Is_ready_for_cancels_while_it_takes_cancels_only_and_says_why()
    {
        Venue.CancelsOnlyBecause = "no room on /data";
        Assert.That((await GetOkAsync("/health/ready")).GetRawText(), Is.EqualTo("""{"status":"cancels-only","detail":"no room on /data"}"""));
    }

    [Test]
    public async Task Serves_metrics_as_prometheus_text()
    {
        using var answer = await Http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/plain"));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("# TYPE "));
    }

    [Test]
    public async Task Describes_every_route_in_openapi()
    {
        var paths = (await GetOkAsync("/openapi/v1.json")).GetProperty("paths");
        string[] described = [.. paths.EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}"))];
        Assert.That(described, Is.EquivalentTo(
        [
            "POST /users", "GET /users", "GET /users/{id}", "POST /users/{id}/token", "POST /users/{id}/limits", "POST /users/{id}/fees",
            "POST /deposit", "POST /withdrawals/{id}",
            "GET /assets", "POST /assets", "GET /markets", "POST /markets", "GET /markets/{id}", "POST /markets/{id}", "PATCH /markets/{id}",
            "POST /markets/{id}/state", "GET /markets/{id}/book",
            "GET /venue", "GET /state", "GET /checkpoints/latest", "GET /health/live", "GET /health/ready",
        ]));
    }

    [Test]
    public async Task Defines_changes_and_halts_a_market()
    {
        await DefineVenueAsync();
        Assert.That((await GetOkAsync("/markets/1")).GetRawText(), Is.EqualTo(
            """{"market_id":1,"symbol":"BTC/USD","state":"open","base_asset":2,"quote_asset":1,"base_units_per_lot":"10000","quote_units_per_lot_and_tick":"1" """.TrimEnd()
            + ""","minimum_quantity":"1","maximum_quantity":"9223372036854775807","price_cap":"4611686018427387903","maker_fee_ppm":100,"taker_fee_ppm":200,"price_band_ppm":0,"reference_price":null,"maximum_notional":"170141183460469231731687303715884105727","last_trade_price":null}"""));
        Assert.That((await PostOkAsync("/markets/1", """{"price_cap":"1000"}""")).GetProperty("price_cap").GetString(), Is.EqualTo("1000"));
        Assert.That((await PostOkAsync("/markets/1", """{"taker_fee_ppm":300}""")).GetProperty("price_cap").GetString(), Is.EqualTo("1000"), "what is absent stays");
        var bounded = await PostOkAsync("/markets/1", """{"price_band_ppm":50000,"reference_price":"700","maximum_notional":"100000000000000000000000"}""");
        Assert.That(bounded.GetRawText(), Does.EndWith(""","price_band_ppm":50000,"reference_price":"700","maximum_notional":"100000000000000000000000","last_trade_price":null}"""));
        Assert.That((await PostOkAsync("/markets/1", """{"reference_price":0,"maximum_notional":1}""")).GetRawText(), Does.EndWith(""","price_band_ppm":50000,"reference_price":null,"maximum_notional":"1","last_trade_price":null}"""));
        foreach (string state in new[] { "cancel-only", "halted", "open", "closed" })
            Assert.That((await PostOkAsync("/markets/1/state", $$"""{"state":"{{state}}"}""")).GetProperty("state").GetString(), Is.EqualTo(state));
        await AssertProblemAsync(await PostAsync("/markets/1/state", """{"state":"open"}"""), 409, "market-closed");
    }

    [TestCase("/assets", """{"asset_id":1,"decimals":6,"symbol":"EUR"}""", 409, "asset-exists")]
    [TestCase("/assets", """{"asset_id":0,"decimals":6,"symbol":"EUR"}""", 422, "value-not-accepted")]
    [TestCase("/assets", """{"asset_id":3,"decimals":19,"symbol":"EUR"}""", 422, "value-not-accepted")]
    [TestCase("/assets", """{"asset_id":3,"decimals":6,"symbol":"euro"}""", 422, "value-not-accepted")]
    [TestCase("/assets", """{"asset_id":3,"decimals":6}""", 400, "malformed-json")]
    [TestCase("/markets", """{"market_id":1,"symbol":"A","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 409, "market-exists")]
    [TestCase("/markets", """{"market_id":2,"symbol":"A","base_asset":9,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 404, "unknown-asset")]
    [TestCase("/markets", """{"market_id":2,"symbol":"A","base_asset":2,"quote_asset":1,"base_units_per_lot":0,"quote_units_per_lot_and_tick":1}""", 422, "invalid-terms")]
    [TestCase("/markets", """{"market_id":65536,"symbol":"A","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 400, "malformed-json")]
    [TestCase("/markets/9", """{"price_cap":1}""", 404, "unknown-market")]
    [TestCase("/markets/1", """{"maker_fee_ppm":-300}""", 422, "invalid-terms")]
    [TestCase("/markets/1", """{"maximum_notional":0}""", 422, "invalid-terms")]
    [TestCase("/markets/1", """{"maximum_notional":"-1"}""", 400, "malformed-json")]
    [TestCase("/markets/1", """{"maximum_notional":"340282366920938463463374607431768211456"}""", 400, "malformed-json")]
    [TestCase("/markets/1", """{"reference_price":"4611686018427387904"}""", 422, "invalid-terms")]
    [TestCase("/markets/1", """{"price_band_ppm":4294967296}""", 400, "malformed-json")]
    [TestCase("/markets/9/state", """{"state":"open"}""", 404, "unknown-market")]
    [TestCase("/markets/1/state", """{"state":"shut"}""", 422, "value-not-accepted")]
    public async Task Refuses_an_administrators_slip(string path, string body, int status, string kind)
    {
        await DefineVenueAsync();
        await AssertProblemAsync(await PostAsync(path, body), status, kind);
    }

    [TestCase("/markets/9/book", 404, "unknown-market")]
    [TestCase("/markets/1/book?depth=0", 422, "value-not-accepted")]
    [TestCase("/markets/1/book?depth=10001", 422, "value-not-accepted")]
    [TestCase("/markets/1/book?depth=x", 400, "bad-request")]
    [TestCase("/markets/70000", 400, "bad-request")]
    [TestCase("/nowhere", 404, "unknown-route")]
    public async Task Refuses_to_read(string path, int status, string kind)
    {
        await DefineVenueAsync();
        await AssertProblemAsync(await Http.GetAsync(new Uri(path, UriKind.Relative)), status, kind);
    }

    [Test]
    public async Task Answers_a_wrong_method_with_the_right_ones()
    {
        using var answer = await Http.DeleteAsync(new Uri("/users", UriKind.Relative));
        Assert.That(answer.Content.Headers.Allow, Is.EquivalentTo(["GET", "POST"]));
        await AssertProblemAsync(answer, 405, "wrong-method");
    }

    [TestCase("text/plain")]
    [TestCase("application/x-www-form-urlencoded")]
    public async Task Takes_nothing_but_declared_json(string contentType) =>
        await AssertProblemAsync(await PostAsync("/deposit", """{"user_id":1,"asset_id":1,"amount":"1"}""", contentType), 415, "not-json");

    [Test]
    public async Task Refuses_a_body_that_is_too_large() =>
        await AssertProblemAsync(await PostAsync("/deposit", $$"""{"amount":"{{new string('1', 70_000)}}"}"""), 413, "body-too-large");

    [Test]
    public async Task Refuses_json_that_is_too_deep() =>
        await AssertProblemAsync(await PostAsync("/deposit", new string('[', 30_000)), 400, "malformed-json");

    [TestCase("evil.example", 403)]
    [TestCase("localhost", 201)]
    [TestCase("127.0.0.1:9090", 201)]
    public async Task Lets_no_web_page_administrate_a_venue_without_a_token(string host, int status)
    {
        Http.DefaultRequestHeaders.Host = host;
        using var answer = await PostAsync("/users", "{}");
        Assert.That((int)answer.StatusCode, Is.EqualTo(status));
    }

    [Test]
    public void Maps_every_reject_reason_to_a_problem()
    {
        foreach (var reason in Enum.GetValues<RejectReason>())
            Assert.That(Appliance.HttpProblem.Of(reason).Status, Is.AnyOf(404, 409, 422, 500, 507), $"{reason}");
    }
}
