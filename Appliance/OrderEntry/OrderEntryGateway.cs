using System.Net;
using Clob.Protocol;
using Clob.Ring;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// Order entry over SoupBinTCP. <see cref="Poll"/> is the receive side and belongs to the ingress thread; <see cref="Deliver"/>,
/// <see cref="Complete"/> and <see cref="Flush"/> are the send side and belong to the egress thread; the two may be one. They speak through
/// two queues without locks, and a socket is closed by egress when ingress is done with it.
/// </summary>
/// <remarks>
/// Wiring: make the gateway, give <see cref="Idle"/> to the thread that polls it, add that thread to <see cref="IngressWakeUps"/> and the one
/// that flushes to <see cref="EgressWakeUps"/>. Stopping: <see cref="StopAccepting"/>, let the pipeline drain and egress flush, end both
/// threads, <see cref="Dispose"/>.
/// </remarks>
public sealed class OrderEntryGateway : IStage, IDisposable
{
    // A session has at most a login, a refusal and an end waiting for egress, and a resume, two stops (for a
    // reason, then for a broken connection), an offence, that it is settled and its freed slot waiting for ingress.
    private const int NoticesPerSession = 3;
    private const int RequestsPerSession = 6;

    private readonly SessionIngress _ingress;
    private readonly SessionEgress _egress;

    /// <summary>Listens from now on; nothing is accepted before the first poll.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The session name has not 10 characters.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">The end point cannot be listened on.</exception>
    public OrderEntryGateway(OrderEntryOptions options, OrderEntryConnections connections, ILogger<OrderEntryGateway> logger)
    {
        options.Validate();
        if (connections.SessionName.Length != MoldUdp64.SessionSize)
            throw new ArgumentException($"A session name has {MoldUdp64.SessionSize} characters, not {connections.SessionName.Length}.", nameof(connections));
        HandOver<SessionNotice> notices = new(NoticesPerSession * options.MaximumSessions);
        HandOver<SessionRequest> requests = new(RequestsPerSession * options.MaximumSessions);
        _ingress = new SessionIngress(options, connections, Counters, notices, requests, EgressWakeUps, logger);
        _egress = new SessionEgress(options, connections, Counters, notices, requests, IngressWakeUps, EgressWakeUps, _ingress.CreditsOf, logger);
    }

    /// <inheritdoc/>
    public string Name => "order-entry";

    /// <summary>Where it listens, with the port the system chose.</summary>
    public IPEndPoint LocalEndPoint => _ingress.LocalEndPoint;

    /// <summary>How the thread that polls this blocks.</summary>
    public EpollIdle Idle => _ingress.Idle;

    /// <summary>Woken when egress has something for ingress: add the thread that polls.</summary>
    public WakeUps IngressWakeUps { get; } = new();

    /// <summary>Woken when ingress or the archive has something for egress: add the thread that flushes.</summary>
    public WakeUps EgressWakeUps { get; } = new();

    /// <summary>What was done so far.</summary>
    public OrderEntryCounters Counters { get; } = new();

    /// <summary>Ingress: accepts, receives and publishes what is ready, a bounded amount of it.</summary>
    /// <returns>Whether anything was done; waiting for room in the sequencer is nothing.</returns>
    public bool Poll() => _ingress.Poll();

    /// <summary>Egress: takes a report for its account's sessions; they get it with the next <see cref="Flush"/>.</summary>
    /// <param name="report">A report whose sequence follows that of its account's last one.</param>
    /// <exception cref="InvalidOperationException">Its sequence is not the account's next: an invariant is broken.</exception>
    public void Deliver(in ExchangeEvent report) => _egress.Deliver(report);

    /// <summary>
    /// Egress: an envelope published for this session is durable and matched, and its reports were delivered. Once per envelope.
    /// </summary>
    /// <param name="session">The session as it was published; it may have ended meanwhile.</param>
    /// <param name="badSignature">Its signature was not valid: the session ends once its reject is sent, and its account's logins may have to wait.</param>
    /// <exception cref="InvalidOperationException">The session published no envelope that is not done: an invariant is broken.</exception>
    public void Complete(int session, bool badSignature) => _egress.Complete(session, badSignature);

    /// <summary>Egress: sends what is ready, one send per session; heartbeats, catch-up, slow peers. Call after every batch and when idle.</summary>
    /// <returns>Whether anything was done.</returns>
    public bool Flush() => _egress.Flush();

    /// <summary>
    /// From the next poll on nothing is accepted, received or published. Sessions stay, so that what they sent before is answered; nobody
    /// is told that they ended. Called by any thread.
    /// </summary>
    public void StopAccepting()
    {
        _ingress.RequestStop();
        IngressWakeUps.Signal();
    }

    /// <summary>Closes all sockets without a word: after a restart the same session goes on. Only after both threads have ended.</summary>
    public void Dispose()
    {
        _egress.Dispose();
        _ingress.Dispose();
    }
}
