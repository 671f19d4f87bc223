using Clob.Appliance;
using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Journal;
using Clob.Protocol;

namespace Clob.Allocation.Tests;

/// <summary>
/// Bytes that the threads of the real pipeline allocate while two clients trade: the least of several windows, for the runtime now and then allocates some
/// bytes of its own on any thread. A leak per order is in every window.
/// </summary>
public sealed class SteadyTradingTests
{
    private const ushort Market = 1;
    private const int Sessions = 2;
    private const int WarmUp = 40;
    private const int Window = 80;
    private const int Windows = 3;

    // Its header's block of 4 KiB, its path and the objects around its file.
    private const int MostBytesPerSegment = 12 << 10;

    private const int EnvelopesPerWindow = Sessions * Window * TradingSession.EnvelopesPerBurst;

    private const string Shared = "ingress+verify1+match+egress";
    private const string OneThreadAndJournal = Shared + ";journal";
    private const string EachItsOwn = "ingress;verify1;match;journal;egress";

    [TestCase(OneThreadAndJournal)]
    [TestCase(EachItsOwn)]
    public async Task No_stage_allocates_while_orders_rest_trade_end_and_are_refused(string threads)
    {
        var least = await MeasureAsync(threads, new Replacements());
        Assert.That(least, Is.All.Property(nameof(ThreadBytes.Bytes)).Zero);
    }

    [TestCase(OneThreadAndJournal, Shared)]
    [TestCase(EachItsOwn, "ingress")]
    public async Task The_measurement_notices_an_allocation_per_envelope_in_ingress(string threads, string thread)
    {
        var least = await MeasureAsync(threads, new Replacements { Sequencer = static sequencer => new AllocatingSequencer(sequencer) });
        Assert.That(least.Single(found => found.Thread == thread).Bytes, Is.GreaterThanOrEqualTo(24 * EnvelopesPerWindow));
        Assert.That(least.Where(found => found.Thread != thread), Is.All.Property(nameof(ThreadBytes.Bytes)).Zero);
    }

    [Test]
    public async Task The_measurement_notices_an_allocation_per_message_in_egress()
    {
        var least = await MeasureAsync(EachItsOwn, new Replacements { Encoding = new AllocatingEncoding() });
        Assert.That(least.Single(found => found.Thread == "egress").Bytes, Is.GreaterThanOrEqualTo(24 * EnvelopesPerWindow));
        Assert.That(least.Where(found => found.Thread != "egress"), Is.All.Property(nameof(ThreadBytes.Bytes)).Zero);
    }

    /// <summary>Once in 64 MiB of records the journal opens a file and frees another; nothing else is allowed to cost anything.</summary>
    [Test]
    public async Task A_new_segment_costs_the_journal_a_little_and_nobody_else_anything()
    {
        var small = new JournalSettings { Durability = JournalDurability.DataSync, SegmentSizeBytes = 256 << 10, MaximumGroupBytes = 64 << 10 };
        int segments = 0;
        var least = await MeasureAsync(EachItsOwn, new Replacements { Journal = small }, pipeline => segments = pipeline.Segments);
        Assert.That(segments, Is.GreaterThan(Windows + 1));
        Assert.That(least.Single(found => found.Thread == "journal").Bytes, Is.LessThanOrEqualTo(MostBytesPerSegment * (segments / Windows + 1)));
        Assert.That(least.Where(found => found.Thread != "journal"), Is.All.Property(nameof(ThreadBytes.Bytes)).Zero);
    }

    private static async Task<ThreadBytes[]> MeasureAsync(string threads, Replacements replacements, Action<RunningPipeline>? afterwards = null)
    {
        using var pipeline = new RunningPipeline(threads, replacements);
        await pipeline.DefineMarketAsync(Market);
        using var first = await pipeline.OpenSessionAsync(Market);
        using var second = await pipeline.OpenSessionAsync(Market);
        Trade(pipeline, first, second, WarmUp);

        long[] before = pipeline.ReadAllocations();
        long[] least = [.. before.Select(static _ => long.MaxValue)];
        for (int window = 0; window < Windows; window++)
        {
            ulong journaled = pipeline.Journaled;
            Trade(pipeline, first, second, Window);
            long[] after = pipeline.ReadAllocations();
            TestContext.Out.WriteLine($"{threads}: {pipeline.Journaled - journaled} records, bytes {string.Join(" ", after.Zip(before, (to, from) => to - from))}");
            Assert.That(pipeline.Journaled - journaled, Is.GreaterThanOrEqualTo((ulong)EnvelopesPerWindow));
            for (int thread = 0; thread < least.Length; thread++)
                least[thread] = Math.Min(least[thread], after[thread] - before[thread]);
            before = after;
        }

        afterwards?.Invoke(pipeline);
        AssertTradesWereOfEveryKind(first);
        AssertTradesWereOfEveryKind(second);
        Assert.That(pipeline.FeedCounters.Messages, Is.GreaterThan(EnvelopesPerWindow));
        return [.. pipeline.ThreadNames.Zip(least, static (name, bytes) => new ThreadBytes(name, bytes))];
    }

    private static void Trade(RunningPipeline pipeline, TradingSession first, TradingSession second, int bursts)
    {
        var other = Task.Factory.StartNew(() => second.Trade(bursts), TaskCreationOptions.LongRunning);
        first.Trade(bursts / 2);
        pipeline.RequestMark();
        first.Trade(bursts - bursts / 2);
        other.GetAwaiter().GetResult();
    }

    /// <summary>Zero bytes for what never happened would prove nothing.</summary>
    private static void AssertTradesWereOfEveryKind(TradingSession session)
    {
        TestContext.Out.WriteLine(string.Join(", ", session.Answers.Select(static answer => $"{answer.Key.Kind}/{answer.Key.Reason}: {answer.Value}")));
        (EventKind, byte)[] expected =
        [
            (EventKind.Accepted, 0), (EventKind.Executed, 0), (EventKind.Reduced, 0), (EventKind.Replaced, 0), (EventKind.Completed, 0), (EventKind.Duplicate, 0),
            (EventKind.Cancelled, (byte)CancelReason.Requested), (EventKind.Cancelled, (byte)CancelReason.CancelAll), (EventKind.Cancelled, (byte)CancelReason.DeadlinePassed), (EventKind.Cancelled, (byte)CancelReason.SelfTrade),
            (EventKind.EnvelopeRejected, (byte)RejectReason.NonceReused), (EventKind.EnvelopeRejected, (byte)RejectReason.Expired),
            (EventKind.Rejected, (byte)RejectReason.UnknownMarket), (EventKind.Rejected, (byte)RejectReason.PriceOutOfRange), (EventKind.Rejected, (byte)RejectReason.QuantityOutOfRange),
            (EventKind.Rejected, (byte)RejectReason.CannotFill), (EventKind.Rejected, (byte)RejectReason.InsufficientFunds), (EventKind.Rejected, (byte)RejectReason.AmountOutOfRange),
        ];
        Assert.That(expected, Is.SubsetOf(session.Answers.Keys));
    }

    private sealed record ThreadBytes(string Thread, long Bytes);

    private sealed class AllocatingSequencer(IEnvelopeSequencer sequencer) : IEnvelopeSequencer
    {
        private object? _kept;

        public bool Admits(in Envelope envelope) => sequencer.Admits(envelope);

        public bool TryPublish(ReadOnlySpan<byte> envelope, int session)
        {
            _kept = new object();
            GC.KeepAlive(_kept);
            return sequencer.TryPublish(envelope, session);
        }
    }

    private sealed class AllocatingEncoding : IFeedEncoding
    {
        private readonly NativeFeedEncoding _encoding = new();
        private object? _kept;

        public int MaximumMessageSize => _encoding.MaximumMessageSize;

        public int Encode(in ExchangeEvent happened, Span<byte> destination)
        {
            _kept = new object();
            GC.KeepAlive(_kept);
            return _encoding.Encode(happened, destination);
        }
    }
}
