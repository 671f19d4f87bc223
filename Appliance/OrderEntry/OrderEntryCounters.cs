namespace Clob.Appliance.OrderEntry;

/// <summary>
/// What order entry has done since the start. Every counter is written by one thread, ingress or egress, and may be read by any.
/// </summary>
public sealed class OrderEntryCounters
{
    private Ingress _ingress;
    private Egress _egress;

    /// <summary>Connections now.</summary>
    public long Connections => Volatile.Read(ref _ingress.Connections);

    /// <summary>Logged-in sessions now.</summary>
    public long Sessions => Volatile.Read(ref _ingress.Sessions);

    /// <summary>Connections accepted in all.</summary>
    public long ConnectionsAccepted => Volatile.Read(ref _ingress.ConnectionsAccepted);

    /// <summary>Connections closed at once because there were too many.</summary>
    public long ConnectionsRefused => Volatile.Read(ref _ingress.ConnectionsRefused);

    /// <summary>Logins accepted.</summary>
    public long LoginsAccepted => Volatile.Read(ref _ingress.LoginsAccepted);

    /// <summary>Logins rejected.</summary>
    public long LoginsRejected => Volatile.Read(ref _ingress.LoginsRejected);

    /// <summary>Those of them rejected because the account must wait after bad signatures.</summary>
    public long LoginsPaused => Volatile.Read(ref _ingress.LoginsPaused);

    /// <summary>Those of them rejected because the account had as many sessions as it may.</summary>
    public long LoginsOverLimit => Volatile.Read(ref _ingress.LoginsOverLimit);

    /// <summary>Envelopes handed to the sequencer.</summary>
    public long Envelopes => Volatile.Read(ref _ingress.Envelopes);

    /// <summary>Bytes received.</summary>
    public long BytesReceived => Volatile.Read(ref _ingress.BytesReceived);

    /// <summary>Times the sequencer had no room.</summary>
    public long BackPressured => Volatile.Read(ref _ingress.BackPressured);

    /// <summary>Sessions dropped for a malformed packet or envelope.</summary>
    public long Malformed => Volatile.Read(ref _ingress.Malformed);

    /// <summary>Sessions dropped for an envelope of another account.</summary>
    public long ForeignAccount => Volatile.Read(ref _ingress.ForeignAccount);

    /// <summary>Sessions dropped for too many envelopes a second.</summary>
    public long Throttled => Volatile.Read(ref _ingress.Throttled);

    /// <summary>Envelopes refused while the venue took cancels only.</summary>
    public long Refused => Volatile.Read(ref _ingress.Refused);

    /// <summary>Sessions dropped for silence, or for not logging in.</summary>
    public long Silent => Volatile.Read(ref _ingress.Silent);

    /// <summary>Reports sent, counted per session.</summary>
    public long ReportsSent => Volatile.Read(ref _egress.ReportsSent);

    /// <summary>Bytes sent.</summary>
    public long BytesSent => Volatile.Read(ref _egress.BytesSent);

    /// <summary>Sessions dropped because they took nothing for too long.</summary>
    public long Slow => Volatile.Read(ref _egress.Slow);

    /// <summary>Sessions that were over and whose connection was reset for later ones of their account, as their peers were slow to go.</summary>
    public long LingeringReset => Volatile.Read(ref _egress.LingeringReset);

    /// <summary>Envelopes with a bad signature; their sessions are closed.</summary>
    public long BadSignatures => Volatile.Read(ref _egress.BadSignatures);

    /// <summary>Times a session had to be served from the archive.</summary>
    public long CatchUps => Volatile.Read(ref _egress.CatchUps);

    /// <summary>Sessions dropped because the archive failed or gave wrong reports.</summary>
    public long ArchiveFailures => Volatile.Read(ref _egress.ArchiveFailures);

    internal ref Ingress OfIngress => ref _ingress;

    internal ref Egress OfEgress => ref _egress;

    /// <summary>Adds to a counter of the calling thread's own: no other writes it, so no interlocked instruction.</summary>
    internal static void Add(ref long counter, long amount = 1) => Volatile.Write(ref counter, counter + amount);

    internal struct Ingress
    {
        public long Connections;
        public long Sessions;
        public long ConnectionsAccepted;
        public long ConnectionsRefused;
        public long LoginsAccepted;
        public long LoginsRejected;
        public long LoginsPaused;
        public long LoginsOverLimit;
        public long Envelopes;
        public long BytesReceived;
        public long BackPressured;
        public long Malformed;
        public long ForeignAccount;
        public long Throttled;
        public long Silent;
        public long Refused;
    }

    [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)]
    internal struct Egress
    {
        // Away from the cache lines that ingress writes.
        [System.Runtime.InteropServices.FieldOffset(128)] public long ReportsSent;
        [System.Runtime.InteropServices.FieldOffset(136)] public long BytesSent;
        [System.Runtime.InteropServices.FieldOffset(144)] public long Slow;
        [System.Runtime.InteropServices.FieldOffset(152)] public long BadSignatures;
        [System.Runtime.InteropServices.FieldOffset(160)] public long CatchUps;
        [System.Runtime.InteropServices.FieldOffset(168)] public long ArchiveFailures;
        [System.Runtime.InteropServices.FieldOffset(176)] public long LingeringReset;
    }
}
