namespace Clob.Protocol.Tests;

/// <summary>Optional fields: each alone and all together come back as they were written, and what nobody defined is refused.</summary>
public sealed class CommandLayoutTests
{
    private static readonly NewOrder Order = NewOrder.Limit(7, Side.Sell, 1_000, 250);

    private static IEnumerable<NewOrder> Orders() =>
    [
        Order, Order with { Deadline = 9 }, Order with { ClientOrderId = 8 }, Order with { StopPrice = 7 }, Order with { DisplayQuantity = 6 },
        Order with { StopPrice = 0, DisplayQuantity = 0 }, Order with { SelfTradePrevention = SelfTradePrevention.CancelBoth },
        Order with { Deadline = 1, ClientOrderId = 2, StopPrice = 3, DisplayQuantity = 4, SelfTradePrevention = SelfTradePrevention.Allow },
    ];

    private static IEnumerable<Replace> Replaces() =>
    [
        new(1, 2, 3, 4), new(1, 2, 3, 4, DisplayQuantity: 5), new(1, 2, 3, 4, StopPrice: 6), new(1, 2, 3, 4, 0, 0),
    ];

    private static IEnumerable<AccountSettings> Settings() =>
    [
        new(), new(true), new(false), new(null, SelfTradePrevention.CancelOldest), new(KillSwitch: false),
        new(true, SelfTradePrevention.Allow, true),
    ];

    private static IEnumerable<SetAccountLimits> Limits() =>
    [
        new(9), new(9, false), new(9, null, uint.MaxValue), new(9, MaximumNotional: UInt128.MaxValue), new(9, true, 0, 1),
    ];

    private static IEnumerable<SetAccountFees> Fees() => [new(9, 8), new(9, 8, -7), new(9, 8, null, 6), new(9, 8, -5, 5)];

    private static IEnumerable<MarketTerms> Terms() =>
    [
        new(), new() { PriceBand = 1 }, new() { ReferencePrice = 2 }, new() { MaximumNotional = 3 },
        new()
        {
            MinimumQuantity = 1, MaximumQuantity = 2, PriceCap = 3, MakerFee = -4, TakerFee = 5, PriceBand = 6, ReferencePrice = 7, MaximumNotional = 8,
        },
    ];

    [TestCaseSource(nameof(Orders))]
    public void Reads_an_order_as_it_was_written(NewOrder order) => AssertReads(order, NewOrder.Read);

    [TestCaseSource(nameof(Replaces))]
    public void Reads_a_replace_as_it_was_written(Replace replace) => AssertReads(replace, Replace.Read);

    [TestCaseSource(nameof(Settings))]
    public void Reads_settings_as_they_were_written(AccountSettings settings) => AssertReads(settings, AccountSettings.Read);

    [TestCaseSource(nameof(Limits))]
    public void Reads_an_accounts_limits_as_they_were_written(SetAccountLimits limits) => AssertReads(limits, SetAccountLimits.Read);

    [TestCaseSource(nameof(Fees))]
    public void Reads_an_accounts_fees_as_they_were_written(SetAccountFees fees) => AssertReads(fees, SetAccountFees.Read);

    [TestCaseSource(nameof(Terms))]
    public void Reads_terms_as_they_were_written(MarketTerms terms) => AssertReads(new ChangeMarket(3, terms), ChangeMarket.Read);

    // presence bits, then the byte of the field they name
    [TestCase(CommandType.AccountSettings, "0001 02")]
    [TestCase(CommandType.AccountSettings, "0002 00")]
    [TestCase(CommandType.AccountSettings, "0002 05")]
    [TestCase(CommandType.AccountSettings, "0004 02")]
    [TestCase(CommandType.AccountSettings, "0007 01 04 02")]
    [TestCase(CommandType.SetAccountLimits, "0001 0000000000000001 02")]
    [TestCase(CommandType.NewOrder, "0010 0001 01010100 0000000000000001 0000000000000001 00")]
    [TestCase(CommandType.NewOrder, "0010 0001 01010100 0000000000000001 0000000000000001 05")]
    public void Refuses_values_that_nobody_defined(CommandType type, string body) =>
        Assert.That(Command.Check(type, Convert.FromHexString(body.Replace(" ", ""))), Is.EqualTo(EnvelopeFault.FieldValue));

    [TestCase(CommandType.NewOrder, 5, 24)]
    [TestCase(CommandType.Replace, 2, 28)]
    [TestCase(CommandType.AccountSettings, 3, 2)]
    [TestCase(CommandType.SetAccountLimits, 3, 10)]
    [TestCase(CommandType.SetAccountFees, 2, 12)]
    [TestCase(CommandType.ChangeMarket, 8, 4)]
    public void Refuses_presence_bits_that_nobody_defined(CommandType type, int firstUndefined, int size)
    {
        for (int bit = firstUndefined; bit < 16; bit++)
        {
            byte[] body = new byte[size];
            new BigEndianWriter(body).U16((ushort)(1 << bit));
            Assert.That(Command.Check(type, body), Is.EqualTo(EnvelopeFault.CommandFields), $"bit {bit}");
        }
    }

    private delegate T Reader<T>(ReadOnlySpan<byte> body);

    private static void AssertReads<T>(T command, Reader<T> read) where T : ICommand
    {
        Span<byte> body = stackalloc byte[byte.MaxValue];
        body = body[..command.Write(body)];
        Assert.That(Command.Check(T.Type, body), Is.EqualTo(EnvelopeFault.None));
        Assert.That(read(body), Is.EqualTo(command));
        Assert.That(Command.Check(T.Type, body[..^1]), Is.EqualTo(EnvelopeFault.CommandFields));
    }
}
