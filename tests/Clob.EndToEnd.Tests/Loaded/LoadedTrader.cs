using System.Net;
using Clob.Client;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>A trader under load: envelopes of mixed commands, several under way at a time, through kills of the venue. Its client comes back by itself.</summary>
internal sealed class LoadedTrader : IOrderEntryListener, IAsyncDisposable
{
    private const ushort Market = 1;
    private const int LargestEnvelope = 32;
    private const ulong Middle = 10_000;

    private readonly Trader _trader;
    private readonly Random _random;
    private readonly Lock _gate = new();
    private readonly List<ExchangeEvent> _reports = [];
    private readonly List<ulong> _openOrders = []; // perhaps closed by now: a cancel of those is a reject
    private readonly List<ulong> _orderNonces = [];
    private OrderEntryClient? _client;
    private CancellationTokenSource _ending = new();
    private Task _load = Task.CompletedTask;

    private LoadedTrader(Trader trader, Random random)
    {
        _trader = trader;
        _random = random;
    }

    public ulong Account => _trader.Account;

    /// <summary>Nonces of all new orders that were handed to the client.</summary>
    public IReadOnlyList<ulong> OrderNonces => _orderNonces;

    /// <summary>Envelopes that were sent and are not answered.</summary>
    public int Unacknowledged => _client!.Unacknowledged;

    /// <summary>All reports seen so far.</summary>
    public IReadOnlyList<ExchangeEvent> Reports
    {
        get
        {
            lock (_gate)
                return [.. _reports];
        }
    }

    /// <summary>Envelopes that were sent again after a restart, all together.</summary>
    public int Resent { get; private set; }

    /// <summary>Registers and connects, to the venue or to what stands before it.</summary>
    public static async Task<LoadedTrader> JoinAsync(ApplianceProcess appliance, int seed, EndPoint? through = null)
    {
        var trader = new LoadedTrader(await Trader.RegisterAsync(appliance).ConfigureAwait(false), new Random(seed));
        var options = trader._trader.Options() with { EndPoint = through ?? appliance.OrderEntry };
        trader._client = await Patiently.ConnectAsync(options, trader).ConfigureAwait(false);
        return trader;
    }

    /// <summary>Begins to send.</summary>
    public void StartLoad()
    {
        _ending = new CancellationTokenSource();
        _load = Task.Run(() => SendAsync(_ending.Token));
    }

    /// <summary>Sends nothing new; what was sent may still be under way.</summary>
    public async Task StopLoadAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _load.ConfigureAwait(false);
        _ending.Dispose();
    }

    /// <summary>Waits until everything is acknowledged.</summary>
    public async Task DrainAsync()
    {
        var drained = _client!.DrainAsync();
        if (await Task.WhenAny(drained, _client.Completion).WaitAsync(ProgramProcess.Patience).ConfigureAwait(false) != drained)
            await _client.Completion.ConfigureAwait(false); // throws what ended the client
        await drained.ConfigureAwait(false);
    }

    /// <summary>The account's reports from the first to this one, as a new session gets them.</summary>
    public async Task<IReadOnlyList<ExchangeEvent>> ReadAgainAsync(int count)
    {
        var log = new ReportLog();
        await using var client = await OrderEntryClient.ConnectAsync(_trader.Options(nextReport: 1) with { Reconnect = false }, log).ConfigureAwait(false);
        var last = count == 0 ? Task.CompletedTask : log.WaitAsync(report => report.ReportSequence == (ulong)count);
        if (await Task.WhenAny(last, client.Completion, Task.Delay(ProgramProcess.Patience)).ConfigureAwait(false) != last)
            throw new InvalidOperationException($"account {Account} got {log.Count} of {count} reports again; the session: {client.Completion.Exception?.InnerException?.Message ?? "open"}");
        return log.Reports;
    }

    public void OnReport(in ExchangeEvent report)
    {
        lock (_gate)
        {
            _reports.Add(report);
            if (report.Kind == EventKind.Accepted)
                _openOrders.Add(report.OrderId);
        }
    }

    public void OnUnanswered(ulong firstNonce, int commands) => throw new InvalidOperationException($"the envelope of nonce {firstNonce} was never answered");

    public void OnReconnected(ulong nextReportSequence, int resent) => Resent += resent;

    public async ValueTask DisposeAsync()
    {
        if (_client is not null)
            await _client.DisposeAsync().ConfigureAwait(false);
        await _trader.DisposeAsync().ConfigureAwait(false);
    }

    private async Task SendAsync(CancellationToken ending)
    {
        try
        {
            while (!ending.IsCancellationRequested)
            {
                await _client!.SendAsync(Fill, this, ending).ConfigureAwait(false);
                if (_random.Next(8) == 0)
                    await Task.Delay(_random.Next(1, 4), ending).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // asked to
        }
    }

    private static void Fill(ref EnvelopeBuilder envelope, LoadedTrader trader)
    {
        ulong firstNonce = trader._client!.NextNonce;
        for (int count = trader._random.Next(1, LargestEnvelope + 1); count > 0; count--)
        {
            ulong nonce = firstNonce + (uint)envelope.Count;
            if (trader.AddCommand(ref envelope, nonce))
                trader._orderNonces.Add(nonce);
        }
    }

    /// <summary>Adds one command; true when it is a new order, whose own number is its nonce.</summary>
    private bool AddCommand(ref EnvelopeBuilder envelope, ulong nonce)
    {
        int kind = _random.Next(10);
        if (kind < 4 && TakeOpenOrder() is { } open)
        {
            if (kind == 0)
                return !envelope.TryAdd(new Reduce(Market, open, (ulong)_random.Next(1, 4)));
            return kind == 1 ? !envelope.TryAdd(new Replace(Market, open, PriceNearMiddle(), Quantity())) : !envelope.TryAdd(new Cancel(Market, open));
        }

        var side = _random.Next(2) == 0 ? Side.Buy : Side.Sell;
        var order = NewOrder.Limit(Market, side, PriceNearMiddle(), Quantity(), kind < 7 ? TimeInForce.GoodTillCancel : TimeInForce.ImmediateOrCancel);
        return envelope.TryAdd(order with { ClientOrderId = nonce });
    }

    private ulong PriceNearMiddle() => Middle + (ulong)_random.Next(40) - 20;

    private ulong Quantity() => (ulong)_random.Next(1, 10);

    private ulong? TakeOpenOrder()
    {
        lock (_gate)
        {
            if (_openOrders.Count == 0)
                return null;
            int index = _random.Next(_openOrders.Count);
            ulong order = _openOrders[index];
            _openOrders[index] = _openOrders[^1];
            _openOrders.RemoveAt(_openOrders.Count - 1);
            return order;
        }
    }
}
