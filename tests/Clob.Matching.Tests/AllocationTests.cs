using Clob.Engine;
using Clob.Protocol;

namespace Clob.Matching.Tests;

/// <summary>Steady trading between existing accounts allocates nothing.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 120;

    [Test]
    public void Steady_trading_allocates_nothing()
    {
        var scenario = new Scenario("maker=-100 taker=250", "1000000000");
        var records = Records(scenario.Venue, windows: 6, allocating: false);
        Assert.That(FewestBytes(scenario.Venue.Exchange, records), Is.Zero);
        Assert.That(scenario.Venue.Exchange.ReadAccount(0)!.Balances[0].Available != 0, Is.True, "there were fills with fees");
        scenario.Venue.Exchange.Audit();
    }

    [Test]
    public void The_measurement_notices_what_allocates()
    {
        var scenario = new Scenario("maker=-100 taker=250", "1000000000");
        Assert.That(FewestBytes(scenario.Venue.Exchange, Records(scenario.Venue, windows: 6, allocating: true)), Is.Positive);
    }

    /// <summary>The runtime allocates once in a while on its own, so the best of several windows counts.</summary>
    private static long FewestBytes(Exchange exchange, List<byte[]>[] windows)
    {
        var sink = new Counter();
        long fewest = long.MaxValue;
        for (int window = 0; window < windows.Length; window++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            foreach (byte[] record in windows[window])
            {
                RecordHeader.TryRead(record, out var header, out var payload);
                exchange.Apply(header, payload, SignatureHint.Settled(true), ref sink);
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            if (window >= 2) // the first two warm up: pools grow, every account remembers its 32 envelopes
                fewest = Math.Min(fewest, bytes);
        }

        Assert.That(sink.Events, Is.GreaterThan(windows.Length * Rounds * 8));
        Assert.That(sink.Triggered, Is.EqualTo(windows.Length * Rounds));
        return fewest;
    }

    private static List<byte[]>[] Records(TestVenue venue, int windows, bool allocating)
    {
        ulong sequence = venue.Exchange.NextSequence;
        ulong time = venue.Time;
        ulong orderId = 1;
        ulong[] nonces = [1, 1, 1, 1, 1];
        var result = new List<byte[]>[windows];
        for (int i = 0; i < windows; i++)
        {
            result[i] = [];
            for (int round = 0; round < Rounds; round++)
                AddRound(result[i], (ulong)round);
        }

        return result;

        // A rests twice, reduces, replaces; B takes part of it, triggers a stop of D's when he goes round an iceberg of D's, who must not take it himself; C sweeps;
        // D's orders come and go, some by their deadline.
        void AddRound(List<byte[]> records, ulong round)
        {
            ulong price = 1000 + round * 7 % 50;
            ulong first = orderId;
            orderId += 12;
            Add(1, TestVenue.Of(NewOrder.Limit(1, Side.Sell, price, 10)), TestVenue.Of(NewOrder.Limit(1, Side.Sell, price + 1, 10)));
            Add(1, TestVenue.Of(new Reduce(1, first, 3)), TestVenue.Of(new Replace(1, first, price + 2, 9)));
            Add(2, TestVenue.Of(NewOrder.Limit(1, Side.Buy, price + 2, 12)));
            Add(4, TestVenue.Of(NewOrder.Stop(1, Side.Sell, stopPrice: 950, protectionPrice: 3000, quantity: 1)));
            Add(4, TestVenue.Of(NewOrder.Iceberg(1, Side.Sell, 900, 7, 2)), TestVenue.Of(new Reduce(1, first + 5, 1)));
            Add(2, TestVenue.Of(NewOrder.Limit(1, Side.Buy, 900, 5)));
            Add(4, TestVenue.Of(NewOrder.Iceberg(1, Side.Sell, 900, 7, 2)),
                TestVenue.Of(NewOrder.Limit(1, Side.Buy, 900, 5) with { SelfTradePrevention = SelfTradePrevention.CancelBoth }));
            Add(4, TestVenue.Of(NewOrder.Limit(1, Side.Buy, 5, 5) with { TimeInForce = TimeInForce.GoodTillDate, Deadline = time + 3 }),
                TestVenue.Of(NewOrder.Limit(1, Side.Buy, 6 + round, 5)));
            Add(4, TestVenue.Of(new Cancel(1, first + 10)), TestVenue.Of(new Cancel(1, 1)));
            Add(3, TestVenue.Of(NewOrder.AtMarket(1, Side.Buy, price + 50, 20)), TestVenue.Of(new CancelAll()));
            if (allocating)
                Add(3, TestVenue.Of(new RotateKey(new PublicKey(TestVenue.OperatorKey.PublicKey))));

            void Add(ulong account, params ReadOnlySpan<TestVenue.Added> commands)
            {
                byte[] envelope = venue.Unsigned(account, nonces[account], 0, commands);
                nonces[account] += (ulong)commands.Length;
                byte[] record = new byte[RecordHeader.Size + envelope.Length];
                new RecordHeader(RecordKind.Envelope, sequence++, time += 2).Write(record);
                envelope.CopyTo(record, RecordHeader.Size);
                records.Add(record);
            }
        }
    }

    private struct Counter : IEventSink
    {
        public long Events;
        public long Triggered;

        public void OnEvent(in ExchangeEvent happened)
        {
            Events++;
            Triggered += happened.Kind == EventKind.Triggered ? 1 : 0;
        }
    }
}
