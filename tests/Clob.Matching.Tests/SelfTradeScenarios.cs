using Clob.Engine;

namespace Clob.Matching.Tests;

/// <summary>Self-trade prevention, alone and with what it meets, one line a command.</summary>
public sealed class SelfTradeScenarios
{
    [Test]
    public void Without_prevention_an_account_trades_with_itself() => Scenario.Run("""
        A sell 5@10                 | accepted A#1; rested #1 5@10
        A buy 3@12                  | accepted A#2; made A#1 3@10 fee 1 left 2; took A#2 3@10 fee 1 done
        A buy 1@12 stp=allow        | accepted A#3; made A#1 1@10 left 1; took A#3 1@10 fee 1 done
        A has                       | 1: 999997+0, 2: 999999+1
        """, market: "maker=1000 taker=1000");

    [Test]
    public void Cancel_newest_ends_the_incoming_rest_before_the_own_order() => Scenario.Run("""
        B sell 2@10                 | accepted B#1; rested #1 2@10
        A sell 5@10                 | accepted A#2; rested #2 5@10
        B sell 5@10                 | accepted B#3; rested #3 5@10
        A buy 9@12 stp=newest       | accepted A#4; made B#1 2@10 done; took A#4 2@10 left 7; cancelled A#4 7 SelfTrade
        A has                       | 1: 999980+0, 2: 999997+5
        book 1                      | / 10@10
        A buy 9@12 ioc stp=newest   | accepted A#5; cancelled A#5 9 SelfTrade
        A buy 2@9 stp=newest        | accepted A#6; rested #6 2@9
        """);

    [Test]
    public void Cancel_oldest_ends_own_orders_on_the_way_and_goes_on() => Scenario.Run("""
        A sell 5@10                 | accepted A#1; rested #1 5@10
        B sell 2@10                 | accepted B#2; rested #2 2@10
        A sell 6@11                 | accepted A#3; rested #3 6@11
        A sell 7@13                 | accepted A#4; rested #4 7@13
        A buy 9@12 stp=oldest       | accepted A#5; cancelled A#1 5 SelfTrade; made B#2 2@10 done; took A#5 2@10 left 7; cancelled A#3 6 SelfTrade; rested #5 7@12
        A has                       | 1: 999896+84, 2: 999995+7
        book 1                      | 7@12 / 7@13
        B sell 1@12                 | accepted B#6; made A#5 1@12 left 6; took B#6 1@12 done
        """);

    [Test]
    public void An_order_filled_before_it_meets_its_own_leaves_it_alone() => Scenario.Run("""
        B sell 2@10                 | accepted B#1; rested #1 2@10
        A sell 5@10                 | accepted A#2; rested #2 5@10
        A buy 2@10 stp=oldest       | accepted A#3; made B#1 2@10 done; took A#3 2@10 done
        B sell 2@9                  | accepted B#4; rested #4 2@9
        A buy 2@10 stp=both         | accepted A#5; made B#4 2@9 done; took A#5 2@9 done
        A orders                    | #2 5@10 hold 5
        """);

    [Test]
    public void Cancel_both_ends_the_resting_order_and_the_incoming_rest() => Scenario.Run("""
        B sell 2@10                 | accepted B#1; rested #1 2@10
        A sell 5@10                 | accepted A#2; rested #2 5@10
        A sell 5@10                 | accepted A#3; rested #3 5@10
        A buy 9@12 stp=both         | accepted A#4; made B#1 2@10 done; took A#4 2@10 left 7; cancelled A#2 5 SelfTrade; cancelled A#4 7 SelfTrade
        A has                       | 1: 999980+0, 2: 999997+5
        book 1                      | / 5@10
        """);

    [Test]
    public void The_incoming_orders_mode_decides_else_its_accounts_at_that_time() => Scenario.Run("""
        A settings - stp=newest     | completed A
        A sell 5@10 stp=both        | accepted A#1; rested #1 5@10
        A buy 1@10                  | accepted A#2; cancelled A#2 1 SelfTrade
        A buy 1@10 stp=allow        | accepted A#3; made A#1 1@10 left 4; took A#3 1@10 done
        A settings on               | completed A
        A buy 1@10                  | accepted A#4; cancelled A#4 1 SelfTrade
        A settings - stp=allow      | completed A
        A buy 1@10                  | accepted A#5; made A#1 1@10 left 3; took A#5 1@10 done
        A buy 1@10 stp=oldest       | accepted A#6; cancelled A#1 3 SelfTrade; rested #6 1@10
        B sell 1@10                 | accepted B#7; made A#6 1@10 done; took B#7 1@10 done
        """);

    [Test]
    public void A_replaced_order_keeps_the_mode_it_was_accepted_with() => Scenario.Run("""
        A settings - stp=newest     | completed A
        A buy 4@8                   | accepted A#1; rested #1 4@8
        A buy 4@7 stp=oldest        | accepted A#2; rested #2 4@7
        A settings - stp=allow      | completed A
        A sell 3@10                 | accepted A#3; rested #3 3@10
        A replace #1 4@10           | replaced A#1 by #4 4@10 trading; cancelled A#4 4 SelfTrade
        A replace #2 4@10           | replaced A#2 by #5 4@10 trading; cancelled A#3 3 SelfTrade; rested #5 4@10
        A has                       | 1: 999960+40, 2: 1000000+0
        book 1                      | 4@10 /
        """);

    [Test]
    public void Fill_or_kill_with_self_trade_counts_only_what_it_would_get() => Scenario.Run("""
        B sell 2@10                 | accepted B#1; rested #1 2@10
        A sell 3@10                 | accepted A#2; rested #2 3@10
        B sell 4@11                 | accepted B#3; rested #3 4@11
        A buy 3@11 fok stp=newest   | rejected A CannotFill
        A buy 3@11 fok stp=both     | rejected A CannotFill
        A buy 7@11 fok stp=oldest   | rejected A CannotFill
        book 1                      | / 5@10, 4@11
        A buy 2@11 fok stp=newest   | accepted A#4; made B#1 2@10 done; took A#4 2@10 done
        A buy 4@11 fok stp=oldest   | accepted A#5; cancelled A#2 3 SelfTrade; made B#3 4@11 done; took A#5 4@11 done
        A has                       | 1: 999936+0, 2: 1000006+0
        A sell 3@10                 | accepted A#6; rested #6 3@10
        A buy 3@10 fok stp=allow    | accepted A#7; made A#6 3@10 done; took A#7 3@10 done
        """);

    [Test]
    public void Fill_or_kill_with_self_trade_meets_a_bounded_number_of_orders() => Scenario.Run("""
        B sell 1@10                 | accepted B#1; rested #1 1@10
        B sell 1@10                 | accepted B#2; rested #2 1@10
        B sell 1@11                 | accepted B#3; rested #3 1@11
        A buy 1@1                   | accepted A#4; rested #4 1@1
        A buy 3@11 fok stp=oldest   | rejected A CannotFill
        A buy 2@11 fok stp=oldest   | accepted A#5; made B#1 1@10 done; took A#5 1@10 left 1; made B#2 1@10 done; took A#5 1@10 done
        B sell 2@11                 | accepted B#6; rested #6 2@11
        B sell 1@12                 | accepted B#7; rested #7 1@12
        A buy 4@12 fok stp=oldest   | rejected A CannotFill
        A buy 4@12 fok              | accepted A#8; made B#3 1@11 done; took A#8 1@11 left 3; made B#6 2@11 done; took A#8 2@11 left 1; made B#7 1@12 done; took A#8 1@12 done
        """, rules: new EngineRules { MaximumMakersOfFillOrKill = 2 });

    [Test]
    public void Post_only_looks_at_the_book_whoever_owns_it_also_when_it_replaces() => Scenario.Run("""
        A sell 3@10                 | accepted A#1; rested #1 3@10
        A buy 1@10 post stp=oldest  | rejected A WouldTrade
        A buy 1@9 post stp=oldest   | accepted A#2; rested #2 1@9
        A replace #2 1@10           | rejected A WouldTrade
        A replace #2 1@8            | replaced A#2 by #3 1@8
        A orders                    | #1 3@10 hold 3, #3 1@8 hold 8
        """);

    [Test]
    public void Fees_and_holds_of_prevented_orders_come_back_to_the_unit() => Scenario.Run("""
        B sell 1@10                 | accepted B#1; rested #1 1@10
        A sell 5@10                 | accepted A#2; rested #2 5@10
        A buy 100@10 stp=newest     | accepted A#3; made B#1 1@10 fee 1 done; took A#3 1@10 fee 1 left 99; cancelled A#3 99 SelfTrade
        A has                       | 1: 999989+0, 2: 999996+5
        A buy 100@10 stp=both       | accepted A#4; cancelled A#2 5 SelfTrade; cancelled A#4 100 SelfTrade
        A has                       | 1: 999989+0, 2: 1000001+0
        op has                      | 1: 2+0
        """, market: "maker=1000 taker=2500");

    [Test]
    public void A_good_till_date_order_that_prevention_ends_has_no_deadline_left() => Scenario.Run("""
        A sell 5@10 gtd=5000        | accepted A#1; rested #1 5@10
        A buy 5@10 gtd=5000 stp=both | accepted A#2; cancelled A#1 5 SelfTrade; cancelled A#2 5 SelfTrade
        t=5000 time                 |
        """);
}
