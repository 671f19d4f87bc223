using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>The largest and the most of everything: exact, or a clean reject.</summary>
public sealed class ExtremeTests
{
    private const ulong MostLots = (1UL << 63) - 1;

    [Test]
    public void Balances_at_the_cap_of_2_to_the_127_trade_exactly() => Scenario.Run("""
        op deposit A 4 of 1 & deposit B 4 of 2       | completed op; deposited A 4 of 1; completed op; deposited B 4 of 2
        op deposit A 1 of 1                          | rejected op AmountOutOfRange
        op deposit D 1 of 2                          | rejected op AmountOutOfRange
        -- the largest order there is: 2^63 - 1 lots at 2^62 - 1
        A buy 9223372036854775807@4611686018427387903 | accepted A#1; rested #1 9223372036854775807@4611686018427387903
        A has                                        | 1: 13835058055282163714+42535295865117307919086767873688862721, 2: 42535295865117307932921825928971026431+0
        B sell 9223372036854775807@4611686018427387903 | accepted B#2; made A#1 9223372036854775807@4611686018427387903 done; took B#2 9223372036854775807@4611686018427387903 done
        A has                                        | 1: 13835058055282163714+0, 2: 42535295865117307942145197965825802238+0
        B has                                        | 1: 85070591730234615852008593802659889152+0, 2: 42535295865117307923698453892116250628+0
        -- what leaves makes room, to the unit
        C withdraw 42535295865117307932921825928971026431 of 1 & withdraw 1 of 1 | withdrawal 1 of C 42535295865117307932921825928971026431 of 1; rejected C InsufficientFunds
        op settle 1 paid                             | completed op 1; paid 1 C 42535295865117307932921825928971026431 of 1
        op deposit B 42535295865117307932921825928971026432 of 1 | rejected op AmountOutOfRange
        op deposit B 42535295865117307932921825928971026431 of 1 | completed op; deposited B 42535295865117307932921825928971026431 of 1
        B buy 9223372036854775807@4611686018427387903 | accepted B#3; rested #3 9223372036854775807@4611686018427387903
        D sell 9223372036854775807@4611686018427387903 | accepted D#4; made B#3 9223372036854775807@4611686018427387903 done; took D#4 9223372036854775807@4611686018427387903 done
        op deposit A 1 of 1                          | rejected op AmountOutOfRange
        """, funds: "42535295865117307932921825928971026431");

    [Test]
    public void Notional_and_fee_are_at_most_2_to_the_127_less_one() => Scenario.Run("""
        op deposit A 170141183460469231731687303715884105727 of 1 & deposit B 9223372036854775807 of 2 | completed op; deposited A 170141183460469231731687303715884105727 of 1; completed op; deposited B 9223372036854775807 of 2
        -- a lot and tick cost 2^63 + 1, so this is 2^127 - 2
        A buy 9223372036854775807@2    | accepted A#1; rested #1 9223372036854775807@2
        A has                          | 1: 1+170141183460469231731687303715884105726
        A cancel #1                    | cancelled A#1 9223372036854775807 Requested
        -- one unit more than that is not there, and neither is a fee of a millionth
        A buy 9223372036854775807@3    | rejected A NotionalTooLarge
        op change 1 taker=1            | completed op; directory 1 M1 2/1 fees 0/1 lots 1..9223372036854775807 cap 4611686018427387903
        A buy 9223372036854775807@2    | rejected A NotionalTooLarge
        -- half of it once more as the fee
        op change 1 taker=1000000      | completed op; directory 1 M1 2/1 fees 0/1000000 lots 1..9223372036854775807 cap 4611686018427387903
        A buy 9223372036854775807@1    | accepted A#2; rested #2 9223372036854775807@1
        A has                          | 1: 1+170141183460469231731687303715884105726
        B sell 9223372036854775807@1   | accepted B#3; made A#2 9223372036854775807@1 done; took B#3 9223372036854775807@1 fee 85070591730234615865843651857942052863 done
        A has                          | 1: 85070591730234615865843651857942052864+0, 2: 9223372036854775807+0
        B has                          |
        op has                         | 1: 85070591730234615865843651857942052863+0
        op withdraw 85070591730234615865843651857942052863 of 1 | withdrawal 1 of op 85070591730234615865843651857942052863 of 1
        op settle 1 paid               | completed op 1; paid 1 op 85070591730234615865843651857942052863 of 1
        A sell 9223372036854775807@4611686018427387903 | rejected A NotionalTooLarge
        A sell 9223372036854775807@2   | accepted A#4; rested #4 9223372036854775807@2
        A buy 1@1 ioc                  | accepted A#5; cancelled A#5 1 Unfilled
        """, market: "tick=9223372036854775809", funds: "0");

    [Test]
    public void A_million_orders_at_one_price_are_taken_in_their_order_and_their_fees_are_exact()
    {
        var crowd = new Crowd(quantity: 1);
        Assert.That(crowd.Level, Is.EqualTo(((UInt128)1_000_000, 1_000_000)));
        Assert.That(crowd.Order(account: 1, Side.Sell, 1).LastReason, Is.EqualTo(RejectReason.TooManyOrders));
        crowd.Exchange.Audit();

        var events = crowd.Order(Crowd.Taker, Side.Buy, 999_999);
        crowd.Exchange.Audit();
        Assert.That((events.Fills, events.IsRising), Is.EqualTo((999_999, true)));
        Assert.That(crowd.Level, Is.EqualTo(((UInt128)1, 1)));
        Assert.That(crowd.Order(Crowd.Taker, Side.Buy, 1).Fills, Is.EqualTo(1));

        // A millionth of each: the makers' million orders pay a unit each, rounded up; the taker's first order one for all its fills.
        crowd.Exchange.Audit();
        Assert.That(crowd.Balance(0, Crowd.Quote), Is.EqualTo((UInt128)(1_000_000 + 1 + 1)));
        Assert.That(crowd.Balance(1, Crowd.Quote), Is.EqualTo(UInt128.Zero));
        Assert.That(crowd.Balance(Crowd.Taker, Crowd.Base), Is.EqualTo((UInt128)1_000_000));
    }

    [Test]
    public void A_million_of_the_largest_orders_at_one_price_are_counted_exactly_and_exported()
    {
        var crowd = new Crowd(MostLots);
        Assert.That(crowd.Level, Is.EqualTo(((UInt128)MostLots * 1_000_000, 1_000_000)));
        var events = crowd.Order(Crowd.Taker, Side.Buy, MostLots, TimeInForce.FillOrKill);
        Assert.That((events.Fills, crowd.Level), Is.EqualTo((1, ((UInt128)MostLots * 999_999, 999_999))));
        crowd.CancelAll(2);
        Assert.That(crowd.Level, Is.EqualTo(((UInt128)MostLots * 899_999, 899_999)));
        Assert.That(crowd.Balance(2, Crowd.Base), Is.EqualTo((UInt128)MostLots * 100_001));
        var import = new Exchange.StateImport(ExchangeCapacity.Small);
        crowd.Exchange.VisitState(ref import);
        Assert.That(import.Finish().ReadMarket(1)!.OpenOrders, Is.EqualTo(899_999));
    }

    /// <summary>Ten accounts of 100,000 orders each, which sell in turn at price 1, and somebody who buys.</summary>
    private sealed class Crowd
    {
        public const uint Quote = 1;
        public const uint Base = 2;
        public const uint Taker = 11;

        public Crowd(ulong quantity)
        {
            var venue = new TestVenue();
            var commands = new ScenarioCommands(venue);
            commands.Run("op asset 1 6 USD & asset 2 8 BTC & market 1 2/1 maker=1 taker=1");
            for (int i = 1; i <= Taker; i++)
                commands.Run($"op register & deposit {i} {(i == Taker ? UInt128.One << 100 : (UInt128)quantity * 100_001)} of {(i == Taker ? Quote : Base)}");
            Exchange = venue.Exchange;
            for (uint i = 0; i < 1_000_000; i++)
                Order(1 + i % 10, Side.Sell, quantity);
        }

        public Exchange Exchange { get; }

        /// <summary>Lots and orders of the best level on the selling side.</summary>
        public (UInt128 Quantity, int Orders) Level
        {
            get
            {
                var levels = new PriceLevelView[2];
                Assert.That(Exchange.ReadDepth(1, Side.Sell, levels), Is.EqualTo(1));
                return (levels[0].Quantity, levels[0].Orders);
            }
        }

        public UInt128 Balance(ulong account, uint asset) => Exchange.ReadAccount(account)!.Balances.FirstOrDefault(b => b.Asset == asset).Available;

        public Seen Order(uint account, Side side, ulong quantity, TimeInForce time = TimeInForce.GoodTillCancel)
        {
            Span<byte> body = stackalloc byte[byte.MaxValue];
            return Run(account, CommandType.NewOrder, body[..NewOrder.Limit(1, side, 1, quantity, time).Write(body)]);
        }

        public void CancelAll(uint account)
        {
            Span<byte> body = stackalloc byte[byte.MaxValue];
            Run(account, CommandType.CancelAll, body[..new CancelAll(0, 0).Write(body)]);
        }

        private Seen Run(uint account, CommandType type, ReadOnlySpan<byte> body)
        {
            var seen = new Seen { IsRising = true };
            Exchange.Run(new Command(type, body), account, nonce: 0, ref seen);
            return seen;
        }
    }

    private struct Seen : IEventSink
    {
        public int Fills;
        public bool IsRising;
        public RejectReason LastReason;
        private ulong _maker;

        public void OnEvent(in ExchangeEvent happened)
        {
            if (happened.Kind == EventKind.Rejected)
                LastReason = (RejectReason)happened.Reason;
            if (happened.Kind != EventKind.Executed || (happened.Flags & EventFlags.Taker) != 0)
                return;
            Fills++;
            IsRising &= happened.OrderId > _maker;
            _maker = happened.OrderId;
        }
    }
}
