namespace Clob.Matching.Tests;

/// <summary>What a market's orders may ask for: price band and largest notional, one line a command.</summary>
public sealed class MarketBoundScenarios
{
    [Test]
    public void A_band_holds_buys_from_above_and_sells_from_below() => Scenario.Run("""
        op change 1 ref=1000        | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 1 15500 around 1000 notional 170141183460469231731687303715884105727
        -- 15,500 millionths of 1,000 are 15 and a half: the half does not count
        A buy 1@1016                | rejected A PriceOutsideBand
        A buy 1@1016 market         | rejected A PriceOutsideBand
        A buy 1@1015                | accepted A#1; rested #1 1@1015
        B sell 1@984                | rejected B PriceOutsideBand
        B sell 1@5000               | accepted B#2; rested #2 1@5000
        A buy 1@1                   | accepted A#3; rested #3 1@1
        -- each trade moves the reference
        B sell 1@985                | accepted B#4; made A#1 1@1015 done; took B#4 1@1015 done
        B sell 1@999                | rejected B PriceOutsideBand
        B sell 1@1000               | accepted B#5; rested #5 1@1000
        A buy 1@1030                | accepted A#6; made B#5 1@1000 done; took A#6 1@1000 done
        A buy 1@1016                | rejected A PriceOutsideBand
        """, market: "band=15500");

    [Test]
    public void A_band_without_a_reference_binds_nobody() => Scenario.Run("""
        A sell 1@1000               | accepted A#1; rested #1 1@1000
        B buy 1@500000              | accepted B#2; made A#1 1@1000 done; took B#2 1@1000 done
        B buy 1@1001                | rejected B PriceOutsideBand
        op change 1 ref=0           | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 1 1 around 0 notional 170141183460469231731687303715884105727
        B buy 1@1001                | accepted B#3; rested #3 1@1001
        op change 1 ref=1000 band=0 | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 1 0 around 1000 notional 170141183460469231731687303715884105727
        B buy 1@1002                | accepted B#4; rested #4 1@1002
        op change 1 ref=1001        | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903
        """, market: "band=1");

    [Test]
    public void A_sell_has_no_lower_bound_when_the_band_is_the_whole_price() => Scenario.Run("""
        A sell 1@1                  | accepted A#1; rested #1 1@1
        A buy 1@2001                | rejected A PriceOutsideBand
        A buy 1@2000                | accepted A#2; made A#1 1@1 done; took A#2 1@1 done
        A buy 1@3                   | rejected A PriceOutsideBand
        A buy 1@2                   | accepted A#3; rested #3 1@2
        """, market: "band=1000000 ref=1000");

    [Test]
    public void A_band_at_the_ends_of_the_price_range_is_exact() => Scenario.Run("""
        A sell 1@4611686018427387903 | accepted A#1; rested #1 1@4611686018427387903
        B buy 1@4611686018427387903  | accepted B#2; made A#1 1@4611686018427387903 done; took B#2 1@4611686018427387903 done
        A sell 1@1                   | accepted A#3; rested #3 1@1
        B buy 1@1                    | accepted B#4; made A#3 1@1 done; took B#4 1@1 done
        B buy 1@4296                 | rejected B PriceOutsideBand
        B buy 1@4295                 | accepted B#5; rested #5 1@4295
        """, market: "band=4294967295", funds: "4611686018427399999");

    [Test]
    public void A_replaced_order_must_be_within_the_band_too() => Scenario.Run("""
        A buy 1@100                 | accepted A#1; rested #1 1@100
        A buy 1@90 post             | accepted A#2; rested #2 1@90
        B sell 1@110                | accepted B#3; rested #3 1@110
        B sell 5@109                | accepted B#4; rested #4 5@109
        A replace #1 1@111          | rejected A PriceOutsideBand
        -- the band comes before what the book holds, the price's range before the band
        A replace #2 1@111          | rejected A PriceOutsideBand
        A replace #2 1@110          | rejected A WouldTrade
        A replace #2 1@0            | rejected A PriceOutOfRange
        A buy 1@111 post            | rejected A PriceOutsideBand
        A buy 90@111 fok            | rejected A PriceOutsideBand
        A buy 90@111 gtd=1          | rejected A InvalidDeadline
        A replace #1 1@95           | replaced A#1 by #5 1@95
        -- an order that a changed band would not take any more stays, and trades
        op change 1 band=10000      | completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 1 10000 around 100 notional 170141183460469231731687303715884105727
        A replace #5 1@102          | rejected A PriceOutsideBand
        A replace #5 1@101          | replaced A#5 by #6 1@101
        """, market: "band=100000 ref=100");

    [Test]
    public void A_market_bounds_the_notional_of_its_orders() => Scenario.Run("""
        A buy 10@10                 | accepted A#1; rested #1 10@10
        A buy 101@1                 | rejected A NotionalTooLarge
        A buy 11@10 fok             | rejected A CannotFill
        A sell 1@101 market         | rejected A NotionalTooLarge
        A replace #1 11@10          | rejected A NotionalTooLarge
        A replace #1 100@1          | replaced A#1 by #2 100@1
        -- the market's bound comes before funds and the account's own
        op limits A notional=0      | completed op 1
        A buy 1000000@1000000       | rejected A NotionalTooLarge
        A buy 1@1                   | rejected A AccountLimitExceeded
        op limits A notional=100 & change 1 notional=170141183460469231731687303715884105727 | completed op 1; completed op; directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 1 0 around 0 notional 170141183460469231731687303715884105727
        B buy 10@1000               | accepted B#3; rested #3 10@1000
        A buy 101@1                 | rejected A AccountLimitExceeded
        """, market: "notional=100");

    [Test]
    public void Bounds_are_valid_or_refused() => Scenario.Run("""
        op change 1 notional=0      | rejected op InvalidTerms
        op change 1 notional=170141183460469231731687303715884105728 | rejected op InvalidTerms
        op change 1 ref=4611686018427387904 | rejected op InvalidTerms
        op market 2 2/1 notional=0  | rejected op InvalidTerms
        op market 2 2/1 band=4294967295 ref=4611686018427387903 notional=1 | completed op; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 2 4294967295 around 4611686018427387903 notional 1; state 2 Open
        mark                        | directory 1 M1 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; state 1 Open; directory 2 M2 2/1 fees 0/0 lots 1..9223372036854775807 cap 4611686018427387903; band 2 4294967295 around 4611686018427387903 notional 1; state 2 Open
        """);
}
