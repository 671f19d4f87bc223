using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

/// <summary>Where well-formed envelopes of logged-in sessions go. Called on the ingress thread.</summary>
public interface IEnvelopeSequencer
{
    /// <summary>
    /// Whether the venue takes such an envelope now. One that it does not is refused: its client is told, the session goes on and the envelope is forgotten.
    /// </summary>
    /// <param name="envelope">A structurally valid envelope of the session's account.</param>
    bool Admits(in Envelope envelope);

    /// <summary>Takes an envelope, copying its bytes, or refuses it for now.</summary>
    /// <param name="envelope">A structurally valid envelope of the session's account: <c>Envelope.TryRead</c> accepted it.</param>
    /// <param name="session">
    /// The session, never 0: whatever comes of the envelope must end in one <see cref="OrderEntryGateway.Complete"/> with it.
    /// </param>
    /// <returns>False for back-pressure: the very same envelope is offered again later.</returns>
    bool TryPublish(ReadOnlySpan<byte> envelope, int session);
}

/// <summary>Hears of logins and of the end of an account's presence, for cancel on disconnect. Called on the ingress thread.</summary>
public interface ISessionObserver
{
    /// <summary>A session of the account logged in. Called before the session's first envelope is published.</summary>
    void OnSessionStarted(ulong account);

    /// <summary>
    /// The last session of the account ended; called after all that it published. Not called when the appliance stops.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="hasPublished">Whether any of its sessions published an envelope since it had none the last time.</param>
    void OnLastSessionEnded(ulong account, bool hasPublished);
}

/// <summary>Execution reports of the past, for clients that come back. It may lag behind live by seconds.</summary>
public interface IReportArchive
{
    /// <summary>
    /// Reads reports of an account in order without a gap, beginning with <paramref name="fromSequence"/>. Called on a background thread.
    /// </summary>
    /// <param name="account">The account.</param>
    /// <param name="fromSequence">Report sequence of the first one wanted.</param>
    /// <param name="destination">Receives whole reports of 120 bytes.</param>
    /// <returns>Bytes written, a multiple of 120; 0 when that report is not in the archive yet.</returns>
    int Read(ulong account, ulong fromSequence, Span<byte> destination);
}
