using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Clob.Http.Tests;

namespace Clob.Fuzz.Tests;

/// <summary>Altered bodies to the real server before a real Exchange: every answer is a documented one, none is a fault of the venue.</summary>
internal sealed class HttpServerTests : HttpFixture
{
    private static readonly (string Path, string[] Bodies)[] Routes =
    [
        ("/users", HttpTargets.Users), ("/deposit", HttpTargets.Deposits), ("/users/1/limits", HttpTargets.Limits), ("/users/1/fees", HttpTargets.Fees),
        ("/assets", HttpTargets.Assets), ("/markets", HttpTargets.Markets), ("/markets/1", HttpTargets.Terms), ("/markets/1/state", HttpTargets.States),
        ("/withdrawals/1", HttpTargets.Outcomes),
    ];

    private static readonly int[] Documented = [200, 201, 400, 404, 409, 413, 415, 422];

    [Test]
    public async Task Answers_any_body_as_documented()
    {
        await DefineVenueAsync();
        var statuses = new SortedDictionary<int, int>();
        var end = Stopwatch.StartNew();
        for (int number = FuzzSize.OnlyInput ?? 0; end.Elapsed < FuzzSize.Duration; number++)
        {
            var random = new Random(unchecked((FuzzSize.Seed * 1_000_003) + number));
            var (path, bodies) = Routes[random.Next(Routes.Length)];
            byte[] body = Mutation.Of(random, [.. bodies.Select(Encoding.UTF8.GetBytes)]);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            using var answer = await Http.PostAsync(new Uri(path, UriKind.Relative), content);
            int status = (int)answer.StatusCode;
            string text = await answer.Content.ReadAsStringAsync();
            string input = $"POST {path}, input {number} of seed {FuzzSize.Seed}: {Convert.ToHexStringLower(body)}\n{text}";
            Assert.That(Documented, Does.Contain(status), input);
            if (status >= 400)
                Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), input);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            if (FuzzSize.OnlyInput is not null)
                return;
        }

        TestContext.Out.WriteLine($"{string.Join(", ", statuses.Select(pair => $"{pair.Key}: {pair.Value}"))}, seed {FuzzSize.Seed}");
        Assert.That(statuses.Keys, Is.SupersetOf(new[] { 200, 201, 400 }));
    }
}
