using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Clob.Client;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>What the README's walk shows, over real HTTP, order entry and multicast.</summary>
public sealed class WalkTests
{
    private static readonly string[] Routes =
        ["/users", "/users/{id}", "/deposit", "/markets/{id}/book", "/state", "/checkpoints/latest", "/health/live", "/health/ready"];

    [Test]
    public async Task A_user_registers_pays_in_trades_and_finds_it_all_in_the_state()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        using var http = appliance.CreateRawHttpClient();
        var messages = new FeedMessages();
        using var feed = appliance.Listen(messages);

        // a key pair of the venue's making
        using var buyer = await PostAsync(http, "users", null, HttpStatusCode.Created);
        ulong buyerId = buyer.RootElement.GetProperty("user_id").GetUInt64();
        using var buyerKey = SigningKey.FromSeed(Convert.FromHexString(buyer.RootElement.GetProperty("private_key_hex").GetString()!));
        Assert.That(buyer.RootElement.GetProperty("session_token").GetString(), Has.Length.EqualTo(10));

        // a key of one's own
        using var sellerKey = SigningKey.Generate();
        using var seller = await PostAsync(http, "users", $$"""{"public_key_hex": "{{Convert.ToHexStringLower(sellerKey.PublicKey)}}"}""", HttpStatusCode.Created);
        Assert.That(seller.RootElement.TryGetProperty("private_key_hex", out _), Is.False);
        ulong sellerId = seller.RootElement.GetProperty("user_id").GetUInt64();

        // both forms of a deposit
        await PostAsync(http, "deposit", $$"""{"user_id":{{buyerId}},"asset_id":1,"amount":"10000.0","deposit_id":"wire-1"}""");
        await PostAsync(http, "deposit", $$$"""{"user_id":{"0":{{{sellerId}}}},"asset_id":{"0":2},"amount":"1.5"}""");

        // an order that rests, and one that takes it
        var sellerLog = new ReportLog();
        await using (var client = await ConnectAsync(appliance, seller, sellerKey, sellerLog))
        {
            ulong nonce = await client.SendAsync(NewOrder.Limit(1, Side.Sell, 500, 3));
            var accepted = await sellerLog.AnswerToAsync(nonce);
            Assert.That((accepted.Kind, accepted.Price, accepted.Quantity), Is.EqualTo((EventKind.Accepted, 500UL, 3UL)));
            var added = await messages.WaitAsync(message => message.Verb == FeedVerb.Add);
            Assert.That((added.OrderId, added.Price, added.Quantity, added.Side), Is.EqualTo((accepted.OrderId, 500UL, 3UL, Side.Sell)));

            using var book = JsonDocument.Parse(await appliance.GetTextAsync("markets/1/book?depth=5"));
            var ask = book.RootElement.GetProperty("asks").EnumerateArray().Single();
            Assert.That((ask.GetProperty("price").GetString(), ask.GetProperty("quantity").GetString()), Is.EqualTo(("500", "3")));
            Assert.That(book.RootElement.GetProperty("bids").GetArrayLength(), Is.Zero);

            var buyerLog = new ReportLog();
            await using var taker = await ConnectAsync(appliance, buyer, buyerKey, buyerLog);
            await taker.SendAsync(NewOrder.Limit(1, Side.Buy, 500, 2, TimeInForce.ImmediateOrCancel));
            var bought = await buyerLog.WaitAsync(report => report.Kind == EventKind.Executed);
            var sold = await sellerLog.WaitAsync(report => report.Kind == EventKind.Executed);
            Assert.That((bought.Price, bought.Quantity, bought.Flags & EventFlags.Taker), Is.EqualTo((500UL, 2UL, EventFlags.Taker)));
            Assert.That((sold.Price, sold.Quantity, sold.Flags & EventFlags.Taker), Is.EqualTo((500UL, 2UL, EventFlags.None)));
            await messages.WaitAsync(message => message.Verb == FeedVerb.Executed && message.MatchNumber == bought.Reference && message.Quantity == 2);
        }

        // 2 lots of 10,000 units for 1,000 units of quote, a fee of one on either side (rounded up); one lot stays reserved
        Assert.That(await BalancesAsync(appliance, buyerId), Is.EqualTo(new Int128[] { 9_999_998_999, 0, 20_000, 0 }));
        Assert.That(await BalancesAsync(appliance, sellerId), Is.EqualTo(new Int128[] { 999, 0, 149_970_000, 10_000 }));
        using var state = JsonDocument.Parse(await appliance.GetTextAsync("state"));
        Assert.That(state.RootElement.GetProperty("accounts").GetArrayLength(), Is.EqualTo(3));
        Assert.That(state.RootElement.GetProperty("books")[0].GetProperty("asks")[0].GetProperty("quantity").GetString(), Is.EqualTo("1"));

        await appliance.WaitForCheckpointAsync(state.RootElement.GetProperty("sequence").GetUInt64() + 1);
        await appliance.VerifyGreenAsync(); // while it runs
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }

    [Test]
    public async Task A_deposit_id_credits_once_for_ever()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        using var http = appliance.CreateHttpClient();
        var user = await http.RegisterAsync();
        Assert.That((await http.DepositAsync(user.UserId, 1, "100.0", "invoice 7")).Credited, Is.True);
        Assert.That((await http.DepositAsync(user.UserId, 1, "100.0", "invoice 7")).Credited, Is.False);
        appliance.Kill();
        await appliance.StartAgainAsync();
        Assert.That((await http.DepositAsync(user.UserId, 1, "100.0", "invoice 7")).Credited, Is.False);
        await appliance.StopAsync();
        await appliance.StartAgainAsync();
        Assert.That((await http.DepositAsync(user.UserId, 1, "100.0", "invoice 7")).Credited, Is.False);
        Assert.That(async () => await http.DepositAsync(user.UserId, 1, "100.5", "invoice 7"), Throws.InstanceOf<ProblemException>());

        // without an id each call credits
        Assert.That((await http.DepositAsync(user.UserId, 1, "1.0")).Credited, Is.True);
        Assert.That((await http.DepositAsync(user.UserId, 1, "1.0")).Credited, Is.True);
        Assert.That(Tally.Parse((await http.GetUserAsync(user.UserId)).Balances.Single().Available, 1), Is.EqualTo((Int128)102_000_000));
    }

    [Test]
    public async Task Says_that_it_lives_is_ready_and_what_it_measures()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        Assert.That(await appliance.GetTextAsync("health/live"), Is.Not.Empty);
        Assert.That(await appliance.GetTextAsync("health/ready"), Is.Not.Empty);
        Assert.That(await appliance.GetTextAsync("metrics"), Does.Contain("# TYPE clob_"));
        using var api = JsonDocument.Parse(await appliance.GetTextAsync("openapi/v1.json"));
        Assert.That(Routes, Is.SubsetOf(api.RootElement.GetProperty("paths").EnumerateObject().Select(path => path.Name)));
        Assert.That(appliance.ReadyLine, Does.Contain($"{appliance.Http.Authority}").And.Contain($"{appliance.OrderEntry}").And.Contain($"{appliance.Feed}"));
    }

    [Test]
    public async Task A_second_appliance_on_the_same_data_is_refused()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        var second = await appliance.RunSecondAsync("--Http:Listen=127.0.0.1:0", "--OrderEntry:Listen=127.0.0.1:0");
        Assert.That(second.ExitCode, Is.EqualTo(1), second.Output);
        Assert.That(second.Output, Does.Contain(appliance.DataDirectory).And.Not.Contain("   at "));
        await using var trader = await Trader.JoinAsync(appliance);
        Assert.That((await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 1, 1))).Kind, Is.EqualTo(EventKind.Accepted), "the first trades on");
    }

    [TestCase("--Journal:Durability=Sometimes", "Journal:Durability", "DataSync")]
    [TestCase("--Settlement:CheckpointInterval=never", "Settlement:CheckpointInterval", "accepts")]
    [TestCase("--Http:Listen=127.0.0.1", "Http:Listen", "127.0.0.1:9090")]
    [TestCase("--Pipeline:Verifiers=0", "Pipeline:Verifiers", "1")]
    public async Task A_bad_setting_names_its_key_and_what_it_accepts(string setting, string key, string accepted)
    {
        string folder = Directory.CreateTempSubdirectory("clob-end-to-end-").FullName;
        try
        {
            var result = await ProgramProcess.RunAsync(BuiltProgram.Appliance, folder, setting);
            Assert.That(result.ExitCode, Is.EqualTo(2), result.Output);
            Assert.That(result.Output, Does.Contain(key).And.Contain(accepted).And.Contain(setting.Split('=')[1]));
            Assert.That(Directory.EnumerateFileSystemEntries(folder), Is.Empty, "nothing was touched");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase("Http", false)]
    [TestCase("OrderEntry", true, Description = "the venue is made before order entry listens: whole, and the next start goes on with it")]
    public async Task A_start_that_finds_its_port_taken_leaves_nothing_that_the_next_start_stumbles_over(string part, bool leavesVenue)
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await appliance.StopAsync();
        Directory.Delete(appliance.DataDirectory, recursive: true); // as it was before the first start
        using (var other = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            other.Bind(part == "Http" ? new IPEndPoint(IPAddress.Loopback, appliance.Http.Port) : appliance.OrderEntry);
            other.Listen();
            var failed = await appliance.RunSecondAsync();
            Assert.That(failed.ExitCode, Is.EqualTo(1), failed.Output);
            Assert.That(failed.Output, Does.Contain($"{part}:Listen holds").And.Not.Contain("   at "));
        }

        Assert.That(Directory.Exists(Path.Combine(appliance.DataDirectory, "keys")), Is.EqualTo(leavesVenue));
        Assert.That(Directory.Exists(Path.Combine(appliance.DataDirectory, "journal")), Is.EqualTo(leavesVenue));
        await appliance.StartAgainAsync();
        Assert.That(appliance.Output, Does.Not.Contain("held no journal"));
        await using (var trader = await Trader.JoinAsync(appliance)) // assets and markets are there
            Assert.That((await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 1, 1))).Kind, Is.EqualTo(EventKind.Accepted));
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }

    private static async Task<JsonDocument> PostAsync(HttpClient http, string path, string? json, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content);
        string text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(expected), text);
        return JsonDocument.Parse(text);
    }

    private static Task<OrderEntryClient> ConnectAsync(ApplianceProcess appliance, JsonDocument user, SigningKey key, ReportLog log) =>
        OrderEntryClient.ConnectAsync(
            new OrderEntryOptions
            {
                EndPoint = appliance.OrderEntry,
                Account = user.RootElement.GetProperty("user_id").GetUInt64(),
                SessionToken = user.RootElement.GetProperty("session_token").GetString()!,
                Key = key,
                VenueId = Convert.FromHexString(user.RootElement.GetProperty("venue_id").GetString()!),
                NextNonce = 1,
                NextReportSequence = 1,
            },
            log);

    /// <summary>Available and reserved of each asset, in smallest units.</summary>
    private static async Task<Int128[]> BalancesAsync(ApplianceProcess appliance, ulong user)
    {
        using var http = appliance.CreateHttpClient();
        return [.. (await http.GetUserAsync(user)).Balances.SelectMany(balance => new[] { Tally.Parse(balance.Available, balance.AssetId), Tally.Parse(balance.Reserved, balance.AssetId) })];
    }

    /// <summary>The messages of the feed so far, to wait for one.</summary>
    private sealed class FeedMessages : IFeedSubscriber
    {
        private readonly Lock _gate = new();
        private readonly List<FeedMessage> _messages = [];
        private TaskCompletionSource _came = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnMessage(ulong sequence, in FeedMessage message)
        {
            lock (_gate)
            {
                _messages.Add(message);
                _came.TrySetResult();
                _came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task<FeedMessage> WaitAsync(Func<FeedMessage, bool> wanted)
        {
            using var limit = new CancellationTokenSource(ProgramProcess.Patience);
            while (true)
            {
                Task more;
                lock (_gate)
                {
                    foreach (var message in _messages)
                    {
                        if (wanted(message))
                            return message;
                    }

                    more = _came.Task;
                }

                await more.WaitAsync(limit.Token);
            }
        }
    }
}
