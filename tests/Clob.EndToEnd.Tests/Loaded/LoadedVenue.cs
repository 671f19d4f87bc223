using System.Text.Json;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// A venue under load that is killed, stopped, cut off from its traders, or whose disk loses its power, again and again, and what must hold
/// after each time.
/// </summary>
internal sealed partial class LoadedVenue : IAsyncDisposable
{
    private readonly ApplianceProcess _appliance;
    private readonly FeedRecorder _feed;
    private readonly List<LoadedTrader> _traders = [];
    private readonly CuttingProxy? _proxy;

    private LoadedVenue(ApplianceProcess appliance, CuttingProxy? proxy)
    {
        _appliance = appliance;
        _proxy = proxy;
        _feed = new FeedRecorder(appliance.Feed);
    }

    /// <summary>Reports seen, envelopes sent again, messages of the feed seen.</summary>
    public (int Reports, int Resent, int Messages) Counts => (_traders.Sum(trader => trader.Reports.Count), _traders.Sum(trader => trader.Resent), _feed.Messages.Count);

    /// <summary>Opens a venue with traders, who come to it directly or through a proxy that cuts them off, on a disk of its own if it is given one.</summary>
    public static async Task<LoadedVenue> OpenAsync(TestSize size, Random random, bool isCut = false, string? dataDirectory = null)
    {
        var setup = new ApplianceSetup
        {
            DataDirectory = dataDirectory,
            SegmentSizeBytes = 512 * 1024,
            CheckpointInterval = TimeSpan.FromMilliseconds(200),
            Settings = ["--Settlement:SnapshotInterval=00:00:00.3"], // most stops find some, and one being written
        };
        var appliance = await ApplianceProcess.StartAsync(setup).ConfigureAwait(false);
        var venue = new LoadedVenue(appliance, isCut ? new CuttingProxy(appliance.OrderEntry, random.Next()) : null);
        for (int i = 0; i < size.Traders; i++)
            venue._traders.Add(await LoadedTrader.JoinAsync(appliance, random.Next(), venue._proxy?.EndPoint).ConfigureAwait(false));
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
        StartLoad();
        await Task.Delay(after).ConfigureAwait(false);
        await crashAsync().ConfigureAwait(false);
        await StopLoadAsync().ConfigureAwait(false);
        var seen = Seen();
        await _appliance.StartAgainAsync().ConfigureAwait(false);
        await CheckAsync(seen).ConfigureAwait(false);
    }

    /// <summary>Load, an orderly stop and a start in the middle of it, more load, and all checks.</summary>
    public async Task StopUnderLoadAsync(TimeSpan after)
    {
        StartLoad();
        await Task.Delay(after).ConfigureAwait(false);
        await _appliance.StopAsync().ConfigureAwait(false);
        Assert.That(_appliance.Output, Does.Contain("live and replayed state agree: "));
        int heard = _feed.Messages.Count;
        var seen = Seen();
        await _appliance.StartAgainAsync().ConfigureAwait(false);
        await WaitUntilAsync(() => _feed.Messages.Count > heard, "the feed to go on").ConfigureAwait(false);
        await StopLoadAsync().ConfigureAwait(false);
        await CheckAsync(seen).ConfigureAwait(false);
    }

    /// <summary>Load while connections are cut, so often, perhaps with a kill among the cuts, and all checks.</summary>
    public async Task CutUnderLoadAsync(int cuts, bool kills)
    {
        StartLoad();
        int before = _proxy!.Cuts;
        await WaitUntilAsync(() => _proxy.Cuts >= before + (cuts / 2), "connections to be cut").ConfigureAwait(false);
        var seen = Seen();
        if (kills)
        {
            _appliance.Kill();
            await _appliance.StartAgainAsync().ConfigureAwait(false);
        }

        await WaitUntilAsync(() => _proxy.Cuts >= before + cuts, "connections to be cut").ConfigureAwait(false);
        await StopLoadAsync().ConfigureAwait(false);
        _proxy.IsCutting = false;
        await CheckAsync(seen).ConfigureAwait(false);
        _proxy.IsCutting = true;
    }

    /// <summary>A kill while nothing is under way: what HTTP says of the state is the same afterwards.</summary>
    public async Task KillAtRestAsync()
    {
        string[] before = await ReadStateAsync().ConfigureAwait(false);
        _appliance.Kill();
        await _appliance.StartAgainAsync().ConfigureAwait(false);
        string[] after = await ReadStateAsync().ConfigureAwait(false);
        Assert.That(after, Is.EqualTo(before));
        Assert.That(_appliance.Output, Does.Contain("The start begins behind the snapshot").And.Contain("The replica begins at journal size"));
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
        if (_proxy is not null)
            await _proxy.DisposeAsync().ConfigureAwait(false);
        _feed.Dispose();
        await _appliance.DisposeAsync().ConfigureAwait(false);
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
