namespace Clob.EndToEnd.Tests;

/// <summary>A real market day's messages through the whole running appliance, compared row by row with the day's own book.</summary>
public sealed class LobsterTests
{
    [TestCase("AAPL", "999 of 999 rows equal")]
    [TestCase("MSFT", "1000 of 1000 rows equal")]
    public async Task Every_row_of_the_day_is_equal_and_the_verifier_agrees(string symbol, string lastLine)
    {
        string folder = SharedData.Folder("data/lobster");
        await using var appliance = await ApplianceProcess.StartAsync();
        var run = await ProgramProcess.RunAsync(BuiltProgram.Load, folder,
            "lobster", FileOf(folder, symbol, "message"), FileOf(folder, symbol, "orderbook"),
            "--http", $"{appliance.Http}", "--order-entry", $"{appliance.OrderEntry}", "--feed", $"{appliance.Feed}");
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        Assert.That(run.Output.TrimEnd().Split('\n')[^1], Is.EqualTo(lastLine));
        await appliance.StopAsync();
        Assert.That(appliance.Output, Does.Contain("live and replayed state agree: "));
        await appliance.VerifyGreenAsync();
    }

    private static string FileOf(string folder, string symbol, string kind) => Directory.GetFiles(folder, $"{symbol}_*_{kind}_*.csv").Single();
}
