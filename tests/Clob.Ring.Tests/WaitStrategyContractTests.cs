using Disruptor;

namespace Clob.Ring.Tests;

/// <summary>What holds whatever the threads do while they have no work.</summary>
[TestFixture(WaitStrategy.BusySpin, 20_000)]
[TestFixture(WaitStrategy.Yield, 1_000_000)]
[TestFixture(WaitStrategy.YieldThenBlock, 1_000_000)]
[TestFixture(WaitStrategy.Block, 1_000_000)]
public class WaitStrategyContractTests(WaitStrategy waitStrategy, int events)
{
    private static readonly int NoTimeoutHelps = (int)TimeSpan.FromMinutes(5).TotalMicroseconds;

    private StageThread NewThread(string name, params IStage[] stages)
        => new(name, Stopping.NoFatal, stages) { WaitStrategy = waitStrategy, BlockTimeoutMicroseconds = NoTimeoutHelps };

    // Producer on one thread, journal on the other, the rest on either: the shape of the appliance.
    // No timeout helps: whoever sleeps must be woken, by the ring's publications or by the journal.
    [Test]
    public void Every_event_arrives_once_and_in_order_over_two_threads()
    {
        using TestRing commands = new(1_024);
        using TestRing results = new(64);
        CountingProducer ingress = new(commands, events);
        CheckingStage journal = new("journal", commands.Ring, 128);
        CheckingStage verify = new("verify", commands.Ring, 16);
        RelayStage match = new("match", commands.Ring, results, 64, verify.Sequence);
        GatedStage egress = new("egress", results.Ring, 32, journal.Sequence);
        commands.Ring.AddGatingSequences(match.Sequence, journal.Sequence);
        results.Ring.AddGatingSequences(egress.Sequence);

        StageThread front = NewThread("front", ingress, verify, match, egress);
        StageThread back = NewThread("journal", journal);
        commands.Publications.Downstream.Add(back);
        journal.Downstream.Add(front);
        front.Start();
        back.Start();

        Stopping.WaitFor(() => egress.Sequence.Value == events - 1 || front.Fatal is not null || back.Fatal is not null, "egress of the last event");
        Stopping.DrainInOrder(front, back);
        Assert.That(journal.Handled, Is.EqualTo(events));
        Assert.That(verify.Handled, Is.EqualTo(events));
    }
}
