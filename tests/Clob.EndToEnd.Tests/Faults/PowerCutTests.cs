using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// Whatever moment the power goes at: what was acknowledged is on the disk. The disk is an ext4 of the test's own that is shut down without writing anything
/// out, so what was not synced is as lost as on a host whose cord is pulled.
/// </summary>
public sealed class PowerCutTests
{
    private const long DiskSize = 512 * 1024 * 1024; // a sparse file

    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("clob-power-cut-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Loses_nothing_acknowledged_when_the_power_goes_under_load()
    {
        var size = TestSize.Now;
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Progress.WriteLine($"seed {seed}, {size}");
        for (int cut = 0; cut < size.PowerCuts;)
        {
            using var disk = MountedDisk.Ext4(Path.Combine(_folder, $"disk{cut}"), DiskSize);
            await using var venue = await LoadedVenue.OpenAsync(size, random, dataDirectory: Path.Combine(disk.Folder, "data"));
            for (int i = 0; i < size.KillsPerDirectory && cut < size.PowerCuts; i++, cut++)
            {
                var clock = Stopwatch.StartNew();
                var after = TimeSpan.FromTicks(random.NextInt64(size.LongestLoad.Ticks));
                await venue.CutPowerUnderLoadAsync(after, disk);
                var (reports, resent, messages) = venue.Counts;
                TestContext.Progress.WriteLine(
                    $"cut {cut + 1} after {after.TotalMilliseconds:F0} ms of load: {reports} reports, {resent} envelopes resent, {messages} messages so far; {clock.Elapsed.TotalSeconds:F1} s");
            }

            await venue.StopAsync();
        }
    }

    [TestCase("DataSync", false)]
    [TestCase("None", true)] // the control: without syncs the same cut takes what was acknowledged, and the same look finds it gone
    public async Task Only_what_was_synced_outlives_the_power(string durability, bool isLost)
    {
        using var disk = MountedDisk.Ext4(Path.Combine(_folder, "disk"), DiskSize);
        await using var appliance = await ApplianceProcess.StartAsync(new ApplianceSetup
        {
            DataDirectory = Path.Combine(disk.Folder, "data"),
            CheckpointInterval = TimeSpan.FromHours(1),
            Settings = [$"--Journal:Durability={durability}"],
        });
        await using var trader = await Trader.JoinAsync(appliance);
        for (int i = 0; i < 20; i++)
            await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 1));
        var seen = trader.Log.Reports;
        appliance.Suspend();
        disk.CutPower();
        appliance.Kill();
        await trader.DisconnectAsync();
        disk.PowerOn();

        string? loss = await FindLossAsync(appliance, trader, seen);
        TestContext.Progress.WriteLine($"{durability}: {loss ?? "nothing is lost"}");
        Assert.That(loss, isLost ? Is.Not.Null : Is.Null);
        if (isLost)
            return;
        await appliance.StopAsync(); // makes the first checkpoint
        await appliance.VerifyGreenAsync();
    }

    /// <summary>Starts again and says what of the seen reports is not there; null when all are.</summary>
    private static async Task<string?> FindLossAsync(ApplianceProcess appliance, Trader trader, IReadOnlyList<ExchangeEvent> seen)
    {
        try
        {
            await appliance.StartAgainAsync();
        }
        catch (InvalidOperationException refused) when (refused.Message.Contains("ended with 1", StringComparison.Ordinal))
        {
            return refused.Message;
        }

        using var http = appliance.CreateRawHttpClient();
        using var answer = await http.GetAsync(new Uri($"users/{trader.Account}", UriKind.Relative));
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return $"account {trader.Account} is gone";
        using var user = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        ulong left = user.RootElement.GetProperty("next_report_sequence").GetUInt64() - 1;
        await trader.ConnectAsync();
        if (left > 0)
            await trader.Log.WaitAsync(report => report.ReportSequence == left);
        await trader.DisconnectAsync();
        return ReportComparison.FirstDifference(seen, trader.Log.Reports);
    }
}
