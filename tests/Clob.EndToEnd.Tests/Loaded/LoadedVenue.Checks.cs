using System.Text.Json;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

// What must hold once everything that was sent is answered.
internal sealed partial class LoadedVenue
{
    private void StartLoad()
    {
        foreach (var trader in _traders)
            trader.StartLoad();
    }

    private async Task StopLoadAsync()
    {
        foreach (var trader in _traders)
            await trader.StopLoadAsync().ConfigureAwait(false);
    }

    private IReadOnlyList<ExchangeEvent>[] Seen() => [.. _traders.Select(trader => trader.Reports)];

    private async Task CheckAsync(IReadOnlyList<ExchangeEvent>[] seen)
    {
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

    private static async Task WaitUntilAsync(Func<bool> holds, string what)
    {
        long end = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
        while (!holds())
        {
            Assert.That(Environment.TickCount64, Is.LessThan(end), $"waited for {what}");
            await Task.Delay(5).ConfigureAwait(false);
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
            Assert.That(Effects.Complaint(again), Is.Null);
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
}
