using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>A trade that triggers more stops than one record runs: the venue goes on by itself, also after it was killed in between.</summary>
public sealed class StopCascadeTests
{
    private const int Stops = 150;
    private const int MostOfRecord = 64; // as docs/engine.md says

    [Test]
    public async Task Triggered_stops_run_by_records_of_their_own_and_all_replays_agree()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var buyer = await Trader.JoinAsync(appliance);
        await using var stopper = await Trader.JoinAsync(appliance);
        await using var seller = await Trader.JoinAsync(appliance);
        await buyer.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 10 * Stops));
        await WaitForStopsAsync(stopper);

        await seller.ExecuteAsync(NewOrder.Limit(1, Side.Sell, 100, 1)); // and then nobody says anything any more
        await stopper.Log.WaitAsync(report => report.Kind == EventKind.Executed && report.OrderId == LastOrderOf(stopper));
        var triggered = stopper.Log.Reports.Where(report => report.Kind == EventKind.Triggered).ToList();
        Assert.That(triggered, Has.Count.EqualTo(Stops));
        Assert.That(triggered.Select(report => report.OrderId), Is.Ordered);
        var sizes = triggered.GroupBy(report => report.RecordSequence).Select(record => record.Count()).ToList();
        Assert.That(sizes, Has.All.AtMost(MostOfRecord), "and the first record ran as many as it may");
        Assert.That(sizes[0], Is.EqualTo(MostOfRecord));

        await buyer.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 110, 1));
        await seller.ExecuteAsync(NewOrder.Limit(1, Side.Sell, 110, 1)); // above the stop price again

        // Killed as soon as the trade is known, wherever the cascade stands then.
        await WaitForStopsAsync(stopper);
        await seller.ExecuteAsync(NewOrder.Limit(1, Side.Sell, 100, 1));
        appliance.Kill();
        await appliance.StartAgainAsync();
        using var http = appliance.CreateHttpClient();
        var patience = DateTime.UtcNow + ProgramProcess.Patience;
        while ((await http.GetUserAsync(stopper.Account)).OpenOrders.Count > 0 && DateTime.UtcNow < patience)
            await Task.Delay(20);
        var user = await http.GetUserAsync(stopper.Account);
        Assert.That(user.OpenOrders, Is.Empty);
        Assert.That(user.Balances.Select(balance => balance.Reserved), Has.All.EqualTo("0"));

        await appliance.WaitForCheckpointAsync();
        await appliance.VerifyGreenAsync(); // while it runs
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }

    private static async Task WaitForStopsAsync(Trader stopper)
    {
        for (int i = 0; i < Stops; i++)
            await stopper.Client.SendAsync(NewOrder.StopLimit(1, Side.Sell, stopPrice: 100, price: 90, quantity: 1));
        await stopper.DrainAsync();
        Assert.That(stopper.Log.Reports[^1].Flags, Is.EqualTo(EventFlags.Waiting));
    }

    private static ulong LastOrderOf(Trader stopper) => stopper.Log.Reports.Last(report => report.Kind == EventKind.Accepted).OrderId;
}
