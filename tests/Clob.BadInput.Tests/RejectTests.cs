using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>What is wrong inside a well-formed envelope: one reject with the documented reason, and the session goes on.</summary>
[Order(2)]
public sealed class RejectTests
{
    private const ushort Market = BadInputVenue.BadMarket;
    private const ulong AskPrice = 50_000;
    private const ulong AskQuantity = 100;
    private const ulong TopBit = 1UL << 63;

    private BadTrader _trader = null!;
    private BadTrader _other = null!;
    private ulong _ownOrder;
    private ulong _foreignOrder;

    [OneTimeSetUp]
    public async Task PlaceOrdersAsync()
    {
        _trader = await BadTrader.RegisterAsync(BadInputVenue.Appliance);
        _other = await BadTrader.RegisterAsync(BadInputVenue.Appliance);
        _ownOrder = Place(_trader, NewOrder.Limit(Market, Side.Buy, 10, 50));
        _foreignOrder = Place(_other, NewOrder.Limit(Market, Side.Sell, AskPrice, AskQuantity));
    }

    [OneTimeTearDown]
    public async Task DisposeAsync()
    {
        await _trader.DisposeAsync();
        await _other.DisposeAsync();
    }

    [TearDown]
    public Task TheGoodSessionTradesOn() => BadInputVenue.Good.TradeOnAsync();

    private static IEnumerable<TestCaseData> Orders()
    {
        var order = NewOrder.Limit(Market, Side.Buy, 20, 50);
        yield return Reject("unknown market", RejectReason.UnknownMarket, order with { Market = BadInputVenue.NoSuchMarket });
        yield return Reject("market 0", RejectReason.UnknownMarket, order with { Market = 0 });
        yield return Reject("price 0", RejectReason.PriceOutOfRange, order with { Price = 0 });
        yield return Reject("price above the cap", RejectReason.PriceOutOfRange, order with { Price = BadInputVenue.PriceCap + 1 });
        yield return Reject("negative price", RejectReason.PriceOutOfRange, order with { Price = TopBit });
        yield return Reject("overflowing price", RejectReason.PriceOutOfRange, order with { Price = ulong.MaxValue });
        yield return Reject("quantity 0", RejectReason.QuantityOutOfRange, order with { Quantity = 0 });
        yield return Reject("below the minimum quantity", RejectReason.QuantityOutOfRange, order with { Quantity = BadInputVenue.MinimumQuantity - 1 });
        yield return Reject("above the maximum quantity", RejectReason.QuantityOutOfRange, order with { Quantity = BadInputVenue.MaximumQuantity + 1 });
        yield return Reject("negative quantity", RejectReason.QuantityOutOfRange, order with { Quantity = TopBit });
        yield return Reject("overflowing quantity", RejectReason.QuantityOutOfRange, order with { Quantity = ulong.MaxValue });
        yield return Reject("negative quantity where there is no maximum", RejectReason.QuantityOutOfRange, order with { Market = BadInputVenue.DearMarket, Quantity = TopBit });
        yield return Reject("overflowing notional", RejectReason.NotionalTooLarge, order with { Market = BadInputVenue.DearMarket, Price = 1UL << 61, Quantity = 1UL << 62 });
        yield return Reject("a market order that rests", RejectReason.InvalidCombination, order with { OrderType = OrderType.Market });
        yield return Reject("post only and immediate", RejectReason.InvalidCombination, order with { Flags = OrderFlags.PostOnly, TimeInForce = TimeInForce.ImmediateOrCancel });
        yield return Reject("post only and fill or kill", RejectReason.InvalidCombination, order with { Flags = OrderFlags.PostOnly, TimeInForce = TimeInForce.FillOrKill });
        yield return Reject("good till date without a deadline", RejectReason.InvalidDeadline, order with { TimeInForce = TimeInForce.GoodTillDate });
        yield return Reject("good till yesterday", RejectReason.InvalidDeadline, order with { TimeInForce = TimeInForce.GoodTillDate, Deadline = 1 });
        yield return Reject("good till cancel with a deadline", RejectReason.InvalidDeadline, order with { Deadline = ulong.MaxValue });
        yield return Reject("an iceberg that shows nothing", RejectReason.InvalidDisplayQuantity, order with { DisplayQuantity = 0 });
        yield return Reject("an iceberg that shows all", RejectReason.InvalidDisplayQuantity, order with { DisplayQuantity = 50 });
        yield return Reject("an iceberg that shows too much to count", RejectReason.InvalidDisplayQuantity, order with { DisplayQuantity = ulong.MaxValue });
        yield return Reject("an iceberg that is immediate", RejectReason.InvalidCombination, order with { DisplayQuantity = 5, TimeInForce = TimeInForce.ImmediateOrCancel });
        yield return Reject("post only that would trade", RejectReason.WouldTrade, order with { Price = AskPrice, Flags = OrderFlags.PostOnly });
        yield return Reject("fill or kill beyond what is there", RejectReason.CannotFill, order with { Price = AskPrice, Quantity = AskQuantity + 1, TimeInForce = TimeInForce.FillOrKill });
        yield return Reject("no funds to buy", RejectReason.InsufficientFunds, order with { Market = BadInputVenue.DearMarket, Price = 1_000_000, Quantity = 1_000_000_000 });
        yield return Reject("no funds to sell", RejectReason.InsufficientFunds, order with { Market = BadInputVenue.DearMarket, Side = Side.Sell, Price = 1, Quantity = 1UL << 62 });
        yield return Reject("the reason that comes first when all is wrong", RejectReason.PriceOutOfRange, order with { Price = 0, Quantity = 0, OrderType = OrderType.Market, Deadline = 1 });
    }

    private static IEnumerable<TestCaseData> OtherCommands()
    {
        yield return Reject("cancel of an unknown order", RejectReason.UnknownOrder, new Cancel(Market, 1_000_000_000));
        yield return Reject("cancel in an unknown market", RejectReason.UnknownMarket, new Cancel(BadInputVenue.NoSuchMarket, 1));
        yield return Reject("cancel all in an unknown market", RejectReason.UnknownMarket, new CancelAll(BadInputVenue.NoSuchMarket));
        yield return Reject("withdrawal of nothing", RejectReason.AmountOutOfRange, new Withdraw(1, 0));
        yield return Reject("withdrawal past 2^127", RejectReason.AmountOutOfRange, new Withdraw(1, UInt128.MaxValue));
        yield return Reject("withdrawal of more than there is", RejectReason.InsufficientFunds, new Withdraw(1, UInt128.One << 100));
        yield return Reject("withdrawal of an unknown asset", RejectReason.UnknownAsset, new Withdraw(99, 1));
        yield return Reject("a key of zeros", RejectReason.InvalidKey, new RotateKey(new PublicKey(new byte[PublicKey.Size])));
        yield return Reject("the operator's registration", RejectReason.NotAllowed, new RegisterAccount(new PublicKey(new byte[PublicKey.Size])));
        yield return Reject("the operator's deposit", RejectReason.NotAllowed, new Deposit(1, 1, 1, null));
        yield return Reject("the operator's settlement", RejectReason.NotAllowed, new SettleWithdrawal(1, WithdrawalOutcome.Paid));
        yield return Reject("the operator's asset", RejectReason.NotAllowed, new DefineAsset(50, 2, SymbolOf("MINE")));
        yield return Reject("the operator's market state", RejectReason.NotAllowed, new SetMarketState(1, MarketState.Closed));
        yield return Reject("the operator's market terms", RejectReason.NotAllowed, new ChangeMarket(1, new MarketTerms { MakerFee = -1 }));
    }

    [TestCaseSource(nameof(Orders))]
    [TestCaseSource(nameof(OtherCommands))]
    public async Task Rejects_a_command(object fill, RejectReason reason) => await AssertRejectedAsync((BadTrader.Fill)fill, reason);

    [Test]
    public Task Rejects_to_cancel_what_belongs_to_another() => AssertRejectedAsync(Add(new Cancel(Market, _foreignOrder)), RejectReason.UnknownOrder);

    [Test]
    public Task Rejects_to_cancel_its_order_in_another_market() => AssertRejectedAsync(Add(new Cancel(BadInputVenue.DearMarket, _ownOrder)), RejectReason.UnknownOrder);

    [Test]
    public Task Rejects_to_reduce_what_belongs_to_another() => AssertRejectedAsync(Add(new Reduce(Market, _foreignOrder, 1)), RejectReason.UnknownOrder);

    [Test]
    public Task Rejects_to_reduce_by_nothing() => AssertRejectedAsync(Add(new Reduce(Market, _ownOrder, 0)), RejectReason.QuantityOutOfRange);

    [Test]
    public Task Rejects_to_replace_what_belongs_to_another() => AssertRejectedAsync(Add(new Replace(Market, _foreignOrder, 20, 50)), RejectReason.UnknownOrder);

    [TestCase(0UL, 50UL, RejectReason.PriceOutOfRange)]
    [TestCase(BadInputVenue.PriceCap + 1, 50UL, RejectReason.PriceOutOfRange)]
    [TestCase(10UL, 0UL, RejectReason.QuantityOutOfRange)]
    [TestCase(10UL, TopBit, RejectReason.QuantityOutOfRange)]
    public Task Rejects_to_replace_by_what_is_out_of_range(ulong price, ulong quantity, RejectReason reason) =>
        AssertRejectedAsync(Add(new Replace(Market, _ownOrder, price, quantity)), reason);

    [Test]
    public async Task Rejects_and_carries_out_side_by_side_in_one_envelope()
    {
        ulong nonce = (await _trader.ReadAsync()).NextNonce;
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.Envelope(nonce, static (ref EnvelopeBuilder envelope) =>
        {
            envelope.TryAdd(NewOrder.Limit(Market, Side.Buy, 0, 50));
            envelope.TryAdd(NewOrder.Limit(Market, Side.Buy, 11, 50, TimeInForce.ImmediateOrCancel));
            envelope.TryAdd(new Deposit(1, 1, 1, null));
        }));
        (EventKind, byte, ulong)[] answers = [.. Enumerable.Range(0, 4).Select(_ => session.ReceiveReport()).Select(report => (report.Kind, report.Reason, report.Nonce))];
        Assert.That(answers, Is.EqualTo(new[]
        {
            (EventKind.Rejected, (byte)RejectReason.PriceOutOfRange, nonce), (EventKind.Accepted, (byte)0, nonce + 1),
            (EventKind.Cancelled, (byte)CancelReason.Unfilled, nonce + 1), (EventKind.Rejected, (byte)RejectReason.NotAllowed, nonce + 2),
        }));
    }

    private async Task AssertRejectedAsync(BadTrader.Fill fill, RejectReason reason)
    {
        var before = await _trader.ReadAsync();
        using var session = _trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, _trader.Envelope(before.NextNonce, fill));
        var answer = session.ReceiveReport();
        session.Send(SoupPacketType.UnsequencedData, _trader.Envelope(before.NextNonce + 1, Add(new AccountSettings(null))));
        var next = session.ReceiveReport();
        var after = await _trader.ReadAsync();
        using (Assert.EnterMultipleScope())
        {
            Assert.That((answer.Kind, (RejectReason)answer.Reason, answer.Nonce), Is.EqualTo((EventKind.Rejected, reason, before.NextNonce)));
            Assert.That((next.Kind, next.Nonce), Is.EqualTo((EventKind.Completed, before.NextNonce + 1)), "the session goes on");
            Assert.That(after.NextNonce, Is.EqualTo(before.NextNonce + 2), "a reject uses up its nonce");
            Assert.That(after.Balances, Is.EqualTo(before.Balances));
            Assert.That(after.OpenOrders, Is.EqualTo(before.OpenOrders));
        }
    }

    private static Symbol SymbolOf(string text) => Symbol.TryParse(text, out var symbol) ? symbol : throw new ArgumentException(text);

    private static ulong Place(BadTrader trader, NewOrder order)
    {
        using var session = trader.LogIn();
        session.Send(SoupPacketType.UnsequencedData, trader.Envelope(1, Add(order)));
        var answer = session.ReceiveReport();
        Assert.That(answer.Kind, Is.EqualTo(EventKind.Accepted));
        return answer.OrderId;
    }

    private static BadTrader.Fill Add<TCommand>(TCommand command) where TCommand : struct, ICommand => (ref EnvelopeBuilder envelope) => envelope.TryAdd(command);

    private static TestCaseData Reject<TCommand>(string name, RejectReason reason, TCommand command) where TCommand : struct, ICommand =>
        new TestCaseData(Add(command), reason).SetArgDisplayNames(name, reason.ToString());
}
