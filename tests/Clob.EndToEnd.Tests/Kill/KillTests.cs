using System.Diagnostics;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>Whatever moment the process dies at: what it had acknowledged stays, what it had not takes effect once.</summary>
public sealed class KillTests
{
    [Test]
    public async Task Loses_nothing_acknowledged_and_does_nothing_twice_when_killed_under_load()
    {
        var size = TestSize.Now;
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        TestContext.Progress.WriteLine($"seed {seed}, {size}");
        LoadedVenue? venue = null;
        try
        {
            for (int kill = 0; kill < size.Kills; kill++)
            {
                if (kill % size.KillsPerDirectory == 0)
                {
                    await EndAsync(venue);
                    venue = null;
                    venue = await LoadedVenue.OpenAsync(size, random);
                }

                var clock = Stopwatch.StartNew();
                var after = TimeSpan.FromTicks(random.NextInt64(size.LongestLoad.Ticks));
                await venue!.KillUnderLoadAsync(after);
                var (reports, resent, messages) = venue.Counts;
                TestContext.Progress.WriteLine(
                    $"kill {kill + 1} after {after.TotalMilliseconds:F0} ms of load: {reports} reports, {resent} envelopes resent, {messages} messages so far; {clock.Elapsed.TotalSeconds:F1} s");
            }

            await EndAsync(venue);
        }
        finally
        {
            if (venue is not null)
                await venue.DisposeAsync();
        }
    }

    private static async Task EndAsync(LoadedVenue? venue)
    {
        if (venue is null)
            return;
        await venue.KillAtRestAsync();
        await venue.StopAsync();
        await venue.DisposeAsync();
    }

    [Test]
    public async Task The_comparison_notices_acknowledged_orders_that_are_lost()
    {
        await using var appliance = await ApplianceProcess.StartAsync();
        await using var trader = await Trader.JoinAsync(appliance);
        for (int i = 0; i < 20; i++)
            await trader.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 1)); // one after the other: each in a group of its own
        var seen = trader.Log.Reports;
        appliance.Kill();
        await trader.DisconnectAsync();

        // A journal that forgets, and nothing left that knows better.
        foreach (string witness in new[] { "ledger", "da", "archive" })
            Directory.Delete(Path.Combine(appliance.DataDirectory, witness), recursive: true);
        ForgetLastGroups(Directory.GetFiles(Path.Combine(appliance.DataDirectory, "journal"), "*.seg").Order().First(), 5);
        await appliance.StartAgainAsync();

        using var http = appliance.CreateHttpClient();
        ulong left = (await http.GetUserAsync(trader.Account)).NextReportSequence - 1;
        Assert.That(left, Is.LessThan((ulong)seen.Count));
        await trader.ConnectAsync();
        await trader.Log.WaitAsync(report => report.ReportSequence == left);
        Assert.That(ReportComparison.FirstDifference(seen, trader.Log.Reports), Does.Contain("is gone"));
        await trader.DisconnectAsync();
    }

    [Test]
    public void The_comparison_notices_a_report_that_changed()
    {
        ExchangeEvent first = new() { Kind = EventKind.Accepted, Account = 1, ReportSequence = 1, Nonce = 1 };
        ExchangeEvent second = new() { Kind = EventKind.Accepted, Account = 1, ReportSequence = 2, Nonce = 2 };
        Assert.That(ReportComparison.FirstDifference([first, second], [first, second, second]), Is.Null);
        Assert.That(ReportComparison.FirstDifference([first, second], [first, second with { Time = 1 }]), Does.Contain("report 2").And.Contain("is another"));
    }

    [Test]
    public void The_tally_notices_an_order_that_took_effect_twice()
    {
        ExchangeEvent accepted = new() { Kind = EventKind.Accepted, Account = 1, ReportSequence = 1, Nonce = 1, OrderId = 1, Quantity = 5 };
        Assert.That(() => Tally.Of([accepted, accepted with { ReportSequence = 2, OrderId = 2 }]), Throws.InvalidOperationException.With.Message.Contains("twice"));
        ExchangeEvent fill = new() { Kind = EventKind.Executed, Account = 1, ReportSequence = 2, Nonce = 1, OrderId = 1, Quantity = 5, Side = (byte)Side.Buy };
        Assert.That(() => Tally.Of([accepted, fill, fill with { ReportSequence = 3 }]), Throws.InvalidOperationException);
    }

    [Test]
    public void The_recorder_notices_a_sequence_that_is_used_again()
    {
        using var recorder = new FeedRecorder(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("239.255.42.250"), 26499));
        recorder.OnPacket(Packet(7, "a"u8));
        recorder.OnPacket(Packet(8, "b"u8));
        Assert.That(recorder.Faults, Is.Empty);
        recorder.OnPacket(Packet(8, "c"u8));
        Assert.That(recorder.Faults, Has.Some.Contains("message 8 was 62 and is 63").And.Some.Contains("sequence 8 after 8"));
    }

    private static byte[] Packet(ulong sequence, ReadOnlySpan<byte> message)
    {
        byte[] packet = new byte[MoldUdp64.HeadSize + 2 + message.Length];
        MoldUdp64.WriteHead(packet, "ABCDEFG001"u8, sequence, 1);
        packet[MoldUdp64.HeadSize + 1] = (byte)message.Length;
        message.CopyTo(packet.AsSpan(MoldUdp64.HeadSize + 2));
        return packet;
    }

    /// <summary>Overwrites the last blocks that hold something with zeros, as if they had never been written.</summary>
    private static void ForgetLastGroups(string segment, int blocks)
    {
        const int Block = 4096;
        byte[] bytes = File.ReadAllBytes(segment);
        int end = bytes.AsSpan().LastIndexOfAnyExcept((byte)0) / Block + 1;
        bytes.AsSpan((end - blocks) * Block, blocks * Block).Clear();
        File.WriteAllBytes(segment, bytes);
    }
}
