using System.Runtime.InteropServices;

namespace Clob.Ring.Tests;

/// <summary>Blocks in poll(2) on an eventfd: what a thread does that waits for sockets as well.</summary>
internal sealed partial class EventFdIdle : IIdle, IDisposable
{
    private const int NonBlocking = 0x800; // EFD_NONBLOCK
    private const short Readable = 1; // POLLIN

    private readonly int _descriptor = EventFd(0, NonBlocking);

    public unsafe void Block(int timeoutMicroseconds)
    {
        PollDescriptor waited = new() { Descriptor = _descriptor, Events = Readable };
        _ = Poll(&waited, 1, Math.Max(1, timeoutMicroseconds / 1_000));
        ulong tokens;
        _ = Read(_descriptor, &tokens, sizeof(ulong));
    }

    public unsafe void Wake()
    {
        ulong one = 1;
        _ = Write(_descriptor, &one, sizeof(ulong));
    }

    public void Dispose() => _ = Close(_descriptor);

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial int EventFd(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static unsafe partial int Poll(PollDescriptor* descriptors, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    private static unsafe partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static unsafe partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    private struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

/// <summary>Counts what reaches the idle it stands before, and can lose the wake-ups.</summary>
internal sealed class CountingIdle(IIdle inner) : IIdle
{
    private long _blocks;
    private long _wakes;

    public long Blocks => Volatile.Read(ref _blocks);

    public long Wakes => Volatile.Read(ref _wakes);

    public bool LosesWakes { get; set; }

    public void Block(int timeoutMicroseconds)
    {
        Interlocked.Increment(ref _blocks);
        inner.Block(timeoutMicroseconds);
    }

    public void Wake()
    {
        Interlocked.Increment(ref _wakes);
        if (!LosesWakes) inner.Wake();
    }
}
