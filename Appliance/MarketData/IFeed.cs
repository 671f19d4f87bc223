using Clob.Protocol;

namespace Clob.Appliance.MarketData;

/// <summary>What the pipeline asks of market data. <see cref="FeedPublisher"/> multicasts it; a simulation listens in its place. Belongs to the egress thread.</summary>
public interface IFeed
{
    /// <summary>Takes the next event to publish; it is out with the next <see cref="Flush"/> at the latest.</summary>
    /// <param name="happened">An event with the next feed sequence.</param>
    /// <exception cref="InvalidOperationException">Its feed sequence is not the next: an invariant is broken.</exception>
    void Publish(in ExchangeEvent happened);

    /// <summary>Sends what is pending, or a heartbeat after a second without a packet. Call after every batch and when idle.</summary>
    /// <returns>Whether a packet went out.</returns>
    bool Flush();
}
