using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>An item of a <see cref="Pool{T}"/>: while it is free, one of its links chains it to the next free one.</summary>
internal interface IPooled
{
    /// <summary>A link that has no other meaning while the item is free.</summary>
    uint NextFree { get; set; }
}

/// <summary>
/// Items without references in one block of memory, named by 32-bit numbers from 1; 0 means none. Numbers are used again, last freed
/// first, so they carry no meaning and must never reach an event or the visited state.
/// </summary>
/// <remarks>
/// The block is <see cref="PinnedMemory"/>, so that no item of 32 or 64 bytes lies in two cache lines. A reference obtained from the indexer dies with the next <see cref="Take"/>, which
/// may move the block. Numbers are not checked against its bounds: they come from the structures that hold them and from nowhere else.
/// </remarks>
internal sealed unsafe class Pool<T> where T : unmanaged, IPooled
{
    /// <summary>Most items; links keep their highest bits for other uses.</summary>
    public const int MaximumCount = 1 << 28;

    private T[] _memory; // keeps the block alive
    private uint _firstFree;
    private int _everUsed; // highest number handed out so far

    public Pool(int capacity)
    {
        Capacity = (int)Math.Clamp(capacity, 15L, MaximumCount) + 1;
        _memory = PinnedMemory.Allocate<T>(Capacity);
        Items = PinnedMemory.StartOf(_memory);
    }

    /// <summary>Items in use.</summary>
    public int Count { get; private set; }

    /// <summary>Numbers below this are valid; rises when the block grows.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes of the block.</summary>
    public long Bytes => _memory.LongLength * sizeof(T);

    /// <summary>Item 0, which is never used; the others follow. Dies with the next <see cref="Take"/>.</summary>
    public T* Items { get; private set; }

    /// <summary>The item of a number.</summary>
    public ref T this[uint number]
    {
        get
        {
            unchecked
            {
                return ref Items[number];
            }
        }
    }

    /// <summary>A number whose item is all zero.</summary>
    public uint Take()
    {
        uint number = TakeUncleared();
        this[number] = default;
        return number;
    }

    /// <summary>A number whose item still holds what was there before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint TakeUncleared()
    {
        uint number = _firstFree;
        if (number == 0)
            return TakeFresh();
        unchecked
        {
            Count++;
        }

        _firstFree = this[number].NextFree;
        return number;
    }

    /// <summary>Gives a number back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Return(uint number) => ReturnChain(number, number, 1);

    /// <summary>Gives numbers back that are chained by their <see cref="IPooled.NextFree"/> from the first to the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void ReturnChain(uint first, uint last, int count)
    {
        unchecked
        {
            Count -= count;
        }

        this[last].NextFree = _firstFree;
        _firstFree = first;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint TakeFresh()
    {
        if (_everUsed + 1 == Capacity)
            Grow();
        Count++;
        return (uint)++_everUsed;
    }

    private void Grow()
    {
        int capacity = Math.Min(Capacity + Math.Max(Capacity / 4, 16), MaximumCount + 1);
        var memory = PinnedMemory.Allocate<T>(capacity);
        Buffer.MemoryCopy(Items, PinnedMemory.StartOf(memory), (long)capacity * sizeof(T), (long)Capacity * sizeof(T));
        (_memory, Capacity) = (memory, capacity);
        Items = PinnedMemory.StartOf(memory);
    }
}
