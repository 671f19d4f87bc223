using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Clob.Appliance.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// Readiness of thousands of sockets in one call, level-triggered: what is not taken now is reported again. Source: epoll(7).
/// One thread uses it, except for <see cref="Add"/>, <see cref="Modify"/> and <see cref="Remove"/>, which the kernel makes safe.
/// </summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    public const uint Readable = 0x1; // EPOLLIN
    public const uint Writable = 0x4; // EPOLLOUT
    public const uint Broken = 0x8 | 0x10; // EPOLLERR | EPOLLHUP, reported whether asked for or not
    public const uint Once = 1u << 30; // EPOLLONESHOT
    public const uint Nothing = 0;

    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC
    private const int ControlAdd = 1;
    private const int ControlRemove = 2;
    private const int ControlModify = 3;

    // struct epoll_event { u32 events; u64 data } is packed on x86-64 and on no other architecture.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventSize = DataOffset + sizeof(ulong);

    private readonly SafeFileHandle _epoll;
    private readonly int _descriptor;
    private readonly byte[] _events;
    private readonly byte* _firstEvent;
    private readonly int _maximumEvents;

    /// <summary>An empty set, of which one wait reports at most <paramref name="maximumEvents"/>.</summary>
    public Epoll(int maximumEvents)
    {
        _maximumEvents = maximumEvents;
        _events = GC.AllocateArray<byte>(maximumEvents * EventSize, pinned: true);
        _firstEvent = (byte*)Unsafe.AsPointer(ref _events[0]);
        _descriptor = Create(CloseOnExec);
        if (_descriptor < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "epoll_create1 failed");
        _epoll = new SafeFileHandle(_descriptor, ownsHandle: true);
    }

    public void Add(int descriptor, uint interest, ulong data) => Control(ControlAdd, descriptor, interest, data);

    public void Modify(int descriptor, uint interest, ulong data) => Control(ControlModify, descriptor, interest, data);

    public void Remove(int descriptor) => Control(ControlRemove, descriptor, Nothing, 0);

    /// <summary>Waits for at most this long, 0 for not at all, and returns how many events there are.</summary>
    public int Wait(int milliseconds)
    {
        int count = Wait(_descriptor, _firstEvent, _maximumEvents, milliseconds);
        if (count >= 0)
            return count;
        int error = Marshal.GetLastPInvokeError();
        return error == SocketCalls.Interrupted ? 0 : throw new Win32Exception(error, "epoll_wait failed");
    }

    /// <summary>What became ready in event <paramref name="index"/> of the last wait.</summary>
    public uint Ready(int index) => Unsafe.ReadUnaligned<uint>(_firstEvent + index * EventSize);

    /// <summary>The data given when the descriptor of event <paramref name="index"/> was added.</summary>
    public ulong Data(int index) => Unsafe.ReadUnaligned<ulong>(_firstEvent + index * EventSize + DataOffset);

    public void Dispose() => _epoll.Dispose();

    private void Control(int operation, int descriptor, uint interest, ulong data)
    {
        byte* change = stackalloc byte[16];
        Unsafe.WriteUnaligned(change, interest);
        Unsafe.WriteUnaligned(change + DataOffset, data);
        if (Control(_descriptor, operation, descriptor, change) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"epoll_ctl({operation}) of descriptor {descriptor} failed");
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    private static partial int Control(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    private static partial int Wait(int epoll, byte* events, int maximum, int milliseconds);
}
