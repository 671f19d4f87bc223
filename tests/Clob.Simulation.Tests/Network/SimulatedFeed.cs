using Clob.Appliance.MarketData;
using Clob.Protocol;
using Clob.Simulation.Tests.Oracle;

namespace Clob.Simulation.Tests.Network;

/// <summary>Market data of one process: what it is given has left, and is written down by the witness.</summary>
internal sealed class SimulatedFeed(ulong nextSequence, Witness witness) : IFeed
{
    private bool _isPending;

    public void Publish(in ExchangeEvent happened)
    {
        if (happened.FeedSequence != nextSequence)
            throw new InvalidOperationException($"the feed expects message {nextSequence} next and was given {happened.FeedSequence}");
        nextSequence++;
        witness.Published(happened);
        _isPending = true;
    }

    public bool Flush()
    {
        bool wasPending = _isPending;
        _isPending = false;
        return wasPending;
    }
}
