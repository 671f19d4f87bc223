using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>What the harness itself promises.</summary>
public sealed class HarnessTests
{
    [Test]
    public async Task An_appliance_trades_stops_and_verifies()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var trader = await Trader.JoinAsync(appliance);
        var accepted = await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 1));
        Assert.That(accepted.Kind, Is.EqualTo(EventKind.Accepted));
        await trader.DisconnectAsync();
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }
}
