using System.Numerics;

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
/// <remarks>A reference obtained from the indexer dies with the next <see cref="Take"/>, which may move the block.</remarks>
internal sealed class Pool<T> where T : unmanaged, IPooled
{
    /// <summary>Most items; links keep their highest bit for other uses.</summary>
    public const int MaximumCount = 1 << 28;

    private T[] _items;
    private uint _firstFree;
    private int _everUsed; // highest number handed out so far

    public Pool(int capacity) => _items = new T[(int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity, 15, MaximumCount) + 1)];

    /// <summary>Items in use.</summary>
    public int Count { get; private set; }

    /// <summary>Numbers below this are valid; rises when the block grows.</summary>
    public int Capacity => _items.Length;

    /// <summary>The item of a number.</summary>
    public ref T this[uint number] => ref _items[number];

    /// <summary>A number whose item is all zero.</summary>
    public uint Take()
    {
        Count++;
        if (_firstFree != 0)
        {
            uint number = _firstFree;
            ref T item = ref _items[number];
            _firstFree = item.NextFree;
            item = default;
            return number;
        }

        if (++_everUsed == _items.Length)
            Array.Resize(ref _items, _items.Length * 2);
        return (uint)_everUsed;
    }

    /// <summary>Gives a number back.</summary>
    public void Return(uint number)
    {
        Count--;
        _items[number].NextFree = _firstFree;
        _firstFree = number;
    }
}
