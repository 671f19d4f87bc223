using Clob.Appliance;
using Clob.Appliance.OrderEntry;
using Clob.Appliance.Pipeline;
using Clob.Protocol;
using Clob.Ring;
using Clob.Simulation.Tests.Network;
using Clob.Simulation.Tests.Oracle;

namespace Clob.Simulation.Tests.Process;

/// <summary>
/// One process of the venue, from a start to its end: the real topology over a recovered venue. Its threads are never started; whoever holds the
/// process polls its stages in any order, which is what threads of any speed do.
/// </summary>
internal sealed class VenueProcess : IDisposable
{
    // Small, so that full rings and arenas are met.
    private const int LeastRingBits = 4;
    private const int MostRingBits = 7;
    private const int ArenaBytesOfSlot = 512;

    // No more events than fit may be under way, for match would wait for egress in vain: a whole world causes fewer.
    private const int EventRingSize = 4096;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly RecoveredVenue _venue;
    private readonly IDisposable _wiring;

    public VenueProcess(RecoveredVenue venue, Defect defect, SimulatedClock clock, Witness witness, Random random)
    {
        _venue = venue;
        int ringSize = 1 << random.Next(LeastRingBits, MostRingBits + 1);
        var parts = new TopologyParts
        {
            Venue = venue,
            Gateway = (sequencer, observer) => OrderEntry = new SimulatedOrderEntry(sequencer, observer, venue.Exchange.Keys, Archive(venue.Events), witness, random),
            Feed = new SimulatedFeed(venue.Exchange.NextFeedSequence, witness),
            Plan = PlanOf(random.Next(1, 3)),
            Clock = clock,
            OnFatal = static (_, _) => throw new InvalidOperationException("no thread runs in a simulation"),
            RingSize = ringSize,
            EventRingSize = EventRingSize,
            ArenaBytes = ringSize * ArenaBytesOfSlot,
            QueueSize = 16,
        };
        ulong graceEnds = RecordTime.Now(clock) + (ulong)Grace.TotalNanoseconds;
        if (defect == Defect.EgressDoesNotWaitForTheDisk)
        {
            var ungated = new UngatedWiring(parts, graceEnds);
            (_wiring, Stages, Operator, RequestMark, SequencedSize) = (ungated, ungated.Stages, ungated, ungated.RequestMark, () => ungated.SequencedSize);
            return;
        }

        var topology = new Topology(parts);
        topology.ExpectAllBack(graceEnds);
        (_wiring, Stages) = (topology, [.. topology.Threads.SelectMany(thread => thread.Stages)]);
        (Operator, RequestMark, SequencedSize) = (topology, topology.RequestMark, () => topology.SequencedSize);
    }

    public IReadOnlyList<IStage> Stages { get; }

    public IOperatorPipeline Operator { get; }

    public Func<bool> RequestMark { get; }

    public Func<ulong> SequencedSize { get; }

    public SimulatedOrderEntry OrderEntry { get; private set; } = null!;

    /// <summary>The process is gone; what it had in memory with it.</summary>
    public void Crash()
    {
        OrderEntry.Crash();
        Dispose();
    }

    public void Dispose()
    {
        _wiring.Dispose();
        _venue.Dispose();
    }

    private static ThreadPlan PlanOf(int verifiers)
    {
        StageName[] stages = [new(StageRole.Ingress), new(StageRole.Match), new(StageRole.Journal), new(StageRole.Egress),
            .. Enumerable.Range(1, verifiers).Select(number => new StageName(StageRole.Verify, number))];
        return new ThreadPlan([.. stages.Select(stage => new PlannedThread([stage], Core: null))], verifiers, WaitStrategy.YieldThenBlock);
    }

    /// <summary>As settlement keeps them: the reports that the journal causes.</summary>
    private static Dictionary<ulong, List<byte[]>> Archive(List<ExchangeEvent> events)
    {
        var archive = new Dictionary<ulong, List<byte[]>>();
        foreach (var report in events.Where(happened => happened.ReportSequence != 0))
        {
            byte[] bytes = new byte[ExchangeEvent.ReportSize];
            report.WriteReport(bytes);
            if (!archive.TryGetValue(report.Account, out var reports))
                archive[report.Account] = reports = [];
            reports.Add(bytes);
        }

        return archive;
    }
}
