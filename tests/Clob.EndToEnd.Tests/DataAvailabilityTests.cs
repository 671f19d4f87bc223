using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>The verifier reads what it checks from the data availability layer alone.</summary>
public sealed class DataAvailabilityTests
{
    [Test]
    public async Task A_venue_that_publishes_to_an_EigenDA_proxy_verifies_from_there()
    {
        string folder = Directory.CreateTempSubdirectory("clob-end-to-end-").FullName;
        try
        {
            var address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
            using var proxy = ProgramProcess.Start(BuiltProgram.Appliance, folder, ["fake-da", "--listen", address.Authority]);
            await WaitUntilItAnswersAsync(new Uri(address, "config"));
            await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSetup
            {
                Settings = ["--Settlement:DataAvailability=EigenDa", $"--Settlement:EigenDaUrl={address.Scheme}://{address.Authority}"],
            });
            await TradeAndVerifyAsync(appliance, "--source", "da", "--da-url", $"{address}");
            Assert.That(Directory.GetFiles(Path.Combine(appliance.DataDirectory, "da")).Select(Path.GetFileName), Is.EqualTo(new[] { "batches.log" }), "no batch went to the folder");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task A_venue_that_publishes_to_a_folder_verifies_from_there()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await TradeAndVerifyAsync(appliance, "--source", "da");
    }

    [Test]
    public async Task A_venue_that_changed_its_layer_verifies_from_both()
    {
        string folder = Directory.CreateTempSubdirectory("clob-end-to-end-").FullName;
        try
        {
            var address = new Uri($"http://127.0.0.1:{FreePort.Take()}");
            using var proxy = ProgramProcess.Start(BuiltProgram.Appliance, folder, ["fake-da", "--listen", address.Authority]);
            await WaitUntilItAnswersAsync(new Uri(address, "config"));
            await using var appliance = await ApplianceProcess.StartAsync();
            await TradeAsync(appliance);
            await appliance.StopAsync();
            await appliance.StartAgainAsync("--Settlement:DataAvailability=EigenDa", $"--Settlement:EigenDaUrl={address}");
            await TradeAsync(appliance);
            await appliance.StopAsync();

            await appliance.VerifyGreenAsync("--source", "da", "--da-folder", "da", "--da-url", $"{address}");
            var folderAlone = await appliance.VerifyAsync("--source", "da");
            Assert.That(folderAlone.ExitCode, Is.EqualTo(4), folderAlone.Output);
            Assert.That(folderAlone.Output, Does.Contain("--da-url"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task TradeAndVerifyAsync(ApplianceProcess appliance, params string[] source)
    {
        await TradeAsync(appliance);
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();

        // The journal is not looked at.
        Directory.Move(Path.Combine(appliance.DataDirectory, "journal"), Path.Combine(appliance.DataDirectory, "journal-away"));
        await appliance.VerifyGreenAsync(source);
        Assert.That((await appliance.VerifyAsync()).ExitCode, Is.EqualTo(4), "without the source there is nothing to verify");
    }

    private static async Task TradeAsync(ApplianceProcess appliance)
    {
        await using var trader = await Trader.JoinAsync(appliance);
        for (uint i = 0; i < 50; i++)
            await trader.Client.SendAsync(NewOrder.Limit(1, i % 2 == 0 ? Side.Buy : Side.Sell, 100 + i % 5, 1 + i));
        await trader.DrainAsync();
    }

    private static async Task WaitUntilItAnswersAsync(Uri address)
    {
        using var http = new HttpClient();
        using var limit = new CancellationTokenSource(ProgramProcess.Patience);
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(address, limit.Token);
                if (answer.IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // not yet
            }

            await Task.Delay(50, limit.Token);
        }
    }
}
