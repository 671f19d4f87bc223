using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Disruptor;

/// <summary>
/// The memory of a ring, outside the garbage collector's heap. Whoever allocates it disposes it, after the last thread that touches the ring has ended.
/// </summary>
/// <remarks>
/// <code>
/// 0           128                      128 + count × size
/// +-----------+-----------+-----+-----------+-----------+
/// |  padding  |  event 0  | ... | event n-1 |  padding  |
/// +-----------+-----------+-----+-----------+-----------+
/// </code>
/// The first event is 128-byte aligned. All of it is zeroed, which also makes the kernel map every page before the first event arrives.
/// </remarks>
public class UnmanagedRingBufferMemory : IDisposable
{
    /// <summary>Before and after the events, so that no other allocation shares their cache-line pairs; also the alignment.</summary>
    internal const int Padding = Sequence.Padding;

    private readonly Block _block;

    private UnmanagedRingBufferMemory(Block block, int eventCount, int eventSize)
    {
        _block = block;
        PointerToFirstEvent = block.DangerousGetHandle() + Padding;
        EventCount = eventCount;
        EventSize = eventSize;
    }

    /// <summary>Where event 0 begins. Invalid after <see cref="Dispose"/>.</summary>
    public IntPtr PointerToFirstEvent { get; }

    /// <summary>The number of events, a power of two.</summary>
    public int EventCount { get; }

    /// <summary>The bytes from one event to the next.</summary>
    public int EventSize { get; }

    /// <summary>Allocates and zeroes the memory of a ring.</summary>
    /// <param name="eventCount">The number of events, a power of two.</param>
    /// <param name="eventSize">The bytes from one event to the next, at least 1.</param>
    /// <returns>The memory.</returns>
    /// <exception cref="ArgumentException">A size is out of range.</exception>
    public static unsafe UnmanagedRingBufferMemory Allocate(int eventCount, int eventSize)
    {
        if (eventCount < 1 || !int.IsPow2(eventCount))
            throw new ArgumentException($"A ring holds a power of two of events, not {eventCount}.", nameof(eventCount));
        if (eventSize < 1)
            throw new ArgumentException($"An event has at least one byte, not {eventSize}.", nameof(eventSize));

        nuint size = checked(((nuint)eventCount * (nuint)eventSize) + (2 * Padding));
        void* pointer = NativeMemory.AlignedAlloc(size, Padding);
        NativeMemory.Clear(pointer, size);
        return new UnmanagedRingBufferMemory(new Block((nint)pointer), eventCount, eventSize);
    }

    /// <summary>Frees the memory. A second call does nothing.</summary>
    public void Dispose()
    {
        _block.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Block : SafeHandleZeroOrMinusOneIsInvalid
    {
        public Block(nint pointer)
            : base(ownsHandle: true) => SetHandle(pointer);

        protected override unsafe bool ReleaseHandle()
        {
            NativeMemory.AlignedFree((void*)handle);
            return true;
        }
    }
}
