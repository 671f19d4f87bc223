namespace Clob.Matching.Tests;

/// <summary>Accounts, money from outside, markets and envelopes, one line a command.</summary>
public sealed class VenueScenarios
{
    [Test]
    public void Operators_commands_are_the_operators_only() => Scenario.Run("""
        A register                  | rejected A NotAllowed
        A deposit A 5 of 1          | rejected A NotAllowed
        A settle 1 paid             | rejected A NotAllowed
        A asset 9 2 X               | rejected A NotAllowed
        A market 9 2/1              | rejected A NotAllowed
        A change 1 maker=1          | rejected A NotAllowed
        A state 1 Halted            | rejected A NotAllowed
        """);

    [Test]
    public void Registration_names_the_next_account() => Scenario.Run("""
        op register 5               | completed op 5
        op register zero            | rejected op InvalidKey
        A rotate zero               | rejected A InvalidKey
        A rotate 7                  | completed A
        op register 6 & register 6  | completed op 6; completed op 7
        E buy 1@1                   | rejected E InsufficientFunds
        E has                       |
        H buy 1@1                   | refused H UnknownAccount
        """);

    [Test]
    public void A_deposit_id_credits_once_for_ever() => Scenario.Run("""
        op deposit A 5 of 1 id=77   | completed op; deposited A 5 of 1
        op deposit A 5 of 1 id=77   | rejected op DuplicateDeposit
        op deposit A 6 of 1 id=77   | rejected op DepositIdReused
        op deposit B 5 of 1 id=77   | rejected op DepositIdReused
        op deposit A 5 of 2 id=77   | rejected op DepositIdReused
        op deposit A 5 of 1         | completed op; deposited A 5 of 1
        op deposit A 5 of 1         | completed op; deposited A 5 of 1
        op deposit Z 5 of 1 id=78   | rejected op UnknownTarget
        op deposit A 0 of 1 id=78   | rejected op AmountOutOfRange
        op deposit A 5 of 9 id=77   | rejected op UnknownAsset
        op deposit A 5 of 1 id=78   | completed op; deposited A 5 of 1
        op deposit op 5 of 1        | completed op; deposited op 5 of 1
        A has                       | 1: 1000020+0, 2: 1000000+0
        """);

    [Test]
    public void An_assets_total_stays_within_2_to_the_127() => Scenario.Run("""
        op asset 3 0 X              | completed op
        op deposit A 170141183460469231731687303715884105728 of 3 | rejected op AmountOutOfRange
        op deposit A 170141183460469231731687303715884105727 of 3 | completed op; deposited A 170141183460469231731687303715884105727 of 3
        op deposit B 2 of 3         | rejected op AmountOutOfRange
        op deposit B 1 of 3         | completed op; deposited B 1 of 3
        op deposit B 1 of 3         | rejected op AmountOutOfRange
        A withdraw 170141183460469231731687303715884105727 of 3 | withdrawal 1 of A 170141183460469231731687303715884105727 of 3
        op deposit B 1 of 3         | rejected op AmountOutOfRange
        op settle 1 paid            | completed op 1; paid 1 A 170141183460469231731687303715884105727 of 3
        op deposit B 1 of 3         | completed op; deposited B 1 of 3
        A withdraw 340282366920938463463374607431768211455 of 3 | rejected A AmountOutOfRange
        """);

    [Test]
    public void A_withdrawal_is_reserved_until_it_is_paid_or_returned() => Scenario.Run("""
        A withdraw 600 of 1         | withdrawal 1 of A 600 of 1
        A withdraw 600 of 1         | rejected A InsufficientFunds
        A withdraw 400 of 1         | withdrawal 2 of A 400 of 1
        A withdraw 0 of 1           | rejected A AmountOutOfRange
        A withdraw 1 of 9           | rejected A UnknownAsset
        A buy 1@1                   | rejected A InsufficientFunds
        A has                       | 1: 0+1000, 2: 1000+0
        op settle 2 returned        | completed op 2; returned 2 A 400 of 1
        op settle 1 paid            | completed op 1; paid 1 A 600 of 1
        op settle 1 paid            | rejected op UnknownWithdrawal
        op settle 3 paid            | rejected op UnknownWithdrawal
        A has                       | 1: 400+0, 2: 1000+0
        """, funds: "1000");

    [Test]
    public void Assets_and_markets_are_defined_once_and_in_range() => Scenario.Run("""
        op asset 1 6 USD            | rejected op AssetExists
        op asset 0 6 X              | rejected op InvalidTerms
        op asset 3 19 X             | rejected op InvalidTerms
        op asset 3 18 X             | completed op
        op market 1 2/1             | rejected op MarketExists
        op market 0 2/1             | rejected op InvalidTerms
        op market 2 1/1             | rejected op InvalidTerms
        op market 2 4/1             | rejected op UnknownAsset
        op market 2 2/4             | rejected op UnknownAsset
        op market 2 2/1 lot=0       | rejected op InvalidTerms
        op market 2 2/1 tick=0      | rejected op InvalidTerms
        op market 2 2/1 min=0       | rejected op InvalidTerms
        op market 2 2/1 min=5 max=4 | rejected op InvalidTerms
        op market 2 2/1 cap=0       | rejected op InvalidTerms
        op market 2 2/1 maker=-2 taker=1 | rejected op InvalidTerms
        op market 2 2/1 taker=1000001 | rejected op InvalidTerms
        op market 2 2/1 maker=-1000001 taker=1000000 | rejected op InvalidTerms
        op market 65535 3/2 min=2 max=9 cap=77 maker=-5 taker=5 | completed op; directory 65535 M65535 3/2 fees -5/5 lots 2..9 cap 77; state 65535 Open
        op change 9 maker=1         | rejected op UnknownMarket
        op change 65535 maker=-6    | rejected op InvalidTerms
        op change 65535 maker=-4 cap=78 | completed op; directory 65535 M65535 3/2 fees -4/5 lots 2..9 cap 78
        op change 65535             | completed op; directory 65535 M65535 3/2 fees -4/5 lots 2..9 cap 78
        mark                        | directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 1 Open; directory 65535 M65535 3/2 fees -4/5 lots 2..9 cap 78; state 65535 Open
        """);

    [Test]
    public void A_market_that_is_not_open_takes_cancels_and_reductions_only() => Scenario.Run("""
        A buy 5@10                  | accepted A#1; rested #1 5@10
        A buy 5@11                  | accepted A#2; rested #2 5@11
        A buy 5@12 gtd=9000         | accepted A#3; rested #3 5@12
        op state 1 CancelOnly       | completed op; state 1 CancelOnly
        A buy 1@10                  | rejected A MarketNotOpen
        A replace #1 1@10           | rejected A MarketNotOpen
        A reduce #1 1               | reduced A#1 by 1 left 4
        op state 1 Halted           | completed op; state 1 Halted
        A cancel #1                 | cancelled A#1 4 Requested
        op state 1 Open             | completed op; state 1 Open
        A buy 1@10                  | accepted A#4; rested #4 1@10
        op state 1 Closed           | completed op; state 1 Closed
        op state 1 Open             | rejected op MarketClosed
        op state 1 Closed           | rejected op MarketClosed
        op state 9 Open             | rejected op UnknownMarket
        A replace #2 1@10           | rejected A MarketNotOpen
        t=9000 A cancelall          | cancelled A#3 5 DeadlinePassed; cancelled A#2 5 CancelAll; cancelled A#4 1 CancelAll; completed A
        """);

    [Test]
    public void Good_till_date_and_halt_deadlines_pass_in_a_market_that_is_not_open() => Scenario.Run("""
        A buy 5@10 gtd=5000         | accepted A#1; rested #1 5@10
        A buy 8@11 gtd=6000 show=2  | accepted A#2; rested #2 2@11
        A buy 5@12 gtd=7000         | accepted A#3; rested #3 5@12
        t=4000 op state 1 Halted    | completed op; state 1 Halted
        t=4500 B sell 1@10          | rejected B MarketNotOpen
        t=5000 time                 | cancelled A#1 5 DeadlinePassed
        t=6000 op state 1 Open      | cancelled A#2 8 DeadlinePassed; completed op; state 1 Open
        t=6500 B sell 1@10          | accepted B#4; made A#3 1@12 left 4; took B#4 1@12 done
        t=6600 op state 1 Closed    | completed op; state 1 Closed
        t=7000 mark                 | cancelled A#3 4 DeadlinePassed; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 1 Closed
        A has                       | 1: 999988+0, 2: 1000001+0
        """);

    [Test]
    public void Disconnecting_cancels_what_the_account_asked_for() => Scenario.Run("""
        op market 2 2/1             | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        A settings on               | completed A
        A settings -                | completed A
        A buy 1@10 & sell 1@20 & buy 1@10 m=2 | accepted A#1; rested #1 1@10; accepted A#2; rested #2 1@20; accepted A#3; rested #3 1@10
        B buy 1@10                  | accepted B#4; rested #4 1@10
        op state 2 Halted           | completed op; state 2 Halted
        disconnect A                | cancelled A#1 1 Disconnected; cancelled A#2 1 Disconnected; cancelled A#3 1 Disconnected
        disconnect A                |
        book 1                      | 1@10 /
        """);

    [Test]
    public void Nonces_rise_and_repetitions_are_answered() => Scenario.Run("""
        A nonce=0 buy 1@1           | refused A NonceTooOld next 1
        A nonce=5 buy 1@1           | accepted A#1; rested #1 1@1
        A nonce=5 buy 1@1           | duplicate A of 1 in record 12 report 4
        A nonce=5 buy 2@1           | refused A NonceReused next 6
        A nonce=4 buy 2@1           | refused A NonceTooOld next 6
        A nonce=10 buy 1@1 & buy 2@1 & cancel #9 | accepted A#2; rested #2 1@1; accepted A#3; rested #3 2@1; rejected A UnknownOrder
        A nonce=12 buy 1@1          | refused A NonceReused next 13
        A nonce=11 buy 2@1 & buy 1@1 & buy 1@1 | refused A NonceReused next 13
        A nonce=7 buy 1@1           | refused A NonceReused next 13
        A nonce=10 buy 1@1 & buy 2@1 & cancel #9 | duplicate A of 3 in record 16 report 8
        A nonce=13 buy 1@1          | accepted A#4; rested #4 1@1
        A nonce=5 buy 1@1           | duplicate A of 1 in record 12 report 4
        A nonce=18446744073709551488 buy 1@1 | refused A Malformed
        """);

    [Test]
    public void Reasons_against_an_envelope_come_in_their_order() => Scenario.Run("""
        A nonce=1 expiry=5000 buy 1@1 | accepted A#1; rested #1 1@1
        t=5000 A nonce=2 expiry=5000 buy 1@1 | accepted A#2; rested #2 1@1
        t=5001 A nonce=1 expiry=5000 buy 1@1 | duplicate A of 1 in record 11 report 3
        A nonce=1 expiry=5000 bad buy 1@1 | refused A BadSignature
        A nonce=1 expiry=5000 buy 9@1 | refused A Expired
        A nonce=1 buy 9@1           | refused A NonceReused next 3
        A nonce=3 expiry=5001 buy 1@1 | refused A Expired
        A nonce=3 bad expiry=5001 buy 1@1 | refused A BadSignature
        A nonce=3 bad buy 1@1       | refused A BadSignature
        A nonce=3 buy 1@1           | accepted A#3; rested #3 1@1
        Z nonce=3 bad buy 1@1       | refused Z UnknownAccount
        """);

    [Test]
    public void A_rejected_command_uses_its_nonce_and_the_rest_goes_on() => Scenario.Run("""
        A buy 0@1 & buy 1@1 & cancel #9 & cancel #1 & settle 1 paid & withdraw 1 of 1 | rejected A QuantityOutOfRange; accepted A#1; rested #1 1@1; rejected A UnknownOrder; cancelled A#1 1 Requested; rejected A NotAllowed; withdrawal 1 of A 1 of 1
        A nonce=3 buy 1@1           | refused A NonceReused next 7
        A buy 1@1                   | accepted A#2; rested #2 1@1
        """);
}
