using System.Runtime.CompilerServices;

namespace Clob.Ring;

/// <summary>The threads that may sleep while they wait for one publisher or stage.</summary>
public sealed class WakeUps
{
    private StageThread[] _threads = [];

    /// <summary>Adds a thread. Only while wiring, before any thread is started. Twice is once.</summary>
    /// <param name="thread">A thread with a stage downstream. The publisher's own needs no wake-up and does no harm.</param>
    public void Add(StageThread thread)
    {
        if (Array.IndexOf(_threads, thread) < 0) _threads = [.. _threads, thread];
    }

    /// <summary>Wakes those that sleep. Call after the new sequence is stored. One fence and a read per thread while all are awake.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Signal()
    {
        StageThread[] threads = _threads;
        if (threads.Length == 0) return;

        // Store of the sequence before, load of the sleep flags after: the waker's half of Sleeper's agreement.
        Interlocked.MemoryBarrier();
        foreach (StageThread thread in threads) thread.WakeAfterFence();
    }
}
