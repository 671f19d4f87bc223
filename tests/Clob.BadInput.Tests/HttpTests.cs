using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Clob.BadInput.Tests;

/// <summary>Each bad request gets a problem document with the right status and kind, changes nothing, and the next one is answered.</summary>
[Order(4)]
public sealed class HttpTests
{
    private const string MalformedJson = "malformed-json";
    private const string NotAccepted = "value-not-accepted";
    private const string BadRequest = "bad-request";
    private const string UnknownUser = "unknown-user";
    private const string UnknownMarket = "unknown-market";

    private static readonly string Documentation = File.ReadAllText(Path.Combine(BuiltProgram.RepositoryRoot, "docs", "http.md"));

    // Accepted as text, but 2^127 smallest units are more than any account can hold beside what others have.
    private const string WholeAsset = "170141183460469231731687303715884.105728";

    private HttpClient _http = null!;
    private ulong _user;

    [OneTimeSetUp]
    public async Task RegisterAsync()
    {
        _http = new HttpClient { BaseAddress = BadInputVenue.Appliance.Http, Timeout = ProgramProcess.Patience };
        await using var trader = await BadTrader.RegisterAsync(BadInputVenue.Appliance, [(1, "1")]);
        _user = trader.Account;
    }

    [OneTimeTearDown]
    public void Dispose() => _http.Dispose();

    [TearDown]
    public Task TheGoodSessionTradesOn() => BadInputVenue.Good.TradeOnAsync();

    private static IEnumerable<TestCaseData> Deposits()
    {
        yield return Deposit("no JSON", 400, MalformedJson, "{");
        yield return Deposit("nothing", 400, MalformedJson, "");
        yield return Deposit("null", 400, MalformedJson, "null");
        yield return Deposit("an array", 400, MalformedJson, "[]");
        yield return Deposit("text behind the end", 400, MalformedJson, """{"user_id":USER,"asset_id":1,"amount":"1"} x""");
        yield return Deposit("no amount", 400, MalformedJson, """{"user_id":USER,"asset_id":1}""");
        yield return Deposit("null for an amount", 400, MalformedJson, """{"user_id":USER,"asset_id":1,"amount":null}""");
        yield return Deposit("an amount that is a number", 400, MalformedJson, """{"user_id":USER,"asset_id":1,"amount":1}""");
        yield return Deposit("no user", 400, MalformedJson, """{"asset_id":1,"amount":"1"}""");
        yield return Deposit("a user that is text", 400, MalformedJson, """{"user_id":"USER","asset_id":1,"amount":"1"}""");
        yield return Deposit("a negative user", 400, MalformedJson, """{"user_id":-1,"asset_id":1,"amount":"1"}""");
        yield return Deposit("half a user", 400, MalformedJson, """{"user_id":1.5,"asset_id":1,"amount":"1"}""");
        yield return Deposit("a user past 64 bits", 400, MalformedJson, """{"user_id":18446744073709551616,"asset_id":1,"amount":"1"}""");
        yield return Deposit("an asset past 32 bits", 400, MalformedJson, """{"user_id":USER,"asset_id":4294967296,"amount":"1"}""");
        yield return Deposit("an empty wrapped user", 400, MalformedJson, """{"user_id":{},"asset_id":1,"amount":"1"}""");
        yield return Deposit("a user wrapped twice", 400, MalformedJson, """{"user_id":{"0":{"0":1}},"asset_id":1,"amount":"1"}""");
        yield return Deposit("a misspelt property", 400, MalformedJson, """{"user_id":USER,"asset_id":1,"amount":"1","depositid":"x"}""");
        yield return Deposit("a property twice", 400, MalformedJson, """{"user_id":USER,"asset_id":1,"amount":"1","amount":"2"}""");
        yield return Deposit("nested 10,000 deep", 400, MalformedJson, $$"""{"user_id":{{new string('[', 10_000)}}""");
        yield return Deposit("half a surrogate pair", 400, MalformedJson, """{"user_id":USER,"asset_id":1,"amount":"1","deposit_id":"\ud800"}""");
        foreach (string amount in new[] { "1.1234567", "-1", "+1", "1e5", "1E5", "NaN", "Infinity", "", " ", "1 ", "1,000", "0x10", ".5", "5.", "1.2.3", "\u0661", "1\\u0000", new string('9', 1_000) })
            yield return Deposit($"amount {(amount.Length > 20 ? "of 1000 digits" : amount)}", 422, NotAccepted, $$"""{"user_id":USER,"asset_id":1,"amount":"{{amount}}"}""");
        yield return Deposit("amount past 2^127", 422, NotAccepted, """{"user_id":USER,"asset_id":1,"amount":"170141183460469231731687303715884.105729"}""");
        yield return Deposit("a total past 2^127", 422, "amount-out-of-range", $$"""{"user_id":USER,"asset_id":1,"amount":"{{WholeAsset}}"}""");
        yield return Deposit("amount 0", 422, "amount-out-of-range", """{"user_id":USER,"asset_id":1,"amount":"0.000000"}""");
        yield return Deposit("unknown user", 404, UnknownUser, """{"user_id":999999999,"asset_id":1,"amount":"1"}""");
        yield return Deposit("largest user", 404, UnknownUser, """{"user_id":18446744073709551615,"asset_id":1,"amount":"1"}""");
        yield return Deposit("unknown asset", 404, "unknown-asset", """{"user_id":USER,"asset_id":77,"amount":"1"}""");
        yield return Deposit("asset 0", 404, "unknown-asset", """{"user_id":USER,"asset_id":0,"amount":"1"}""");
        yield return Deposit("an empty deposit id", 422, NotAccepted, """{"user_id":USER,"asset_id":1,"amount":"1","deposit_id":""}""");
        yield return Deposit("a deposit id of 257 characters", 422, NotAccepted, $$"""{"user_id":USER,"asset_id":1,"amount":"1","deposit_id":"{{new string('x', 257)}}"}""");
        yield return Deposit("a body of 100,000 bytes", 413, "body-too-large", $$"""{"user_id":USER,"asset_id":1,"amount":"{{new string('1', 100_000)}}"}""");
    }

    [TestCaseSource(nameof(Deposits))]
    public async Task Credits_no_bad_deposit(int status, string kind, string body)
    {
        string before = await _http.GetStringAsync(new Uri($"users/{_user}", UriKind.Relative));
        using var content = new StringContent(body.Replace("USER", $"{_user}", StringComparison.Ordinal), Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri("deposit", UriKind.Relative), content);
        await AssertProblemAsync(answer, status, kind);
        Assert.That(await _http.GetStringAsync(new Uri($"users/{_user}", UriKind.Relative)), Is.EqualTo(before));
    }

    [Test]
    public async Task Takes_no_text_that_is_not_UTF_8()
    {
        using var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes($$"""{"user_id":{{_user}},"asset_id":1,"amount":"1","deposit_id":"a"""), 0xff, 0xfe, (byte)'"', (byte)'}']);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await _http.PostAsync(new Uri("deposit", UriKind.Relative), content);
        await AssertProblemAsync(answer, 400, MalformedJson);
    }

    [TestCase("deposit", "text/plain")]
    [TestCase("deposit", "application/x-www-form-urlencoded")]
    [TestCase("deposit", "")]
    [TestCase("users", "text/plain")]
    public async Task Takes_JSON_only(string path, string type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}"));
        content.Headers.ContentType = type.Length == 0 ? null : new MediaTypeHeaderValue(type);
        using var answer = await _http.PostAsync(new Uri(path, UriKind.Relative), content);
        await AssertProblemAsync(answer, 415, "not-json");
    }

    [TestCase("not hexadecimal", 422, NotAccepted, "zz11223344556677889900112233445566778899001122334455667788990011")]
    [TestCase("31 bytes", 422, NotAccepted, "11223344556677889900112233445566778899001122334455667788990011")]
    [TestCase("33 bytes", 422, NotAccepted, "001122334455667788990011223344556677889900112233445566778899001122")]
    [TestCase("empty", 422, NotAccepted, "")]
    [TestCase("32 zero bytes", 422, "invalid-key", "0000000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("the identity", 422, "invalid-key", "0100000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("no point of the curve", 422, "invalid-key", "0200000000000000000000000000000000000000000000000000000000000000")]
    [TestCase("not canonical", 422, "invalid-key", "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [TestCase("of small order", 422, "invalid-key", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")]
    public async Task Registers_no_bad_key(string what, int status, string kind, string key)
    {
        _ = what;
        using var content = new StringContent($$"""{"public_key_hex":"{{key}}"}""", Encoding.UTF8, "application/json");
        using var answer = await _http.PostAsync(new Uri("users", UriKind.Relative), content);
        await AssertProblemAsync(answer, status, kind);
    }

    [TestCase("GET", "users/999999999", "", 404, UnknownUser)]
    [TestCase("GET", "users/abc", "", 400, BadRequest)]
    [TestCase("GET", "users/-1", "", 400, BadRequest)]
    [TestCase("GET", "users/18446744073709551616", "", 400, BadRequest)]
    [TestCase("GET", "users?public_key_hex=zz", "", 422, NotAccepted)]
    [TestCase("GET", "users", "", 422, NotAccepted)]
    [TestCase("POST", "users/999999999/token", "", 404, UnknownUser)]
    [TestCase("POST", "users", "[1,2", 400, MalformedJson)]
    [TestCase("POST", "users", """{"public_key":"x"}""", 400, MalformedJson)]
    [TestCase("GET", "markets/9", "", 404, UnknownMarket)]
    [TestCase("GET", "markets/70000", "", 400, BadRequest)]
    [TestCase("GET", "markets/9/book", "", 404, UnknownMarket)]
    [TestCase("GET", "markets/one/book", "", 400, BadRequest)]
    [TestCase("GET", "markets/1/book?depth=abc", "", 400, BadRequest)]
    [TestCase("GET", "markets/1/book?depth=1.5", "", 400, BadRequest)]
    [TestCase("GET", "markets/1/book?depth=99999999999", "", 400, BadRequest)]
    [TestCase("GET", "markets/1/book?depth=0", "", 422, NotAccepted)]
    [TestCase("GET", "markets/1/book?depth=-1", "", 422, NotAccepted)]
    [TestCase("GET", "markets/1/book?depth=10001", "", 422, NotAccepted)]
    [TestCase("POST", "markets/1/state", """{"state":"asleep"}""", 422, NotAccepted)]
    [TestCase("POST", "markets/1/state", """{"state":1}""", 400, MalformedJson)]
    [TestCase("POST", "markets/9/state", """{"state":"open"}""", 404, UnknownMarket)]
    [TestCase("POST", "markets/1", """{"price_cap":"0"}""", 422, "invalid-terms")]
    [TestCase("POST", "markets/1", """{"price_cap":"-1"}""", 400, MalformedJson)]
    [TestCase("POST", "markets/1", """{"taker_fee_ppm":-1000000}""", 422, "invalid-terms")]
    [TestCase("POST", "markets/1", """{"taker_fee_ppm":99999999999}""", 400, MalformedJson)]
    [TestCase("POST", "markets", """{"market_id":1,"symbol":"X","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 409, "market-exists")]
    [TestCase("POST", "markets", """{"market_id":8,"symbol":"X","base_asset":1,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 422, "invalid-terms")]
    [TestCase("POST", "markets", """{"market_id":8,"symbol":"X","base_asset":77,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 404, "unknown-asset")]
    [TestCase("POST", "markets", """{"market_id":8,"symbol":"lower","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 422, NotAccepted)]
    [TestCase("POST", "markets", """{"market_id":8,"symbol":"X","base_asset":2,"quote_asset":1,"base_units_per_lot":0,"quote_units_per_lot_and_tick":1}""", 422, "invalid-terms")]
    [TestCase("POST", "assets", """{"asset_id":1,"decimals":6,"symbol":"USD"}""", 409, "asset-exists")]
    [TestCase("POST", "assets", """{"asset_id":5,"decimals":19,"symbol":"X"}""", 422, NotAccepted)]
    [TestCase("POST", "assets", """{"asset_id":5,"decimals":256,"symbol":"X"}""", 400, MalformedJson)]
    [TestCase("POST", "withdrawals/12345", """{"outcome":"paid"}""", 404, "unknown-withdrawal")]
    [TestCase("POST", "withdrawals/12345", """{"outcome":"burnt"}""", 422, NotAccepted)]
    [TestCase("GET", "nowhere", "", 404, "unknown-route")]
    [TestCase("GET", "users/1/2/3", "", 404, "unknown-route")]
    [TestCase("GET", "%2e%2e/%2e%2e/etc/passwd", "", 404, "unknown-route")]
    [TestCase("GET", "deposit", "", 405, "wrong-method")]
    [TestCase("DELETE", "users/1", "", 405, "wrong-method")]
    [TestCase("PUT", "markets/1/state", "{}", 405, "wrong-method")]
    [TestCase("BREW", "deposit", "{}", 405, "wrong-method")]
    public async Task Answers_with_a_problem(string method, string path, string body, int status, string kind)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        if (body.Length > 0)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        await AssertProblemAsync(answer, status, kind);
    }

    [Test]
    public async Task Credits_a_deposit_id_with_other_content_not_again()
    {
        foreach (var (amount, status) in new[] { ("1", 200), ("1", 200), ("2", 409) })
        {
            using var content = new StringContent($$"""{"user_id":{{_user}},"asset_id":1,"amount":"{{amount}}","deposit_id":"once"}""", Encoding.UTF8, "application/json");
            using var answer = await _http.PostAsync(new Uri("deposit", UriKind.Relative), content);
            Assert.That((int)answer.StatusCode, Is.EqualTo(status));
            if (status != 200)
                await AssertProblemAsync(answer, status, "deposit-id-reused");
        }

        using var http = BadInputVenue.Appliance.CreateHttpClient();
        Assert.That((await http.GetUserAsync(_user)).Balances.Single().Available, Is.EqualTo("2"));
    }

    [Test]
    public async Task Lets_no_web_page_administrate()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("users", UriKind.Relative));
        request.Headers.Host = "rebound.example";
        using var answer = await _http.SendAsync(request);
        await AssertProblemAsync(answer, 403, "foreign-host");
    }

    [TestCase("\0\0\0\0\0\0\0\0\r\n\r\n")]
    [TestCase("GET\r\n\r\n")]
    [TestCase("GET / HTTP/9.9\r\n\r\n")]
    [TestCase("GET / HTTP/1.1\r\n\r\n")]
    [TestCase("POST /deposit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: -5\r\n\r\n{}")]
    [TestCase("POST /deposit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    public async Task Survives_what_is_no_HTTP(string text)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = (int)ProgramProcess.Patience.TotalMilliseconds };
        await socket.ConnectAsync(IPAddress.Loopback, BadInputVenue.Appliance.Http.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(text));
        byte[] answer = new byte[1024];
        int size = socket.Receive(answer);
        Assert.That(Encoding.ASCII.GetString(answer, 0, size), Does.StartWith("HTTP/1.1 4").Or.StartWith("HTTP/1.1 505"));
    }

    [Test]
    public async Task Survives_half_a_request_on_many_connections()
    {
        List<Socket> sockets = [];
        for (int i = 0; i < 50; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            sockets.Add(socket);
            await socket.ConnectAsync(IPAddress.Loopback, BadInputVenue.Appliance.Http.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes("POST /deposit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"user_id\":"));
        }

        using var answer = await _http.GetAsync(new Uri("health/ready", UriKind.Relative));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        foreach (var socket in sockets)
            socket.Dispose();
    }

    private static async Task AssertProblemAsync(HttpResponseMessage answer, int status, string kind)
    {
        string text = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(status), text);
        Assert.That(Documentation, Does.Contain($"| {status} | `{kind}` |"));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), text);
        using var problem = JsonDocument.Parse(text);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(problem.RootElement.GetProperty("type").GetString(), Is.EqualTo($"urn:clob:problem:{kind}"), text);
            Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(status), text);
            Assert.That(problem.RootElement.GetProperty("title").GetString(), Is.Not.Empty, text);
        }
    }

    private static TestCaseData Deposit(string name, int status, string kind, string body) => new TestCaseData(status, kind, body).SetArgDisplayNames(name);
}
