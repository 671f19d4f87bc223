using Clob.Appliance;
using Clob.Protocol;
using Clob.Simulation.Tests.Oracle;
using Clob.Simulation.Tests.Process;

namespace Clob.Simulation.Tests.Participants;

/// <summary>
/// Account 0: makes markets and accounts, pays in, changes terms. One envelope at a time; after a crash the very same one again until it is
/// answered.
/// </summary>
internal sealed class Operator(byte[] venueId, Random random, Witness witness, WorldFigures figures, int traders)
{
    public const uint Quote = 1;
    public const uint Base = 2;
    public const ushort Markets = 2;

    private readonly byte[] _buffer = new byte[Envelope.MaximumSize];
    private ulong _nextNonce = 1;
    private byte[]? _unanswered;
    private VenueProcess? _askedProcess;
    private Task<IReadOnlyList<ExchangeEvent>>? _reply;

    /// <summary>Whether there are markets and accounts, or will be: without them nobody can log in.</summary>
    public bool HasOpened => _nextNonce > 1;

    public bool IsIdle => _unanswered is null;

    /// <summary>Asks, asks again, or takes the answer.</summary>
    /// <returns>Whether anything was done.</returns>
    public bool Act(VenueProcess process, bool mayBegin)
    {
        if (_unanswered is null && mayBegin)
            _unanswered = NextEnvelope();
        if (_unanswered is null)
            return false;
        if (_askedProcess != process)
            return Ask(process);

        return _reply!.IsCompleted && TakeAnswer(_reply.Result);
    }

    private bool Ask(VenueProcess process)
    {
        try
        {
            var reply = process.Operator.SubmitAsync(_unanswered, CancellationToken.None);
            figures.Resent += _reply is null ? 0 : 1;
            (_askedProcess, _reply) = (process, reply);
            return true;
        }
        catch (Exception refusal) when (refusal is PipelineBusyException or CancelsOnlyException)
        {
            return false; // marks fill the queue, or there is no room for the next segment: later
        }
    }

    private bool TakeAnswer(IReadOnlyList<ExchangeEvent> reports)
    {
        if (reports.Count == 0)
            throw new ViolationException(Violation.BadDelivery, "the operator's envelope was answered without a report");
        foreach (var report in reports)
        {
            byte[] bytes = new byte[ExchangeEvent.ReportSize];
            report.WriteReport(bytes);
            witness.Reported(report, bytes);
        }

        (_unanswered, _askedProcess, _reply) = (null, null, null);
        return true;
    }

    private byte[] NextEnvelope()
    {
        var builder = new EnvelopeBuilder(_buffer, 0, _nextNonce);
        if (!HasOpened)
            AddOpening(ref builder);
        else
            AddChange(ref builder);
        _nextNonce += (ulong)builder.Count;
        figures.Envelopes++;
        figures.Commands += builder.Count;
        byte[] envelope = builder.Sign(Keys.Operator, venueId).ToArray();
        witness.Signed(envelope, Keys.Operator.PublicKey.ToArray());
        return envelope;
    }

    private void AddOpening(ref EnvelopeBuilder builder)
    {
        builder.TryAdd(new DefineAsset(Quote, 6, Symbol.Parse("USD")));
        builder.TryAdd(new DefineAsset(Base, 8, Symbol.Parse("BTC")));
        for (ushort market = 1; market <= Markets; market++)
            builder.TryAdd(new DefineMarket(market, Base, Quote, 1, 1, Symbol.Parse($"M{market}"), new MarketTerms { MakerFee = random.Next(-200, 900), TakerFee = random.Next(200, 3000) }));
        for (ulong trader = 1; trader <= (ulong)traders; trader++)
        {
            builder.TryAdd(new RegisterAccount(new PublicKey(Keys.Of(trader, 0).PublicKey)));
            builder.TryAdd(new Deposit(trader, Quote, (UInt128)random.Next(5_000, 500_000), trader));
            builder.TryAdd(new Deposit(trader, Base, (UInt128)random.Next(50, 2_000), null));
        }
    }

    private void AddChange(ref EnvelopeBuilder builder)
    {
        ulong trader = (ulong)random.Next(1, traders + 1);
        ushort market = (ushort)random.Next(1, Markets + 1);
        switch (random.Next(8))
        {
            case 0:
                builder.TryAdd(new SetMarketState(market, (MarketState)random.Next(1, 4)));
                break;
            case 1:
                builder.TryAdd(new ChangeMarket(market, new MarketTerms { MakerFee = random.Next(0, 900), TakerFee = random.Next(0, 3000) }));
                break;
            case 2:
                builder.TryAdd(new SetAccountLimits(trader, IsTradingAllowed: random.Next(3) != 0, MaximumOpenOrders: (uint)random.Next(2, 20)));
                break;
            case 3:
                builder.TryAdd(new SettleWithdrawal((ulong)random.Next(1, 6), (WithdrawalOutcome)random.Next(1, 3)));
                break;
            case 4:
                builder.TryAdd(new SetAccountFees(trader, market, random.Next(0, 500), random.Next(0, 500)));
                break;
            default:
                // What others have shut opens again, so that there is trading most of the time.
                builder.TryAdd(new Deposit(trader, (uint)random.Next(1, 3), (UInt128)random.Next(1, 5_000), (UInt128)random.Next(1, 12)));
                builder.TryAdd(new SetMarketState(market, MarketState.Open));
                builder.TryAdd(new SetAccountLimits(trader, IsTradingAllowed: true));
                break;
        }
    }
}
