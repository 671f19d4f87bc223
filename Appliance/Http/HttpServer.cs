using System.Net;
using Clob.Appliance.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>Kestrel, for HTTP only, on threads of its own. Nothing is read from ASP.NET's files or variables: all settings are the appliance's.</summary>
internal static class HttpServer
{
    /// <summary>Builds the server; it listens once started.</summary>
    internal static WebApplication Build(ApplianceSettings settings, VenueAccess access, VenueMetrics metrics)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "Clob.Appliance" });
        builder.Logging.SetMinimumLevel(settings.Logging.Level).AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None); // what keeps the server from starting is said once, by ApplianceHost
        LoggingProvider.AddTo(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = settings.Http.MaximumBodyBytes;
            kestrel.Listen(settings.Http.Listen);
        });
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSingleton(access).AddSingleton(metrics).AddSingleton(settings.Http);
        builder.Services.AddRouting();
        builder.Services.Configure<RouteHandlerOptions>(handlers => handlers.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = System.Text.Json.JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, HttpJson.Default);
        });
        builder.Services.AddOpenApi("v1", openApi => openApi.AddDocumentTransformer((document, _, _) =>
        {
            document.Info.Title = "Clob.Appliance";
            document.Info.Description = "A central limit order book that anyone can check. Errors are problem documents (RFC 9457); any route may answer 500, which is a fault of the venue.";
            return Task.CompletedTask;
        }));
        var app = builder.Build();
        Map(app, settings.Http, access, metrics);
        return app;
    }

    private static void Map(WebApplication app, HttpSettings http, VenueAccess access, VenueMetrics metrics)
    {
        app.UseMiddleware<ProblemMiddleware>();
        app.UseRouting();
        app.UseMiddleware<Administration>();
        new UserEndpoints(access, http).Map(app);
        new MarketEndpoints(access, http).Map(app);
        new VenueEndpoints(access, http, metrics).Map(app);
        app.MapOpenApi();
    }

    /// <summary>Where a started server listens; with port 0 in the settings, the port the system chose.</summary>
    internal static IPEndPoint EndpointOf(WebApplication app)
    {
        string address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        var uri = new Uri(address);
        return new IPEndPoint(IPAddress.Parse(uri.Host), uri.Port);
    }
}
