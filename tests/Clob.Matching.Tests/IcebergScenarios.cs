namespace Clob.Matching.Tests;

/// <summary>Orders that show a part of themselves, one line a command. "fed" is what only the feed hears.</summary>
public sealed class IcebergScenarios
{
    [Test]
    public void Shows_a_portion_and_the_next_one_joins_the_end_of_the_queue() => Scenario.Run("""
        A sell 10@50 show=4         | accepted A#1; rested #1 4@50
        B sell 3@50                 | accepted B#2; rested #2 3@50
        book 1                      | / 7@50
        A orders                    | #1 10@50 hold 10
        -- the whole shown part is taken: the next 4 stand behind B
        C buy 4@50                  | accepted C#3; made A#1 4@50 left 6; took C#3 4@50 done; rested #1 4@50
        C buy 2@50                  | accepted C#4; made B#2 2@50 left 1; took C#4 2@50 done
        -- a part of what is shown keeps its place
        C buy 3@50                  | accepted C#5; made B#2 1@50 done; took C#5 1@50 left 2; made A#1 2@50 left 4; took C#5 2@50 done
        B sell 5@50                 | accepted B#6; rested #6 5@50
        C buy 2@50                  | accepted C#7; made A#1 2@50 left 2; took C#7 2@50 done; rested #1 2@50
        book 1                      | / 7@50
        C buy 6@50                  | accepted C#8; made B#6 5@50 done; took C#8 5@50 left 1; made A#1 1@50 left 1; took C#8 1@50 done
        C buy 6@50 ioc              | accepted C#9; made A#1 1@50 done; took C#9 1@50 left 5; cancelled C#9 5 Unfilled
        A has                       | 1: 1000500+0, 2: 999990+0
        book 1                      | /
        """);

    [Test]
    public void Taking_goes_round_a_level_until_it_is_used_up() => Scenario.Run("""
        A sell 5@50 show=2          | accepted A#1; rested #1 2@50
        B sell 4@50 show=3          | accepted B#2; rested #2 3@50
        C buy 12@50                 | accepted C#3; made A#1 2@50 left 3; took C#3 2@50 left 10; rested #1 2@50; made B#2 3@50 left 1; took C#3 3@50 left 7; rested #2 1@50; made A#1 2@50 left 1; took C#3 2@50 left 5; rested #1 1@50; made B#2 1@50 done; took C#3 1@50 left 4; made A#1 1@50 done; took C#3 1@50 left 3; rested #3 3@50
        book 1                      | 3@50 /
        """);

    [Test]
    public void Shows_at_least_a_hundredth_and_less_than_the_whole() => Scenario.Run("""
        A buy 10@9 show=0           | rejected A InvalidDisplayQuantity
        A buy 10@9 show=10          | rejected A InvalidDisplayQuantity
        A buy 10@9 show=11          | rejected A InvalidDisplayQuantity
        A buy 1@9 show=1            | rejected A InvalidDisplayQuantity
        A buy 10@9 show=18446744073709551615 | rejected A InvalidDisplayQuantity
        A buy 10@9 show=9           | accepted A#1; rested #1 9@9
        A buy 201@9 show=2          | rejected A InvalidDisplayQuantity
        A buy 201@9 show=3          | accepted A#2; rested #2 3@9
        A buy 200@9 show=2          | accepted A#3; rested #3 2@9
        A buy 10@9 show=2 ioc       | rejected A InvalidCombination
        A buy 10@9 show=2 fok       | rejected A InvalidCombination
        A buy 10@9 show=2 market    | rejected A InvalidCombination
        A buy 10@9 show=0 gtd=1     | rejected A InvalidDeadline
        B sell 1@20                 | accepted B#4; rested #4 1@20
        A buy 10@20 show=0 post     | rejected A InvalidDisplayQuantity
        A buy 10@20 show=2 post     | rejected A WouldTrade
        A buy 10@9 show=2 post      | accepted A#5; rested #5 2@9
        """);

    [Test]
    public void An_iceberg_that_trades_first_shows_of_what_is_left() => Scenario.Run("""
        B sell 7@50                 | accepted B#1; rested #1 7@50
        A buy 10@50 show=2          | accepted A#2; made B#1 7@50 done; took A#2 7@50 left 3; rested #2 2@50
        B sell 8@50                 | accepted B#3; made A#2 2@50 left 1; took B#3 2@50 left 6; rested #2 1@50; made A#2 1@50 done; took B#3 1@50 left 5; rested #3 5@50
        A buy 9@50 show=5           | accepted A#4; made B#3 5@50 done; took A#4 5@50 left 4; rested #4 4@50
        A replace #4 9@50           | replaced A#4 by #5 9@50 unseen; fed #4 by #5 5@50
        """);

    [Test]
    public void Reducing_takes_the_hidden_part_first_and_keeps_the_place() => Scenario.Run("""
        A buy 10@50 show=4          | accepted A#1; rested #1 4@50
        B buy 1@50                  | accepted B#2; rested #2 1@50
        A reduce #1 3               | reduced A#1 by 3 left 7 unseen
        A has                       | 1: 999650+350, 2: 1000000+0
        A reduce #1 4               | reduced A#1 by 4 left 3 unseen; fed #1 by 1 left 3
        A has                       | 1: 999850+150, 2: 1000000+0
        A reduce #1 1               | reduced A#1 by 1 left 2
        book 1                      | 3@50 /
        C sell 1@50                 | accepted C#3; made A#1 1@50 left 1; took C#3 1@50 done
        A reduce #1 1               | cancelled A#1 1 Requested
        A has                       | 1: 999950+0, 2: 1000001+0
        """);

    [Test]
    public void A_cancelled_iceberg_gives_back_the_hold_of_the_whole() => Scenario.Run("""
        A buy 10@50 show=4          | accepted A#1; rested #1 4@50
        C sell 5@50                 | accepted C#2; made A#1 4@50 fee 1 left 6; took C#2 4@50 left 1; rested #1 4@50; made A#1 1@50 left 5; took C#2 1@50 done
        A has                       | 1: 999499+250, 2: 1000005+0
        A cancel #1                 | cancelled A#1 5 Requested
        A has                       | 1: 999749+0, 2: 1000005+0
        A buy 10@50 show=4 gtd=5000 | accepted A#3; rested #3 4@50
        t=5000 time                 | cancelled A#3 10 DeadlinePassed
        A settings on               | completed A
        A buy 10@50 show=4          | accepted A#4; rested #4 4@50
        disconnect A                | cancelled A#4 10 Disconnected
        A has                       | 1: 999749+0, 2: 1000005+0
        book 1                      | /
        """, market: "maker=1000 taker=0");

    [Test]
    public void Iceberg_and_replace() => Scenario.Run("""
        A sell 10@50 show=4         | accepted A#1; rested #1 4@50
        B sell 1@50                 | accepted B#2; rested #2 1@50
        -- kept, lost priority
        A replace #1 8@50           | replaced A#1 by #3 8@50 unseen; fed #1 by #3 4@50
        C buy 1@50                  | accepted C#4; made B#2 1@50 done; took C#4 1@50 done
        -- another part
        A replace #3 8@51 show=3    | replaced A#3 by #5 8@51 unseen; fed #3 by #5 3@51
        A replace #5 8@51 show=0    | rejected A InvalidDisplayQuantity
        A replace #5 8@51 show=9    | rejected A InvalidDisplayQuantity
        A replace #5 301@51         | rejected A InvalidDisplayQuantity
        A replace #5 300@51         | replaced A#5 by #6 300@51 unseen; fed #5 by #6 3@51
        -- not more than the part: shown whole, also from then on
        A replace #6 3@51           | replaced A#6 by #7 3@51
        A replace #7 9@51           | replaced A#7 by #8 9@51
        book 1                      | / 9@51
        -- an order that was shown whole becomes an iceberg, and one that was an iceberg is shown whole
        A replace #8 9@51 show=2    | replaced A#8 by #9 9@51 unseen; fed #8 by #9 2@51
        A replace #9 9@51 show=9    | replaced A#9 by #10 9@51
        B buy 5@45                  | accepted B#11; rested #11 5@45
        -- trading first
        A replace #10 9@45 show=3   | replaced A#10 by #12 9@45 trading unseen; fed #10 by #12 3@45; made B#11 5@45 done; took A#12 5@45 left 4; rested #12 3@45
        A has                       | 1: 1000225+0, 2: 999991+4
        """);

    [Test]
    public void Iceberg_and_self_trade() => Scenario.Run("""
        A sell 10@50 show=4         | accepted A#1; rested #1 4@50
        B sell 10@50 show=3         | accepted B#2; rested #2 3@50
        A sell 1@50                 | accepted A#3; rested #3 1@50
        A buy 9@50 stp=newest       | accepted A#4; cancelled A#4 9 SelfTrade
        -- the whole iceberg goes, and the round goes on over the own order behind it
        A buy 5@50 ioc stp=oldest   | accepted A#5; cancelled A#1 10 SelfTrade; made B#2 3@50 left 7; took A#5 3@50 left 2; rested #2 3@50; cancelled A#3 1 SelfTrade; made B#2 2@50 left 5; took A#5 2@50 done
        A sell 1@50                 | accepted A#6; rested #6 1@50
        -- what B hides comes behind the own order
        A buy 3@50 stp=both         | accepted A#7; made B#2 1@50 left 4; took A#7 1@50 left 2; rested #2 3@50; cancelled A#6 1 SelfTrade; cancelled A#7 2 SelfTrade
        A sell 8@49 show=2          | accepted A#8; rested #8 2@49
        A buy 9@50 stp=both         | accepted A#9; cancelled A#8 8 SelfTrade; cancelled A#9 9 SelfTrade
        A has                       | 1: 999700+0, 2: 1000006+0
        book 1                      | / 3@50
        """);

    [Test]
    public void Fill_or_kill_counts_what_is_hidden_as_far_as_it_would_reach_it() => Scenario.Run("""
        B sell 10@50 show=4         | accepted B#1; rested #1 4@50
        C buy 11@50 fok             | rejected C CannotFill
        C buy 10@50 fok             | accepted C#2; made B#1 4@50 left 6; took C#2 4@50 left 6; rested #1 4@50; made B#1 4@50 left 2; took C#2 4@50 left 2; rested #1 2@50; made B#1 2@50 done; took C#2 2@50 done
        B sell 10@50 show=4         | accepted B#3; rested #3 4@50
        A sell 2@50                 | accepted A#4; rested #4 2@50
        B sell 5@51                 | accepted B#5; rested #5 5@51
        -- behind the own order nothing counts, neither the hidden part nor the next price
        A buy 5@51 fok stp=newest   | rejected A CannotFill
        A buy 5@51 fok stp=both     | rejected A CannotFill
        A buy 4@51 fok stp=both     | accepted A#6; made B#3 4@50 left 6; took A#6 4@50 done; rested #3 4@50
        A buy 12@51 fok stp=oldest  | rejected A CannotFill
        A buy 11@51 fok stp=oldest  | accepted A#7; cancelled A#4 2 SelfTrade; made B#3 4@50 left 2; took A#7 4@50 left 7; rested #3 2@50; made B#3 2@50 done; took A#7 2@50 left 5; made B#5 5@51 done; took A#7 5@51 done
        """);

    [Test]
    public void Fees_of_an_iceberg_round_over_all_its_portions_as_over_one_fill() => Scenario.Run("""
        A sell 1000@10 show=10      | accepted A#1; rested #1 10@10
        B buy 3@10                  | accepted B#2; made A#1 3@10 fee 1 left 997; took B#2 3@10 fee 1 done
        C buy 27@10                 | accepted C#3; made A#1 7@10 left 990; took C#3 7@10 fee 1 left 20; rested #1 10@10; made A#1 10@10 left 980; took C#3 10@10 left 10; rested #1 10@10; made A#1 10@10 left 970; took C#3 10@10 done; rested #1 10@10
        A reduce #1 966             | reduced A#1 by 966 left 4 unseen; fed #1 by 6 left 4
        C buy 4@10                  | accepted C#4; made A#1 4@10 done; took C#4 4@10 fee 1 done
        op has                      | 1: 4+0
        """, market: "maker=1000 taker=2500");

    [Test]
    public void Extreme_quantities_are_exact() => Scenario.Run("""
        A sell 9223372036854775807@1 show=9223372036854775806 | accepted A#1; rested #1 9223372036854775806@1
        A sell 9223372036854775807@1 show=92233720368547759 | accepted A#2; rested #2 92233720368547759@1
        A sell 9223372036854775807@1 show=92233720368547758 | rejected A InvalidDisplayQuantity
        book 1                      | / 9315605757223323565@1
        B buy 9223372036854775807@1 | accepted B#3; made A#1 9223372036854775806@1 left 1; took B#3 9223372036854775806@1 left 1; rested #1 1@1; made A#2 1@1 left 9223372036854775806; took B#3 1@1 done
        book 1                      | / 92233720368547759@1
        """, funds: "42535295865117307932921825928971026431");
}
