using Clob.Engine;

namespace Clob.Matching.Tests;

/// <summary>Stops and stop-limits, one line a command.</summary>
public sealed class StopScenarios
{
    private static readonly EngineRules TwoARecord = new() { MaximumTriggeredOfRecord = 2 };

    [Test]
    public void A_buy_is_triggered_at_or_above_its_stop_price_and_a_sell_at_or_below() => Scenario.Run("""
        A buy 5@110 stop=105        | accepted A#1 waiting
        A sell 5@90 stop=95         | accepted A#2 waiting
        book 1                      | /
        A orders                    | #1 5@110 hold 550, #2 5@90 hold 5
        A has                       | 1: 999450+550, 2: 999995+5
        B sell 1@104                | accepted B#3; rested #3 1@104
        C buy 1@104                 | accepted C#4; made B#3 1@104 done; took C#4 1@104 done
        B sell 3@105                | accepted B#5; rested #5 3@105
        -- a trade at the stop price; what triggers runs behind the command, under its own id
        C buy 1@105                 | accepted C#6; made B#5 1@105 left 2; took C#6 1@105 done; triggered A#1 at 105; made B#5 2@105 done; took A#1 2@105 left 3; rested #1 3@110
        A orders                    | #1 3@110 hold 330, #2 5@90 hold 5
        B buy 2@95                  | accepted B#7; rested #7 2@95
        C sell 1@96                 | accepted C#8; made A#1 1@110 left 2; took C#8 1@110 done
        book 1                      | 2@110, 2@95 /
        """);

    [Test]
    public void An_order_whose_stop_price_is_reached_already_runs_at_once() => Scenario.Run("""
        A sell 9@100                | accepted A#1; rested #1 9@100
        -- before the first trade nothing is reached
        B buy 1@100 stop=1          | accepted B#2 waiting
        C buy 1@100                 | accepted C#3; made A#1 1@100 left 8; took C#3 1@100 done; triggered B#2 at 1; made A#1 1@100 left 7; took B#2 1@100 done
        B buy 1@100 stop=100        | accepted B#4; triggered B#4 at 100; made A#1 1@100 left 6; took B#4 1@100 done
        B buy 1@100 stop=101        | accepted B#5 waiting
        B sell 1@50 stop=100        | accepted B#6; triggered B#6 at 100; rested #6 1@50
        B sell 1@50 stop=99         | accepted B#7 waiting
        """);

    [Test]
    public void Triggered_buys_run_by_rising_stop_price_then_sells_by_falling_each_by_id() => Scenario.Run("""
        B sell 1@120 & buy 5@80     | accepted B#1; rested #1 1@120; accepted B#2; rested #2 5@80
        A buy 1@50 ioc stop=120 & buy 1@50 ioc stop=110 & buy 1@50 ioc stop=120 & buy 1@50 ioc stop=110 | accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting
        A sell 1@500 ioc stop=80 & sell 1@500 ioc stop=90 & sell 1@500 ioc stop=80 & sell 1@500 ioc stop=90 | accepted A#7 waiting; accepted A#8 waiting; accepted A#9 waiting; accepted A#10 waiting
        C buy 1@120                 | accepted C#11; made B#1 1@120 done; took C#11 1@120 done; triggered A#4 at 110; cancelled A#4 1 Unfilled
        -- a trade on the other side comes between: buys go on first
        C sell 1@80                 | triggered A#6 at 110; cancelled A#6 1 Unfilled; accepted C#12; made B#2 1@80 left 4; took C#12 1@80 done
        time                        | triggered A#3 at 120; cancelled A#3 1 Unfilled
        time                        | triggered A#5 at 120; cancelled A#5 1 Unfilled
        time                        | triggered A#8 at 90; cancelled A#8 1 Unfilled
        time                        | triggered A#10 at 90; cancelled A#10 1 Unfilled
        time                        | triggered A#7 at 80; cancelled A#7 1 Unfilled
        time                        | triggered A#9 at 80; cancelled A#9 1 Unfilled
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void What_a_triggered_order_trades_may_trigger_more() => Scenario.Run("""
        B buy 1@100 & buy 1@99 & buy 1@98 & buy 5@97 | accepted B#1; rested #1 1@100; accepted B#2; rested #2 1@99; accepted B#3; rested #3 1@98; accepted B#4; rested #4 5@97
        A sell 1@90 stop=99 & sell 1@90 stop=100 & sell 1@90 stop=98 & sell 1@90 stop=96 | accepted A#5 waiting; accepted A#6 waiting; accepted A#7 waiting; accepted A#8 waiting
        C sell 1@100                | accepted C#9; made B#1 1@100 done; took C#9 1@100 done; triggered A#6 at 100; made B#2 1@99 done; took A#6 1@99 done; triggered A#5 at 99; made B#3 1@98 done; took A#5 1@98 done; triggered A#7 at 98; made B#4 1@97 left 4; took A#7 1@97 done
        book 1                      | 4@97 /
        A orders                    | #8 1@90 hold 1
        """);

    [Test]
    public void A_cascade_is_bounded_per_record_and_goes_on_before_the_next() => Scenario.Run("""
        B buy 10@100                | accepted B#1; rested #1 10@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 | accepted A#2 waiting; accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting; accepted A#7 waiting; accepted A#8 waiting
        C sell 1@100                | accepted C#9; made B#1 1@100 left 9; took C#9 1@100 done; triggered A#2 at 100; made B#1 1@100 left 8; took A#2 1@100 done; triggered A#3 at 100; made B#1 1@100 left 7; took A#3 1@100 done
        -- whatever the next record is, it finds the book that the next two have left
        C cancel #99                | triggered A#4 at 100; made B#1 1@100 left 6; took A#4 1@100 done; triggered A#5 at 100; made B#1 1@100 left 5; took A#5 1@100 done; rejected C UnknownOrder
        A cancel #6                 | triggered A#6 at 100; made B#1 1@100 left 4; took A#6 1@100 done; triggered A#7 at 100; made B#1 1@100 left 3; took A#7 1@100 done; rejected A UnknownOrder
        mark                        | triggered A#8 at 100; made B#1 1@100 left 2; took A#8 1@100 done; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 1 Open
        A orders                    |
        time                        |
        """, rules: TwoARecord);

    [Test]
    public void A_record_has_one_number_of_runs_for_all_its_commands() => Scenario.Run("""
        B buy 10@100                | accepted B#1; rested #1 10@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 | accepted A#2 waiting; accepted A#3 waiting; accepted A#4 waiting
        C sell 1@100 & buy 1@50 & sell 1@100 & buy 1@51 | accepted C#5; made B#1 1@100 left 9; took C#5 1@100 done; triggered A#2 at 100; made B#1 1@100 left 8; took A#2 1@100 done; triggered A#3 at 100; made B#1 1@100 left 7; took A#3 1@100 done; accepted C#6; rested #6 1@50; accepted C#7; made B#1 1@100 left 6; took C#7 1@100 done; accepted C#8; rested #8 1@51
        time                        | triggered A#4 at 100; made B#1 1@100 left 5; took A#4 1@100 done
        """, rules: TwoARecord);

    [Test]
    public void While_triggered_orders_wait_the_range_that_triggered_them_triggers_what_comes() => Scenario.Run("""
        B buy 5@95 & sell 5@101     | accepted B#1; rested #1 5@95; accepted B#2; rested #2 5@101
        A sell 1@200 ioc stop=95 & sell 1@200 ioc stop=95 & sell 1@200 ioc stop=95 & sell 1@200 ioc stop=95 | accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting
        C sell 1@95 & buy 1@101     | accepted C#7; made B#1 1@95 left 4; took C#7 1@95 done; triggered A#3 at 95; cancelled A#3 1 Unfilled; accepted C#8; made B#2 1@101 left 4; took C#8 1@101 done
        D sell 1@200 stop=97        | triggered A#4 at 95; cancelled A#4 1 Unfilled; accepted D#9; triggered D#9 at 97; rested #9 1@200
        time                        | triggered A#5 at 95; cancelled A#5 1 Unfilled
        time                        | triggered A#6 at 95; cancelled A#6 1 Unfilled
        -- nothing triggered waits any more: only the last trade, at 101, counts
        D sell 1@200 stop=97        | accepted D#10 waiting
        D sell 1@200 stop=101       | accepted D#11; triggered D#11 at 101; rested #11 1@200
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void Stop_cascade_and_halt() => Scenario.Run("""
        B buy 10@100                | accepted B#1; rested #1 10@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 & sell 3@90 stop=100 | accepted A#2 waiting; accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting
        C sell 1@100 & buy 1@10     | accepted C#6; made B#1 1@100 left 9; took C#6 1@100 done; triggered A#2 at 100; made B#1 1@100 left 8; took A#2 1@100 done; accepted C#7; rested #7 1@10
        op state 1 Halted           | triggered A#3 at 100; made B#1 1@100 left 7; took A#3 1@100 done; completed op; state 1 Halted
        time                        |
        -- triggered orders of a market that is not open can be cancelled and reduced like others
        A orders                    | #4 1@90 hold 1, #5 3@90 hold 3
        A cancel #4                 | cancelled A#4 1 Requested waiting
        A reduce #5 1               | reduced A#5 by 1 left 2 waiting
        A replace #5 1@90           | rejected A MarketNotOpen
        op state 1 CancelOnly       | completed op; state 1 CancelOnly
        -- they run when it opens, before the next command
        op state 1 Open & state 1 Halted | completed op; state 1 Open; triggered A#5 at 100; made B#1 2@100 left 5; took A#5 2@100 done; completed op; state 1 Halted
        time                        |
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void A_halt_before_a_cascade_ends_it_for_good_when_nothing_triggered_is_left() => Scenario.Run("""
        B buy 10@100                | accepted B#1; rested #1 10@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 2@90 stop=100 | accepted A#2 waiting; accepted A#3 waiting; accepted A#4 waiting
        C sell 1@100                | accepted C#5; made B#1 1@100 left 9; took C#5 1@100 done; triggered A#2 at 100; made B#1 1@100 left 8; took A#2 1@100 done
        op state 1 Halted           | triggered A#3 at 100; made B#1 1@100 left 7; took A#3 1@100 done; completed op; state 1 Halted
        A cancelall                 | cancelled A#4 2 CancelAll waiting; completed A
        op state 1 Open             | completed op; state 1 Open
        B sell 1@102                | accepted B#6; rested #6 1@102
        C buy 1@102                 | accepted C#7; made B#6 1@102 done; took C#7 1@102 done
        -- the range is over: only the last trade counts now
        A sell 1@90 stop=100        | accepted A#8 waiting
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void Stop_and_self_trade() => Scenario.Run("""
        B buy 1@100                 | accepted B#1; rested #1 1@100
        A buy 1@99 & buy 2@98       | accepted A#2; rested #2 1@99; accepted A#3; rested #3 2@98
        A sell 5@97 stop=100 stp=newest | accepted A#4 waiting
        D sell 5@98 stop=100 stp=oldest | accepted D#5 waiting
        C sell 1@100                | accepted C#6; made B#1 1@100 done; took C#6 1@100 done; triggered A#4 at 100; cancelled A#4 5 SelfTrade; triggered D#5 at 100; made A#2 1@99 done; took D#5 1@99 left 4; made A#3 2@98 done; took D#5 2@98 left 2; rested #5 2@98
        book 1                      | / 2@98
        D buy 2@97 & sell 1@90 stop=97 stp=both | accepted D#7; rested #7 2@97; accepted D#8 waiting
        C sell 1@97                 | accepted C#9; made D#7 1@97 left 1; took C#9 1@97 done; triggered D#8 at 97; cancelled D#7 1 SelfTrade; cancelled D#8 1 SelfTrade
        -- waiting orders are nobody's counterpart: they are not met and not cancelled
        D sell 1@60 stop=50         | accepted D#10 waiting
        D buy 1@200 stop=97 stp=oldest | accepted D#11; triggered D#11 at 97; cancelled D#5 2 SelfTrade; rested #11 1@200
        D orders                    | #10 1@60 hold 1, #11 1@200 hold 200
        """);

    [Test]
    public void A_triggered_fill_or_kill_counts_what_it_really_gets_under_its_prevention() => Scenario.Run("""
        B buy 1@100                 | accepted B#1; rested #1 1@100
        A buy 1@99                  | accepted A#2; rested #2 1@99
        B buy 1@99                  | accepted B#3; rested #3 1@99
        A sell 2@99 fok stop=100 stp=newest & sell 2@99 fok stop=100 stp=oldest & sell 1@99 fok stop=100 stp=oldest | accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting
        C sell 1@100                | accepted C#7; made B#1 1@100 done; took C#7 1@100 done; triggered A#4 at 100; cancelled A#4 2 CannotFill; triggered A#5 at 100; cancelled A#5 2 CannotFill; triggered A#6 at 100; cancelled A#2 1 SelfTrade; made B#3 1@99 done; took A#6 1@99 done
        """);

    [Test]
    public void Kill_switch_and_stop() => Scenario.Run("""
        B buy 9@100                 | accepted B#1; rested #1 9@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=99 & buy 1@50 | accepted A#2 waiting; accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting; accepted A#6; rested #6 1@50
        D sell 1@90 stop=100 & sell 1@90 stop=100 | accepted D#7 waiting; accepted D#8 waiting
        C sell 1@100                | accepted C#9; made B#1 1@100 left 8; took C#9 1@100 done; triggered A#2 at 100; made B#1 1@100 left 7; took A#2 1@100 done
        -- one ran with the trade and one before the switch, one is triggered, one waits, one rests: what is open goes by id
        A settings - kill=on        | triggered A#3 at 100; made B#1 1@100 left 6; took A#3 1@100 done; cancelled A#4 1 KillSwitch waiting; cancelled A#5 1 KillSwitch waiting; cancelled A#6 1 KillSwitch; completed A
        op limits D trading=off     | triggered D#7 at 100; made B#1 1@100 left 5; took D#7 1@100 done; cancelled D#8 1 KillSwitch waiting; completed op 4
        A sell 1@90 stop=50         | rejected A TradingBlocked
        A replace #3 1@90 stop=40   | rejected A TradingBlocked
        A has                       | 1: 1000200+0, 2: 999998+0
        time                        |
        A settings - kill=off & sell 1@90 stop=50 | completed A; accepted A#10 waiting
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void A_kill_switch_in_the_envelope_that_triggers_ends_what_has_not_run() => Scenario.Run("""
        B buy 9@100                 | accepted B#1; rested #1 9@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 | accepted A#2 waiting; accepted A#3 waiting
        C sell 1@100 & settings - kill=on | accepted C#4; made B#1 1@100 left 8; took C#4 1@100 done; triggered A#2 at 100; made B#1 1@100 left 7; took A#2 1@100 done; completed C
        A settings - kill=on        | triggered A#3 at 100; made B#1 1@100 left 6; took A#3 1@100 done; completed A
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void Price_band_and_stop_limit() => Scenario.Run("""
        -- far outside the band now, and taken: the band counts when it runs
        A buy 1@132 stop=120 & buy 1@133 stop=120 & sell 1@60 stop=80 | accepted A#1 waiting; accepted A#2 waiting; accepted A#3 waiting
        B buy 1@132                 | rejected B PriceOutsideBand
        B sell 1@104 & buy 1@104 stp=allow | accepted B#4; rested #4 1@104; accepted B#5; made B#4 1@104 done; took B#5 1@104 done
        B sell 1@114 & buy 1@114 stp=allow | accepted B#6; rested #6 1@114; accepted B#7; made B#6 1@114 done; took B#7 1@114 done
        B sell 1@120 & buy 1@120 stp=allow | accepted B#8; rested #8 1@120; accepted B#9; made B#8 1@120 done; took B#9 1@120 done; triggered A#1 at 120; rested #1 1@132; triggered A#2 at 120; cancelled A#2 1 PriceOutsideBand
        C buy 1@133 stop=120        | accepted C#10; triggered C#10 at 120; cancelled C#10 1 PriceOutsideBand
        A replace #3 1@107 stop=120 | replaced A#3 by #11 1@107 trading unseen; triggered A#11 at 120; cancelled A#11 1 PriceOutsideBand
        op change 1 band=0          | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 1 0 around 120 notional 170141183460469231731687303715884105727
        C buy 1@133 stop=120        | accepted C#12; triggered C#12 at 120; rested #12 1@133
        """, market: "ref=100 band=100000");

    [Test]
    public void A_triggered_order_that_moves_the_reference_decides_the_band_of_the_next() => Scenario.Run("""
        B sell 1@100 & sell 1@109 & sell 1@118 | accepted B#1; rested #1 1@100; accepted B#2; rested #2 1@109; accepted B#3; rested #3 1@118
        A buy 1@110 stop=100 & buy 1@118 stop=101 & buy 1@131 stop=102 | accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting
        C buy 1@100                 | accepted C#7; made B#1 1@100 done; took C#7 1@100 done; triggered A#4 at 100; made B#2 1@109 done; took A#4 1@109 done; triggered A#5 at 101; made B#3 1@118 done; took A#5 1@118 done; triggered A#6 at 102; cancelled A#6 1 PriceOutsideBand
        """, market: "ref=100 band=100000");

    [Test]
    public void Deadline_and_halt_for_stops() => Scenario.Run("""
        B buy 9@100                 | accepted B#1; rested #1 9@100
        A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 gtd=5000 & sell 1@90 stop=50 gtd=5500 & sell 1@90 stop=100 gtd=7000 | accepted A#2 waiting; accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting
        C sell 1@100                | accepted C#7; made B#1 1@100 left 8; took C#7 1@100 done; triggered A#2 at 100; made B#1 1@100 left 7; took A#2 1@100 done
        op state 1 Halted           | triggered A#3 at 100; made B#1 1@100 left 6; took A#3 1@100 done; completed op; state 1 Halted
        -- a deadline passes in a halted market, for orders that wait and for those that are triggered
        t=5000 time                 | cancelled A#4 1 DeadlinePassed waiting
        t=6000 op state 1 Open      | cancelled A#5 1 DeadlinePassed waiting; completed op; state 1 Open; triggered A#6 at 100; made B#1 1@100 left 5; took A#6 1@100 done
        -- one that is triggered and due ends, and does not run
        B buy 5@99                  | accepted B#8; rested #8 5@99
        A sell 1@90 stop=99 & sell 1@90 stop=99 gtd=8000 | accepted A#9 waiting; accepted A#10 waiting
        C sell 7@99 ioc             | accepted C#11; made B#1 5@100 done; took C#11 5@100 left 2; made B#8 2@99 left 3; took C#11 2@99 done; triggered A#9 at 99; made B#8 1@99 left 2; took A#9 1@99 done
        t=8000 time                 | cancelled A#10 1 DeadlinePassed waiting
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void A_stop_that_rests_keeps_its_deadline_and_its_place_among_the_accounts_orders() => Scenario.Run("""
        B sell 2@100                | accepted B#1; rested #1 2@100
        A buy 1@50                  | accepted A#2; rested #2 1@50
        A buy 5@100 stop=100 gtd=5000 | accepted A#3 waiting
        A buy 1@51 gtd=4000         | accepted A#4; rested #4 1@51
        C buy 1@100                 | accepted C#5; made B#1 1@100 left 1; took C#5 1@100 done; triggered A#3 at 100; made B#1 1@100 done; took A#3 1@100 left 4; rested #3 4@100
        A orders                    | #2 1@50 hold 50, #3 4@100 hold 400, #4 1@51 hold 51
        t=4000 time                 | cancelled A#4 1 DeadlinePassed
        t=5000 time                 | cancelled A#3 4 DeadlinePassed
        A cancelall                 | cancelled A#2 1 CancelAll; completed A
        """);

    [Test]
    public void What_other_orders_are_asked_when_they_come_a_stop_is_asked_when_it_runs() => Scenario.Run("""
        B sell 2@100 & sell 2@101   | accepted B#1; rested #1 2@100; accepted B#2; rested #2 2@101
        A buy 5@100 fok stop=100 & buy 1@101 post stop=100 & buy 5@101 ioc stop=100 & buy 1@99 market stop=100 & buy 1@99 post stop=100 | accepted A#3 waiting; accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting; accepted A#7 waiting
        A has                       | 1: 998696+1304, 2: 1000000+0
        C buy 1@100                 | accepted C#8; made B#1 1@100 left 1; took C#8 1@100 done; triggered A#3 at 100; cancelled A#3 5 CannotFill; triggered A#4 at 100; cancelled A#4 1 WouldTrade; triggered A#5 at 100; made B#1 1@100 done; took A#5 1@100 left 4; made B#2 2@101 done; took A#5 2@101 left 2; cancelled A#5 2 Unfilled; triggered A#6 at 100; cancelled A#6 1 Unfilled; triggered A#7 at 100; rested #7 1@99
        A has                       | 1: 999599+99, 2: 1000003+0
        """);

    [Test]
    public void A_waiting_order_is_held_for_and_counts_like_any_open_order() => Scenario.Run("""
        A buy 10@10 stop=5 & buy 1@1 | accepted A#1 waiting; rejected A InsufficientFunds
        A reduce #1 4               | reduced A#1 by 4 left 6 waiting
        A orders                    | #1 6@10 hold 62
        A has                       | 1: 41+62, 2: 103+0
        A replace #1 9@10 stop=6    | replaced A#1 by #2 9@10 waiting
        A replace #2 9@11           | replaced A#2 by #3 9@11 waiting
        A replace #2 6@9            | rejected A UnknownOrder
        A orders                    | #3 9@11 hold 101
        A has                       | 1: 2+101, 2: 103+0
        A replace #3 6@9 show=2     | replaced A#3 by #4 6@9 waiting
        A reduce #4 6               | cancelled A#4 6 Requested waiting
        A buy 1@10 stop=5 & sell 1@200 stop=1 & buy 2@20 stop=5 | accepted A#5 waiting; accepted A#6 waiting; accepted A#7 waiting
        A cancelall sell            | cancelled A#6 1 CancelAll waiting; completed A
        A cancel #7                 | cancelled A#7 2 Requested waiting
        A settings on & reduce #5 9 | completed A; cancelled A#5 1 Requested waiting
        A buy 1@10 gtd=9000 stop=5  | accepted A#8 waiting
        disconnect A                | cancelled A#8 1 Disconnected waiting
        A has                       | 1: 103+0, 2: 103+0
        """, market: "maker=10000 taker=20000", funds: "103");

    [Test]
    public void A_replaced_stop_may_be_triggered_at_once_and_a_resting_order_takes_no_stop_price() => Scenario.Run("""
        B sell 5@100 & buy 2@90     | accepted B#1; rested #1 5@100; accepted B#2; rested #2 2@90
        C buy 1@100                 | accepted C#3; made B#1 1@100 left 4; took C#3 1@100 done
        A buy 3@100 stop=110 & sell 1@120 | accepted A#4 waiting; accepted A#5; rested #5 1@120
        A replace #5 1@120 stop=80  | rejected A InvalidCombination
        A replace #4 3@100 stop=0   | rejected A PriceOutOfRange
        A replace #4 3@100 stop=101 | replaced A#4 by #6 3@100 waiting
        A buy 3@100 ioc stop=101    | accepted A#7 waiting
        A replace #7 3@100 show=1   | rejected A InvalidCombination
        A replace #7 3@99           | replaced A#7 by #8 3@99 waiting
        A replace #6 3@100 stop=100 | replaced A#6 by #9 3@100 trading unseen; triggered A#9 at 100; made B#1 3@100 left 1; took A#9 3@100 done
        """);

    [Test]
    public void Stops_are_valid_or_refused() => Scenario.Run("""
        A buy 1@10 stop=0           | rejected A PriceOutOfRange
        A buy 1@10 stop=101         | rejected A PriceOutOfRange
        A buy 1@10 market gtc stop=5 | rejected A InvalidCombination
        A buy 1@10 ioc post stop=5  | rejected A InvalidCombination
        A buy 1@10 gtd stop=5       | rejected A InvalidDeadline
        A buy 1@0 stop=5            | rejected A PriceOutOfRange
        A buy 5@10 show=0 stop=5    | rejected A InvalidDisplayQuantity
        A buy 1000@10 stop=5        | rejected A InsufficientFunds
        A buy 1@10 ioc stop=5 & buy 1@10 fok stop=5 | accepted A#1 waiting; accepted A#2 waiting
        A buy 1@10 fok stop=5       | rejected A TooManyOrders
        """, market: "cap=100", funds: "100", rules: new EngineRules { MaximumOrdersOfAccount = 2 });

    [Test]
    public void A_stop_that_runs_at_once_and_cannot_rest_needs_no_room() => Scenario.Run("""
        B sell 1@100                | accepted B#1; rested #1 1@100
        C buy 1@100                 | accepted C#2; made B#1 1@100 done; took C#2 1@100 done
        A buy 1@10 & buy 1@11       | accepted A#3; rested #3 1@10; accepted A#4; rested #4 1@11
        A buy 1@100 ioc stop=100    | accepted A#5; triggered A#5 at 100; cancelled A#5 1 Unfilled
        A buy 1@100 ioc stop=101    | rejected A TooManyOrders
        A buy 1@100 stop=100        | rejected A TooManyOrders
        """, rules: new EngineRules { MaximumOrdersOfAccount = 2 });

    [Test]
    public void A_stop_may_be_an_iceberg() => Scenario.Run("""
        B sell 3@100                | accepted B#1; rested #1 3@100
        A buy 9@100 stop=100 show=3 | accepted A#2 waiting
        C buy 1@100                 | accepted C#3; made B#1 1@100 left 2; took C#3 1@100 done; triggered A#2 at 100; made B#1 2@100 done; took A#2 2@100 left 7; rested #2 3@100
        book 1                      | 3@100 /
        C sell 4@100                | accepted C#4; made A#2 3@100 left 4; took C#4 3@100 left 1; rested #2 3@100; made A#2 1@100 left 3; took C#4 1@100 done
        """);

    [Test]
    public void The_fees_of_a_stop_are_those_of_when_it_was_accepted() => Scenario.Run("""
        B sell 100@100              | accepted B#1; rested #1 100@100
        A buy 10@100 stop=100       | accepted A#2 waiting
        op change 1 taker=500000    | completed op; directory 1 M1 2/1 fees 0/500000 lots 1..9223372036854775807 cap 4611686018427387903
        C buy 10@100                | accepted C#3; made B#1 10@100 left 90; took C#3 10@100 fee 500 done; triggered A#2 at 100; made B#1 10@100 left 80; took A#2 10@100 fee 1 done
        A has                       | 1: 998999+0, 2: 1000010+0
        """, market: "maker=0 taker=1000");

    [Test]
    public void Markets_take_their_turn_by_id_and_one_that_is_halted_is_passed_over() => Scenario.Run("""
        op market 2 2/1 & market 3 2/1 | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 2 Open; completed op; directory 3 M3 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 3 Open
        B buy 9@100 & buy 9@100 m=2 & buy 9@100 m=3 | accepted B#1; rested #1 9@100; accepted B#2; rested #2 9@100; accepted B#3; rested #3 9@100
        A sell 1@90 stop=100 m=3 & sell 1@90 stop=100 m=2 & sell 1@90 stop=100 m=1 & sell 1@90 stop=100 m=1 | accepted A#4 waiting; accepted A#5 waiting; accepted A#6 waiting; accepted A#7 waiting
        C sell 1@100 m=3 & sell 1@100 m=2 & sell 1@100 | accepted C#8; made B#3 1@100 left 8; took C#8 1@100 done; triggered A#4 at 100; made B#3 1@100 left 7; took A#4 1@100 done; accepted C#9; made B#2 1@100 left 8; took C#9 1@100 done; accepted C#10; made B#1 1@100 left 8; took C#10 1@100 done
        op state 1 Halted           | triggered A#6 at 100; made B#1 1@100 left 7; took A#6 1@100 done; completed op; state 1 Halted
        time                        | triggered A#5 at 100; made B#2 1@100 left 7; took A#5 1@100 done
        op state 1 Open             | completed op; state 1 Open; triggered A#7 at 100; made B#1 1@100 left 6; took A#7 1@100 done
        """, rules: new EngineRules { MaximumTriggeredOfRecord = 1 });

    [Test]
    public void The_next_record_is_due_at_once_while_triggered_orders_of_an_open_market_wait()
    {
        var scenario = new Scenario(rules: new EngineRules { MaximumTriggeredOfRecord = 1 });
        var exchange = scenario.Venue.Exchange;
        scenario.Do("B buy 9@100", "A sell 1@90 stop=100 & sell 1@90 stop=100 & sell 1@90 stop=100 gtd=90000");
        Assert.That(exchange.EarliestDeadline, Is.EqualTo(90_000));
        scenario.Do("C sell 1@100");
        Assert.That(exchange.EarliestDeadline, Is.Zero);
        scenario.Do("op state 1 Halted"); // runs the second before it halts
        Assert.That(exchange.EarliestDeadline, Is.EqualTo(90_000), "what is triggered in a halted market is not due");
        scenario.Do("op state 1 Open & state 1 Halted & state 1 Open", "B buy 1@100");
        Assert.That(exchange.EarliestDeadline, Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void A_record_runs_at_most_64_triggered_orders()
    {
        var scenario = new Scenario();
        scenario.Do("B buy 900@100");
        for (int i = 0; i < 100; i++)
            scenario.Do("A sell 1@90 stop=100");
        scenario.Do("C sell 1@100");
        Assert.That(scenario.Venue.Exchange.ReadMarket(1)!.WaitingOrders, Is.EqualTo(100 - 64));
        Assert.That(scenario.Venue.Exchange.EarliestDeadline, Is.Zero);
        scenario.Do("time");
        Assert.That(scenario.Venue.Exchange.ReadMarket(1)!.WaitingOrders, Is.Zero);
        Assert.That(scenario.Venue.Exchange.EarliestDeadline, Is.EqualTo(ulong.MaxValue));
    }
}
