using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Clob.Client;
using Clob.Load;
using Clob.Load.Lobster;
using Clob.Load.OpenLoop;
using Clob.Load.SingleOrder;
using Clob.Protocol;

var privateKey = new Option<string?>("--private-key") { Description = "private key (seed) of the user, 64 hex digits" };
var user = new Option<ulong?>("--user") { Description = "the user's number; found by the key when absent" };
var token = new Option<string?>("--token") { Description = "the user's session token; when absent a new one is made (administration) and the former is void" };
var market = new Option<ushort>("--market") { Description = "market id", DefaultValueFactory = _ => 1 };
var side = new Option<Side>("--side") { Description = "side of the single order", DefaultValueFactory = _ => Side.Buy };
var price = new Option<ulong>("--price") { Description = "price of the single order, middle price of a load, ticks", DefaultValueFactory = _ => 1000 };
var quantity = new Option<ulong>("--quantity") { Description = "quantity of an order, lots", DefaultValueFactory = _ => 1 };
var repeat = new Option<int>("--repeat") { Description = "how many single orders, one after the other", DefaultValueFactory = _ => 1 };
var rate = new Option<double?>("--rate") { Description = "open-loop load: orders per second over all connections" };
var seconds = new Option<double>("--seconds") { Description = "how long to send", DefaultValueFactory = _ => 10 };
var warmUp = new Option<double>("--warm-up") { Description = "seconds to send before anything is counted", DefaultValueFactory = _ => 2 };
var connections = new Option<int>("--connections") { Description = "sessions, each of a user of its own", DefaultValueFactory = _ => 1 };
var batch = new Option<int>("--batch") { Description = "orders per envelope, 1 to 128", DefaultValueFactory = _ => 1 };
var cpu = new Option<int[]>("--cpu") { Description = "cores to run on, such as 0,2", CustomParser = ParseCores };
var histogram = new Option<string?>("--histogram") { Description = "file for the percentile distribution, µs (HdrHistogram .hgrm)" };
var baseAsset = new Option<uint>("--base-asset") { Description = "asset id that created users sell", DefaultValueFactory = _ => 2 };
var quoteAsset = new Option<uint>("--quote-asset") { Description = "asset id that created users pay with", DefaultValueFactory = _ => 1 };
var messageFile = new Argument<FileInfo>("MESSAGE.csv") { Description = "LOBSTER message file" };
var bookFile = new Argument<FileInfo>("ORDERBOOK.csv") { Description = "LOBSTER order book file" };

RequirePositive(seconds, rate, connections, batch, repeat);
var root = new RootCommand("Sends a signed order (--private-key), an open-loop load (--rate) or a real market day (lobster) through a running appliance.")
{
    privateKey, user, token, market, side, price, quantity, repeat, rate, seconds, warmUp, connections, batch, cpu, histogram, baseAsset, quoteAsset,
    VenueEndpoints.Http, VenueEndpoints.OrderEntry, VenueEndpoints.Feed, VenueEndpoints.FeedInterface, VenueEndpoints.Bearer,
};
var lobster = new System.CommandLine.Command("lobster", "Replays a LOBSTER file pair and compares the book from the feed with every row.") { messageFile, bookFile };
lobster.SetAction((options, cancellation) => GuardAsync(() => LobsterCommand.RunAsync(
    options.GetRequiredValue(messageFile).FullName, options.GetRequiredValue(bookFile).FullName, new VenueEndpoints(options), cancellation)));
root.Subcommands.Add(lobster);
root.SetAction((options, cancellation) => GuardAsync(() => RunRootAsync(options, cancellation)));
return await root.Parse(args).InvokeAsync();

async Task<int> RunRootAsync(ParseResult options, CancellationToken cancellation)
{
    if (options.GetValue(cpu) is { Length: > 0 } cores)
        Process.GetCurrentProcess().ProcessorAffinity = (nint)cores.Aggregate(0L, (mask, core) => mask | 1L << core);
    var venue = new VenueEndpoints(options);
    using var participant = await FindParticipantAsync(options, venue, cancellation);
    if (options.GetValue(rate) is { } ordersPerSecond)
    {
        var load = new LoadOptions(
            ordersPerSecond, options.GetValue(seconds), options.GetValue(warmUp), participant is null ? options.GetValue(connections) : 1,
            options.GetValue(batch), options.GetValue(market), Math.Max(options.GetValue(price), OrderFlow.Width + 1), options.GetValue(quantity));
        return await new OpenLoopRun(load, venue).RunAsync(
            participant, options.GetValue(baseAsset), options.GetValue(quoteAsset), options.GetValue(histogram), cancellation);
    }

    if (participant is null)
    {
        await Console.Error.WriteLineAsync("say --private-key HEX for a single order, --rate R for a load, or lobster for a replay; --help lists all");
        return 2;
    }

    var order = NewOrder.Limit(options.GetValue(market), options.GetValue(side), options.GetValue(price), options.GetValue(quantity));
    return await new SingleOrder().RunAsync(venue, participant, order, options.GetValue(repeat), cancellation);
}

async Task<Participant?> FindParticipantAsync(ParseResult options, VenueEndpoints venue, CancellationToken cancellation)
{
    if (options.GetValue(privateKey) is not { } key)
        return null;
    using var http = venue.CreateHttpClient();
    return await Participant.OfKeyAsync(http, key, options.GetValue(user), options.GetValue(token), cancellation);
}

// What may go wrong outside this program is said in one line; anything else is a bug and shows its trace.
static async Task<int> GuardAsync(Func<Task<int>> run)
{
    try
    {
        return await run();
    }
    catch (Exception failure) when (failure is SocketException or HttpRequestException or ProblemException or IOException or LoginRejectedException
        or FormatException or ArgumentException or TimeoutException or LobsterFileException or ObjectDisposedException)
    {
        await Console.Error.WriteLineAsync(failure.Message);
        return 1;
    }
}

static int[] ParseCores(ArgumentResult result)
{
    string text = result.Tokens[0].Value;
    int[] cores = text.Split(',').Select(c => int.TryParse(c, NumberStyles.None, CultureInfo.InvariantCulture, out int core) && core < 64 ? core : -1).ToArray();
    if (cores.Contains(-1))
        result.AddError($"{text} is no list of cores such as 0,2");
    return cores;
}

static void RequirePositive(Option<double> seconds, Option<double?> rate, params Option<int>[] counts)
{
    seconds.Validators.Add(r => Require(r, double.TryParse(Text(r), CultureInfo.InvariantCulture, out double value) && value > 0, "a number above 0"));
    rate.Validators.Add(r => Require(r, double.TryParse(Text(r), CultureInfo.InvariantCulture, out double value) && value > 0, "a number above 0"));
    foreach (var count in counts)
    {
        int most = count.Name == "--batch" ? Envelope.MaximumCommands : int.MaxValue;
        count.Validators.Add(r => Require(r, int.TryParse(Text(r), CultureInfo.InvariantCulture, out int value) && value > 0 && value <= most, $"a number from 1 to {most}"));
    }
}

// The text itself: asking for the value of what is no number throws.
static string Text(OptionResult result) => result.Tokens.Count > 0 ? result.Tokens[0].Value : "1"; // no token: the default, which holds

static void Require(OptionResult result, bool holds, string accepted)
{
    if (!holds)
        result.AddError($"{result.Option.Name} accepts {accepted}");
}
