using Clob.Protocol;
using Clob.Ring;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// What the pipeline asks of order entry. <see cref="OrderEntryGateway"/> does it over sockets; a simulation puts a network in its place that
/// delays, tears and forgets. One call through this interface per report is nothing beside the send that follows.
/// </summary>
public interface IOrderEntry : IDisposable
{
    /// <summary>How the thread that polls this blocks.</summary>
    IIdle Idle { get; }

    /// <summary>Woken when egress has something for ingress: add the thread that polls.</summary>
    WakeUps IngressWakeUps { get; }

    /// <summary>Woken when ingress or the archive has something for egress: add the thread that flushes.</summary>
    WakeUps EgressWakeUps { get; }

    /// <summary>Ingress: accepts, receives and publishes what is ready, a bounded amount of it.</summary>
    /// <returns>Whether anything was done; waiting for room in the sequencer is nothing.</returns>
    bool Poll();

    /// <summary>Egress: takes a report for its account's sessions; they get it with the next <see cref="Flush"/>.</summary>
    /// <param name="report">A report whose sequence follows that of its account's last one.</param>
    /// <exception cref="InvalidOperationException">Its sequence is not the account's next: an invariant is broken.</exception>
    void Deliver(in ExchangeEvent report);

    /// <summary>
    /// Egress: an envelope published for this session is durable and matched, and its reports were delivered. Once per envelope.
    /// </summary>
    /// <param name="session">The session as it was published; it may have ended meanwhile.</param>
    /// <param name="badSignature">Its signature was not valid: the session ends once its reject is sent, and its account's logins may have to wait.</param>
    /// <exception cref="InvalidOperationException">The session published no envelope that is not done: an invariant is broken.</exception>
    void Complete(int session, bool badSignature);

    /// <summary>Egress: sends what is ready, one send per session; heartbeats, catch-up, slow peers. Call after every batch and when idle.</summary>
    /// <returns>Whether anything was done.</returns>
    bool Flush();

    /// <summary>
    /// From the next poll on nothing is accepted, received or published. Sessions stay, so that what they sent before is answered; nobody
    /// is told that they ended. Called by any thread.
    /// </summary>
    void StopAccepting();
}
