using System.Diagnostics;
using Clob.Client;
using Clob.Protocol;

namespace Clob.Load.Lobster;

/// <summary>
/// A market of the running appliance: resting orders belong to one user, takes to another, everything is signed and goes over TCP, and the
/// book is the one that the multicast feed tells.
/// </summary>
internal sealed class ApplianceMarket : ILobsterMarket, IOrderEntryListener, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ushort _market;
    private readonly FeedBooks _books = new();
    private readonly FeedListener _feed;
    private readonly Dictionary<ulong, long> _keys = []; // venue's order id to the replay's key; under the books' gate
    private readonly Dictionary<long, ulong> _orderIds = [];
    private readonly SemaphoreSlim _arrived = new(0);
    private OrderEntryClient? _maker;
    private OrderEntryClient? _taker;
    private Action<long, ulong>? _onFill;
    private Exception? _failure;
    private long _messages;
    private long _openToTake;

    public ApplianceMarket(ushort market, FeedOptions feed)
    {
        _market = market;
        _books.Applied = OnFeed;
        _feed = new FeedListener(_books, feed);
    }

    public FeedBook Book => _books.TryGetBook(_market, out var book) ? book : throw new InvalidOperationException($"the feed told nothing of market {_market}");

    public async Task ConnectAsync(VenueEndpoints venue, Participant maker, Participant taker, CancellationToken cancellation)
    {
        _maker = await maker.ConnectAsync(venue, this, cancellation).ConfigureAwait(false);
        _taker = await taker.ConnectAsync(venue, this, cancellation).ConfigureAwait(false);
    }

    public async Task ApplyAsync(IReadOnlyList<LobsterOrder> orders, Action<long, ulong> onFill, CancellationToken cancellation)
    {
        _onFill = onFill;
        long before = Interlocked.Read(ref _messages);
        var resting = orders.Where(o => o.Kind != LobsterOrderKind.Take).ToArray();
        foreach (var part in resting.Chunk(Envelope.MaximumCommands))
            await SendAsync(_maker!, part, cancellation).ConfigureAwait(false);
        await WaitForFeedAsync(before + resting.Length, cancellation).ConfigureAwait(false);
        foreach (var take in orders.Where(o => o.Kind == LobsterOrderKind.Take))
        {
            Interlocked.Exchange(ref _openToTake, (long)take.Quantity);
            await SendAsync(_taker!, [take], cancellation).ConfigureAwait(false);
            await WaitAsync(() => Interlocked.Read(ref _openToTake) <= 0, $"{take.Quantity} to be executed", cancellation).ConfigureAwait(false);
        }
    }

    public void OnReport(in ExchangeEvent report)
    {
        if (report.Kind is EventKind.Rejected or EventKind.EnvelopeRejected)
            Fail($"the venue answered {report.Kind} {(RejectReason)report.Reason} to nonce {report.Nonce}");
        else if (report.Kind == EventKind.Accepted && report.ClientOrderId != 0)
            Learn(report.OrderId, unchecked((long)report.ClientOrderId));
    }

    public void OnDebug(string text) => Fail($"the venue says: {text}");

    public async ValueTask DisposeAsync()
    {
        if (_maker is not null)
            await _maker.DisposeAsync().ConfigureAwait(false);
        if (_taker is not null)
            await _taker.DisposeAsync().ConfigureAwait(false);
        _feed.Dispose();
        _arrived.Dispose();
    }

    /// <summary>The market's directory entry tells that the feed reaches this host and the book begins empty.</summary>
    public Task WaitForDirectoryAsync(CancellationToken cancellation) =>
        WaitAsync(
            () =>
            {
                lock (_books.Gate)
                    return _books.TryGetBook(_market, out var book) && book.Directory is not null;
            },
            "the market's directory entry", cancellation);

    private async Task SendAsync(OrderEntryClient client, LobsterOrder[] orders, CancellationToken cancellation)
    {
        await client.SendAsync(Fill, (this, orders), cancellation).ConfigureAwait(false);
        await client.DrainAsync(cancellation).WaitAsync(Patience, cancellation).ConfigureAwait(false);
        if (_failure is not null)
            throw _failure;
    }

    private static void Fill(ref EnvelopeBuilder envelope, (ApplianceMarket Market, LobsterOrder[] Orders) state)
    {
        foreach (var order in state.Orders)
            state.Market.Add(ref envelope, order);
    }

    private void Add(ref EnvelopeBuilder envelope, LobsterOrder order)
    {
        bool added = order.Kind switch
        {
            LobsterOrderKind.Add => envelope.TryAdd(
                NewOrder.Limit(_market, order.Side, order.Price, order.Quantity) with { ClientOrderId = unchecked((ulong)order.Key) }),
            LobsterOrderKind.Take => envelope.TryAdd(NewOrder.Limit(_market, order.Side, order.Price, order.Quantity, TimeInForce.ImmediateOrCancel)),
            LobsterOrderKind.Cancel => envelope.TryAdd(new Cancel(_market, OrderIdOf(order.Key))),
            _ => envelope.TryAdd(new Reduce(_market, OrderIdOf(order.Key), order.Quantity)),
        };
        if (!added)
            throw new InvalidOperationException("an envelope has no room for its orders");
    }

    private ulong OrderIdOf(long key)
    {
        lock (_books.Gate)
            return _orderIds[key];
    }

    private void Learn(ulong orderId, long key)
    {
        lock (_books.Gate)
        {
            _orderIds[key] = orderId;
            _keys[orderId] = key;
        }
    }

    private void OnFeed(ulong sequence, in FeedMessage message)
    {
        if (message.Market != _market)
            return;
        if (_feed.Sequencer.LostMessages > 0)
            Fail("the feed has a gap");
        if (message.Verb is FeedVerb.Executed)
        {
            _onFill?.Invoke(_keys.GetValueOrDefault(message.OrderId), message.Quantity);
            Interlocked.Add(ref _openToTake, -(long)message.Quantity);
        }

        if (message.Verb is FeedVerb.Add or FeedVerb.Cancel or FeedVerb.Delete)
            Interlocked.Increment(ref _messages);
        _arrived.Release();
    }

    private void Fail(string message)
    {
        _failure ??= new InvalidOperationException(message);
        _arrived.Release();
    }

    private Task WaitForFeedAsync(long messages, CancellationToken cancellation) =>
        WaitAsync(() => Interlocked.Read(ref _messages) >= messages, $"message {messages} of the feed", cancellation);

    private async Task WaitAsync(Func<bool> isThere, string what, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        while (!isThere())
        {
            if (_failure is not null)
                throw _failure;
            var left = Patience - Stopwatch.GetElapsedTime(start);
            if (left <= TimeSpan.Zero || !await _arrived.WaitAsync(left, cancellation).ConfigureAwait(false))
                throw new TimeoutException($"waited {Patience.TotalSeconds} s for {what}");
        }
    }
}
