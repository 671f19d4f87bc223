using Clob.Client;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>
/// Two accounts that trade with each other the whole time, order by order, each answered. Their connections are not set up again when they are lost: then
/// trading is over, which every test notices.
/// </summary>
internal sealed class GoodTraders : IAsyncDisposable
{
    private const ushort Market = 1;
    private const ulong Quantity = 2;
    private const ulong RestingQuantity = 3;
    private const int RestingEvery = 20;
    private const ulong FirstPrice = 50_000;
    private const ulong FirstRestingPrice = 1_000_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Trader _maker;
    private readonly Trader _taker;
    private readonly ReportLog _makerLog = new();
    private readonly ReportLog _takerLog = new();
    private readonly List<(ulong Price, ulong Quantity)> _resting = [];
    private OrderEntryClient? _makerClient;
    private OrderEntryClient? _takerClient;
    private Task _trading = Task.CompletedTask;
    private long _rounds;
    private bool _isStopping;

    private GoodTraders(Trader maker, Trader taker) => (_maker, _taker) = (maker, taker);

    /// <summary>What rests on the book, as the venue acknowledged it, best first.</summary>
    public IReadOnlyList<(ulong Price, ulong Quantity)> Resting => _resting;

    public ulong Account => _maker.Account;

    public static async Task<GoodTraders> StartAsync(ApplianceProcess appliance)
    {
        var traders = new GoodTraders(await Trader.RegisterAsync(appliance), await Trader.RegisterAsync(appliance));
        traders._makerClient = await OrderEntryClient.ConnectAsync(traders._maker.Options() with { Reconnect = false }, traders._makerLog);
        traders._takerClient = await OrderEntryClient.ConnectAsync(traders._taker.Options() with { Reconnect = false }, traders._takerLog);
        traders._trading = Task.Run(traders.TradeAsync);
        return traders;
    }

    /// <summary>Waits until they have traded on: what began before this call is answered, and something after it.</summary>
    public async Task TradeOnAsync()
    {
        long target = Interlocked.Read(ref _rounds) + 2;
        long deadline = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
        while (Interlocked.Read(ref _rounds) < target)
        {
            if (_trading.IsCompleted)
                await _trading; // fails with what ended it
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), "the good session stands still");
            await Task.Delay(5);
        }
    }

    /// <summary>Ends trading when all is answered.</summary>
    public async Task StopAsync()
    {
        Volatile.Write(ref _isStopping, true);
        await _trading;
        await _makerClient!.DrainAsync().WaitAsync(ProgramProcess.Patience);
        await _takerClient!.DrainAsync().WaitAsync(ProgramProcess.Patience);
    }

    /// <summary>Every order was answered, every trade made, and a session that asks for all reports from the first on gets the same ones.</summary>
    public async Task AssertNothingWasLostAsync()
    {
        ulong rounds = (ulong)Interlocked.Read(ref _rounds);
        var (maker, taker) = (_makerLog.Reports, _takerLog.Reports);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_makerLog.DebugTexts.Concat(_takerLog.DebugTexts), Is.Empty);
            AssertSequence(maker);
            AssertSequence(taker);
            Assert.That(Nonces(maker, EventKind.Accepted), Is.EqualTo(UpTo(_makerClient!.NextNonce - 1)));
            Assert.That(Nonces(taker, EventKind.Accepted), Is.EqualTo(UpTo(_takerClient!.NextNonce - 1)));
            Assert.That(Nonces(taker, EventKind.Executed), Is.EqualTo(UpTo(rounds)), "each of its orders was filled, at once and in one piece");
            Assert.That(taker.Where(report => report.Kind == EventKind.Executed), Is.All.Matches<ExchangeEvent>(report => report.Quantity == Quantity));
            Assert.That(maker.Count(report => report.Kind == EventKind.Executed), Is.EqualTo((int)rounds));
            Assert.That(maker.Concat(taker).Select(report => report.Kind).Distinct(), Is.SubsetOf(new[] { EventKind.Accepted, EventKind.Executed, EventKind.Deposited }));
        }

        await AssertSameAgainAsync(_maker, maker);
        await AssertSameAgainAsync(_taker, taker);
    }

    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _isStopping, true);
        await _trading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var client in new[] { _makerClient, _takerClient })
        {
            if (client is not null)
                await client.DisposeAsync();
        }

        await _maker.DisposeAsync();
        await _taker.DisposeAsync();
    }

    private async Task TradeAsync()
    {
        while (!Volatile.Read(ref _isStopping))
        {
            ulong round = (ulong)Interlocked.Read(ref _rounds);
            ulong price = FirstPrice + round % 50;
            await PlaceAsync(_makerClient!, _makerLog, NewOrder.Limit(Market, Side.Sell, price, Quantity));
            await PlaceAsync(_takerClient!, _takerLog, NewOrder.Limit(Market, Side.Buy, price, Quantity, TimeInForce.ImmediateOrCancel));
            if (round % RestingEvery == 0)
            {
                ulong resting = FirstRestingPrice + round;
                await PlaceAsync(_makerClient!, _makerLog, NewOrder.Limit(Market, Side.Sell, resting, RestingQuantity));
                _resting.Add((resting, RestingQuantity));
            }

            Interlocked.Increment(ref _rounds);
            await Task.Delay(Pause);
        }
    }

    private static async Task PlaceAsync(OrderEntryClient client, ReportLog log, NewOrder order)
    {
        var answer = await log.AnswerToAsync(await client.SendAsync(order));
        Assert.That((answer.Kind, answer.Reason), Is.EqualTo((EventKind.Accepted, (byte)0)));
    }

    private static void AssertSequence(IReadOnlyList<ExchangeEvent> reports) =>
        Assert.That(reports.Select(report => report.ReportSequence), Is.EqualTo(UpTo((ulong)reports.Count)));

    private static IEnumerable<ulong> Nonces(IEnumerable<ExchangeEvent> reports, EventKind kind) => reports.Where(report => report.Kind == kind).Select(report => report.Nonce);

    private static IEnumerable<ulong> UpTo(ulong last) => Enumerable.Range(1, (int)last).Select(number => (ulong)number);

    private async Task AssertSameAgainAsync(Trader trader, IReadOnlyList<ExchangeEvent> reports)
    {
        var log = new ReportLog();
        await using var client = await OrderEntryClient.ConnectAsync(trader.Options(nextNonce: (ulong)reports.Count + 1_000), log);
        await log.WaitAsync(report => report.ReportSequence == (ulong)reports.Count);
        Assert.That(log.Reports, Is.EqualTo(reports));
    }
}
