using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Clob.Appliance;
using Clob.Appliance.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Clob.Http.Tests;

/// <summary>The real server on a free loopback port, before a venue of its own for each test.</summary>
internal abstract class HttpFixture
{
    private WebApplication _app = null!;

    protected TestVenue Venue { get; private set; } = null!;

    protected VenueAccess Access { get; private set; } = null!;

    protected HttpClient Http { get; private set; } = null!;

    protected static ApplianceSettings Settings(params (string Key, string Value)[] settings)
    {
        var builder = new ConfigurationBuilder();
        SettingsReader.AddDefaults(builder);
        builder.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        return SettingsReader.ReadOrThrow(builder.Build());
    }

    /// <summary>The administration token; null for none.</summary>
    protected virtual string? AdminToken => null;

    [OneTimeSetUp]
    public async Task StartServer()
    {
        Access = new VenueAccess();
        _app = HttpServer.Build(Settings(("Http:Listen", "127.0.0.1:0"), ("Http:AdminToken", AdminToken ?? ""), ("Logging:Level", "None")), Access, new VenueMetrics());
        await _app.StartAsync();
    }

    [OneTimeTearDown]
    public async Task StopServer()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    [SetUp]
    public void OpenVenue()
    {
        Venue = new TestVenue();
        Access.Open(Venue);
        Http = new HttpClient { BaseAddress = new Uri($"http://{HttpServer.EndpointOf(_app)}") };
    }

    [TearDown]
    public async Task CloseVenue()
    {
        Http.Dispose();
        await Venue.DisposeAsync();
    }

    protected Task<HttpResponseMessage> PostAsync(string path, string json, string contentType = "application/json") =>
        Http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(json, Encoding.UTF8, new MediaTypeHeaderValue(contentType)));

    protected async Task<JsonElement> PostOkAsync(string path, string json, int status = 200)
    {
        using var answer = await PostAsync(path, json);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(status), body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    protected async Task<JsonElement> GetOkAsync(string path)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
        string body = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), body);
        return JsonSerializer.Deserialize<JsonElement>(body);
    }

    /// <summary>Asserts a problem document of this status and kind.</summary>
    protected static async Task<JsonElement> AssertProblemAsync(HttpResponseMessage answer, int status, string kind)
    {
        string body = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(status), body);
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"), body);
        var problem = JsonSerializer.Deserialize<JsonElement>(body);
        Assert.Multiple(() =>
        {
            Assert.That(problem.GetProperty("type").GetString(), Is.EqualTo($"urn:clob:problem:{kind}"), body);
            Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo(status));
            Assert.That(problem.GetProperty("title").GetString(), Is.Not.Empty);
        });
        answer.Dispose();
        return problem;
    }

    /// <summary>Assets 1 (USD, 6 decimals) and 2 (BTC, 8) and market 1, as a venue has after its first start.</summary>
    protected async Task DefineVenueAsync()
    {
        await PostOkAsync("/assets", """{"asset_id":1,"decimals":6,"symbol":"USD"}""", 201);
        await PostOkAsync("/assets", """{"asset_id":2,"decimals":8,"symbol":"BTC"}""", 201);
        await PostOkAsync("/markets", """
            {"market_id":1,"symbol":"BTC/USD","base_asset":2,"quote_asset":1,"base_units_per_lot":"10000","quote_units_per_lot_and_tick":1,"maker_fee_ppm":100,"taker_fee_ppm":200}
            """, 201);
    }
}
