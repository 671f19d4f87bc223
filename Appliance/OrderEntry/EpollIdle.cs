using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Clob.Ring;
using Microsoft.Win32.SafeHandles;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// How the thread that hosts ingress blocks: in an epoll_wait over all sessions and one eventfd, so that a packet and a wake-up both end it.
/// Nothing is taken from a socket here; level-triggered readiness shows it again to the poll that follows.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The eventfd must outlive every waker, so only its finalizer closes it.")]
public sealed partial class EpollIdle : IIdle
{
    /// <summary>The data by which the eventfd is told from sessions (their ids are positive 32-bit numbers).</summary>
    internal const ulong WakeData = ulong.MaxValue;

    private const int NonBlockingCloseOnExec = 0x800 | 0x80000; // EFD_NONBLOCK | EFD_CLOEXEC

    private readonly Epoll _epoll;

    // Closed by its finalizer only: a wake-up that comes after the end must never write into a descriptor that is something else by then.
    private readonly SafeFileHandle _event;

    internal EpollIdle(Epoll epoll)
    {
        _epoll = epoll;
        int descriptor = CreateEvent(0, NonBlockingCloseOnExec);
        if (descriptor < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "eventfd failed");
        _event = new SafeFileHandle(descriptor, ownsHandle: true);
        epoll.Add(descriptor, Epoll.Readable, WakeData);
    }

    /// <inheritdoc/>
    /// <remarks>The kernel counts in milliseconds here: the timeout is rounded up.</remarks>
    public void Block(int timeoutMicroseconds)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(timeoutMicroseconds);
        int count = _epoll.Wait((int)Math.Min(int.MaxValue, (timeoutMicroseconds + 999L) / 1_000));
        for (int i = 0; i < count; i++)
        {
            if (_epoll.Data(i) == WakeData)
                _ = ReadEvent(_event, out _, sizeof(ulong));
        }
    }

    /// <inheritdoc/>
    public void Wake()
    {
        ulong token = 1;
        _ = WriteEvent(_event, in token, sizeof(ulong));
    }

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int CreateEvent(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint ReadEvent(SafeFileHandle descriptor, out ulong count, nuint size);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint WriteEvent(SafeFileHandle descriptor, in ulong count, nuint size);
}
