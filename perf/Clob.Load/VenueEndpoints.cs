using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using Clob.Client;

namespace Clob.Load;

/// <summary>Where the appliance is: HTTP, order entry and market data.</summary>
internal sealed class VenueEndpoints
{
    public static readonly Option<Uri> Http = new("--http")
    {
        Description = "HTTP address of the appliance",
        CustomParser = ParseUri,
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:9090"),
        Recursive = true,
    };

    public static readonly Option<IPEndPoint> OrderEntry = new("--order-entry")
    {
        Description = "HOST:PORT of order entry",
        CustomParser = ParseEndPoint,
        DefaultValueFactory = _ => new IPEndPoint(IPAddress.Loopback, 8080),
        Recursive = true,
    };

    public static readonly Option<IPEndPoint> Feed = new("--feed")
    {
        Description = "GROUP:PORT of the market data",
        CustomParser = ParseEndPoint,
        DefaultValueFactory = _ => new FeedOptions().Group,
        Recursive = true,
    };

    public static readonly Option<IPAddress> FeedInterface = new("--feed-interface")
    {
        Description = "address of the interface that receives the market data",
        CustomParser = ParseAddress,
        DefaultValueFactory = _ => IPAddress.Loopback,
        Recursive = true,
    };

    public static readonly Option<string?> Bearer = new("--bearer")
    {
        Description = "administration token, when the appliance asks for one",
        Recursive = true,
    };

    private readonly ParseResult _options;

    public VenueEndpoints(ParseResult options) => _options = options;

    public IPEndPoint OrderEntryEndPoint => _options.GetRequiredValue(OrderEntry);

    public FeedOptions FeedOptions => new() { Group = _options.GetRequiredValue(Feed), Interface = _options.GetRequiredValue(FeedInterface) };

    public ApplianceHttpClient CreateHttpClient() => new(_options.GetRequiredValue(Http), _options.GetValue(Bearer));

    private static Uri ParseUri(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
            return uri;
        result.AddError($"{text} is no address such as http://127.0.0.1:9090");
        return new Uri("http://0.0.0.0");
    }

    private static IPEndPoint ParseEndPoint(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (IPEndPoint.TryParse(text, out var endPoint) && endPoint.Port != 0)
            return endPoint;
        int colon = text.LastIndexOf(':');
        if (colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out ushort port) && port != 0 && Resolve(text[..colon]) is { } address)
            return new IPEndPoint(address, port);
        result.AddError($"{text} is no HOST:PORT");
        return new IPEndPoint(IPAddress.None, 0);
    }

    private static IPAddress ParseAddress(ArgumentResult result)
    {
        if (IPAddress.TryParse(result.Tokens[0].Value, out var address))
            return address;
        result.AddError($"{result.Tokens[0].Value} is no IP address");
        return IPAddress.None;
    }

    private static IPAddress? Resolve(string host)
    {
        try
        {
            return Dns.GetHostAddresses(host, System.Net.Sockets.AddressFamily.InterNetwork).FirstOrDefault();
        }
        catch (System.Net.Sockets.SocketException)
        {
            return null;
        }
    }
}
