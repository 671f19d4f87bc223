using System.Net;
using System.Text.Json;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// A disk that runs full: cancels only while there is no room for the next segment, a stop when a write fails, and nothing that was acknowledged is lost.
/// </summary>
public sealed class DiskFullTests
{
    private const int SegmentSize = 256 * 1024;
    private const int GroupsOfSegment = SegmentSize / 4096; // one order at a time is a group of one block

    // Three segments are left to settlement, so this is too little for a fourth.
    private const int NearlyFull = 3 * SegmentSize;
    private const int FatalStatus = 70;

    private string _folder = null!;

    [SetUp]
    public void MakeFolder() => _folder = Directory.CreateTempSubdirectory("clob-disk-full-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task Takes_cancels_only_while_the_disk_is_nearly_full_and_stops_when_it_is_full()
    {
        using var disk = MountedDisk.InMemory(Path.Combine(_folder, "disk"), 64 * 1024 * 1024);
        await using var appliance = await ApplianceProcess.StartAsync(SetupOn(Path.Combine(disk.Folder, "data")));
        await using var trader = await Trader.JoinAsync(appliance);
        ulong resting = (await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 5))).OrderId;
        Assert.That(await SendUntilRefusedAsync(trader, 3 * GroupsOfSegment), Is.Null, "there is room, so nothing is refused whatever segment it comes to"); // the control

        disk.Fill(leave: NearlyFull);
        ulong refused = await SendUntilRefusedAsync(trader, 3 * GroupsOfSegment) ?? throw new AssertionException("no order was refused");
        await AssertCancelsOnlyAsync(appliance, trader, resting);
        Assert.That(trader.Log.Reports.Where(report => report.Nonce == refused), Is.Empty, "of a refused order nothing is ever heard");

        disk.MakeRoom();
        await WaitForStatusAsync(appliance, "ready");
        Assert.That((await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 1))).Kind, Is.EqualTo(EventKind.Accepted));
        Assert.That(await appliance.GetTextAsync("metrics"), Does.Contain("\nclob_cancels_only 0\n"));

        disk.Fill(leave: 0);
        var end = await SendUntilStoppedAsync(appliance, trader);
        Assert.That(end.ExitCode, Is.EqualTo(FatalStatus), end.Output);
        Assert.That(end.Output, Does.Match("fatal in .*(errno 28|No space left on device|not enough space)"));
        disk.MakeRoom();
        await AssertNothingLostAsync(appliance, trader);
    }

    [Test]
    public async Task The_journal_itself_stops_the_process_when_its_segment_ends_and_there_is_no_room()
    {
        string data = Path.Combine(_folder, "data");
        using var disk = MountedDisk.InMemory(Path.Combine(data, "journal"), 16 * 1024 * 1024); // everything else is on another disk
        await using var appliance = await ApplianceProcess.StartAsync(SetupOn(data));
        await using var trader = await Trader.JoinAsync(appliance);
        ulong resting = (await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 5))).OrderId;
        disk.Fill(leave: 0);
        Assert.That(await SendUntilRefusedAsync(trader, 3 * GroupsOfSegment), Is.Not.Null);
        await AssertCancelsOnlyAsync(appliance, trader, resting);

        var end = await SendUntilStoppedAsync(appliance, trader);
        Assert.That(end.ExitCode, Is.EqualTo(FatalStatus), end.Output);
        Assert.That(end.Output, Does.Match(@"fatal in .*\(journal\).*DiskFailureException: pwrite failed on .*next\.preparing.*errno 28"));
        disk.MakeRoom();
        await AssertNothingLostAsync(appliance, trader);
    }

    private static ApplianceSetup SetupOn(string data) => new()
    {
        DataDirectory = data,
        SegmentSizeBytes = SegmentSize,
        CheckpointInterval = TimeSpan.FromMilliseconds(500),
    };

    /// <summary>Orders, one after the other, up to so many; the nonce of the first that was refused.</summary>
    private static async Task<ulong?> SendUntilRefusedAsync(Trader trader, int most)
    {
        for (int i = 0; i < most; i++)
        {
            ulong nonce = await trader.Client.SendAsync(NewOrder.Limit(1, Side.Buy, 50, 1, TimeInForce.ImmediateOrCancel));
            if (await trader.Log.IsRefusedAsync(nonce))
                return nonce;
        }

        return null;
    }

    private static async Task AssertCancelsOnlyAsync(ApplianceProcess appliance, Trader trader, ulong resting)
    {
        await WaitForStatusAsync(appliance, "cancels-only");
        Assert.That(appliance.Output, Does.Contain("cancels only are taken from now on").And.Contain("next.preparing"), "the alarm");
        Assert.That(await appliance.GetTextAsync("metrics"), Does.Contain("\nclob_cancels_only 1\n").And.Match("\nclob_refused_envelopes_total [1-9]"));
        using var http = appliance.CreateRawHttpClient();
        using var answer = await http.PostAsync(new Uri("users", UriKind.Relative), new StringContent("{}", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("urn:clob:problem:cancels-only"));

        // What takes away goes on, in the same session.
        await trader.Client.SendAsync(new Reduce(1, resting, 1));
        await trader.Log.WaitAsync(report => report.Kind == EventKind.Reduced && report.OrderId == resting);
        await trader.Client.SendAsync(new Cancel(1, resting));
        await trader.Log.WaitAsync(report => report.Kind == EventKind.Cancelled && report.OrderId == resting);
        Assert.That(await trader.Log.IsRefusedAsync(await trader.Client.SendAsync(NewOrder.Limit(1, Side.Buy, 50, 1))), Is.True, "and new orders still do not");
    }

    private static async Task WaitForStatusAsync(ApplianceProcess appliance, string status)
    {
        var patience = DateTime.UtcNow + ProgramProcess.Patience;
        string text = "";
        while (DateTime.UtcNow < patience)
        {
            text = await appliance.GetTextAsync("health/ready");
            if (JsonDocument.Parse(text).RootElement.GetProperty("status").GetString() == status)
                return;
            await Task.Delay(20);
        }

        Assert.Fail($"waited for {status} in vain: {text}");
    }

    /// <summary>Cancels, which are always taken, until the venue is gone.</summary>
    private static async Task<ProgramResult> SendUntilStoppedAsync(ApplianceProcess appliance, Trader trader)
    {
        var ended = appliance.WaitForEndAsync();
        while (!ended.IsCompleted)
        {
            await trader.Client.SendAsync(new Cancel(1, 1_000_000));
            await Task.WhenAny(trader.Client.DrainAsync(), ended);
        }

        return await ended;
    }

    /// <summary>Starts again: what was acknowledged is there, what was not is done once, and all of it can be verified.</summary>
    private static async Task AssertNothingLostAsync(ApplianceProcess appliance, Trader trader)
    {
        var seen = trader.Log.Reports;
        await appliance.StartAgainAsync();
        await trader.DrainAsync();
        ulong sent = trader.Client.NextNonce;
        await trader.ConnectAsync(sent);
        await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 50, 1));
        Assert.That(ReportComparison.FirstDifference(seen, trader.Log.Reports), Is.Null);
        var answers = trader.Log.Reports.Where(report => report.Kind is EventKind.Accepted or EventKind.Rejected).Select(report => report.Nonce).ToList();
        Assert.That(answers, Is.Unique, "nothing took effect twice");
        await trader.DisconnectAsync();
        await appliance.WaitForCheckpointAsync();
        await appliance.VerifyGreenAsync();
        await appliance.StopAsync();
        await appliance.VerifyGreenAsync();
    }
}
