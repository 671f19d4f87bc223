using System.Net;
using System.Text;
using Clob.Client;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>
/// Commands that are signed and well-formed and make no sense: any type with any numbers, mostly from the edges, on markets whose terms are at their edges
/// too. No invariant breaks (the venue would stop at once), each envelope is answered, and the verifier replays all of it in the end.
/// </summary>
[Order(6)]
public sealed class SignedGarbageTests
{
    private const int InFlight = 25;
    private const ushort FirstMarket = 100;

    // Much with CLOB_LONG=1; CLOB_SEED repeats a run.
    private static readonly int Envelopes = Environment.GetEnvironmentVariable("CLOB_LONG") == "1" ? 60_000 : 1_500;

    private static readonly ulong[] Edges =
    [
        0, 1, 2, 3, 9, 10, 11, 99, 1_000, 1_000_000, int.MaxValue, uint.MaxValue, 1UL << 32, (1UL << 53) + 1, (1UL << 61) + 1, (1UL << 62) - 1, 1UL << 62, (1UL << 63) - 1, 1UL << 63,
        ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private static readonly ushort[] Markets = [FirstMarket, FirstMarket + 1, FirstMarket + 2, FirstMarket + 3, BadInputVenue.BadMarket, BadInputVenue.DearMarket];
    private static readonly ushort[] NoMarkets = [BadInputVenue.NoSuchMarket, 0, ushort.MaxValue];

    // Of both accounts, so that each also tries what belongs to the other.
    private readonly List<(ushort Market, ulong Order)> _orders = [(FirstMarket, 1), (FirstMarket, ulong.MaxValue)];
    private Random _random = null!;

    [TearDown]
    public Task TheGoodSessionTradesOn() => BadInputVenue.Good.TradeOnAsync();

    [Test]
    public async Task Signed_nonsense_breaks_no_invariant()
    {
        int seed = Seed();
        _random = new Random(seed);
        await DefineMarketsAsync();

        // 2^125 smallest units of each asset: with both, a fourth of all there can ever be.
        IEnumerable<(uint, string)> funds = [(1, "42535295865117307932921825928971.026432"), (2, "425352958651173079329218259289.71026432")];
        await using var first = await BadTrader.RegisterAsync(BadInputVenue.Appliance, funds);
        await using var second = await BadTrader.RegisterAsync(BadInputVenue.Appliance, funds);
        using var firstSession = first.LogIn();
        using var secondSession = second.LogIn();
        Dictionary<(EventKind, RejectReason), int> answers = [];
        ulong firstNonce = 1, secondNonce = 1;
        for (int sent = 0; sent < Envelopes; sent += 2 * InFlight)
        {
            firstNonce = Exchange(first, firstSession, firstNonce, answers);
            secondNonce = Exchange(second, secondSession, secondNonce, answers);
        }

        TestContext.Out.WriteLine(string.Join(", ", answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Key.Item1}/{answer.Key.Item2}: {answer.Value}")));
        Assert.That(answers.Keys.Select(answer => answer.Item1), Is.SupersetOf(new[] { EventKind.Accepted, EventKind.Executed, EventKind.Cancelled, EventKind.Reduced, EventKind.Replaced, EventKind.WithdrawalRequested }));
        Assert.That(answers.Keys.Select(answer => answer.Item2), Is.SupersetOf(new[]
        {
            RejectReason.NotAllowed, RejectReason.UnknownMarket, RejectReason.UnknownAsset, RejectReason.UnknownOrder, RejectReason.PriceOutOfRange, RejectReason.QuantityOutOfRange,
            RejectReason.InvalidCombination, RejectReason.InvalidDeadline, RejectReason.WouldTrade, RejectReason.CannotFill, RejectReason.NotionalTooLarge,
        }));
    }

    [Test]
    public async Task Nonsense_for_administration_is_refused_with_a_problem()
    {
        int seed = Seed();
        var random = new Random(seed);
        string[] values = ["0", "-1", "1.5", "1e400", "70000", "4294967296", "18446744073709551615", "18446744073709551616", "\"\"", "\"1\"", "\"-1\"", "\"\\u0000\"", "null", "true", "[]", "{}", "{\"0\":1}"];
        string[] properties = ["market_id", "symbol", "base_asset", "quote_asset", "base_units_per_lot", "quote_units_per_lot_and_tick", "minimum_quantity", "maximum_quantity", "price_cap", "maker_fee_ppm", "taker_fee_ppm"];
        string[] good = ["200", "\"FUZZ\"", "2", "1", "1", "1", "1", "1000", "1000", "0", "0"];
        using var http = new HttpClient { BaseAddress = BadInputVenue.Appliance.Http, Timeout = ProgramProcess.Patience };
        for (int i = 0; i < 300; i++)
        {
            string[] tried = [.. good];
            for (int changes = random.Next(1, 3); changes > 0; changes--)
                tried[random.Next(tried.Length)] = values[random.Next(values.Length)];
            string body = "{" + string.Join(',', properties.Zip(tried, (property, value) => $"\"{property}\":{value}")) + "}";
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var answer = await http.PostAsync(new Uri("markets", UriKind.Relative), content);
            string text = await answer.Content.ReadAsStringAsync();
            Assert.That((int)answer.StatusCode, Is.LessThan(500), $"{body}\n{text}");
            if (answer.StatusCode != HttpStatusCode.Created)
                Assert.That(text, Does.Contain("urn:clob:problem:"), body);
        }
    }

    /// <summary>Sends envelopes all at once, and reads until the last of their commands is answered; gives the next nonce.</summary>
    private ulong Exchange(BadTrader trader, RawSession session, ulong nonce, Dictionary<(EventKind, RejectReason), int> answers)
    {
        for (int i = 0; i < InFlight; i++)
        {
            int commands = _random.Next(1, 9);
            session.Send(SoupPacketType.UnsequencedData, trader.Envelope(nonce, (ref EnvelopeBuilder envelope) =>
            {
                while (envelope.Count < commands)
                    AddAny(ref envelope);
            }));
            nonce += (uint)commands;
        }

        session.Send(SoupPacketType.UnsequencedData, trader.Envelope(nonce, static (ref EnvelopeBuilder envelope) => envelope.TryAdd(new AccountSettings(null))));
        while (true)
        {
            var report = session.ReceiveReport();
            var reason = report.Kind is EventKind.Rejected or EventKind.EnvelopeRejected ? (RejectReason)report.Reason : RejectReason.None;
            answers[(report.Kind, reason)] = answers.GetValueOrDefault((report.Kind, reason)) + 1;
            Assert.That(report.Kind, Is.Not.EqualTo(EventKind.EnvelopeRejected), reason.ToString());
            if (report.Kind is EventKind.Accepted or EventKind.Replaced)
                _orders.Add((report.Market, report.OrderId));
            if (report.Kind == EventKind.Completed && report.Nonce == nonce)
                return nonce + 1;
        }
    }

    private void AddAny(ref EnvelopeBuilder envelope)
    {
        ushort market = _random.Next(20) == 0 ? NoMarkets[_random.Next(NoMarkets.Length)] : Markets[_random.Next(Markets.Length)];
        var (ordersMarket, order) = _orders[^_random.Next(1, Math.Min(_orders.Count, 200) + 1)];
        switch (_random.Next(40))
        {
            case 0:
                envelope.TryAdd(new CancelAll(market, (Side)_random.Next(3)));
                break;
            case 1 or 2:
                envelope.TryAdd(new Withdraw((uint)_random.Next(4), new UInt128(_random.Next(4) == 0 ? Any() : 0, Any())));
                break;
            case 3 or 4:
                AddForOperator(ref envelope, market);
                break;
            case < 8:
                envelope.TryAdd(new Cancel(ordersMarket, order));
                break;
            case < 14:
                envelope.TryAdd(new Reduce(ordersMarket, order, Any()));
                break;
            case < 20:
                envelope.TryAdd(new Replace(ordersMarket, order, Any(), Any(), _random.Next(4) == 0 ? Any() : null));
                break;
            default:
                envelope.TryAdd(AnyOrder(market));
                break;
        }
    }

    private void AddForOperator(ref EnvelopeBuilder envelope, ushort market)
    {
        switch (_random.Next(4))
        {
            case 0:
                envelope.TryAdd(new Deposit(Any(), (uint)_random.Next(4), new UInt128(Any(), Any()), null));
                break;
            case 1:
                envelope.TryAdd(new SettleWithdrawal(Any(), WithdrawalOutcome.Paid));
                break;
            case 2:
                envelope.TryAdd(new SetMarketState(market, MarketState.Halted));
                break;
            default:
                envelope.TryAdd(new ChangeMarket(market, new MarketTerms { PriceCap = Any(), TakerFee = int.MinValue }));
                break;
        }
    }

    private NewOrder AnyOrder(ushort market) => new()
    {
        Market = market,
        Side = (Side)_random.Next(1, 3),
        OrderType = _random.Next(8) == 0 ? OrderType.Market : OrderType.Limit,
        TimeInForce = _random.Next(3) == 0 ? (TimeInForce)_random.Next(1, 5) : TimeInForce.GoodTillCancel,
        Flags = _random.Next(6) == 0 ? OrderFlags.PostOnly : 0,
        Price = Any(),
        Quantity = Any(),
        Deadline = _random.Next(12) == 0 ? Any() : 0,
        ClientOrderId = Any(),
        DisplayQuantity = _random.Next(4) == 0 ? Any() : null,
        SelfTradePrevention = (SelfTradePrevention)_random.Next(5),
    };

    /// <summary>Mostly numbers that go together, else one from the edges.</summary>
    private ulong Any() => _random.Next(3) == 0 ? Edges[_random.Next(Edges.Length)] : (ulong)_random.Next(1, 30);

    private static int Seed()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLOB_SEED"), out int given) ? given : Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed} (CLOB_SEED)");
        return seed;
    }

    private static async Task DefineMarketsAsync()
    {
        using var http = BadInputVenue.Appliance.CreateHttpClient();
        var edge = new MarketDefinition
        {
            MarketId = FirstMarket,
            Symbol = "EDGE",
            BaseAsset = 2,
            QuoteAsset = 1,
            BaseUnitsPerLot = ulong.MaxValue,
            QuoteUnitsPerLotAndTick = ulong.MaxValue,
            MaximumQuantity = long.MaxValue,
            PriceCap = (1UL << 62) - 1,
        };
        await http.DefineMarketAsync(edge);
        await http.DefineMarketAsync(edge with { MarketId = FirstMarket + 1, BaseUnitsPerLot = 1, QuoteUnitsPerLotAndTick = 1, MakerFeePpm = -1_000_000, TakerFeePpm = 1_000_000 });
        await http.DefineMarketAsync(edge with { MarketId = FirstMarket + 2, BaseUnitsPerLot = 1, QuoteUnitsPerLotAndTick = 1, MakerFeePpm = 1_000_000, TakerFeePpm = -1_000_000 });
        await http.DefineMarketAsync(edge with { MarketId = FirstMarket + 3, BaseUnitsPerLot = 1, QuoteUnitsPerLotAndTick = 1, MakerFeePpm = 1_000_000, TakerFeePpm = 1_000_000 });
    }
}
