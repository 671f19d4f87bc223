namespace Clob.Matching.Tests;

/// <summary>The kill switch of an account and the operator's limits, one line a command.</summary>
public sealed class AccountLimitScenarios
{
    [Test]
    public void The_kill_switch_ends_all_open_orders_and_lets_none_in() => Scenario.Run("""
        op market 2 2/1             | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        A buy 1@10 & sell 2@20 m=2 & buy 3@9 gtd=90000 | accepted A#1; rested #1 1@10; accepted A#2; rested #2 2@20; accepted A#3; rested #3 3@9
        B buy 1@10                  | accepted B#4; rested #4 1@10
        A settings - kill=on        | cancelled A#1 1 KillSwitch; cancelled A#2 2 KillSwitch; cancelled A#3 3 KillSwitch; completed A
        A buy 1@10                  | rejected A TradingBlocked
        A buy 0@10 ioc m=2          | rejected A TradingBlocked
        A buy 1@10 m=9              | rejected A UnknownMarket
        A replace #1 1@10           | rejected A TradingBlocked
        -- what asks for nothing new still works
        A cancel #1 & reduce #1 1 & cancelall | rejected A UnknownOrder; rejected A UnknownOrder; completed A
        A withdraw 5 of 1           | withdrawal 1 of A 5 of 1
        A settings - kill=on        | completed A
        A settings -                | completed A
        A buy 1@10                  | rejected A TradingBlocked
        A settings - kill=off       | completed A
        A buy 1@10                  | accepted A#5; rested #5 1@10
        A has                       | 1: 999985+15, 2: 1000000+0
        """);

    [Test]
    public void The_operators_block_and_the_accounts_own_switch_are_two() => Scenario.Run("""
        A buy 1@10                  | accepted A#1; rested #1 1@10
        op limits A trading=off     | cancelled A#1 1 KillSwitch; completed op 1
        A buy 1@10                  | rejected A TradingBlocked
        A settings - kill=off       | completed A
        A buy 1@10                  | rejected A TradingBlocked
        A settings - kill=on        | completed A
        op limits A trading=on      | completed op 1
        A buy 1@10                  | rejected A TradingBlocked
        A settings - kill=off & buy 1@10 | completed A; accepted A#2; rested #2 1@10
        """);

    [Test]
    public void A_switch_counts_for_the_rest_of_its_envelope() => Scenario.Run("""
        A buy 1@10 & settings - kill=on & buy 1@10 & settings - kill=off & buy 1@11 | accepted A#1; rested #1 1@10; cancelled A#1 1 KillSwitch; completed A; rejected A TradingBlocked; completed A; accepted A#2; rested #2 1@11
        """);

    [Test]
    public void The_operators_account_can_be_blocked_and_still_operates() => Scenario.Run("""
        op deposit op 100 of 1      | completed op; deposited op 100 of 1
        op buy 1@10                 | accepted op#1; rested #1 1@10
        op limits op trading=off    | cancelled op#1 1 KillSwitch; completed op
        op buy 1@10                 | rejected op TradingBlocked
        op limits op trading=on     | completed op
        op buy 1@10                 | accepted op#2; rested #2 1@10
        """);

    [Test]
    public void A_market_that_is_not_open_comes_before_a_blocked_account() => Scenario.Run("""
        A settings - kill=on        | completed A
        op state 1 Halted           | completed op; state 1 Halted
        A buy 1@10                  | rejected A MarketNotOpen
        A replace #1 1@10           | rejected A MarketNotOpen
        """);

    [Test]
    public void The_operator_limits_an_accounts_open_orders() => Scenario.Run("""
        A limits A orders=1         | rejected A NotAllowed
        op limits Z orders=1        | rejected op UnknownTarget
        A buy 1@10 & buy 1@11       | accepted A#1; rested #1 1@10; accepted A#2; rested #2 1@11
        op limits A orders=1        | completed op 1
        -- what is open stays, and may be replaced
        A buy 1@12                  | rejected A TooManyOrders
        A replace #1 2@9            | replaced A#1 by #3 2@9
        A buy 1@12 ioc              | accepted A#4; cancelled A#4 1 Unfilled
        A cancelall                 | cancelled A#2 1 CancelAll; cancelled A#3 2 CancelAll; completed A
        A buy 1@12 & buy 1@12       | accepted A#5; rested #5 1@12; rejected A TooManyOrders
        op limits A orders=0        | completed op 1
        A cancel #5 & buy 1@12      | cancelled A#5 1 Requested; rejected A TooManyOrders
        op limits A                 | completed op 1
        A buy 1@12                  | rejected A TooManyOrders
        op limits A orders=4294967295 | completed op 1
        A buy 1@12                  | accepted A#6; rested #6 1@12
        B buy 1@12 & buy 1@12       | accepted B#7; rested #7 1@12; accepted B#8; rested #8 1@12
        """);

    [Test]
    public void The_operator_limits_the_notional_of_an_accounts_orders() => Scenario.Run("""
        op limits A notional=100    | completed op 1
        A buy 10@10                 | accepted A#1; rested #1 10@10
        A buy 11@10                 | rejected A AccountLimitExceeded
        A sell 11@10 ioc            | rejected A AccountLimitExceeded
        A sell 1@100                | accepted A#2; rested #2 1@100
        A replace #2 1@101          | rejected A AccountLimitExceeded
        A replace #2 5@20           | replaced A#2 by #3 5@20
        -- funds and the number of orders come first
        op limits A orders=2        | completed op 1
        A buy 1@101                 | rejected A TooManyOrders
        A buy 1000@1000             | rejected A InsufficientFunds
        -- a limit below what is open leaves it open, and lets it be reduced
        op limits A notional=0      | completed op 1
        A reduce #1 9               | reduced A#1 by 9 left 1
        A replace #1 1@1            | rejected A AccountLimitExceeded
        op limits A notional=340282366920938463463374607431768211455 orders=4294967295 | completed op 1
        A buy 100@19                | accepted A#4; rested #4 100@19
        """);

    [Test]
    public void A_reduction_to_nothing_and_a_fill_work_for_others_while_one_is_blocked() => Scenario.Run("""
        A buy 5@10                  | accepted A#1; rested #1 5@10
        B buy 5@10                  | accepted B#2; rested #2 5@10
        A settings - kill=on        | cancelled A#1 5 KillSwitch; completed A
        C sell 5@10                 | accepted C#3; made B#2 5@10 done; took C#3 5@10 done
        A has                       | 1: 1000000+0, 2: 1000000+0
        """);
}
