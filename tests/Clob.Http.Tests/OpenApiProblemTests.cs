using System.Text;
using System.Text.Json;
using Clob.Appliance;
using Clob.Protocol;

namespace Clob.Http.Tests;

/// <summary>The OpenAPI document lists the problems with which each route answers: all of them, and no others.</summary>
internal sealed class OpenApiProblemTests : HttpFixture
{
    private const string Asset = """{"asset_id":7,"decimals":6,"symbol":"EUR"}""";
    private const string Market = """{"market_id":7,"symbol":"A","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""";

    /// <summary>Each operation with a call that is good in form; null for no body.</summary>
    private static readonly (string Operation, string Path, string? Body)[] Calls =
    [
        ("POST /users", "/users", "{}"),
        ("GET /users", "/users?public_key_hex=5866666666666666666666666666666666666666666666666666666666666666", null),
        ("GET /users/{id}", "/users/1", null),
        ("POST /users/{id}/token", "/users/1/token", null),
        ("POST /users/{id}/limits", "/users/1/limits", """{"trading_allowed":true}"""),
        ("POST /users/{id}/fees", "/users/1/fees", """{"market_id":1,"maker_fee_ppm":0}"""),
        ("POST /deposit", "/deposit", """{"user_id":1,"asset_id":1,"amount":"1"}"""),
        ("POST /withdrawals/{id}", "/withdrawals/1", """{"outcome":"paid"}"""),
        ("GET /assets", "/assets", null),
        ("POST /assets", "/assets", Asset),
        ("GET /markets", "/markets", null),
        ("POST /markets", "/markets", Market),
        ("GET /markets/{id}", "/markets/1", null),
        ("POST /markets/{id}", "/markets/1", "{}"),
        ("PATCH /markets/{id}", "/markets/1", "{}"),
        ("POST /markets/{id}/state", "/markets/1/state", """{"state":"open"}"""),
        ("GET /markets/{id}/book", "/markets/1/book", null),
        ("GET /venue", "/venue", null),
        ("GET /state", "/state", null),
        ("GET /checkpoints/latest", "/checkpoints/latest", null),
        ("GET /health/live", "/health/live", null),
        ("GET /health/ready", "/health/ready", null),
    ];

    /// <summary>What is wrong with the values of a call.</summary>
    private static readonly (string Operation, string Path, string? Body, int Status)[] BadCalls =
    [
        ("POST /users", "/users", """{"public_key_hex":"zz"}""", 422),
        ("GET /users", "/users?public_key_hex=zz", null, 422),
        ("GET /users", "/users?public_key_hex=5866666666666666666666666666666666666666666666666666666666666666", null, 404),
        ("GET /users/{id}", "/users/x", null, 400),
        ("GET /users/{id}", "/users/99", null, 404),
        ("POST /users/{id}/token", "/users/x/token", null, 400),
        ("POST /users/{id}/token", "/users/99/token", null, 404),
        ("POST /users/{id}/limits", "/users/99/limits", """{"trading_allowed":true}""", 404),
        ("POST /users/{id}/limits", "/users/1/limits", """{"maximum_order_notional":"x"}""", 422),
        ("POST /users/{id}/fees", "/users/99/fees", """{"market_id":1,"maker_fee_ppm":0}""", 404),
        ("POST /users/{id}/fees", "/users/1/fees", """{"market_id":1,"maker_fee_ppm":-1000001}""", 422),
        ("POST /deposit", "/deposit", """{"user_id":1,"asset_id":9,"amount":"1"}""", 404),
        ("POST /deposit", "/deposit", """{"user_id":99,"asset_id":1,"amount":"1"}""", 404),
        ("POST /deposit", "/deposit", """{"user_id":1,"asset_id":1,"amount":"1","deposit_id":"once"}""", 200),
        ("POST /deposit", "/deposit", """{"user_id":1,"asset_id":1,"amount":"2","deposit_id":"once"}""", 409),
        ("POST /deposit", "/deposit", """{"user_id":1,"asset_id":1,"amount":"x"}""", 422),
        ("POST /withdrawals/{id}", "/withdrawals/99", """{"outcome":"paid"}""", 404),
        ("POST /withdrawals/{id}", "/withdrawals/99", """{"outcome":"burnt"}""", 422),
        ("POST /assets", "/assets", """{"asset_id":1,"decimals":6,"symbol":"USD"}""", 409),
        ("POST /assets", "/assets", """{"asset_id":0,"decimals":6,"symbol":"USD"}""", 422),
        ("POST /markets", "/markets", """{"market_id":7,"symbol":"A","base_asset":9,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 404),
        ("POST /markets", "/markets", """{"market_id":1,"symbol":"A","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 409),
        ("POST /markets", "/markets", """{"market_id":7,"symbol":"a","base_asset":2,"quote_asset":1,"base_units_per_lot":1,"quote_units_per_lot_and_tick":1}""", 422),
        ("GET /markets/{id}", "/markets/70000", null, 400),
        ("GET /markets/{id}", "/markets/9", null, 404),
        ("POST /markets/{id}", "/markets/9", "{}", 404),
        ("POST /markets/{id}", "/markets/1", """{"price_cap":"0"}""", 422),
        ("PATCH /markets/{id}", "/markets/9", "{}", 404),
        ("PATCH /markets/{id}", "/markets/1", """{"price_cap":"0"}""", 422),
        ("GET /markets/{id}/book", "/markets/x/book", null, 400),
        ("GET /markets/{id}/book", "/markets/9/book", null, 404),
        ("GET /markets/{id}/book", "/markets/1/book?depth=0", null, 422),
        ("POST /markets/{id}/state", "/markets/9/state", """{"state":"open"}""", 404),
        ("POST /markets/{id}/state", "/markets/1/state", """{"state":"asleep"}""", 422),
        ("POST /markets/{id}/state", "/markets/1/state", """{"state":"closed"}""", 200),
        ("POST /markets/{id}/state", "/markets/1/state", """{"state":"open"}""", 409),
        ("GET /checkpoints/latest", "/checkpoints/latest", null, 404),
    ];

    /// <summary>What the venue's capacity ends.</summary>
    private static readonly string[] Growing = ["POST /users", "POST /users/{id}/fees", "POST /deposit", "POST /assets", "POST /markets"];

    [Test]
    public async Task Lists_the_problems_that_each_route_answers_with_and_no_others()
    {
        await DefineVenueAsync();
        await PostOkAsync("/users", "{}", 201);
        Dictionary<string, JsonElement> operations = await OperationsAsync();
        Assert.That(operations.Keys, Is.EquivalentTo(Calls.Select(call => call.Operation)), "every operation is tried");
        HashSet<(string, int)> seen = [];
        foreach (var (operation, path, body, status) in BadCalls)
            await TryAsync(seen, operation, path, body, status);
        foreach (var (operation, path, body) in Calls)
            await TryFormAsync(seen, operation, path, body, isGuarded: Documented(operations[operation]).Contains(403));
        foreach (var (operation, path, body) in Calls.Where(call => Growing.Contains(call.Operation)))
        {
            Venue.NextFailure = new OperatorRejectException(RejectReason.CapacityReached);
            await TryAsync(seen, operation, path, body, 507);
        }

        Access.Close();
        foreach (var (operation, path, body) in Calls)
            await TryAsync(seen, operation, path, body, operation == "GET /health/live" ? 200 : 503);

        foreach (var (operation, described) in operations)
        {
            Assert.That(Documented(described).Where(status => status != 401), Is.EquivalentTo(seen.Where(answer => answer.Item1 == operation && answer.Item2 >= 400).Select(answer => answer.Item2)),
                $"{operation}: the problems listed are those that came"); // 401: AdministrationTests
        }
    }

    [Test]
    public async Task Every_problem_listed_is_a_problem_document()
    {
        foreach (var (operation, described) in await OperationsAsync())
        {
            foreach (var answer in described.GetProperty("responses").EnumerateObject().Where(answer => answer.Name[0] is '4' or '5'))
                Assert.That(answer.Value.GetProperty("content").TryGetProperty("application/problem+json", out _), $"{operation} {answer.Name}");
        }
    }

    /// <summary>Calls that are wrong in form, whatever they are about.</summary>
    private async Task TryFormAsync(HashSet<(string, int)> seen, string operation, string path, string? body, bool isGuarded)
    {
        if (isGuarded)
            await TryAsync(seen, operation, path, body, 403, host: "rebound.example");
        if (body is null)
            return;
        await TryAsync(seen, operation, path, "[1,2", 400);
        await TryAsync(seen, operation, path, body, 415, type: "text/plain");
        await TryAsync(seen, operation, path, $$"""{"symbol":"{{new string('x', 70_000)}}"}""", 413);
    }

    private async Task TryAsync(
        HashSet<(string, int)> seen, string operation, string path, string? body, int expected, string type = "application/json", string? host = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(operation.Split(' ')[0]), new Uri(path, UriKind.Relative));
        request.Headers.Host = host;
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, type);
        using var answer = await Http.SendAsync(request);
        Assert.That((int)answer.StatusCode, Is.EqualTo(expected), $"{operation} {path} {(body is null ? "" : body[..Math.Min(body.Length, 100)])}: {await answer.Content.ReadAsStringAsync()}");
        seen.Add((operation, expected));
    }

    private async Task<Dictionary<string, JsonElement>> OperationsAsync() =>
        (await GetOkAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject()
            .SelectMany(path => path.Value.EnumerateObject().Select(method => ($"{method.Name.ToUpperInvariant()} {path.Name}", method.Value)))
            .ToDictionary();

    private static IEnumerable<int> Documented(JsonElement operation) =>
        operation.GetProperty("responses").EnumerateObject().Select(answer => int.Parse(answer.Name, System.Globalization.CultureInfo.InvariantCulture)).Where(status => status >= 400);
}
