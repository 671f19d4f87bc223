using Clob.Appliance.Pipeline;
using Clob.Journal;
using Clob.Protocol;
using Microsoft.Extensions.Logging;

namespace Clob.Pipeline.Tests;

/// <summary>What is taken while the journal's next segment cannot be made.</summary>
public sealed class AdmissionTests
{
    private static readonly DiskFailureException NoRoom = new("/data/journal/next.preparing", "statfs", DiskFailureException.NoSpace, "room");

    private DiskFailureException? _failure;
    private readonly ListLog _log = new();
    private Admission _admission = null!;

    [SetUp]
    public void Make()
    {
        (_failure, _admission) = (null, new Admission(() => _failure, _log));
        _log.Lines.Clear();
    }

    [TestCase(CommandType.Cancel, true)]
    [TestCase(CommandType.Reduce, true)]
    [TestCase(CommandType.CancelAll, true)]
    [TestCase(CommandType.RotateKey, true)]
    [TestCase(CommandType.AccountSettings, true)]
    [TestCase(CommandType.SetMarketState, true)]
    [TestCase(CommandType.SetAccountLimits, true)]
    [TestCase(CommandType.NewOrder, false)]
    [TestCase(CommandType.Replace, false)]
    [TestCase(CommandType.Withdraw, false)]
    [TestCase(CommandType.RegisterAccount, false)]
    [TestCase(CommandType.Deposit, false)]
    [TestCase(CommandType.SettleWithdrawal, false)]
    [TestCase(CommandType.DefineAsset, false)]
    [TestCase(CommandType.DefineMarket, false)]
    [TestCase(CommandType.ChangeMarket, false)]
    [TestCase(CommandType.SetAccountFees, false)]
    public void Takes_only_what_takes_away_while_there_is_no_next_segment(CommandType type, bool isTaken)
    {
        byte[] alone = EnvelopeOf(type);
        byte[] behindACancel = EnvelopeOf(CommandType.Cancel, type);
        AssertTaken(alone, true);
        _failure = NoRoom;
        AssertTaken(alone, true); // not before ingress has looked: one poll is under one rule
        _admission.Look();
        AssertTaken(alone, isTaken);
        AssertTaken(behindACancel, isTaken);
        _failure = null;
        _admission.Look();
        AssertTaken(alone, true);
    }

    [Test]
    public void Every_command_has_its_row() =>
        Assert.That(
            GetType().GetMethod(nameof(Takes_only_what_takes_away_while_there_is_no_next_segment))!.GetCustomAttributes(typeof(TestCaseAttribute), false)
                .Cast<TestCaseAttribute>().Select(row => (CommandType)row.Arguments[0]!),
            Is.EquivalentTo(Enum.GetValues<CommandType>()));

    [Test]
    public void Raises_the_alarm_once_and_takes_it_back()
    {
        _admission.Look();
        Assert.That(_log.Lines, Is.Empty);
        _failure = NoRoom;
        _admission.Look();
        _failure = new DiskFailureException("/data/journal/next.preparing", "statfs", DiskFailureException.NoSpace, "room, tried again");
        _admission.Look();
        Assert.That(_admission.Obstacle, Is.SameAs(_failure), "the newest reason");
        _failure = null;
        _admission.Look();
        _admission.Look();
        Assert.That(_admission.Obstacle, Is.Null);
        Assert.That(_log.Lines, Has.Count.EqualTo(2));
        Assert.That(_log.Lines[0], Does.StartWith("Error").And.Contains("next.preparing").And.Contains("errno 28"));
        Assert.That(_log.Lines[1], Does.StartWith("Warning"));
    }

    private void AssertTaken(byte[] bytes, bool isTaken)
    {
        Assert.That(Envelope.TryRead(bytes, out var envelope, out var fault), Is.True, $"{fault}");
        Assert.That(_admission.Admits(envelope), Is.EqualTo(isTaken));
    }

    private static byte[] EnvelopeOf(params CommandType[] types)
    {
        using var key = SigningKey.Generate();
        var builder = new EnvelopeBuilder(new byte[Envelope.MaximumSize], account: 0, firstNonce: 1);
        foreach (var type in types)
            Assert.That(Add(ref builder, type), Is.True);
        return builder.Sign(key, new byte[Genesis.VenueIdSize]).ToArray();
    }

    private static bool Add(ref EnvelopeBuilder envelope, CommandType type) => type switch
    {
        CommandType.NewOrder => envelope.TryAdd(NewOrder.Limit(1, Side.Buy, 1, 1)),
        CommandType.Cancel => envelope.TryAdd(new Cancel(1, 1)),
        CommandType.Reduce => envelope.TryAdd(new Reduce(1, 1, 1)),
        CommandType.Replace => envelope.TryAdd(new Replace(1, 1, 1, 1)),
        CommandType.CancelAll => envelope.TryAdd(new CancelAll()),
        CommandType.Withdraw => envelope.TryAdd(new Withdraw()),
        CommandType.RotateKey => envelope.TryAdd(new RotateKey()),
        CommandType.AccountSettings => envelope.TryAdd(new AccountSettings()),
        CommandType.RegisterAccount => envelope.TryAdd(new RegisterAccount()),
        CommandType.Deposit => envelope.TryAdd(new Deposit()),
        CommandType.SettleWithdrawal => envelope.TryAdd(new SettleWithdrawal(1, WithdrawalOutcome.Paid)),
        CommandType.DefineAsset => envelope.TryAdd(new DefineAsset(1, 2, Symbol.Parse("USD"))),
        CommandType.DefineMarket => envelope.TryAdd(new DefineMarket(1, 2, 1, 1, 1, Symbol.Parse("BTC/USD"), new MarketTerms())),
        CommandType.ChangeMarket => envelope.TryAdd(new ChangeMarket(1, new MarketTerms())),
        CommandType.SetMarketState => envelope.TryAdd(new SetMarketState(1, MarketState.Halted)),
        CommandType.SetAccountLimits => envelope.TryAdd(new SetAccountLimits(1, false, null, null)),
        CommandType.SetAccountFees => envelope.TryAdd(new SetAccountFees(1, 1, null, null)),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "a command without an example"),
    };

    private sealed class ListLog : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Add($"{logLevel} {formatter(state, exception)}");
    }
}
