using System.Numerics;

namespace Clob.Engine;

/// <summary>
/// Finds open orders by the venue's own rising ids. Ids are taken in runs of 16, which is one cache line of order numbers; a hash table of
/// runs with open orders leads to them, so neighbours share a look-up. A run takes memory only while one of its orders is open: whatever
/// order of resting and cancelling a client picks, and however old an order gets, memory stays in proportion to the open orders.
/// </summary>
internal sealed class OrderIndex
{
    /// <summary>Most orders whose index fits arrays, should each lie in a run of its own.</summary>
    public const int MaximumOrders = 1 << 25;

    private const int RunBits = 4;
    private const int RunSize = 1 << RunBits;

    private Entry[] _table;  // linear probing, at most half full
    private int _homeShift;  // 64 - log2 of the table's length
    private uint[] _slots;   // RunSize numbers of orders a block, block 0 unused; the first slot of a free block links to the next
    private byte[] _live;    // open orders in each block
    private uint _firstFree;
    private int _blocks = 1; // ever used, and the unused one
    private int _runs;       // in the table

    private struct Entry
    {
        public ulong Run;
        public uint Block; // 0: the place is empty
    }

    public OrderIndex(int capacity)
    {
        int runs = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(capacity, RunSize, MaximumOrders));
        _table = [];
        _slots = new uint[(runs + 1) * RunSize];
        _live = new byte[runs + 1];
        MakeTable(runs * 2);
    }

    /// <summary>Open orders.</summary>
    public int Count { get; private set; }

    /// <summary>Number of the open order with this id, 0 for none.</summary>
    public uint Find(ulong id)
    {
        uint block = _table[PlaceOf(id >> RunBits)].Block;
        return block == 0 ? 0 : _slots[SlotOf(block, id)];
    }

    /// <summary>Adds an order that is not in it.</summary>
    public void Add(ulong id, uint order)
    {
        ulong run = id >> RunBits;
        int place = PlaceOf(run);
        if (_table[place].Block == 0)
        {
            if (_runs * 2 == _table.Length)
            {
                MakeTable(_table.Length * 2);
                place = PlaceOf(run);
            }

            _table[place] = new Entry { Run = run, Block = TakeBlock() };
            _runs++;
        }

        uint block = _table[place].Block;
        _slots[SlotOf(block, id)] = order;
        _live[block]++;
        Count++;
    }

    /// <summary>Takes an open order out.</summary>
    public void Remove(ulong id)
    {
        int place = PlaceOf(id >> RunBits);
        uint block = _table[place].Block;
        _slots[SlotOf(block, id)] = 0;
        Count--;
        if (--_live[block] > 0)
            return;
        _slots[SlotOf(block, 0)] = _firstFree;
        _firstFree = block;
        Close(place);
        _runs--;
    }

    private static int SlotOf(uint block, ulong id) => (int)(block << RunBits | (uint)(id & RunSize - 1));

    /// <summary>Where a run is in the table, or the empty place where it belongs.</summary>
    private int PlaceOf(ulong run)
    {
        int place = HomeOf(run);
        while (_table[place].Block != 0 && _table[place].Run != run)
            place = place + 1 & _table.Length - 1;
        return place;
    }

    // 2^64 divided by the golden ratio spreads runs that follow each other evenly.
    private int HomeOf(ulong run) => (int)(unchecked(run * 0x9E37_79B9_7F4A_7C15) >> _homeShift);

    /// <summary>Empties a place and moves up what could not have its home because of it, so that no search ends too early.</summary>
    private void Close(int place)
    {
        int mask = _table.Length - 1;
        for (int at = place + 1 & mask; _table[at].Block != 0; at = at + 1 & mask)
        {
            int distance = unchecked(at - HomeOf(_table[at].Run)) & mask;
            if (distance < (unchecked(at - place) & mask))
                continue;
            _table[place] = _table[at];
            place = at;
        }

        _table[place] = default;
    }

    private uint TakeBlock()
    {
        if (_firstFree != 0)
        {
            uint block = _firstFree;
            ref uint link = ref _slots[SlotOf(block, 0)];
            _firstFree = link;
            link = 0;
            return block;
        }

        if (_blocks == _live.Length)
        {
            Array.Resize(ref _live, _live.Length * 2);
            Array.Resize(ref _slots, _live.Length * RunSize);
        }

        return (uint)_blocks++;
    }

    private void MakeTable(int length)
    {
        var former = _table;
        _table = new Entry[length];
        _homeShift = 64 - BitOperations.Log2((uint)length);
        foreach (var entry in former)
        {
            if (entry.Block != 0)
                _table[PlaceOf(entry.Run)] = entry;
        }
    }
}
