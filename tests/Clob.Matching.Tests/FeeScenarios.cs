namespace Clob.Matching.Tests;

/// <summary>Fees, rebates and holds, one line a command.</summary>
public sealed class FeeScenarios
{
    [Test]
    public void Many_small_fills_cost_what_one_large_one_does() => Scenario.Run("""
        A sell 1000@10              | accepted A#1; rested #1 1000@10
        B buy 1@10                  | accepted B#2; made A#1 1@10 fee 1 left 999; took B#2 1@10 fee 1 done
        B buy 1@10                  | accepted B#3; made A#1 1@10 left 998; took B#3 1@10 fee 1 done
        C buy 998@10                | accepted C#4; made A#1 998@10 fee 9 done; took C#4 998@10 fee 25 done
        A has                       | 1: 1009990+0, 2: 999000+0
        op has                      | 1: 37+0
        """, market: "maker=1000 taker=2500");

    [Test]
    public void Fees_round_over_many_fills_of_a_taker_as_over_one_and_the_maker_likewise() => Scenario.Run("""
        A sell 1@7 & sell 1@7 & sell 1@7 & sell 1@7 | accepted A#1; rested #1 1@7; accepted A#2; rested #2 1@7; accepted A#3; rested #3 1@7; accepted A#4; rested #4 1@7
        -- 4 fills of 7 at 50,000 ppm are 0.35 each: 1 at once, 1 with the third; each maker pays his own rounded up
        B buy 4@7                   | accepted B#5; made A#1 1@7 fee 1 done; took B#5 1@7 fee 1 left 3; made A#2 1@7 fee 1 done; took B#5 1@7 left 2; made A#3 1@7 fee 1 done; took B#5 1@7 fee 1 left 1; made A#4 1@7 fee 1 done; took B#5 1@7 done
        B has                       | 1: 999970+0, 2: 1000004+0
        A has                       | 1: 1000024+0, 2: 999996+0
        op has                      | 1: 6+0
        """, market: "maker=10000 taker=50000");

    [Test]
    public void A_buyer_holds_notional_and_the_higher_fee_rounded_up() => Scenario.Run("""
        A buy 10@10                 | accepted A#1; rested #1 10@10
        A orders                    | #1 10@10 hold 101
        B sell 3@10                 | accepted B#2; made A#1 3@10 fee 1 left 7; took B#2 3@10 fee 1 done
        A orders                    | #1 7@10 hold 70
        A reduce #1 3               | reduced A#1 by 3 left 4
        A has                       | 1: 30+40, 2: 104+0
        A replace #1 1@1            | replaced A#1 by #3 1@1
        A has                       | 1: 68+2, 2: 104+0
        A cancel #3                 | cancelled A#3 1 Requested
        A has                       | 1: 70+0, 2: 104+0
        """, market: "maker=1000 taker=2500", funds: "101");

    [Test]
    public void The_fee_belongs_to_the_funds_a_buyer_needs() => Scenario.Run("""
        A buy 10@10                 | rejected A InsufficientFunds
        A buy 9@11                  | accepted A#1; rested #1 9@11
        """, market: "maker=0 taker=1", funds: "100");

    [Test]
    public void Better_prices_return_notional_and_fee() => Scenario.Run("""
        A sell 10@10                | accepted A#1; rested #1 10@10
        B buy 10@100                | accepted B#2; made A#1 10@10 done; took B#2 10@10 fee 1 done
        B has                       | 1: 999899+0, 2: 1000010+0
        """, market: "maker=0 taker=10000");

    [Test]
    public void An_order_that_takes_and_then_makes_pays_each_part_at_its_rate() => Scenario.Run("""
        A sell 500@10               | accepted A#1; rested #1 500@10
        B buy 1000@10               | accepted B#2; made A#1 500@10 fee 1 done; took B#2 500@10 fee 2 left 500; rested #2 500@10
        B has                       | 1: 989997+5001, 2: 1000500+0
        A sell 500@10               | accepted A#3; made B#2 500@10 done; took A#3 500@10 fee 2 done
        B has                       | 1: 989998+0, 2: 1001000+0
        A has                       | 1: 1009997+0, 2: 999000+0
        op has                      | 1: 5+0
        """, market: "maker=100 taker=300");

    [Test]
    public void Rebates_round_down_and_come_out_of_the_takers_fee() => Scenario.Run("""
        A sell 100@150              | accepted A#1; rested #1 100@150
        B buy 1@150                 | accepted B#2; made A#1 1@150 left 99; took B#2 1@150 fee 1 done
        B buy 99@150                | accepted B#3; made A#1 99@150 fee -15 done; took B#3 99@150 fee 15 done
        op has                      | 1: 1+0
        A has                       | 1: 1015015+0, 2: 999900+0
        """, market: "maker=-1000 taker=1000");

    [Test]
    public void A_rebate_is_never_more_than_the_fill_brings_and_the_rest_stays_owed() => Scenario.Run("""
        A buy 1000@10               | accepted A#1; rested #1 1000@10
        op change 1 maker=0 taker=0 | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903
        B sell 100@10               | accepted B#2; made A#1 100@10 left 900; took B#2 100@10 done
        op change 1 taker=100000    | completed op; directory 1 M1 2/1 fees 0/100000 lots 1..9223372036854775807 cap 4611686018427387903
        B sell 100@10               | accepted B#3; made A#1 100@10 fee -20 left 800; took B#3 100@10 fee 100 done
        B sell 1@10                 | accepted B#4; made A#1 1@10 left 799; took B#4 1@10 fee 1 done
        op has                      | 1: 81+0
        """, market: "maker=-10000 taker=10000");

    [Test]
    public void Changed_rates_leave_resting_orders_as_they_were() => Scenario.Run("""
        A buy 100@10                | accepted A#1; rested #1 100@10
        op change 1 maker=500000 taker=500000 | completed op; directory 1 M1 2/1 fees 500000/500000 lots 1..9223372036854775807 cap 4611686018427387903
        B sell 100@10               | accepted B#2; made A#1 100@10 done; took B#2 100@10 fee 500 done
        op has                      | 1: 500+0
        A buy 100@10                | accepted A#3; rested #3 100@10
        B sell 100@10               | accepted B#4; made A#3 100@10 fee 500 done; took B#4 100@10 fee 500 done
        """, market: "maker=0 taker=0");

    [Test]
    public void A_fee_may_take_all_proceeds_but_no_more() => Scenario.Run("""
        A buy 3@7                   | accepted A#1; rested #1 3@7
        B sell 3@7                  | accepted B#2; made A#1 3@7 fee 21 done; took B#2 3@7 fee 21 done
        B has                       | 1: 42+0, 2: 39+0
        op has                      | 1: 42+0
        """, market: "maker=1000000 taker=1000000", funds: "42");

    [Test]
    public void The_venue_may_withdraw_its_fees() => Scenario.Run("""
        A sell 1000@10              | accepted A#1; rested #1 1000@10
        B buy 1000@10               | accepted B#2; made A#1 1000@10 fee -5 done; took B#2 1000@10 fee 20 done
        op withdraw 15 of 1         | withdrawal 1 of op 15 of 1
        op has                      | 1: 0+15
        A sell 7@10                 | accepted A#3; rested #3 7@10
        B buy 7@10                  | accepted B#4; made A#3 7@10 done; took B#4 7@10 fee 1 done
        op has                      | 1: 1+15
        """, market: "maker=-500 taker=2000");

    [Test]
    public void An_account_may_have_fees_of_its_own_in_a_market() => Scenario.Run("""
        op market 2 2/1 maker=100 taker=200 | completed op; directory 2 M2 2/1 fees 100/200 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open
        op fees A 1 maker=-5000 taker=5000 | completed op 1
        A sell 100@100              | accepted A#1; rested #1 100@100
        B buy 50@100                | accepted B#2; made A#1 50@100 fee -25 left 50; took B#2 50@100 fee 50 done
        -- one of two: the other is the market's
        op fees B 1 taker=20000     | completed op 2
        B buy 10@100                | accepted B#3; made A#1 10@100 fee -5 left 40; took B#3 10@100 fee 20 done
        B buy 10@99                 | accepted B#4; rested #4 10@99
        A sell 10@99                | accepted A#5; made B#4 10@99 fee 1 done; took A#5 10@99 fee 5 done
        -- orders keep the rates they were accepted under; a replaced one has those of now
        op fees A 1 & fees B 1      | completed op 1; completed op 2
        C buy 20@100                | accepted C#6; made A#1 20@100 fee -10 left 20; took C#6 20@100 fee 20 done
        A replace #1 20@100         | replaced A#1 by #7 20@100
        B buy 20@100                | accepted B#8; made A#7 20@100 fee 2 done; took B#8 20@100 fee 20 done
        -- and nothing of it in another market
        A sell 100@100 m=2          | accepted A#9; rested #9 100@100
        B buy 100@100 m=2           | accepted B#10; made A#9 100@100 fee 1 done; took B#10 100@100 fee 2 done
        """, market: "maker=1000 taker=10000");

    [Test]
    public void A_hold_covers_the_fees_of_the_account() => Scenario.Run("""
        op fees A 1 taker=500000    | completed op 1
        A buy 10@10                 | rejected A InsufficientFunds
        B buy 10@10                 | accepted B#1; rested #1 10@10
        op fees A 1 taker=0         | completed op 1
        A buy 10@10                 | accepted A#2; rested #2 10@10
        A has                       | 1: 0+100, 2: 100+0
        """, funds: "100");

    [Test]
    public void Fees_of_an_account_are_valid_or_refused() => Scenario.Run("""
        A fees A 1 maker=0          | rejected A NotAllowed
        op fees A 9 maker=0         | rejected op UnknownMarket
        op fees A 9                 | rejected op UnknownMarket
        op fees Z 1 maker=-11       | rejected op InvalidTerms
        op fees Z 1 maker=-10       | rejected op UnknownTarget
        op fees Z 1                 | rejected op UnknownTarget
        op fees A 1 maker=-11       | rejected op InvalidTerms
        op fees A 1 taker=-11       | rejected op InvalidTerms
        op fees A 1 taker=1000001   | rejected op InvalidTerms
        op fees A 1 maker=-1000001 taker=1000001 | rejected op InvalidTerms
        op fees A 1 maker=-1000000 taker=1000000 | completed op 1
        op fees A 1                 | completed op 1
        op fees A 1                 | completed op 1
        op fees op 1 taker=0        | completed op
        """, market: "maker=10 taker=10");

    [Test]
    public void A_rebate_of_an_account_takes_nothing_from_the_venue_when_the_market_changes() => Scenario.Run("""
        op fees A 1 maker=-10000    | completed op 1
        op change 1 taker=1000      | completed op; directory 1 M1 2/1 fees 0/1000 lots 1..9223372036854775807 cap 4611686018427387903
        A sell 100@10               | accepted A#1; rested #1 100@10
        B buy 100@10                | accepted B#2; made A#1 100@10 fee -1 done; took B#2 100@10 fee 1 done
        op has                      |
        """, market: "maker=0 taker=10000");
}
