using System.Globalization;
using System.Numerics;
using Clob.Protocol;

namespace Clob.NaiveVenue;

// The entries of the visited state, as docs/engine.md lists them.
internal sealed partial class NaiveExchange
{
    public List<string> StateLines()
    {
        var lines = new List<string>();
        for (int i = 0; i < _accounts.Count; i++)
            AddAccount(lines, (ulong)i, _accounts[i]);
        foreach (var asset in _assets.Values)
            lines.Add($"S s {Hex(asset.Id, 4)}{Hex(asset.Decimals, 1)}{Hex(asset.Symbol.Packed, 8)}{Hex(asset.Total, 16)}");
        foreach (var market in _markets.Values)
            AddMarket(lines, market);
        lines.Add($"X n {Hex(1, 4)}{Convert.ToHexStringLower(_venueId)}{Hex(_nextSequence, 8)}{Hex(_record.Time, 8)}{Hex(_nextFeed, 8)}"
            + $"{Hex(_nextOrder, 8)}{Hex(_nextMatch, 8)}{Hex(_nextWithdrawal, 8)}{Hex(_nextUnsettled, 8)}");
        for (int i = 0; i < _accounts.Count; i++)
        {
            lines.Add($"X r {Hex(i, 8)}{Hex(_accounts[i].NextReport, 8)}");
            foreach (var e in _accounts[i].Envelopes.TakeLast(32))
                lines.Add($"X e {Hex(i, 8)}{Hex(e.First, 8)}{Hex(e.Count, 2)}{Hex(e.Digest, 16)}{Hex(e.Record, 8)}{Hex(e.FirstReport, 8)}");
        }

        foreach (var (id, deposit) in _deposits)
            lines.Add($"X d {Hex(id, 16)}{Hex(deposit.Account, 8)}{Hex(deposit.Asset, 4)}{Hex(deposit.Amount, 16)}");
        foreach (var (id, withdrawal) in _withdrawals)
            lines.Add($"X w {Hex(id, 8)}{Hex(withdrawal.Account, 8)}{Hex(withdrawal.Asset, 4)}{Hex(withdrawal.Amount, 16)}");
        foreach (var order in _orders.Where(o => o.Order.Deadline != 0).OrderBy(o => o.Order.Deadline).ThenBy(o => o.Id))
            lines.Add($"X t {Hex(order.Order.Deadline, 8)}{Hex(order.Id, 8)}");
        foreach (ulong sequence in _invalid)
            lines.Add($"X v {Hex(sequence, 8)}");
        return lines;
    }

    private void AddAccount(List<string> lines, ulong number, NaiveAccount account)
    {
        lines.Add($"A a {Hex(number, 8)}{Convert.ToHexStringLower(account.Key)}{Hex(account.KeyVersion, 4)}{Hex(account.NextNonce, 8)}"
            + $"{Hex((account.CancelsOnDisconnect ? 1 : 0) + (account.KillSwitch ? 2 : 0) + (account.Blocked ? 4 : 0), 1)}{Hex((int)account.Prevention, 1)}"
            + $"{Hex(account.MostOrders, 4)}{Hex(account.MostNotional, 16)}");
        foreach (var (_, asset) in _balances.Where(b => b.Account == number))
            lines.Add($"A b {Hex(number, 8)}{Hex(asset, 4)}{Hex(Available(number, asset), 16)}{Hex(Reserved(number, asset), 16)}");
        foreach (var (market, fees) in account.Fees)
            lines.Add($"A f {Hex(number, 8)}{Hex(market, 2)}{Hex((fees.Maker is null ? 0 : 1) + (fees.Taker is null ? 0 : 2), 1)}{Signed(fees.Maker ?? 0)}{Signed(fees.Taker ?? 0)}");
    }

    private void AddMarket(List<string> lines, NaiveMarket market)
    {
        var d = market.Definition;
        lines.Add($"M m {Hex(d.Market, 2)}{Hex(d.BaseAsset, 4)}{Hex(d.QuoteAsset, 4)}{Hex(d.BaseUnitsPerLot, 8)}{Hex(d.QuoteUnitsPerLotAndTick, 8)}"
            + $"{Hex(d.Symbol.Packed, 8)}{Hex(market.Minimum, 8)}{Hex(market.Maximum, 8)}{Hex(market.Cap, 8)}{Signed(market.Maker)}{Signed(market.Taker)}"
            + $"{Hex(market.Band, 4)}{Hex(market.Reference, 8)}{Hex(market.MostNotional, 16)}{Hex((int)market.State, 1)}"
            + $"{Hex(market.LastTrade, 8)}{Hex(TriggeringPrices(market).DefaultIfEmpty().Max(), 8)}{Hex(TriggeringPrices(market).DefaultIfEmpty().Min(), 8)}");
        var orders = _orders.Where(o => o.Order.Market == d.Market && o.Stop is null);
        foreach (var order in orders.OrderBy(o => o.Order.Side).ThenBy(o => o.IsBuy ? -o.Price : o.Price).ThenBy(o => o.Priority))
            lines.Add(OrderLine(order));
        var stops = _orders.Where(o => o.Order.Market == d.Market && o.Stop is not null);
        foreach (var order in stops.OrderBy(o => o.Order.Side).ThenBy(o => o.IsBuy ? o.Stop : -o.Stop).ThenBy(o => o.Id))
            lines.Add(OrderLine(order));
    }

    private static string OrderLine(NaiveOrder o) =>
        $"M {(o.Stop is null ? "o" : "p")} {Hex(o.Order.Market, 2)}{Hex((int)o.Order.Side, 1)}{(o.Stop is { } stop ? Hex(stop, 8) : "")}{Hex(o.Price, 8)}{Hex(o.Id, 8)}{Hex(o.Open, 8)}{Hex(o.Account, 8)}{Hex(o.Nonce, 8)}"
        + $"{Hex(o.Order.ClientOrderId, 8)}{Hex(o.Order.Deadline, 8)}{Hex((int)o.Order.TimeInForce, 1)}{Hex((int)o.Order.Flags, 1)}{Hex((int)o.Prevention, 1)}{Hex(o.Display ?? 0, 8)}{Hex(o.Hidden, 8)}"
        + $"{Signed(o.Maker)}{Signed(o.Taker)}{Hex(o.Paid * 1_000_000 - o.Charged, 4)}{Hex(o.Earned % 1_000_000, 4)}{Hex(o.Earned / 1_000_000 - o.Given, 16)}";

    private static string Hex(BigInteger number, int bytes)
    {
        if (number.Sign < 0 || number >= BigInteger.One << bytes * 8)
            throw new InvalidOperationException($"{number} does not fit {bytes} bytes");
        return ((UInt128)number).ToString("x32", CultureInfo.InvariantCulture)[^(bytes * 2)..];
    }

    private static string Signed(int number) => number.ToString("x8", CultureInfo.InvariantCulture);
}
