using System.Text.Json;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// An account's books as its owner keeps them, from execution reports alone: what every command came to, what it owns, what is open. Throws when something took
/// effect twice.
/// </summary>
internal sealed class Tally
{
    // of market 1 in the default settings
    private const uint Quote = 1;
    private const uint Base = 2;
    private const int BaseUnitsPerLot = 10_000;

    private static readonly Dictionary<uint, int> Decimals = new() { [Quote] = 6, [Base] = 8 };

    private readonly Dictionary<ulong, EventKind> _answers = [];
    private readonly Dictionary<uint, Int128> _owned = new() { [Quote] = 0, [Base] = 0 };
    private readonly SortedDictionary<ulong, (ulong Price, ulong Quantity)> _open = [];
    private readonly List<ExchangeEvent> _fills = [];

    private Tally()
    {
    }

    /// <summary>What new orders were answered with, by nonce.</summary>
    public IReadOnlyDictionary<ulong, EventKind> Answers => _answers;

    /// <summary>What it owns, available and reserved, in smallest units by asset.</summary>
    public IReadOnlyDictionary<uint, Int128> Owned => _owned;

    /// <summary>Its open orders.</summary>
    public IReadOnlyDictionary<ulong, (ulong Price, ulong Quantity)> Open => _open;

    public IReadOnlyList<ExchangeEvent> Fills => _fills;

    /// <summary>Adds up all reports of an account, from the first.</summary>
    public static Tally Of(IReadOnlyList<ExchangeEvent> reports)
    {
        var tally = new Tally();
        for (int i = 0; i < reports.Count; i++)
        {
            if (reports[i].ReportSequence != (ulong)i + 1)
                throw new InvalidOperationException($"report {i + 1} has the number {reports[i].ReportSequence}");
            tally.Add(reports[i]);
        }

        return tally;
    }

    /// <summary>Asserts that an account of GET /users/{id} or GET /state owns and has open just this.</summary>
    public void AssertEquals(JsonElement account)
    {
        var owned = account.GetProperty("balances").EnumerateArray()
            .Select(balance => (Asset: balance.GetProperty("asset_id").GetUInt32(), Units: UnitsOf(balance)))
            .Where(balance => balance.Units != 0);
        Assert.That(owned, Is.EquivalentTo(_owned.Where(own => own.Value != 0).Select(own => (own.Key, own.Value))), $"balances of account {account.GetProperty("user_id")}");
        var open = account.GetProperty("open_orders").EnumerateArray()
            .Select(order => (order.GetProperty("order_id").GetUInt64(), ulong.Parse(order.GetProperty("price").GetString()!), ulong.Parse(order.GetProperty("quantity").GetString()!)));
        Assert.That(open, Is.EquivalentTo(_open.Select(order => (order.Key, order.Value.Price, order.Value.Quantity))), $"open orders of account {account.GetProperty("user_id")}");
    }

    /// <summary>Available and reserved of a balance together, in smallest units.</summary>
    public static Int128 UnitsOf(JsonElement balance)
    {
        uint asset = balance.GetProperty("asset_id").GetUInt32();
        return Parse(balance.GetProperty("available").GetString()!, asset) + Parse(balance.GetProperty("reserved").GetString()!, asset);
    }

    /// <summary>An amount in smallest units of an asset.</summary>
    public static Int128 Parse(string amount, uint asset) =>
        Amount.TryParse(amount, Decimals[asset], out var units, out string error) ? (Int128)units : throw new InvalidOperationException(error);

    private void Add(in ExchangeEvent report)
    {
        switch (report.Kind)
        {
            case EventKind.Accepted:
                Answer(report);
                _open.Add(report.OrderId, (report.Price, report.Quantity));
                break;
            case EventKind.Rejected:
                Answer(report);
                break;
            case EventKind.Executed:
                Fill(report);
                break;
            case EventKind.Reduced:
                _open[report.OrderId] = (_open[report.OrderId].Price, report.OpenQuantity);
                break;
            case EventKind.Replaced:
                Close(report.Reference);
                _open.Add(report.OrderId, (report.Price, report.OpenQuantity));
                break;
            case EventKind.Cancelled:
                Close(report.OrderId);
                break;
            case EventKind.Deposited:
                _owned[report.Asset] += report.Amount;
                break;
            case EventKind.EnvelopeRejected:
                throw new InvalidOperationException($"an envelope was refused: {report}");
        }
    }

    private void Answer(in ExchangeEvent report)
    {
        if (!_answers.TryAdd(report.Nonce, report.Kind))
            throw new InvalidOperationException($"nonce {report.Nonce} of account {report.Account} was answered twice: {_answers[report.Nonce]}, then {report}");
    }

    private void Fill(in ExchangeEvent report)
    {
        _fills.Add(report);
        if (!_open.TryGetValue(report.OrderId, out var order) || order.Quantity != report.Quantity + report.OpenQuantity)
            throw new InvalidOperationException($"a fill of an order with {order.Quantity} open: {report}");
        if (report.OpenQuantity == 0)
            Close(report.OrderId);
        else
            _open[report.OrderId] = (order.Price, report.OpenQuantity);
        bool buys = report.Side == (byte)Side.Buy;
        Int128 notional = (Int128)report.Price * report.Quantity;
        Int128 lots = (Int128)report.Quantity * BaseUnitsPerLot;
        _owned[Base] += buys ? lots : -lots;
        _owned[Quote] += (buys ? -notional : notional) - report.Amount;
    }

    private void Close(ulong order)
    {
        if (!_open.Remove(order))
            throw new InvalidOperationException($"order {order} ended twice, or never began");
    }
}
