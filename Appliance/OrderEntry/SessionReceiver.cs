using System.IO.Pipelines;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

/// <summary>How far a session is on its receive side.</summary>
internal enum ReceiverState : byte
{
    /// <summary>Its slot is free.</summary>
    Free,

    /// <summary>Connected; the login is awaited.</summary>
    Connected,

    /// <summary>Logged in.</summary>
    LoggedIn,

    /// <summary>Ingress is done with it; egress has the socket.</summary>
    Ended,
}

/// <summary>The receive side of one session, owned by ingress. One object serves all sessions of a slot, one after the other.</summary>
internal sealed class SessionReceiver
{
    /// <summary>Bytes held of one session before reading pauses and TCP pushes back: some envelopes of the largest size.</summary>
    public const int Capacity = 4 * SoupBinTcp.MaximumClientPacketSize;

    // One thread writes and reads: the pipe is a buffer here, nobody waits on it, so it needs no thresholds and no schedulers.
    private static readonly PipeOptions Options = new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: 0,
        resumeWriterThreshold: 0,
        minimumSegmentSize: 16 * 1024,
        useSynchronizationContext: false);

    public SessionReceiver(int slot) => Id = SessionIds.First(slot);

    /// <summary>The session's id; changes with every session of the slot.</summary>
    public int Id { get; private set; }

    public Pipe Pipe { get; } = new(Options);

    public SessionCredits Credits { get; } = new();

    public ReceiverState State { get; set; }

    public int Descriptor { get; private set; }

    public ulong Account { get; set; }

    /// <summary>Generation of the session token by which it logged in.</summary>
    public uint TokenGeneration { get; set; }

    /// <summary>Bytes received and not consumed.</summary>
    public int Buffered { get; set; }

    /// <summary>When the last byte came; while reading pauses, when it went on.</summary>
    public long LastReceived { get; set; }

    /// <summary>When the connection was accepted.</summary>
    public long ConnectedAt { get; private set; }

    /// <summary>Envelopes handed to the sequencer.</summary>
    public long Published { get; set; }

    /// <summary>Envelopes that were refused.</summary>
    public long Refused { get; set; }

    /// <summary>Envelopes in the running second.</summary>
    public int InWindow { get; set; }

    /// <summary>When the running second began.</summary>
    public long WindowStart { get; set; }

    /// <summary>The buffer is full and the socket is not watched.</summary>
    public bool IsPaused { get; set; }

    /// <summary>Nothing more comes: the peer ended its stream or is gone. What is buffered still counts.</summary>
    public bool IsInputOver { get; set; }

    /// <summary>It waits in the queue of sessions with input left.</summary>
    public bool IsQueued { get; set; }

    /// <summary>It waits until envelopes of it are done.</summary>
    public bool AwaitsCredit { get; set; }

    /// <summary>Whether it is watched for input.</summary>
    public bool IsActive => State is ReceiverState.Connected or ReceiverState.LoggedIn;

    /// <summary>Envelopes published and not done, or not before the first with a bad signature.</summary>
    public long Unacknowledged => Published - Volatile.Read(ref Credits.Completed);

    /// <summary>Begins a session in a free slot, whose other side is done with the former one.</summary>
    public void Open(int descriptor, long now)
    {
        Descriptor = descriptor;
        State = ReceiverState.Connected;
        Account = 0;
        Buffered = 0;
        Published = 0;
        Refused = 0;
        InWindow = 0;
        WindowStart = now;
        ConnectedAt = now;
        LastReceived = now;
        IsPaused = false;
        IsInputOver = false;
        IsQueued = false;
        AwaitsCredit = false;
        Volatile.Write(ref Credits.Completed, 0);
        Volatile.Write(ref Credits.IsAwaited, 0);
        Volatile.Write(ref Credits.RefusalsSaid, 0);
    }

    /// <summary>Frees the slot for the next session.</summary>
    public void Free()
    {
        Id = SessionIds.Next(Id);
        State = ReceiverState.Free;
    }
}
