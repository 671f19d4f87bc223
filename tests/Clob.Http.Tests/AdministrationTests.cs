using System.Net.Http.Headers;

namespace Clob.Http.Tests;

/// <summary>A venue that asks for a token, as one beyond loopback must.</summary>
internal sealed class AdministrationTests : HttpFixture
{
    private const string Token = "correct-horse-battery";

    protected override string? AdminToken => Token;

    [TestCase(null, 401)]
    [TestCase("Bearer wrong-horse-battery", 401)]
    [TestCase("Bearer", 401)]
    [TestCase($"Basic {Token}", 401)]
    [TestCase($"Bearer {Token}x", 401)]
    [TestCase($"Bearer {Token}", 201)]
    [TestCase($"bearer {Token}", 201)]
    public async Task Asks_for_the_token_when_there_is_one(string? authorization, int status)
    {
        if (authorization is not null)
            Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await PostAsync("/users", "{}");
        if (status == 201)
        {
            Assert.That((int)answer.StatusCode, Is.EqualTo(201));
            return;
        }

        Assert.That(answer.Headers.WwwAuthenticate, Has.One.Matches<AuthenticationHeaderValue>(challenge => challenge.Scheme == "Bearer"));
        await AssertProblemAsync(answer, 401, "unauthorized");
    }

    [TestCase("/users", "{}")]
    [TestCase("/users/1/token", "")]
    [TestCase("/deposit", "{}")]
    [TestCase("/withdrawals/1", "{}")]
    [TestCase("/assets", "{}")]
    [TestCase("/markets", "{}")]
    [TestCase("/markets/1", "{}")]
    [TestCase("/markets/1/state", "{}")]
    public async Task Guards_every_route_that_changes_the_venue(string path, string body)
    {
        await AssertProblemAsync(await PostAsync(path, body), 401, "unauthorized");
        await GetOkAsync("/venue"); // reading is free
    }

    [Test]
    public async Task The_document_lists_401_for_exactly_the_routes_that_ask_for_the_token()
    {
        int guarded = 0;
        foreach (var path in (await GetOkAsync("/openapi/v1.json")).GetProperty("paths").EnumerateObject())
        {
            foreach (var method in path.Value.EnumerateObject())
            {
                using var request = new HttpRequestMessage(new HttpMethod(method.Name.ToUpperInvariant()), new Uri(path.Name.Replace("{id}", "1", StringComparison.Ordinal), UriKind.Relative));
                using var answer = await Http.SendAsync(request);
                Assert.That((int)answer.StatusCode == 401, Is.EqualTo(method.Value.GetProperty("responses").TryGetProperty("401", out _)), $"{method.Name} {path.Name}");
                guarded += (int)answer.StatusCode == 401 ? 1 : 0;
            }
        }

        Assert.That(guarded, Is.GreaterThanOrEqualTo(10));
    }

    [Test]
    public async Task Guards_the_whole_state_which_takes_the_replicas_time()
    {
        await AssertProblemAsync(await Http.GetAsync(new Uri("/state", UriKind.Relative)), 401, "unauthorized");
        Http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", $"Bearer {Token}");
        await GetOkAsync("/state");
    }
}
