using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>What nobody may have more of, and that the answer comes before anything changes (each line is audited).</summary>
public sealed class LimitTests
{
    private static readonly EngineRules Narrow = new()
    {
        MaximumOrders = 5,
        MaximumOrdersOfAccount = 3,
        MaximumWithdrawals = 3,
        MaximumWithdrawalsOfAccount = 2,
        MaximumKeyVersion = 3,
        MaximumFeeOverrides = 2,
    };

    [Test]
    public void An_account_has_a_bounded_number_of_open_orders() => Scenario.Run("""
        A buy 1@10 & buy 1@11             | accepted A#1; rested #1 1@10; accepted A#2; rested #2 1@11
        A sell 1@20                       | accepted A#3; rested #3 1@20
        A buy 1@12                        | rejected A TooManyOrders
        A sell 1@21 gtd=90000             | rejected A TooManyOrders
        A sell 1@21 post                  | rejected A TooManyOrders
        -- the account's limit is below its funds and above the venue's capacity
        A buy 1000000@12                  | rejected A InsufficientFunds
        -- what cannot rest is taken
        A buy 1@12 ioc                    | accepted A#4; cancelled A#4 1 Unfilled
        A buy 1@13 market                 | accepted A#5; cancelled A#5 1 Unfilled
        -- what takes the place of another is taken
        A replace #1 2@9                  | replaced A#1 by #6 2@9
        A cancel #6                       | cancelled A#6 2 Requested
        A buy 1@9                         | accepted A#7; rested #7 1@9
        A buy 1@12                        | rejected A TooManyOrders
        A cancelall                       | cancelled A#2 1 CancelAll; cancelled A#3 1 CancelAll; cancelled A#7 1 CancelAll; completed A
        A buy 1@12                        | accepted A#8; rested #8 1@12
        """, rules: Narrow);

    [Test]
    public void The_operators_account_has_the_same_limits() => Scenario.Run("""
        op deposit op 100 of 1                          | completed op; deposited op 100 of 1
        op buy 1@1 & buy 1@1 & buy 1@1                  | accepted op#1; rested #1 1@1; accepted op#2; rested #2 1@1; accepted op#3; rested #3 1@1
        op buy 1@1                                      | rejected op TooManyOrders
        """, rules: Narrow);

    [Test]
    public void The_venue_has_a_bounded_number_of_open_orders() => Scenario.Run("""
        A buy 1@10 & buy 1@10 & buy 1@10  | accepted A#1; rested #1 1@10; accepted A#2; rested #2 1@10; accepted A#3; rested #3 1@10
        B buy 1@10 & buy 1@10             | accepted B#4; rested #4 1@10; accepted B#5; rested #5 1@10
        C buy 1@10                        | rejected C CapacityReached
        C sell 1@10                       | rejected C CapacityReached
        A buy 1@10                        | rejected A TooManyOrders
        B replace #4 2@11                 | replaced B#4 by #6 2@11
        -- who takes makes room
        C sell 2@11 ioc                   | accepted C#7; made B#6 2@11 done; took C#7 2@11 done
        C buy 1@10                        | accepted C#8; rested #8 1@10
        """, rules: Narrow);

    [Test]
    public void Withdrawals_that_wait_are_bounded() => Scenario.Run("""
        A withdraw 1 of 1 & withdraw 1 of 2     | withdrawal 1 of A 1 of 1; withdrawal 2 of A 1 of 2
        A withdraw 1 of 1                       | rejected A TooManyWithdrawals
        A withdraw 1000000 of 1                 | rejected A InsufficientFunds
        B withdraw 1 of 1                       | withdrawal 3 of B 1 of 1
        B withdraw 1 of 1                       | rejected B CapacityReached
        op settle 1 paid                        | completed op 1; paid 1 A 1 of 1
        A withdraw 1 of 1                       | withdrawal 4 of A 1 of 1
        op settle 4 returned & settle 2 paid    | completed op 4; returned 4 A 1 of 1; completed op 2; paid 2 A 1 of 2
        A withdraw 1 of 1 & withdraw 1 of 1     | withdrawal 5 of A 1 of 1; withdrawal 6 of A 1 of 1
        """, rules: Narrow);

    [Test]
    public void Fees_of_single_accounts_are_bounded() => Scenario.Run("""
        op fees A 1 maker=1 & fees B 1 taker=1   | completed op 1; completed op 2
        op fees C 1 maker=1                      | rejected op CapacityReached
        op fees A 1 maker=2 taker=2              | completed op 1
        op fees C 1                              | completed op 3
        op fees A 1 & fees C 1 maker=1           | completed op 1; completed op 3
        """, rules: Narrow);

    [Test]
    public void The_version_of_a_key_does_not_wrap() => Scenario.Run("""
        A rotate 1 & rotate 2                   | completed A; completed A
        A rotate zero                           | rejected A InvalidKey
        A rotate 1                              | rejected A CapacityReached
        """, rules: Narrow);

    [Test]
    public void The_rules_of_this_build_are_those_that_the_documentation_names()
    {
        var rules = EngineRules.Current;
        Assert.That(
            (rules.MaximumOrders, rules.MaximumOrdersOfAccount, rules.MaximumWithdrawals, rules.MaximumWithdrawalsOfAccount, rules.MaximumFeeOverrides,
                rules.MaximumKeyVersion),
            Is.EqualTo((16_777_216, 100_000, 16_777_216, 1_000, 1_048_576, uint.MaxValue)));
    }

    [Test]
    public void A_time_at_the_end_of_64_bits_ends_no_order_that_is_not_there()
    {
        var scenario = new Scenario();
        scenario.Do("A buy 1@10 gtd=50000", "A cancel #1");
        Assert.That(scenario.Venue.ApplyNext(RecordKind.Time, [], default, ulong.MaxValue), Is.Empty);
    }

    [Test]
    public void A_verdict_at_the_end_of_64_bits_is_refused_like_any_other_that_is_wrong()
    {
        byte[] payload = new byte[Verdict.SizeOf(1)];
        Verdict.Write(payload, 0, ulong.MaxValue, [ulong.MaxValue]);
        Assert.Throws<ReplayRefusedException>(() => new TestVenue().ApplyNext(RecordKind.Verdict, payload));
    }

    [Test]
    public void The_last_nonces_of_64_bits_can_be_used()
    {
        var scenario = new Scenario();
        ulong last = ulong.MaxValue - Envelope.MaximumCommands;
        scenario.Do($"A nonce={last} cancel #1 & cancel #1", "B nonce=" + last + string.Concat(Enumerable.Repeat(" cancel #1 &", 127)) + " cancel #1");
        Assert.That(scenario.Venue.Exchange.ReadAccount(2)!.NextNonce, Is.EqualTo(ulong.MaxValue));
    }
}
