using Clob.Engine;
using Clob.Protocol;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Tests;

/// <summary>The second count of money, fed with what a faulty or bribed engine would say.</summary>
public sealed class ConservationTests
{
    private static readonly byte[] Venue = new byte[32];
    private static readonly Deposit Signed = new(1, 7, 500, null);

    private static IEnumerable<TestCaseData> Lies()
    {
        ExchangeEvent credited = new() { Kind = EventKind.Deposited, Account = 1, Asset = 7, Amount = 500 };
        yield return Lie("A_credit_without_a_record", [], credited);
        yield return Lie("A_credit_signed_by_its_receiver", [], 1, credited, Signed);
        yield return Lie("A_credit_of_another_amount", [], 0, credited with { Amount = 501 }, Signed);
        yield return Lie("A_credit_of_a_negative_amount", [], 0, credited with { Amount = -500 }, Signed);
        yield return Lie("A_credit_of_another_asset", [], 0, credited with { Asset = 8 }, Signed);
        yield return Lie("A_credit_to_somebody_else", [], 0, credited with { Account = 2 }, Signed);
        yield return Lie("Two_credits_for_one_deposit", [credited], 0, credited, Signed);
        yield return Lie("A_withdrawal_nobody_asked_for", [], 2, new() { Kind = EventKind.WithdrawalRequested, Account = 1, Asset = 7, Amount = 5, Reference = 1 }, new Withdraw(7, 5));
        yield return Lie("A_payment_without_a_request", [], 0, new() { Kind = EventKind.WithdrawalSettled, Account = 1, Asset = 7, Amount = 5, Reference = 1 }, new SettleWithdrawal(1, WithdrawalOutcome.Paid));
    }

    [TestCaseSource(nameof(Lies))]
    public void Refuses(object lie)
    {
        var (before, envelope, happened) = ((ExchangeEvent[], byte[], ExchangeEvent))lie;
        var money = new Conservation();
        money.Begin(5, envelope);
        foreach (ExchangeEvent good in before)
            money.Count(good);

        Failure? failure = Assert.Catch<VerificationFailedException>(() => money.Count(happened))?.Failure;

        Assert.That(failure!.Code, Is.EqualTo(ExitCode.Mismatch));
        Assert.That(failure.Sequence, Is.EqualTo(5));
    }

    [Test]
    public void Pays_a_request_once_and_with_its_own_amount()
    {
        var money = new Conservation();
        money.Begin(1, EnvelopeOf(0, Signed, Signed));
        money.Count(new ExchangeEvent { Kind = EventKind.Deposited, Account = 1, Asset = 7, Amount = 500 });
        money.Count(new ExchangeEvent { Kind = EventKind.Deposited, Account = 1, Asset = 7, Amount = 500 });
        money.Begin(2, EnvelopeOf(1, new Withdraw(7, 30)));
        money.Count(new ExchangeEvent { Kind = EventKind.WithdrawalRequested, Account = 1, Asset = 7, Amount = 30, Reference = 9 });
        var paid = new ExchangeEvent { Kind = EventKind.WithdrawalSettled, Account = 1, Asset = 7, Amount = 30, Reference = 9 };
        byte[] settle = EnvelopeOf(0, new SettleWithdrawal(9, WithdrawalOutcome.Paid), new SettleWithdrawal(9, WithdrawalOutcome.Paid));
        money.Begin(3, settle);
        money.Count(paid);

        Assert.That((ulong)money.Totals[7], Is.EqualTo(970));
        Assert.That(() => money.Count(paid), Throws.TypeOf<VerificationFailedException>());
    }

    [Test]
    public void Finds_money_that_the_accounts_hold_and_nobody_brought()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open();
        Assert.That(() => new Conservation().Compare(venue.Replayed.Exchange), Throws.TypeOf<VerificationFailedException>().With.Message.Contains("hold 0 of asset 1"));
        Assert.That(() => new Conservation().Compare(new Exchange(ExchangeCapacity.Small)), Throws.Nothing);
    }

    private static TestCaseData Lie(string name, ExchangeEvent[] before, ExchangeEvent happened) =>
        new TestCaseData((before, Array.Empty<byte>(), happened)).SetName(name);

    private static TestCaseData Lie<TCommand>(string name, ExchangeEvent[] before, ulong signer, ExchangeEvent happened, TCommand command) where TCommand : struct, ICommand =>
        new TestCaseData((before, EnvelopeOf(signer, command), happened)).SetName(name);

    private static byte[] EnvelopeOf<TCommand>(ulong signer, params TCommand[] commands) where TCommand : struct, ICommand
    {
        using SigningKey key = SigningKey.FromSeed(new byte[32]);
        var builder = new EnvelopeBuilder(new byte[Envelope.MaximumSize], signer, 1);
        foreach (TCommand command in commands)
            Assert.That(builder.TryAdd(command), Is.True);
        return builder.Sign(key, Venue).ToArray();
    }
}
