using Clob.Load.OpenLoop;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>What the load's orders do to a venue, on the Exchange itself.</summary>
public sealed class OrderFlowTests
{
    private const int Connections = 5;
    private const int Rounds = 4000;

    [Test]
    public void Books_stay_bounded_and_nothing_is_rejected_whoever_comes_next()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var venue = new FundedExchange(Connections);
        var options = new LoadOptions(1, 1, 0, Connections, 1, 1, 1000, 3);
        var flows = Enumerable.Range(0, Connections).Select(i => new OrderFlow(options, i)).ToArray();
        int most = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int connection = random.Next(Connections);
            venue.Send(connection + 1, flows[connection].Next());
            most = Math.Max(most, venue.Exchange.ReadMarket(1)!.OpenOrders);
        }

        Assert.That(venue.Rejects, Is.Empty, $"seed {seed}");
        Assert.That(most, Is.LessThanOrEqualTo(Connections * 4), $"seed {seed}");
        Assert.That(venue.Fills, Is.GreaterThan(Rounds / 3), $"seed {seed}");
    }
}
