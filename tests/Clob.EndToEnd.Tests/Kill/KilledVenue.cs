using System.Text.Json;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.EndToEnd.Tests;

/// <summary>A venue that is killed, or whose disk loses its power, under load again and again, and what must hold after each time.</summary>
internal sealed class KilledVenue : IAsyncDisposable
{
    private readonly ApplianceProcess _appliance;
    private readonly FeedRecorder _feed;
    private readonly List<LoadedTrader> _traders = [];

    private KilledVenue(ApplianceProcess appliance)
    {
        _appliance = appliance;
        _feed = new FeedRecorder(appliance.Feed);
    }

    /// <summary>Reports seen, envelopes sent again, messages of the feed seen.</summary>
    public (int Reports, int Resent, int Messages) Counts => (_traders.Sum(trader => trader.Reports.Count), _traders.Sum(trader => trader.Resent), _feed.Messages.Count);

    /// <summary>Opens one with traders, on a disk of its own if it is given one.</summary>
    public static async Task<KilledVenue> OpenAsync(TestSize size, Random random, string? dataDirectory = null)
    {
        var setup = new ApplianceSetup { DataDirectory = dataDirectory, SegmentSizeBytes = 512 * 1024, CheckpointInterval = TimeSpan.FromMilliseconds(200) };
        var venue = new KilledVenue(await ApplianceProcess.StartAsync(setup).ConfigureAwait(false));
        for (int i = 0; i < size.Traders; i++)
            venue._traders.Add(await LoadedTrader.JoinAsync(venue._appliance, random.Next()).ConfigureAwait(false));
        return venue;
    }

    /// <summary>Load, a kill in the middle of it, a restart, and all checks.</summary>
    public Task KillUnderLoadAsync(TimeSpan after) => CrashUnderLoadAsync(after, () =>
    {
        _appliance.Kill();
        return Task.CompletedTask;
    });

    /// <summary>Load, a power cut in the middle of it, a restart, and all checks.</summary>
    public Task CutPowerUnderLoadAsync(TimeSpan after, MountedDisk disk) => CrashUnderLoadAsync(after, async () =>
    {
        // What it acknowledged before this is heard; what it has written since is on no disk.
        _appliance.Suspend();
        await WaitForSilenceAsync().ConfigureAwait(false);
        disk.CutPower();
        _appliance.Kill();
        disk.PowerOn();
    });

    private async Task CrashUnderLoadAsync(TimeSpan after, Func<Task> crashAsync)
    {
        foreach (var trader in _traders)
            trader.StartLoad();
        await Task.Delay(after).ConfigureAwait(false);
        await crashAsync().ConfigureAwait(false);
        foreach (var trader in _traders)
            await trader.StopLoadAsync().ConfigureAwait(false);
        var seen = _traders.Select(trader => trader.Reports).ToArray();

        await _appliance.StartAgainAsync().ConfigureAwait(false);
        foreach (var trader in _traders)
            await trader.DrainAsync().ConfigureAwait(false);
        foreach (var trader in _traders)
            await WaitForAllReportsAsync(trader).ConfigureAwait(false);
        await CheckReportsAsync(seen).ConfigureAwait(false);
        await CheckStateAsync().ConfigureAwait(false);
        Assert.That(_feed.Faults, Is.Empty);
        await _appliance.WaitForCheckpointAsync().ConfigureAwait(false);
        await _appliance.VerifyGreenAsync().ConfigureAwait(false);
    }

    /// <summary>A kill while nothing is under way: what HTTP says of the state is the same afterwards.</summary>
    public async Task KillAtRestAsync()
    {
        string[] before = await ReadStateAsync().ConfigureAwait(false);
        _appliance.Kill();
        await _appliance.StartAgainAsync().ConfigureAwait(false);
        string[] after = await ReadStateAsync().ConfigureAwait(false);
        Assert.That(after, Is.EqualTo(before));
        Assert.That(before, Has.Length.EqualTo(_traders.Count + 1));
    }

    /// <summary>An orderly stop; then every message of the feed that was heard is the one that replay makes.</summary>
    public async Task StopAsync()
    {
        await _feed.WaitForHeartbeatAsync().ConfigureAwait(false);
        await _appliance.StopAsync().ConfigureAwait(false);
        Assert.That(_feed.Faults, Is.Empty);
        using var archive = new FeedArchive(_appliance.DataDirectory);
        byte[] framed = new byte[2 + FeedMessage.MaximumSize];
        foreach (var (sequence, message) in _feed.Messages)
        {
            bool found = archive.Read(sequence, framed, out int size) > 0 && framed.AsSpan(2, size - 2).StartsWith(message);
            Assert.That(found, Is.True, $"feed message {sequence} was published as {Convert.ToHexString(message)}");
        }

        await _appliance.VerifyGreenAsync().ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var trader in _traders)
            await trader.DisposeAsync().ConfigureAwait(false);
        _feed.Dispose();
        await _appliance.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Waits until nothing is on its way any more from a process that stands still.</summary>
    private async Task WaitForSilenceAsync()
    {
        var before = (Reports: -1, Resent: -1, Messages: -1);
        while (Counts != before)
        {
            before = Counts;
            await Task.Delay(100).ConfigureAwait(false);
        }
    }

    /// <summary>A trader's own commands are answered, but the others' last ones may have filled its orders: those reports are on their way.</summary>
    private async Task WaitForAllReportsAsync(LoadedTrader trader)
    {
        using var user = JsonDocument.Parse(await _appliance.GetTextAsync($"users/{trader.Account}").ConfigureAwait(false));
        int all = (int)user.RootElement.GetProperty("next_report_sequence").GetUInt64() - 1;
        for (int waits = 0; trader.Reports.Count < all && waits < 3000; waits++)
            await Task.Delay(20).ConfigureAwait(false);
        Assert.That(trader.Reports, Has.Count.EqualTo(all));
    }

    /// <summary>Everything that was seen is there again, from the first report on, and every order took effect once.</summary>
    private async Task CheckReportsAsync(IReadOnlyList<ExchangeEvent>[] seen)
    {
        var fills = new Dictionary<ulong, ExchangeEvent>();
        int halves = 0;
        for (int i = 0; i < _traders.Count; i++)
        {
            var now = _traders[i].Reports;
            Assert.That(ReportComparison.FirstDifference(seen[i], now), Is.Null);
            var again = await _traders[i].ReadAgainAsync(now.Count).ConfigureAwait(false);
            Assert.That(ReportComparison.FirstDifference(now, again), Is.Null);
            Assert.That(again, Has.Count.EqualTo(now.Count));
            var tally = Tally.Of(again);
            Assert.That(_traders[i].OrderNonces.Where(nonce => !tally.Answers.ContainsKey(nonce)), Is.Empty, $"orders of account {_traders[i].Account} without an answer");
            foreach (var fill in tally.Fills)
            {
                halves++;
                if (fills.TryAdd(fill.Reference, fill))
                    continue;
                var other = fills[fill.Reference];
                Assert.That((fill.Price, fill.Quantity, fill.RecordSequence, fill.Side != other.Side), Is.EqualTo((other.Price, other.Quantity, other.RecordSequence, true)));
            }
        }

        Assert.That(halves, Is.EqualTo(fills.Count * 2), "every match is reported to a buyer and a seller, once each");
    }

    /// <summary>The venue's accounts are what their owners added up, and of each asset there is what was deposited.</summary>
    private async Task CheckStateAsync()
    {
        using var state = JsonDocument.Parse(await _appliance.GetTextAsync("state").ConfigureAwait(false));
        var accounts = state.RootElement.GetProperty("accounts").EnumerateArray().ToDictionary(account => account.GetProperty("user_id").GetUInt64());
        foreach (var trader in _traders)
            Tally.Of(trader.Reports).AssertEquals(accounts[trader.Account]);
        foreach (var asset in state.RootElement.GetProperty("assets").EnumerateArray())
        {
            uint id = asset.GetProperty("asset_id").GetUInt32();
            Int128 total = Tally.Parse(asset.GetProperty("total").GetString()!, id);
            Int128 deposited = Trader.Rich.Where(funds => funds.Asset == id).Aggregate(Int128.Zero, (sum, funds) => sum + Tally.Parse(funds.Amount, id)) * _traders.Count;
            Int128 held = accounts.Values.SelectMany(account => account.GetProperty("balances").EnumerateArray())
                .Where(balance => balance.GetProperty("asset_id").GetUInt32() == id).Aggregate(Int128.Zero, (sum, balance) => sum + Tally.UnitsOf(balance));
            Assert.That((total, held), Is.EqualTo((deposited, deposited)), $"asset {id}");
        }
    }

    /// <summary>What HTTP says of each trader and of the whole, without the journal's sequence: marks and verdicts may follow.</summary>
    private async Task<string[]> ReadStateAsync()
    {
        var texts = new List<string>();
        foreach (var trader in _traders)
            texts.Add(await _appliance.GetTextAsync($"users/{trader.Account}").ConfigureAwait(false));
        var state = System.Text.Json.Nodes.JsonNode.Parse(await _appliance.GetTextAsync("state").ConfigureAwait(false))!.AsObject();
        state.Remove("sequence");
        foreach (var book in state["books"]!.AsArray())
            book!.AsObject().Remove("sequence");
        texts.Add(state.ToJsonString());
        return [.. texts];
    }
}
