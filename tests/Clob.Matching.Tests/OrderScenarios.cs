namespace Clob.Matching.Tests;

/// <summary>What the commands of traders do, one line a command.</summary>
public sealed class OrderScenarios
{
    [Test]
    public void Fills_by_price_then_time() => Scenario.Run("""
        A sell 5@101                | accepted A#1; rested #1 5@101
        B sell 5@100                | accepted B#2; rested #2 5@100
        C sell 5@100                | accepted C#3; rested #3 5@100
        book 1                      | / 10@100, 5@101
        D buy 12@101                | accepted D#4; made B#2 5@100 done; took D#4 5@100 left 7; made C#3 5@100 done; took D#4 5@100 left 2; made A#1 2@101 left 3; took D#4 2@101 done
        book 1                      | / 3@101
        D has                       | 1: 998798+0, 2: 1000012+0
        A has                       | 1: 1000202+0, 2: 999995+3
        """);

    [Test]
    public void Rests_the_remainder_of_a_partially_filled_order() => Scenario.Run("""
        A buy 5@100                 | accepted A#1; rested #1 5@100
        B sell 8@99                 | accepted B#2; made A#1 5@100 done; took B#2 5@100 left 3; rested #2 3@99
        book 1                      | / 3@99
        C sell 1@99                 | accepted C#3; rested #3 1@99
        A buy 8@99                  | accepted A#4; made B#2 3@99 done; took A#4 3@99 left 5; made C#3 1@99 done; took A#4 1@99 left 4; rested #4 4@99
        book 1                      | 4@99 /
        A has                       | 1: 998708+396, 2: 1000009+0
        """);

    [Test]
    public void Trades_at_the_makers_price_and_returns_what_the_taker_held_beyond() => Scenario.Run("""
        A sell 3@50                 | accepted A#1; rested #1 3@50
        B buy 5@80                  | accepted B#2; made A#1 3@50 done; took B#2 3@50 left 2; rested #2 2@80
        B has                       | 1: 999690+160, 2: 1000003+0
        A sell 2@10                 | accepted A#3; made B#2 2@80 done; took A#3 2@80 done
        A has                       | 1: 1000310+0, 2: 999995+0
        B has                       | 1: 999690+0, 2: 1000005+0
        """);

    [Test]
    public void Immediate_orders_never_rest() => Scenario.Run("""
        A sell 3@50                 | accepted A#1; rested #1 3@50
        B buy 5@50 ioc              | accepted B#2; made A#1 3@50 done; took B#2 3@50 left 2; cancelled B#2 2 Unfilled
        B buy 5@50 ioc              | accepted B#3; cancelled B#3 5 Unfilled
        A sell 3@50                 | accepted A#4; rested #4 3@50
        B buy 5@50 market           | accepted B#5; made A#4 3@50 done; took B#5 3@50 left 2; cancelled B#5 2 Unfilled
        B sell 5@1 market           | accepted B#6; cancelled B#6 5 Unfilled
        book 1                      | /
        B has                       | 1: 999700+0, 2: 1000006+0
        """);

    [Test]
    public void Fill_or_kill_trades_in_full_or_changes_nothing() => Scenario.Run("""
        A sell 3@50                 | accepted A#1; rested #1 3@50
        A sell 3@51                 | accepted A#2; rested #2 3@51
        B buy 7@51 fok              | rejected B CannotFill
        B buy 4@50 fok              | rejected B CannotFill
        B buy 4@51 fok              | accepted B#3; made A#1 3@50 done; took B#3 3@50 left 1; made A#2 1@51 left 2; took B#3 1@51 done
        B buy 2@60 fok market       | accepted B#4; made A#2 2@51 done; took B#4 2@51 done
        B has                       | 1: 999697+0, 2: 1000006+0
        B buy 1@60 fok              | rejected B CannotFill
        """);

    [Test]
    public void Post_only_is_refused_when_it_would_trade() => Scenario.Run("""
        A sell 3@50                 | accepted A#1; rested #1 3@50
        B buy 3@50 post             | rejected B WouldTrade
        B buy 3@49 post             | accepted B#2; rested #2 3@49
        A sell 3@49 post            | rejected A WouldTrade
        A sell 3@51 post            | accepted A#3; rested #3 3@51
        B replace #2 3@50           | rejected B WouldTrade
        B replace #2 3@48           | replaced B#2 by #4 3@48
        book 1                      | 3@48 / 3@50, 3@51
        """);

    [Test]
    public void Post_only_and_replace_an_order_stays_post_only_and_as_it_was_when_refused() => Scenario.Run("""
        B sell 3@50                 | accepted B#1; rested #1 3@50
        A buy 4@40 post client=7    | accepted A#2; rested #2 4@40
        C buy 1@40                  | accepted C#3; rested #3 1@40
        A replace #2 9@50           | rejected A WouldTrade
        A replace #2 9@51 show=3    | rejected A WouldTrade
        A has                       | 1: 999840+160, 2: 1000000+0
        -- refused, so it still is the first of its price under its former id
        B sell 1@40                 | accepted B#4; made A#2 1@40 left 3; took B#4 1@40 done
        A replace #2 9@49           | replaced A#2 by #5 9@49
        A replace #5 9@50           | rejected A WouldTrade
        B cancel #1                 | cancelled B#1 3 Requested
        A replace #5 9@50 show=3    | replaced A#5 by #6 9@50 unseen; fed #5 by #6 3@50
        B sell 3@51                 | accepted B#7; rested #7 3@51
        A replace #6 9@51           | rejected A WouldTrade
        A orders                    | #6 9@50 hold 450
        """);

    [Test]
    public void Types_times_and_flags_must_go_together() => Scenario.Run("""
        A buy 1@10 market gtc       | rejected A InvalidCombination
        A buy 1@10 market gtd=9999  | rejected A InvalidCombination
        A buy 1@10 market post      | rejected A InvalidCombination
        A buy 1@10 ioc post         | rejected A InvalidCombination
        A buy 1@10 fok post         | rejected A InvalidCombination
        A buy 1@10 deadline=9999    | rejected A InvalidDeadline
        A buy 1@10 ioc deadline=9999 | rejected A InvalidDeadline
        A buy 1@10 gtd              | rejected A InvalidDeadline
        t=2000 A buy 1@10 gtd=2000  | rejected A InvalidDeadline
        t=2010 A buy 1@10 gtd=2011  | accepted A#1; rested #1 1@10
        A buy 1@10 gtd=9000 post    | cancelled A#1 1 DeadlinePassed; accepted A#2; rested #2 1@10
        """);

    [Test]
    public void Good_till_date_orders_end_before_the_first_record_at_or_after_their_deadline() => Scenario.Run("""
        A buy 1@10 gtd=5000         | accepted A#1; rested #1 1@10
        B buy 2@10 gtd=4000         | accepted B#2; rested #2 2@10
        C buy 3@10 gtd=5000         | accepted C#3; rested #3 3@10
        D buy 4@10 gtd=6000         | accepted D#4; rested #4 4@10
        t=3999 time                 |
        t=5000 D sell 9@10          | cancelled B#2 2 DeadlinePassed; cancelled A#1 1 DeadlinePassed; cancelled C#3 3 DeadlinePassed; accepted D#5; made D#4 4@10 done; took D#5 4@10 left 5; rested #5 5@10
        t=6000 D cancel #4          | rejected D UnknownOrder
        t=6001 mark                 | directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 1 Open
        A has                       | 1: 1000000+0, 2: 1000000+0
        """);

    [Test]
    public void Cancelled_filled_and_replaced_orders_have_no_deadline_left() => Scenario.Run("""
        A buy 1@10 gtd=5000         | accepted A#1; rested #1 1@10
        A buy 1@11 gtd=5000         | accepted A#2; rested #2 1@11
        A buy 1@12 gtd=5000         | accepted A#3; rested #3 1@12
        B sell 1@12                 | accepted B#4; made A#3 1@12 done; took B#4 1@12 done
        A cancel #1                 | cancelled A#1 1 Requested
        A replace #2 2@9            | replaced A#2 by #5 2@9
        t=5000 time                 | cancelled A#5 2 DeadlinePassed
        t=9000 time                 |
        """);

    [Test]
    public void Only_the_owner_changes_an_order_and_only_in_its_market() => Scenario.Run("""
        op market 2 2/1             | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        A buy 1@10                  | accepted A#1; rested #1 1@10
        B cancel #1                 | rejected B UnknownOrder
        B reduce #1 1               | rejected B UnknownOrder
        B replace #1 1@9            | rejected B UnknownOrder
        A cancel #1 m=2             | rejected A UnknownOrder
        A cancel #1 m=3             | rejected A UnknownMarket
        A cancel #7                 | rejected A UnknownOrder
        A cancel #0                 | rejected A UnknownOrder
        A cancel #1                 | cancelled A#1 1 Requested
        A cancel #1                 | rejected A UnknownOrder
        A reduce #1 1               | rejected A UnknownOrder
        A replace #1 1@9            | rejected A UnknownOrder
        """);

    [Test]
    public void Reducing_keeps_priority_and_reducing_to_nothing_cancels() => Scenario.Run("""
        A sell 5@10                 | accepted A#1; rested #1 5@10
        B sell 5@10                 | accepted B#2; rested #2 5@10
        A reduce #1 0               | rejected A QuantityOutOfRange
        A reduce #1 4               | reduced A#1 by 4 left 1
        A has                       | 1: 1000000+0, 2: 999999+1
        C buy 2@10                  | accepted C#3; made A#1 1@10 done; took C#3 1@10 left 1; made B#2 1@10 left 4; took C#3 1@10 done
        B reduce #2 4               | cancelled B#2 4 Requested
        A sell 3@10                 | accepted A#4; rested #4 3@10
        A reduce #4 99              | cancelled A#4 3 Requested
        A has                       | 1: 1000010+0, 2: 999999+0
        """);

    [Test]
    public void Replacing_loses_priority_and_takes_a_new_hold() => Scenario.Run("""
        A buy 5@10 client=77        | accepted A#1; rested #1 5@10
        B buy 5@10                  | accepted B#2; rested #2 5@10
        A replace #1 5@10           | replaced A#1 by #3 5@10
        C sell 5@10                 | accepted C#4; made B#2 5@10 done; took C#4 5@10 done
        A replace #3 2@20           | replaced A#3 by #5 2@20
        A has                       | 1: 9960+40, 2: 10000+0
        A replace #5 9@0            | rejected A PriceOutOfRange
        A replace #5 0@9            | rejected A QuantityOutOfRange
        A replace #5 999999@2       | rejected A InsufficientFunds
        A orders                    | #5 2@20 hold 40
        """, funds: "10000");

    [Test]
    public void A_replaced_order_that_would_trade_trades_first() => Scenario.Run("""
        A buy 5@10                  | accepted A#1; rested #1 5@10
        B sell 3@12                 | accepted B#2; rested #2 3@12
        A replace #1 5@12           | replaced A#1 by #3 5@12 trading; made B#2 3@12 done; took A#3 3@12 left 2; rested #3 2@12
        A orders                    | #3 2@12 hold 24
        B sell 1@12                 | accepted B#4; made A#3 1@12 left 1; took B#4 1@12 done
        B sell 4@13                 | accepted B#5; rested #5 4@13
        A replace #3 4@13           | replaced A#3 by #6 4@13 trading; made B#5 4@13 done; took A#6 4@13 done
        A has                       | 1: 999900+0, 2: 1000008+0
        B has                       | 1: 1000100+0, 2: 999992+0
        """);

    [Test]
    public void Cancel_all_goes_by_rising_order_id() => Scenario.Run("""
        op market 2 2/1             | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        A buy 1@10                  | accepted A#1; rested #1 1@10
        A sell 1@20                 | accepted A#2; rested #2 1@20
        A buy 1@11 m=2              | accepted A#3; rested #3 1@11
        B buy 1@9                   | accepted B#4; rested #4 1@9
        A buy 1@12                  | accepted A#5; rested #5 1@12
        A replace #1 1@13           | replaced A#1 by #6 1@13
        A cancelall m=7             | rejected A UnknownMarket
        A cancelall sell            | cancelled A#2 1 CancelAll; completed A
        A cancelall m=2 buy         | cancelled A#3 1 CancelAll; completed A
        A cancelall m=1             | cancelled A#5 1 CancelAll; cancelled A#6 1 CancelAll; completed A
        A cancelall                 | completed A
        A has                       | 1: 1000000+0, 2: 1000000+0
        book 1                      | 1@9 /
        """);

    [Test]
    public void Checks_the_market_then_the_order_then_the_funds() => Scenario.Run("""
        A buy 0@0 m=9 market post deadline=1 | rejected A UnknownMarket
        op change 1 min=2 max=10 cap=100 | completed op; directory 1 M1 2/1 fees 0/0 lots 2..10 cap 100
        op state 1 Halted           | completed op; state 1 Halted
        A buy 0@0 market gtc deadline=1 | rejected A MarketNotOpen
        op state 1 Open             | completed op; state 1 Open
        A buy 0@101 market gtc deadline=1 | rejected A PriceOutOfRange
        A buy 1@100 market gtc deadline=1 | rejected A QuantityOutOfRange
        A buy 11@100 market gtc deadline=1 | rejected A QuantityOutOfRange
        A buy 10@100 market gtc deadline=1 | rejected A InvalidCombination
        A buy 10@100 deadline=1     | rejected A InvalidDeadline
        A buy 10@100 fok            | rejected A CannotFill
        A buy 10@100                | rejected A InsufficientFunds
        A buy 9@100                 | accepted A#1; rested #1 9@100
        """, funds: "950");

    [Test]
    public void Numbers_at_the_ends_of_their_ranges_are_exact_or_refused() => Scenario.Run("""
        op market 2 2/1 tick=18446744073709551615 lot=18446744073709551615 | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        op market 3 2/1 min=18446744073709551615 | rejected op InvalidTerms
        op market 3 2/1 max=9223372036854775808 | rejected op InvalidTerms
        op market 3 2/1 cap=4611686018427387904 | rejected op InvalidTerms
        A buy 9223372036854775807@1 | accepted A#1; rested #1 9223372036854775807@1
        A buy 9223372036854775808@1 | rejected A QuantityOutOfRange
        A sell 9223372036854775807@4611686018427387903 | accepted A#2; rested #2 9223372036854775807@4611686018427387903
        A sell 9223372036854775807@4611686018427387904 | rejected A PriceOutOfRange
        A buy 9223372036854775807@4611686018427387903 m=2 | rejected A NotionalTooLarge
        A sell 9223372036854775807@1 m=2 | rejected A InsufficientFunds
        A sell 4611686018427387904@1 m=2 | rejected A InsufficientFunds
        A buy 1@1                   | accepted A#3; rested #3 1@1
        B sell 9223372036854775807@1 | accepted B#4; made A#1 9223372036854775807@1 done; took B#4 9223372036854775807@1 done
        A has                       | 1: 42535295865117307923698453892116250623+1, 2: 42535295865117307932921825928971026431+9223372036854775807
        B has                       | 1: 42535295865117307942145197965825802238+0, 2: 42535295865117307923698453892116250624+0
        """, funds: "42535295865117307932921825928971026431");

    [Test]
    public void Markets_share_the_balances_of_an_account() => Scenario.Run("""
        op asset 3 2 EUR            | completed op
        op market 2 3/1             | completed op; directory 2 M2 3/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        op market 3 2/3             | completed op; directory 3 M3 2/3 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 3 Open
        op deposit A 50 of 3        | completed op; deposited A 50 of 3
        A buy 6@100                 | accepted A#1; rested #1 6@100
        A buy 5@100 m=2             | rejected A InsufficientFunds
        A buy 4@100 m=2             | accepted A#2; rested #2 4@100
        B sell 1@100                | accepted B#3; made A#1 1@100 left 5; took B#3 1@100 done
        A has                       | 1: 0+900, 2: 1001+0, 3: 50+0
        A sell 1@50 m=3             | accepted A#4; rested #4 1@50
        A has                       | 1: 0+900, 2: 1000+1, 3: 50+0
        """, funds: "1000");
}
