using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>
/// Finds open orders by the venue's own rising ids, without hashing: an id's last bits are its place in a window of order numbers. The
/// window is at least twice as long as there are open orders, so the newest ids, which most commands name, nearly always have their place;
/// an order that is still open when its place is needed for a newer one moves to a tree. So whatever order of resting and cancelling a client picks,
/// and however old an order gets, memory stays in proportion to the open orders and nothing costs more than a search in the tree.
/// </summary>
internal sealed unsafe class OrderIndex
{
    private readonly Pool<RestingOrder> _orders;
    private readonly KeyTree _elders;
    private uint[] _memory = []; // keeps the window alive
    private uint* _window;
    private ulong _mask;

    /// <param name="orders">Where the numbers lead to.</param>
    /// <param name="elders">For orders that outlive their place; empty.</param>
    /// <param name="places">Length of the window at the start, a power of two; it grows when it is shorter than twice the open orders.</param>
    public OrderIndex(Pool<RestingOrder> orders, KeyTree elders, int places)
    {
        _orders = orders;
        _elders = elders;
        MakeWindow(places);
    }

    /// <summary>Open orders, counted: only audits want to know.</summary>
    public int Count
    {
        get
        {
            int count = _elders.Count;
            for (ulong place = 0; place <= _mask; place++)
                count += _window[place] != 0 ? 1 : 0;
            return count;
        }
    }

    /// <summary>Bytes of the window.</summary>
    public long Bytes => _memory.LongLength * sizeof(uint);

    /// <summary>Number of the open order with this id, 0 for none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Find(ulong id)
    {
        unchecked
        {
            uint number = _window[id & _mask];
            return number != 0 && _orders.Items[number].Id == id ? number : FindElder(id);
        }
    }

    /// <summary>Adds an order that is not in it and whose node holds its id.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong id, uint number)
    {
        unchecked
        {
            uint* place = _window + (id & _mask);
            if (*place == 0)
                *place = number;
            else
                AddBeside(id, number);
        }
    }

    /// <summary>Takes an open order out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(ulong id, uint number)
    {
        unchecked
        {
            uint* place = _window + (id & _mask);
            if (*place == number)
                *place = 0;
            else
                _elders.Remove(id, 0);
        }
    }

    /// <summary>What stands at the place of an id now: its order's number, another's, or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint* PlaceOf(ulong id)
    {
        unchecked
        {
            return _window + (id & _mask);
        }
    }

    /// <summary>Number of the order that stands at the place of an id, whatever its own id is; 0 for none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Guess(ulong id) => *PlaceOf(id);

    private uint FindElder(ulong id) => _elders.Count == 0 ? 0 : _elders.Find(id);

    /// <summary>Two open orders want one place: the newer gets it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void AddBeside(ulong id, uint number)
    {
        if ((ulong)_orders.Count * 2 > _mask + 1)
            MakeWindow(checked((int)(_mask + 1) * 2));
        ref uint place = ref _window[id & _mask];
        if (place == 0)
        {
            place = number;
            return;
        }

        ulong otherId = _orders[place].Id;
        if (otherId < id)
        {
            _elders.Insert(otherId, place, 0);
            place = number;
        }
        else
        {
            _elders.Insert(id, number, 0);
        }
    }

    /// <summary>A longer window; who has a place in the tree keeps it there until it is gone, which is soon enough.</summary>
    private void MakeWindow(int length)
    {
        var former = _memory;
        uint* formerWindow = _window;
        int formerLength = former.Length == 0 ? 0 : (int)(_mask + 1);
        _memory = PinnedMemory.Allocate<uint>(length);
        _window = PinnedMemory.StartOf(_memory);
        _mask = (ulong)length - 1;
        for (int i = 0; i < formerLength; i++)
        {
            if (formerWindow[i] != 0)
                _window[_orders[formerWindow[i]].Id & _mask] = formerWindow[i]; // two that differed in the former bits differ in more
        }

        GC.KeepAlive(former);
    }
}
