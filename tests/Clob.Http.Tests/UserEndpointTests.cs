using System.Text.Json;
using Clob.Appliance;
using Clob.Protocol;

namespace Clob.Http.Tests;

internal sealed class UserEndpointTests : HttpFixture
{
    [TestCase("{}")]
    [TestCase("")]
    public async Task Registers_a_user_with_a_key_pair_of_its_own_making(string body)
    {
        var user = await PostOkAsync("/users", body, 201);
        using var key = SigningKey.FromSeed(Convert.FromHexString(user.GetProperty("private_key_hex").GetString()!));
        Assert.Multiple(() =>
        {
            Assert.That(user.GetProperty("user_id").GetUInt64(), Is.EqualTo(1));
            Assert.That(user.GetProperty("public_key_hex").GetString(), Is.EqualTo(Convert.ToHexStringLower(key.PublicKey)));
            Assert.That(user.GetProperty("session_token").GetString(), Is.EqualTo("TOKEN0001A"));
            Assert.That(user.GetProperty("venue_id").GetString(), Is.EqualTo(Convert.ToHexStringLower(Venue.VenueId.Span)));
        });
    }

    [Test]
    public async Task Registers_a_clients_own_key_and_returns_no_private_one()
    {
        using var key = SigningKey.Generate();
        string hex = Convert.ToHexString(key.PublicKey);
        var user = await PostOkAsync("/users", $$"""{"public_key_hex":"{{hex}}"}""", 201);
        Assert.That(user.TryGetProperty("private_key_hex", out _), Is.False);
        Assert.That(user.GetProperty("public_key_hex").GetString(), Is.EqualTo(Convert.ToHexStringLower(key.PublicKey)));
        var found = await GetOkAsync($"/users?public_key_hex={hex}");
        Assert.That(found.GetProperty("user_id").GetUInt64(), Is.EqualTo(user.GetProperty("user_id").GetUInt64()));
    }

    [TestCase("""{"public_key_hex":"00"}""", 422, "value-not-accepted")]
    [TestCase("""{"public_key_hex":"zz00000000000000000000000000000000000000000000000000000000000000"}""", 422, "value-not-accepted")]
    [TestCase("""{"public_key_hex":"0000000000000000000000000000000000000000000000000000000000000000"}""", 422, "invalid-key")]
    [TestCase("""{"public_key_hex":7}""", 400, "malformed-json")]
    [TestCase("""{"public_key":"00"}""", 400, "malformed-json")]
    [TestCase("""{"public_key_hex":""", 400, "malformed-json")]
    [TestCase("null", 400, "malformed-json")]
    [TestCase("[]", 400, "malformed-json")]
    public async Task Refuses_to_register(string body, int status, string kind) =>
        await AssertProblemAsync(await PostAsync("/users", body), status, kind);

    [Test]
    public async Task Shows_balances_orders_and_counters_of_an_account()
    {
        await DefineVenueAsync();
        using var key = SigningKey.Generate();
        await PostOkAsync("/users", $$"""{"public_key_hex":"{{Convert.ToHexString(key.PublicKey)}}"}""", 201);
        await PostOkAsync("/deposit", """{"user_id":1,"asset_id":1,"amount":"100.0"}""");
        Venue.Send(1, 1, key, new NewOrder
        {
            Market = 1,
            Side = Side.Buy,
            OrderType = OrderType.Limit,
            TimeInForce = TimeInForce.GoodTillCancel,
            Price = 500_000,
            Quantity = 20,
            ClientOrderId = 77,
        });

        var user = await GetOkAsync("/users/1");
        var balance = user.GetProperty("balances").EnumerateArray().Single();
        var order = user.GetProperty("open_orders").EnumerateArray().Single();
        Assert.Multiple(() =>
        {
            Assert.That(user.GetProperty("next_nonce").GetUInt64(), Is.EqualTo(2));
            Assert.That(user.GetProperty("cancel_on_disconnect").GetBoolean(), Is.False);
            Assert.That(balance.GetProperty("symbol").GetString(), Is.EqualTo("USD"));
            // 500,000 ticks × 20 lots = 10,000,000 units, and 200 ppm of that as fee: 10.002 USD
            Assert.That(balance.GetProperty("reserved").GetString(), Is.EqualTo("10.002"));
            Assert.That(balance.GetProperty("available").GetString(), Is.EqualTo("89.998"));
            Assert.That(order.GetProperty("side").GetString(), Is.EqualTo("buy"));
            Assert.That(order.GetProperty("price").GetString(), Is.EqualTo("500000"));
            Assert.That(order.GetProperty("quantity").GetString(), Is.EqualTo("20"));
            Assert.That(order.GetProperty("shown_quantity").GetString(), Is.EqualTo("20"));
            Assert.That(order.GetProperty("display_quantity").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(order.GetProperty("client_order_id").GetUInt64(), Is.EqualTo(77));
        });

        var book = await GetOkAsync("/markets/1/book?depth=5");
        Assert.That(book.GetProperty("bids").GetRawText(), Is.EqualTo("""[{"price":"500000","quantity":"20","orders":1}]"""));
        Assert.That(book.GetProperty("asks").GetArrayLength(), Is.Zero);
    }

    [TestCase("/users/9", 404, "unknown-user")]
    [TestCase("/users/x", 400, "bad-request")]
    [TestCase("/users/99999999999999999999999", 400, "bad-request")]
    [TestCase("/users", 422, "value-not-accepted")]
    [TestCase("/users?public_key_hex=5866666666666666666666666666666666666666666666666666666666666666", 404, "unknown-user")]
    public async Task Refuses_to_read_a_user(string path, int status, string kind) =>
        await AssertProblemAsync(await Http.GetAsync(new Uri(path, UriKind.Relative)), status, kind);

    [Test]
    public async Task Rotates_a_session_token()
    {
        await PostOkAsync("/users", "{}", 201);
        Assert.That((await PostOkAsync("/users/1/token", "")).GetProperty("session_token").GetString(), Is.EqualTo("TOKEN0001B"));
        await AssertProblemAsync(await PostAsync("/users/2/token", ""), 404, "unknown-user");
    }

    [Test]
    public async Task Blocks_and_limits_a_user()
    {
        await PostOkAsync("/users", "{}", 201);
        Assert.That(await LimitsAsync(), Is.EqualTo("""{"kill_switch":false,"trading_allowed":true,"maximum_open_orders":null,"maximum_order_notional":null}"""));
        await PostOkAsync("/users/1/limits", """{"trading_allowed":false,"maximum_order_notional":"170141183460469231731687303715884105728"}""");
        Assert.That(await LimitsAsync(), Is.EqualTo("""{"kill_switch":false,"trading_allowed":false,"maximum_open_orders":null,"maximum_order_notional":"170141183460469231731687303715884105728"}"""));
        var user = await PostOkAsync("/users/1/limits", """{"trading_allowed":true,"maximum_open_orders":7,"maximum_order_notional":"none"}""");
        Assert.That(user.GetProperty("limits").GetRawText(), Is.EqualTo(await LimitsAsync()), "the answer is the user as it is then");
        Assert.That(await LimitsAsync(), Is.EqualTo("""{"kill_switch":false,"trading_allowed":true,"maximum_open_orders":7,"maximum_order_notional":null}"""));
        await PostOkAsync("/users/1/limits", "{}");
        Assert.That(await LimitsAsync(), Does.Contain("\"maximum_open_orders\":7"), "what is absent stays");

        async Task<string> LimitsAsync() => (await GetOkAsync("/users/1")).GetProperty("limits").GetRawText();
    }

    [Test]
    public async Task Gives_a_user_fees_of_its_own()
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        Assert.That(await FeesAsync(), Is.EqualTo("[]"));
        await PostOkAsync("/users/1/fees", """{"market_id":1,"maker_fee_ppm":-50}""");
        Assert.That(await FeesAsync(), Is.EqualTo("""[{"market_id":1,"maker_fee_ppm":-50,"taker_fee_ppm":null}]"""));
        var user = await PostOkAsync("/users/1/fees", """{"market_id":1,"maker_fee_ppm":0,"taker_fee_ppm":5}""");
        Assert.That(user.GetProperty("fees").GetRawText(), Is.EqualTo("""[{"market_id":1,"maker_fee_ppm":0,"taker_fee_ppm":5}]"""));
        await PostOkAsync("/users/1/fees", """{"market_id":1}""");
        Assert.That(await FeesAsync(), Is.EqualTo("[]"));

        async Task<string> FeesAsync() => (await GetOkAsync("/users/1")).GetProperty("fees").GetRawText();
    }

    [TestCase("/users/9/fees", """{"market_id":1,"maker_fee_ppm":0}""", 404, "unknown-user")]
    [TestCase("/users/1/fees", """{"market_id":9,"maker_fee_ppm":0}""", 404, "unknown-market")]
    [TestCase("/users/1/fees", """{"maker_fee_ppm":0}""", 400, "malformed-json")]
    [TestCase("/users/1/fees", """{"market_id":1,"maker_fee_ppm":-201}""", 422, "invalid-terms")]
    public async Task Refuses_fees(string path, string body, int status, string kind)
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        await AssertProblemAsync(await PostAsync(path, body), status, kind);
    }

    [TestCase("/users/9/limits", """{"trading_allowed":false}""", 404, "unknown-user")]
    [TestCase("/users/1/limits", """{"trading":false}""", 400, "malformed-json")]
    [TestCase("/users/1/limits", """{"maximum_open_orders":-1}""", 400, "malformed-json")]
    [TestCase("/users/1/limits", """{"maximum_order_notional":"1.5"}""", 422, "value-not-accepted")]
    [TestCase("/users/1/limits", """{"maximum_order_notional":"340282366920938463463374607431768211456"}""", 422, "value-not-accepted")]
    public async Task Refuses_limits(string path, string body, int status, string kind)
    {
        await PostOkAsync("/users", "{}", 201);
        await AssertProblemAsync(await PostAsync(path, body), status, kind);
    }

    [TestCase("""{"user_id":1,"asset_id":1,"amount":"10000.0"}""")]
    [TestCase("""{"user_id":{"0":1},"asset_id":{"0":1},"amount":"10000"}""")]
    public async Task Credits_a_deposit(string body)
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        for (int call = 1; call <= 2; call++)
        {
            var deposit = await PostOkAsync("/deposit", body);
            Assert.That(deposit.GetRawText(), Is.EqualTo("""{"user_id":1,"asset_id":1,"amount":"10000","credited":true}"""));
            Assert.That(await AvailableAsync(), Is.EqualTo($"{call * 10000}"), "without an id each call credits");
        }
    }

    [Test]
    public async Task Credits_a_deposit_id_once_for_ever()
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        const string body = """{"user_id":1,"asset_id":1,"amount":"5","deposit_id":"a"}""";
        Assert.That((await PostOkAsync("/deposit", body)).GetProperty("credited").GetBoolean(), Is.True);
        Assert.That((await PostOkAsync("/deposit", body)).GetProperty("credited").GetBoolean(), Is.False);
        await AssertProblemAsync(await PostAsync("/deposit", """{"user_id":1,"asset_id":1,"amount":"6","deposit_id":"a"}"""), 409, "deposit-id-reused");
        Assert.That(await AvailableAsync(), Is.EqualTo("5"));
    }

    [TestCase("""{"user_id":1,"asset_id":1,"amount":"1.0000001"}""", 422, "value-not-accepted", "has 7 digits behind the point where the asset has 6")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"-1"}""", 422, "value-not-accepted", "an amount is digits")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"1e3"}""", 422, "value-not-accepted", "an amount is digits")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":""}""", 422, "value-not-accepted", "an amount is digits")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"340282366920938463463374607431768211456"}""", 422, "value-not-accepted", "above the largest amount")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"0"}""", 422, "amount-out-of-range", "")]
    [TestCase("""{"user_id":7,"asset_id":1,"amount":"1"}""", 404, "unknown-user", "")]
    [TestCase("""{"user_id":1,"asset_id":7,"amount":"1"}""", 404, "unknown-asset", "there is no asset 7")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"1","deposit_id":""}""", 422, "value-not-accepted", "deposit_id has 0 characters")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":1}""", 400, "malformed-json", "")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":null}""", 400, "malformed-json", "")]
    [TestCase("""{"user_id":-1,"asset_id":1,"amount":"1"}""", 400, "malformed-json", "an id is a number")]
    [TestCase("""{"user_id":1.5,"asset_id":1,"amount":"1"}""", 400, "malformed-json", "an id is a number")]
    [TestCase("""{"user_id":{"1":1},"asset_id":1,"amount":"1"}""", 400, "malformed-json", "an id is a number")]
    [TestCase("""{"user_id":{"0":1,"1":2},"asset_id":1,"amount":"1"}""", 400, "malformed-json", "an id is a number")]
    [TestCase("""{"user_id":{"0":{"0":1}},"asset_id":1,"amount":"1"}""", 400, "malformed-json", "an id is a number")]
    [TestCase("""{"user_id":1,"asset_id":4294967296,"amount":"1"}""", 400, "malformed-json", "an id is a number")]
    [TestCase("""{"user_id":1,"asset_id":1}""", 400, "malformed-json", "amount")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"1","depositid":"a"}""", 400, "malformed-json", "depositid")]
    [TestCase("""{"user_id":1,"user_id":2,"asset_id":1,"amount":"1"}""", 400, "malformed-json", "user_id")]
    [TestCase("""{"user_id":1,"asset_id":1,"amount":"1"}}""", 400, "malformed-json", "")]
    public async Task Refuses_a_deposit(string body, int status, string kind, string detail)
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        var problem = await AssertProblemAsync(await PostAsync("/deposit", body), status, kind);
        Assert.That(problem.TryGetProperty("detail", out var text) ? text.GetString() : "", Does.Contain(detail));
        Assert.That((await GetOkAsync("/users/1")).GetProperty("balances").GetArrayLength(), Is.Zero);
    }

    [TestCase("paid", "90")]
    [TestCase("returned", "100")]
    public async Task Settles_a_withdrawal_once(string outcome, string available)
    {
        await DefineVenueAsync();
        using var key = SigningKey.Generate();
        await PostOkAsync("/users", $$"""{"public_key_hex":"{{Convert.ToHexString(key.PublicKey)}}"}""", 201);
        await PostOkAsync("/deposit", """{"user_id":1,"asset_id":1,"amount":"100"}""");
        Venue.Send(1, 1, key, new Withdraw(1, 10_000_000));

        string body = $$"""{"outcome":"{{outcome}}"}""";
        Assert.That((await PostOkAsync("/withdrawals/1", body)).GetRawText(), Is.EqualTo($$"""{"withdrawal_id":1,"outcome":"{{outcome}}"}"""));
        Assert.That(await AvailableAsync(), Is.EqualTo(available));
        await AssertProblemAsync(await PostAsync("/withdrawals/1", body), 404, "unknown-withdrawal");
        await AssertProblemAsync(await PostAsync("/withdrawals/1", """{"outcome":"lost"}"""), 422, "value-not-accepted");
    }

    [Test]
    public async Task Answers_503_when_too_much_is_waiting_or_cancels_only_are_taken_or_the_replica_lags()
    {
        await DefineVenueAsync();
        Venue.NextFailure = new PipelineBusyException("full");
        using var busy = await PostAsync("/users", "{}");
        Assert.That(busy.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        await AssertProblemAsync(busy, 503, "busy");
        await PostOkAsync("/users", "{}", 201);

        Venue.NextFailure = new CancelsOnlyException("no room on /data");
        using var cancelsOnly = await PostAsync("/users", "{}");
        Assert.That(cancelsOnly.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        var problem = await AssertProblemAsync(cancelsOnly, 503, "cancels-only");
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("no room on /data"));

        Venue.IsBehind = true;
        using var behind = await Http.GetAsync(new Uri("/users/1", UriKind.Relative));
        Assert.That(behind.Headers.RetryAfter?.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        await AssertProblemAsync(behind, 503, "replica-behind");
    }

    [Test]
    public async Task Takes_deposits_while_the_replica_catches_up()
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        Venue.IsBehind = true;
        await PostOkAsync("/deposit", """{"user_id":1,"asset_id":1,"amount":"12.5"}""");
        await AssertProblemAsync(await PostAsync("/deposit", """{"user_id":1,"asset_id":9,"amount":"1"}"""), 503, "replica-behind");
        Venue.IsBehind = false;
        Assert.That(await AvailableAsync(), Is.EqualTo("12.5"));
    }

    [Test]
    public async Task Finds_the_lowest_user_that_has_a_key_now()
    {
        using var shared = SigningKey.Generate();
        using var other = SigningKey.Generate();
        string hex = Convert.ToHexString(shared.PublicKey);
        await PostOkAsync("/users", $$"""{"public_key_hex":"{{Convert.ToHexString(other.PublicKey)}}"}""", 201);
        await PostOkAsync("/users", $$"""{"public_key_hex":"{{hex}}"}""", 201);
        Assert.That(await FindAsync(hex), Is.EqualTo(2), "from now on there is an index");
        await PostOkAsync("/users", $$"""{"public_key_hex":"{{hex}}"}""", 201);
        Assert.That(await FindAsync(hex), Is.EqualTo(2));
        Venue.Send(1, 1, other, new RotateKey(new PublicKey(shared.PublicKey)));
        Assert.That(await FindAsync(hex), Is.EqualTo(1));
        await AssertProblemAsync(await Http.GetAsync(new Uri($"/users?public_key_hex={Convert.ToHexString(other.PublicKey)}", UriKind.Relative)), 404, "unknown-user");
        Venue.Send(1, 2, shared, new RotateKey(new PublicKey(other.PublicKey)));
        Venue.Send(2, 1, shared, new RotateKey(new PublicKey(other.PublicKey)));
        Assert.That(await FindAsync(hex), Is.EqualTo(3));
        Assert.That(await FindAsync(Convert.ToHexString(other.PublicKey)), Is.EqualTo(1));
    }

    private async Task<ulong> FindAsync(string hex) => (await GetOkAsync($"/users?public_key_hex={hex}")).GetProperty("user_id").GetUInt64();

    private async Task<string?> AvailableAsync() =>
        (await GetOkAsync("/users/1")).GetProperty("balances").EnumerateArray().Single().GetProperty("available").GetString();
}
