using System.Numerics;
using System.Runtime.InteropServices;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// A bounded queue from one thread to one other (or to itself), without locks and without allocation. Its capacity is chosen so that it
/// cannot run full; that it did is a bug.
/// </summary>
internal sealed class HandOver<T>
    where T : struct
{
    private readonly T[] _items;
    private HandOverPositions _positions;

    public HandOver(int capacity) => _items = new T[BitOperations.RoundUpToPowerOf2((uint)capacity)];

    /// <summary>Whether there is something to take. For the taking thread.</summary>
    public bool HasItems => _positions.Taken != Volatile.Read(ref _positions.Put);

    /// <summary>Appends. For the giving thread.</summary>
    public void Put(in T item)
    {
        long put = _positions.Put;
        if (put - Volatile.Read(ref _positions.Taken) == _items.Length)
            throw new InvalidOperationException($"A hand-over of {_items.Length} places for {typeof(T).Name} is full, which its size rules out.");
        _items[put & (_items.Length - 1)] = item;
        Volatile.Write(ref _positions.Put, put + 1); // the item before its announcement
    }

    /// <summary>Takes the oldest. For the taking thread.</summary>
    public bool TryTake(out T item)
    {
        long taken = _positions.Taken;
        if (taken == Volatile.Read(ref _positions.Put))
        {
            item = default;
            return false;
        }

        item = _items[taken & (_items.Length - 1)];
        Volatile.Write(ref _positions.Taken, taken + 1); // the copy before its place is free
        return true;
    }
}

/// <summary>How far a hand-over is. Each is written by one thread: on cache-line pairs of their own. Outside the generic type, which may not have an explicit layout.</summary>
[StructLayout(LayoutKind.Explicit, Size = 3 * Padding)]
internal struct HandOverPositions
{
    private const int Padding = 128;

    [FieldOffset(Padding)]
    public long Put;

    [FieldOffset(2 * Padding)]
    public long Taken;
}
