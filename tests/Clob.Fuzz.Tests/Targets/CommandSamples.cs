using Clob.Protocol;

namespace Clob.Fuzz.Tests;

/// <summary>Every command with none, some and all of its optional fields, as <c>type u8 · body</c>; and back.</summary>
internal static class CommandSamples
{
    private static readonly PublicKey Key = new(new byte[PublicKey.Size]);

    private static readonly MarketTerms AllTerms = new()
    {
        MinimumQuantity = 1,
        MaximumQuantity = 1_000_000,
        PriceCap = 2_000_000_000,
        MakerFee = -100,
        TakerFee = 200,
        PriceBand = 500_000,
        ReferencePrice = 5_000,
        MaximumNotional = 1_000_000_000,
    };

    public static List<byte[]> All { get; } =
    [
        Of(NewOrder.Limit(1, Side.Buy, 100, 10)),
        Of(NewOrder.StopLimit(1, Side.Sell, 90, 80, 10) with
        {
            TimeInForce = TimeInForce.GoodTillDate,
            Deadline = 1_700_000_000_000_000_000,
            ClientOrderId = 7,
            DisplayQuantity = 2,
            SelfTradePrevention = SelfTradePrevention.CancelBoth,
        }),
        Of(new Cancel(1, 2)),
        Of(new Reduce(1, 2, 3)),
        Of(new Replace(1, 2, 3, 4)),
        Of(new Replace(1, 2, 3, 4, 5, 6)),
        Of(new CancelAll(1, Side.Sell)),
        Of(new Withdraw(1, 1_000_000)),
        Of(new RotateKey(Key)),
        Of(new AccountSettings()),
        Of(new AccountSettings(true, SelfTradePrevention.CancelOldest, false)),
        Of(new RegisterAccount(Key)),
        Of(new Deposit(1, 1, 100, null)),
        Of(new Deposit(1, 1, 100, 12345)),
        Of(new SettleWithdrawal(1, WithdrawalOutcome.Returned)),
        Of(new DefineAsset(1, 6, Symbol.Parse("USD"))),
        Of(new DefineMarket(1, 2, 1, 10_000, 1, Symbol.Parse("BTC/USD"), default)),
        Of(new DefineMarket(1, 2, 1, 10_000, 1, Symbol.Parse("BTC/USD"), AllTerms)),
        Of(new ChangeMarket(1, AllTerms)),
        Of(new SetMarketState(1, MarketState.Halted)),
        Of(new SetAccountLimits(1, false, 100, 1_000_000)),
        Of(new SetAccountFees(1, 1, -5, 5)),
    ];

    /// <summary>Reads a checked command and writes it again.</summary>
    public static byte[] Encoded(CommandType type, ReadOnlySpan<byte> body) => type switch
    {
        CommandType.NewOrder => Of(NewOrder.Read(body)),
        CommandType.Cancel => Of(Cancel.Read(body)),
        CommandType.Reduce => Of(Reduce.Read(body)),
        CommandType.Replace => Of(Replace.Read(body)),
        CommandType.CancelAll => Of(CancelAll.Read(body)),
        CommandType.Withdraw => Of(Withdraw.Read(body)),
        CommandType.RotateKey => Of(RotateKey.Read(body)),
        CommandType.AccountSettings => Of(AccountSettings.Read(body)),
        CommandType.RegisterAccount => Of(RegisterAccount.Read(body)),
        CommandType.Deposit => Of(Deposit.Read(body)),
        CommandType.SettleWithdrawal => Of(SettleWithdrawal.Read(body)),
        CommandType.DefineAsset => Of(DefineAsset.Read(body)),
        CommandType.DefineMarket => Of(DefineMarket.Read(body)),
        CommandType.ChangeMarket => Of(ChangeMarket.Read(body)),
        CommandType.SetMarketState => Of(SetMarketState.Read(body)),
        CommandType.SetAccountLimits => Of(SetAccountLimits.Read(body)),
        CommandType.SetAccountFees => Of(SetAccountFees.Read(body)),
        _ => throw new InvalidOperationException($"a command of type {type} passed its check and has no reader here"),
    };

    private static byte[] Of<TCommand>(TCommand command) where TCommand : struct, ICommand
    {
        Span<byte> body = stackalloc byte[byte.MaxValue];
        return [(byte)TCommand.Type, .. body[..command.Write(body)]];
    }
}
