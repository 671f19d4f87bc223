using System.Runtime.InteropServices;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// A circle of bytes beside the ring: records of any length, each in one piece, given back in the order they were taken. Positions count
/// bytes since the start and never wrap. Owned by the sequencer; others read records while their slot is theirs.
/// </summary>
public sealed unsafe class ByteArena : IDisposable
{
    private readonly byte* _memory;
    private readonly long _capacity;
    private long _head;

    /// <summary>Allocates and touches <paramref name="capacity"/> bytes, a power of two, so that no page fault meets an order.</summary>
    public ByteArena(long capacity)
    {
        if (!System.Numerics.BitOperations.IsPow2(capacity))
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "an arena's capacity is a power of two");
        _capacity = capacity;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, 4096);
        NativeMemory.Fill(_memory, (nuint)capacity, 1); // written with another value than zero so that the kernel maps real pages
    }

    /// <summary>Position behind the last byte taken.</summary>
    public long Head => _head;

    /// <summary>
    /// Finds room for <paramref name="length"/> bytes when everything before <paramref name="tail"/> is free; null when there is none.
    /// Nothing is taken until <see cref="Take"/>.
    /// </summary>
    public byte* TryReserve(int length, long tail, out long end)
    {
        long offset = _head & (_capacity - 1);
        long skipped = offset + length > _capacity ? _capacity - offset : 0; // a record lies in one piece
        end = _head + skipped + length;
        return end - tail > _capacity ? null : _memory + ((_head + skipped) & (_capacity - 1));
    }

    /// <summary>Takes what <see cref="TryReserve"/> found, up to its <c>end</c>.</summary>
    public void Take(long end) => _head = end;

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
