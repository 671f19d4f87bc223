using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>
/// Items without references under numbers from 0, the first of them at the beginning of a cache line: items of 64 bytes have a line each.
/// Numbers are not checked against the bounds here: orders' come from the book, whose size <see cref="Reach"/> follows; accounts' are held
/// against the number of keys where they come in.
/// </summary>
internal sealed unsafe class PinnedTable<T> where T : unmanaged
{
    private T[] _memory; // keeps the items alive
    private T* _items;

    /// <param name="capacity">Numbers below this are valid.</param>
    public PinnedTable(int capacity)
    {
        Capacity = capacity;
        _memory = PinnedMemory.Allocate<T>(capacity);
        _items = PinnedMemory.StartOf(_memory);
    }

    /// <summary>Numbers below this are valid.</summary>
    public int Capacity { get; private set; }

    /// <summary>Bytes taken, in use or not.</summary>
    public long Bytes => (long)_memory.Length * sizeof(T);

    /// <summary>The item under a number; the reference dies when the table grows.</summary>
    public ref T this[uint number]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            unchecked
            {
                return ref _items[number];
            }
        }
    }

    /// <summary>Makes all numbers below <paramref name="capacity"/> valid; new items are all zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Reach(int capacity)
    {
        if (capacity > Capacity)
            Grow(capacity);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int capacity)
    {
        var memory = PinnedMemory.Allocate<T>(capacity);
        Buffer.MemoryCopy(_items, PinnedMemory.StartOf(memory), (long)capacity * sizeof(T), (long)Capacity * sizeof(T));
        (_memory, Capacity) = (memory, capacity);
        _items = PinnedMemory.StartOf(memory);
    }
}
