using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>A session token without the key does not fill the journal.</summary>
public sealed class JunkTests
{
    private const int Offenders = 4;
    private const int SessionsOfAccount = 8;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Until the first bad signature is found an account has at most its open sessions and as many that are over. Then the first offence is free, and the
    /// pauses are 1 s and 2 s, which outlasts the test.
    /// </summary>
    private const int Bound = (2 * SessionsOfAccount + 3) * Envelope.MaximumUnacknowledged;

    [Test]
    public async Task Offenders_that_reconnect_fill_the_journal_only_up_to_a_bound()
    {
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSetup { Settings = [$"--OrderEntry:MaximumSessionsPerAccount={SessionsOfAccount}"] });
        await using var bystander = await Trader.JoinAsync(appliance);
        ulong[] bounded = [await OffendAsync(appliance, vanish: false), await OffendAsync(appliance, vanish: true)];
        Assert.That(bounded, Has.All.InRange(1UL, (ulong)Bound));
        var answer = await bystander.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 10, 1));
        Assert.That(answer.Kind, Is.EqualTo(EventKind.Accepted), "others trade on");
        Assert.That(await appliance.GetTextAsync("metrics"), Does.Match("(?m)^clob_logins_paused_total [1-9]"));

        await appliance.StopAsync();
        await appliance.StartAgainAsync("--OrderEntry:BadSignaturePause=00:00:00");
        ulong[] unbounded = [await OffendAsync(appliance, vanish: false), await OffendAsync(appliance, vanish: true)];
        TestContext.Out.WriteLine($"{string.Join(" and ", bounded)} records with the pause, {string.Join(" and ", unbounded)} without");
        Assert.That(unbounded, Has.All.GreaterThan((ulong)Bound), "the control");
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }

    [Test]
    public async Task Coming_and_going_of_an_account_that_cancels_on_disconnect_leaves_one_record_for_what_it_sent()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var trader = await Trader.JoinAsync(appliance);
        await trader.ExecuteAsync(new AccountSettings(CancelOnDisconnect: true));
        await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 10, 1));
        await trader.DrainAsync();
        await trader.DisconnectAsync();
        using var http = appliance.CreateHttpClient();
        await UntilItHasNoOrdersAsync();
        long before = await SequencedAsync(appliance);
        byte[] login = Packets(trader)[..(SoupBinTcp.HeadSize + SoupLogin.Size)];
        for (int i = 0; i < 50; i++)
            await OffendOnceAsync(appliance, [.. login, 0, 1, (byte)SoupPacketType.LogoutRequest], vanish: false);
        Assert.That(await SequencedAsync(appliance) - before, Is.LessThan(25), "marks and verdicts");

        await trader.ConnectAsync(nextNonce: 3);
        await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 10, 1));
        await trader.DrainAsync();
        await trader.DisconnectAsync();
        await UntilItHasNoOrdersAsync();

        async Task UntilItHasNoOrdersAsync()
        {
            long deadline = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
            while ((await http.GetUserAsync(trader.Account)).OpenOrders.Count > 0)
                Assert.That(Environment.TickCount64, Is.LessThan(deadline), "its order still rests");
        }
    }

    [Test]
    public async Task Stops_and_starts_amid_offenders_that_come_and_go()
    {
        const string NoPause = "--OrderEntry:BadSignaturePause=00:00:00";
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSetup { Settings = [NoPause] });
        await using var account = await Trader.RegisterAsync(appliance, funds: []);
        byte[] packets = Packets(account);
        using var over = new CancellationTokenSource();
        var offenders = Enumerable.Range(0, Offenders).Select(i => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
                await OffendOnceAsync(appliance, packets, vanish: i % 2 == 0);
        })).ToArray();
        for (int round = 0; round < 2; round++)
        {
            await Task.Delay(300);
            await appliance.StopAsync(); // with envelopes of theirs under way
            await appliance.StartAgainAsync(NoPause);
        }

        await over.CancelAsync();
        await Task.WhenAll(offenders);
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }

    private static async Task<long> SequencedAsync(ApplianceProcess appliance) =>
        long.Parse(Regex.Match(await appliance.GetTextAsync("metrics"), "(?m)^clob_records_sequenced_total ([0-9]+)").Groups[1].Value, CultureInfo.InvariantCulture);

    /// <summary>
    /// Sessions of one fresh account that send nothing but bad signatures and come back at once, some without waiting for an answer. Returns what that left in
    /// the journal.
    /// </summary>
    private static async Task<ulong> OffendAsync(ApplianceProcess appliance, bool vanish)
    {
        await using var account = await Trader.RegisterAsync(appliance, funds: []);
        byte[] packets = Packets(account);
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Offenders).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < Duration)
                await OffendOnceAsync(appliance, packets, vanish);
        })));

        await using var after = await Trader.RegisterAsync(appliance, funds: []); // behind all that was sent before
        using var http = appliance.CreateHttpClient();
        return (await http.GetUserAsync(account.Account)).NextReportSequence - 1; // each record is answered by one reject, and nothing else is
    }

    /// <summary>A login, and as many envelopes as a session may have under way twice over.</summary>
    private static byte[] Packets(Trader account)
    {
        byte[] packets = new byte[256 * 1024];
        byte[] login = new byte[SoupLogin.Size];
        new SoupLogin(account.Account, account.User.SessionToken, "", 0).Write(login);
        int size = SoupBinTcp.Write(packets, SoupPacketType.LoginRequest, login);
        byte[] buffer = new byte[Envelope.MaximumSize];
        for (int i = 0; i < 2 * Envelope.MaximumUnacknowledged; i++)
        {
            var envelope = new EnvelopeBuilder(buffer, account.Account, firstNonce: 1);
            envelope.TryAdd(new CancelAll());
            var signed = envelope.Sign(account.Key, account.VenueId);
            signed[^1] ^= 1;
            size += SoupBinTcp.Write(packets.AsSpan(size), SoupPacketType.UnsequencedData, signed);
        }

        return packets[..size];
    }

    private static async Task OffendOnceAsync(ApplianceProcess appliance, byte[] packets, bool vanish)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        byte[] received = new byte[64 * 1024];
        try
        {
            await socket.ConnectAsync(appliance.OrderEntry);
            await socket.SendAsync(packets);
            if (vanish)
                await Task.Delay(Random.Shared.Next(4)); // so that some of it is taken in
            while (!vanish && await socket.ReceiveAsync(received) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // reset by the venue: as good as closed
        }

        await Task.Delay(5); // the test is of what the venue bounds, not of how much a loop can send
    }
}
