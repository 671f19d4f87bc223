using System.Reflection;
using System.Text;
using System.Text.Json;
using Clob.Protocol;
using Clob.Verifier.Inspection;
using Clob.Verifier.Reports;

namespace Clob.Verifier.Tests;

/// <summary>Every command there is, with everything it can say, as <c>journal cat</c> prints it.</summary>
public sealed class CommandFieldsTests
{
    private static readonly PublicKey Key = new([.. Enumerable.Repeat((byte)0x11, 32)]);
    private static readonly string KeyText = string.Concat(Enumerable.Repeat("11", 32));
    private static readonly MarketTerms Terms = new()
    {
        MinimumQuantity = 1,
        MaximumQuantity = 2,
        PriceCap = 3,
        MakerFee = -4,
        TakerFee = 5,
        PriceBand = 6,
        ReferencePrice = 7,
        MaximumNotional = UInt128.MaxValue,
    };

    private const string TermsText = "minimum_quantity=1 maximum_quantity=2 price_cap=3 maker_fee=-4 taker_fee=5 price_band=6 reference_price=7 maximum_notional=340282366920938463463374607431768211455";

    private static IEnumerable<TestCaseData> Commands()
    {
        NewOrder order = NewOrder.StopLimit(9, Side.Buy, 1 << 20, 1UL << 53, (1UL << 53) + 1) with
        {
            TimeInForce = TimeInForce.GoodTillDate,
            Flags = OrderFlags.PostOnly,
            Deadline = 1_700_000_000_123_456_789,
            ClientOrderId = 8,
            DisplayQuantity = 2,
            SelfTradePrevention = SelfTradePrevention.CancelBoth,
        };
        yield return Case(order, "market=9 side=Buy order_type=Limit time_in_force=GoodTillDate flags=PostOnly price=9007199254740992 quantity=9007199254740993 deadline=2023-11-14T22:13:20.123456789Z client_order_id=8 stop_price=1048576 display_quantity=2 self_trade_prevention=CancelBoth");
        yield return Case(NewOrder.AtMarket(9, Side.Sell, 5, 6), "market=9 side=Sell order_type=Market time_in_force=ImmediateOrCancel flags=None price=5 quantity=6");
        yield return Case(new Cancel(9, ulong.MaxValue), "market=9 order_id=18446744073709551615");
        yield return Case(new Reduce(9, 1, 2), "market=9 order_id=1 quantity=2");
        yield return Case(new Replace(9, 1, 2, 3, 4, 5), "market=9 order_id=1 price=2 quantity=3 display_quantity=4 stop_price=5");
        yield return Case(new CancelAll(9, Side.Sell), "market=9 side=Sell");
        yield return Case(new CancelAll(), "market=0 side=0");
        yield return Case(new Withdraw(1, UInt128.One << 100), "asset=1 amount=1267650600228229401496703205376");
        yield return Case(new RotateKey(Key), $"key={KeyText}");
        yield return Case(new AccountSettings(true, SelfTradePrevention.Allow, false), "cancel_on_disconnect=true self_trade_prevention=Allow kill_switch=false");
        yield return Case(new RegisterAccount(Key), $"key={KeyText}");
        yield return Case(new Deposit(1, 2, 3, 0xab), "account=1 asset=2 amount=3 deposit_id=000000000000000000000000000000ab");
        yield return Case(new SettleWithdrawal(1, WithdrawalOutcome.Returned), "withdrawal_id=1 outcome=Returned");
        yield return Case(new DefineAsset(1, 8, Symbol.Parse("BTC")), "asset=1 decimals=8 symbol=BTC");
        yield return Case(new DefineMarket(9, 1, 2, 100, 200, Symbol.Parse("BTC/USD"), Terms), $"market=9 base_asset=1 quote_asset=2 base_units_per_lot=100 quote_units_per_lot_and_tick=200 symbol=BTC/USD {TermsText}");
        yield return Case(new ChangeMarket(9, Terms), $"market=9 {TermsText}");
        yield return Case(new SetMarketState(9, MarketState.CancelOnly), "market=9 state=CancelOnly");
        yield return Case(new SetAccountLimits(1, false, 2, 3), "account=1 is_trading_allowed=false maximum_open_orders=2 maximum_notional=3");
        yield return Case(new SetAccountFees(1, 9, -2, 3), "account=1 market=9 maker_fee=-2 taker_fee=3");
    }

    [TestCaseSource(nameof(Commands))]
    public void Prints_each_field_by_name(object envelope, string expected, CommandType type)
    {
        byte[] record = new byte[RecordHeader.Size + ((byte[])envelope).Length];
        new RecordHeader(RecordKind.Envelope, 5, VenueOnDisk.FirstTime).Write(record);
        ((byte[])envelope).CopyTo(record, RecordHeader.Size);
        DecodedRecord decoded = RecordDecoder.Decode(5, record);
        var text = new StringBuilder();
        var json = new StringBuilder();
        using var writer = new RecordJson();

        RecordText.Append(text, decoded);
        writer.Append(json, decoded);

        Assert.That(text.ToString(), Does.EndWith($"    account=3 first_nonce=17 expiry=2023-11-14T22:13:20.000000001Z (signature not checked)\n    17 {type} {expected}\n"));
        JsonElement command = JsonDocument.Parse(json.ToString()).RootElement.GetProperty("payload").GetProperty("commands")[0];
        Assert.That(command.GetProperty("type").GetString(), Is.EqualTo($"{type}"));
        foreach (string field in expected.Split(' '))
        {
            (string name, string value) = (field.Split('=')[0], field.Split('=')[1]);
            JsonElement found = command.GetProperty(name);
            Assert.That(found.ToString().Replace("True", "true", StringComparison.Ordinal).Replace("False", "false", StringComparison.Ordinal), Is.EqualTo(value), name);
            // Only what every reader of JSON keeps exactly is a number.
            bool isNumber = Int128.TryParse(value, out Int128 number) && number <= 1L << 53 && name is not "side" && name is not "deposit_id";
            Assert.That(found.ValueKind == JsonValueKind.Number, Is.EqualTo(isNumber), name);
        }
        Assert.That(command.EnumerateObject().Count(), Is.EqualTo(expected.Split(' ').Length + 2), "nonce, type, and no field more");
    }

    /// <summary>A command type that comes to the protocol fails here until it is printed and has a case above.</summary>
    [TestCaseSource(nameof(Types))]
    public void Knows_every_type_and_every_field_of_it(CommandType type)
    {
        TestCaseData[] cases = [.. Commands().Where(data => (CommandType)data.Arguments[2]! == type)];
        Assert.That(cases, Is.Not.Empty, "a case with every field");

        Type definition = typeof(NewOrder).Assembly.GetType($"Clob.Protocol.{type}")!;
        foreach (string property in PropertiesOf(definition))
            Assert.That(cases.Any(data => $" {data.Arguments[1]}".Contains($" {property}=", StringComparison.Ordinal)), Is.True, $"{property} in a case of {type}");
    }

    private static IEnumerable<CommandType> Types() => Enum.GetValues<CommandType>();

    private static IEnumerable<string> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).SelectMany(property => property.PropertyType == typeof(MarketTerms)
            ? PropertiesOf(property.PropertyType)
            : [JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)]);

    private static TestCaseData Case<TCommand>(TCommand command, string expected) where TCommand : struct, ICommand
    {
        using SigningKey key = SigningKey.FromSeed(new byte[32]);
        var builder = new EnvelopeBuilder(new byte[Envelope.MaximumSize], account: 3, firstNonce: 17, expiry: 1_700_000_000_000_000_001);
        Assert.That(builder.TryAdd(command), Is.True);
        return new TestCaseData(builder.Sign(key, new byte[32]).ToArray(), expected, TCommand.Type).SetArgDisplayNames($"{TCommand.Type}", expected[..Math.Min(expected.Length, 30)]);
    }
}
