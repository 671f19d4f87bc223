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
public sealed class OrderEntryGateway : IStage, IOrderEntry
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

    /// <inheritdoc/>
    public IIdle Idle => _ingress.Idle;

    /// <inheritdoc/>
    public WakeUps IngressWakeUps { get; } = new();

    /// <inheritdoc/>
    public WakeUps EgressWakeUps { get; } = new();

    /// <summary>What was done so far.</summary>
    public OrderEntryCounters Counters { get; } = new();

    /// <inheritdoc/>
    public bool Poll() => _ingress.Poll();

    /// <inheritdoc/>
    public void Deliver(in ExchangeEvent report) => _egress.Deliver(report);

    /// <inheritdoc/>
    public void Complete(int session, bool badSignature) => _egress.Complete(session, badSignature);

    /// <inheritdoc/>
    public bool Flush() => _egress.Flush();

    /// <inheritdoc/>
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
