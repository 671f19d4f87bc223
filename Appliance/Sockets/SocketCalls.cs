using System.Runtime.InteropServices;

namespace Clob.Appliance.Sockets;

/// <summary>
/// The few socket calls of order entry and market data, on bare descriptors: the runtime's own <see cref="System.Net.Sockets.Socket"/> brings its own epoll and
/// throws where "not now" is the usual answer. Results are counts, or errors as negative numbers. Linux only.
/// </summary>
internal static unsafe partial class SocketCalls
{
    public const int Interrupted = 4; // EINTR
    public const int NotNow = 11; // EAGAIN
    public const int OutOfMemory = 12; // ENOMEM
    public const int OutOfDescriptorsInSystem = 23; // ENFILE
    public const int OutOfDescriptors = 24; // EMFILE
    public const int OutOfBuffers = 105; // ENOBUFS

    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL: a closed peer is an error, not a SIGPIPE
    private const int NonBlockingCloseOnExec = 0x800 | 0x80000; // SOCK_NONBLOCK | SOCK_CLOEXEC
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int SendBuffer = 7; // SO_SNDBUF
    private const int Linger = 13; // SO_LINGER
    private const int TcpLevel = 6; // IPPROTO_TCP
    private const int NoDelay = 1; // TCP_NODELAY
    private const int SendSide = 1; // SHUT_WR
    private const int BothSides = 2; // SHUT_RDWR

    /// <summary>Takes a connection: its descriptor, non-blocking, or a negative error.</summary>
    public static int Accept(int listener)
    {
        int descriptor = Accept4(listener, null, null, NonBlockingCloseOnExec);
        return descriptor >= 0 ? descriptor : -Marshal.GetLastPInvokeError();
    }

    /// <summary>Small packets at once, and a bound to what the kernel holds for a slow peer.</summary>
    public static void Tune(int descriptor, int sendBufferBytes)
    {
        int on = 1;
        _ = SetOption(descriptor, TcpLevel, NoDelay, &on, sizeof(int));
        _ = SetOption(descriptor, SocketLevel, SendBuffer, &sendBufferBytes, sizeof(int));
    }

    /// <summary>Bytes received, 0 at the end of the stream, or a negative error.</summary>
    public static int Receive(int descriptor, Span<byte> destination)
    {
        fixed (byte* start = destination)
        {
            nint received = Recv(descriptor, start, (nuint)destination.Length, DoNotWait);
            return received >= 0 ? (int)received : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Bytes the kernel took, or a negative error.</summary>
    public static int Send(int descriptor, ReadOnlySpan<byte> source)
    {
        fixed (byte* start = source)
        {
            nint sent = Send(descriptor, start, (nuint)source.Length, DoNotWait | NoSignal);
            return sent >= 0 ? (int)sent : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>
    /// Sends one datagram: its size, or a negative error. With <paramref name="mayWait"/> it waits for room as long as the socket's own
    /// send timeout allows.
    /// </summary>
    public static int SendDatagram(int descriptor, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> address, bool mayWait)
    {
        fixed (byte* start = datagram)
        fixed (byte* to = address)
        {
            nint sent = SendTo(descriptor, start, (nuint)datagram.Length, mayWait ? NoSignal : NoSignal | DoNotWait, to, (uint)address.Length);
            return sent >= 0 ? (int)sent : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Says to the peer that nothing more comes.</summary>
    public static void EndSending(int descriptor) => _ = Shutdown(descriptor, SendSide);

    /// <summary>Ends both directions; the descriptor stays ours.</summary>
    public static void EndBoth(int descriptor) => _ = Shutdown(descriptor, BothSides);

    /// <summary>Lets closing reset the connection and throw away what was not sent, instead of leaving it with the kernel.</summary>
    public static void ResetAtClose(int descriptor)
    {
        int* onForNoTime = stackalloc int[2] { 1, 0 }; // struct linger: l_onoff, l_linger
        _ = SetOption(descriptor, SocketLevel, Linger, onForNoTime, 2 * sizeof(int));
    }

    /// <summary>Gives the descriptor back. Nobody may use the number any more.</summary>
    public static void Close(int descriptor) => _ = CloseDescriptor(descriptor);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    private static partial int Accept4(int listener, void* address, void* addressSize, int flags);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    private static partial int SetOption(int descriptor, int level, int option, void* value, uint size);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    private static partial nint Recv(int descriptor, byte* buffer, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(int descriptor, byte* buffer, nuint size, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    private static partial nint SendTo(int descriptor, byte* buffer, nuint size, int flags, byte* address, uint addressSize);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    private static partial int Shutdown(int descriptor, int how);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int CloseDescriptor(int descriptor);
}
