using Clob.Load.OpenLoop;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>What the load counts.</summary>
public sealed class OrderTallyTests
{
    private const long WarmUpEnds = 1_000;

    [Test]
    public void An_order_of_the_warm_up_counts_nowhere_and_a_later_one_everywhere()
    {
        var tally = new OrderTally(batch: 2) { CountFrom = WarmUpEnds };
        Send(tally, firstNonce: 1, due: WarmUpEnds - 1);
        Send(tally, firstNonce: 3, due: WarmUpEnds);
        foreach (ulong nonce in new ulong[] { 1, 3 })
        {
            tally.Take(Report(EventKind.Accepted, nonce), now: 2_000);
            tally.Take(Report(EventKind.Executed, nonce, flags: EventFlags.Taker), now: 2_000);
            tally.Take(Report(EventKind.Rejected, nonce + 1, RejectReason.UnknownMarket), now: 2_000);
        }

        Assert.That((tally.Sent, tally.Answered, tally.Fills, tally.Rejected), Is.EqualTo((2L, 2L, 1L, 1L)));
        Assert.That(tally.Latencies.TotalCount, Is.EqualTo(2));
        Assert.That(tally.FirstRejectReason, Is.EqualTo(RejectReason.UnknownMarket));
    }

    [Test]
    public void Without_a_warm_up_all_count()
    {
        var tally = new OrderTally(batch: 2);
        Send(tally, firstNonce: 1, due: 1);
        tally.Take(Report(EventKind.EnvelopeRejected, 1, RejectReason.Expired), now: 2);
        Assert.That((tally.Sent, tally.Answered, tally.Rejected), Is.EqualTo((2L, 2L, 2L)));
    }

    [Test]
    public void A_fill_counts_once_for_its_taker()
    {
        var tally = new OrderTally(batch: 1);
        Send(tally, firstNonce: 1, due: 1);
        tally.Take(Report(EventKind.Executed, 1), now: 2);
        Assert.That(tally.Fills, Is.Zero, "as the maker");
        tally.Take(Report(EventKind.Executed, 1, flags: EventFlags.Taker), now: 2);
        Assert.That(tally.Fills, Is.EqualTo(1));
    }

    private static void Send(OrderTally tally, ulong firstNonce, long due)
    {
        tally.NoteDue(firstNonce, due);
        tally.NoteDue(firstNonce + 1, due);
        tally.NoteSent(due);
    }

    private static ExchangeEvent Report(EventKind kind, ulong nonce, RejectReason reason = RejectReason.None, EventFlags flags = 0) =>
        new() { Kind = kind, Nonce = nonce, Reason = (byte)reason, Flags = flags };
}
