using Clob.Client;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// Connections that are cut at any byte, in either direction: a client that sends again what was not acknowledged has each command done once, and all its
/// original answers.
/// </summary>
public sealed class CutTests
{
    private const int Orders = 200;

    [Test]
    public async Task Does_every_command_once_however_often_its_connection_is_cut([Values] bool kills)
    {
        var size = TestSize.Now;
        int seed = Random.Shared.Next();
        TestContext.Progress.WriteLine($"seed {seed}");
        await using var venue = await LoadedVenue.OpenAsync(size, new Random(seed), isCut: true);
        for (int round = 0; round < size.CutRounds; round++)
        {
            await venue.CutUnderLoadAsync(size.CutsPerRound, kills);
            var (reports, resent, _) = venue.Counts;
            TestContext.Progress.WriteLine($"round {round + 1}: {reports} reports, {resent} envelopes resent so far");
        }

        Assert.That(venue.Counts.Resent, Is.Positive, "cuts that left something to be sent again");
    }

    [Test]
    public async Task A_client_that_does_not_send_again_loses_orders()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var trader = await Trader.RegisterAsync(appliance);
        await using var proxy = new CuttingProxy(appliance.OrderEntry, 1) { Budget = (5_000, long.MaxValue) };
        var log = new ReportLog();
        ulong sent = await SendUntilCutAsync(trader, proxy, log, firstOrder: 1);
        Assert.That(sent, Is.GreaterThan(1));

        // Another client goes on with what the venue says is next, and never looks back.
        using var http = appliance.CreateHttpClient();
        var user = await http.GetUserAsync(trader.Account);
        await trader.ConnectAsync(user.NextNonce);
        await trader.Client.SendAsync(OrderOf(sent + 1));
        await trader.DrainAsync();
        Assert.That(Effects.Complaint(trader.Log.Reports, Numbers(sent + 1)), Does.EndWith("is lost"));
    }

    [Test]
    public async Task A_client_that_sends_again_under_new_nonces_doubles_orders()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var trader = await Trader.RegisterAsync(appliance);
        await using var proxy = new CuttingProxy(appliance.OrderEntry, 1) { Budget = (long.MaxValue, 300) }; // login and a report or two
        var log = new ReportLog();
        ulong sent = await SendUntilCutAsync(trader, proxy, log, firstOrder: 1);

        // Another client sends all that it saw no answer to, as if it were new.
        using var http = appliance.CreateHttpClient();
        var user = await http.GetUserAsync(trader.Account);
        await trader.ConnectAsync(user.NextNonce);
        var answered = log.Reports.Select(report => report.ClientOrderId).ToHashSet();
        foreach (ulong order in Numbers(sent).Where(order => !answered.Contains(order)))
            await trader.Client.SendAsync(OrderOf(order));
        await trader.DrainAsync();
        Assert.That(Effects.Complaint(trader.Log.Reports, Numbers(sent)), Does.Contain("took effect twice"));
    }

    [Test]
    public async Task A_client_that_sends_again_as_it_is_meant_to_does_neither()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var trader = await Trader.RegisterAsync(appliance);
        await using var proxy = new CuttingProxy(appliance.OrderEntry, 1) { Budget = (5_000, 3_000) };
        var log = new ReportLog();
        await using var client = await Patiently.ConnectAsync(trader.Options() with { EndPoint = proxy.EndPoint }, log);
        for (ulong order = 1; order <= Orders; order++)
            await client.SendAsync(OrderOf(order));
        await client.DrainAsync().WaitAsync(ProgramProcess.Patience);
        Assert.That(proxy.Cuts, Is.Positive);
        Assert.That(Effects.Complaint(log.Reports, Numbers(Orders)), Is.Null);
        await trader.ConnectAsync();
        await trader.Log.WaitAsync(report => report.ReportSequence == (ulong)log.Count);
        Assert.That(ReportComparison.FirstDifference(log.Reports, trader.Log.Reports), Is.Null, "the answers it has are those that a new session gets");
    }

    /// <summary>Sends numbered orders without waiting until the connection is cut; gives the last number that was handed to the client.</summary>
    private static async Task<ulong> SendUntilCutAsync(Trader trader, CuttingProxy proxy, ReportLog log, ulong firstOrder)
    {
        await using var client = await OrderEntryClient.ConnectAsync(trader.Options() with { EndPoint = proxy.EndPoint, Reconnect = false }, log);
        ulong order = firstOrder;
        try
        {
            for (; order < Orders; order++)
                await client.SendAsync(OrderOf(order)).AsTask().WaitAsync(ProgramProcess.Patience);
        }
        catch (ObjectDisposedException)
        {
            order--; // this one was not taken
        }

        await Task.WhenAny(client.Completion, Task.Delay(ProgramProcess.Patience));
        Assert.That(proxy.Cuts, Is.EqualTo(1));
        return order;
    }

    private static NewOrder OrderOf(ulong number) => NewOrder.Limit(1, Side.Buy, 100, 1) with { ClientOrderId = number };

    private static IEnumerable<ulong> Numbers(ulong last) => Enumerable.Range(1, (int)last).Select(number => (ulong)number);
}
