using System.Numerics;

namespace Clob.Engine;

/// <summary>
/// Finds open orders by the venue's own dense ids without hashing: blocks of 256 ids, of which only those with open orders take memory.
/// The list of blocks begins at the oldest open order and slides along, so it does not grow with the venue's age alone.
/// </summary>
internal sealed class OrderIndex
{
    private const int BlockBits = 8;
    private const int BlockSize = 1 << BlockBits;

    private uint[] _directory; // block number of each run of 256 ids from _firstRun on, 0 for none
    private ulong _firstRun;
    private uint[] _slots;     // BlockSize numbers of orders a block, block 0 unused
    private int[] _live;       // open orders in each block
    private uint[] _freeBlocks;
    private int _freeCount;
    private uint _blocks = 1;  // ever used, and the unused one

    public OrderIndex(int capacity)
    {
        int blocks = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(capacity >> BlockBits, 16));
        _directory = new uint[blocks * 4];
        _slots = new uint[blocks * BlockSize];
        _live = new int[blocks];
        _freeBlocks = new uint[blocks];
    }

    /// <summary>Open orders.</summary>
    public int Count { get; private set; }

    /// <summary>Number of the open order with this id, 0 for none.</summary>
    public uint Find(ulong id)
    {
        ulong run = unchecked((id >> BlockBits) - _firstRun);
        if (run >= (ulong)_directory.Length)
            return 0;
        uint block = _directory[run];
        return block == 0 ? 0 : _slots[(block << BlockBits) + (uint)(id & BlockSize - 1)];
    }

    /// <summary>Adds an order; ids come in rising order, but not each of them.</summary>
    public void Add(ulong id, uint order)
    {
        ulong run = id >> BlockBits;
        if (Count == 0)
            _firstRun = run; // the directory is all zero
        if (run - _firstRun >= (ulong)_directory.Length)
            MakeRoom(run);
        ref uint block = ref _directory[run - _firstRun];
        if (block == 0)
            block = TakeBlock();
        _slots[(block << BlockBits) + (uint)(id & BlockSize - 1)] = order;
        _live[block]++;
        Count++;
    }

    /// <summary>Takes an open order out.</summary>
    public void Remove(ulong id)
    {
        ref uint block = ref _directory[(id >> BlockBits) - _firstRun];
        _slots[(block << BlockBits) + (uint)(id & BlockSize - 1)] = 0;
        Count--;
        if (--_live[block] > 0)
            return;
        _freeBlocks[_freeCount++] = block;
        block = 0;
    }

    private uint TakeBlock()
    {
        if (_freeCount > 0)
            return _freeBlocks[--_freeCount];
        if (_blocks == _live.Length)
        {
            Array.Resize(ref _live, _live.Length * 2);
            Array.Resize(ref _freeBlocks, _live.Length);
            Array.Resize(ref _slots, _live.Length * BlockSize);
        }

        return _blocks++;
    }

    private void MakeRoom(ulong run)
    {
        int empty = 0;
        while (_directory[empty] == 0) // ends: something is open
            empty++;
        if (empty >= _directory.Length / 2 && run - _firstRun - (uint)empty < (ulong)_directory.Length)
        {
            Array.Copy(_directory, empty, _directory, 0, _directory.Length - empty);
            Array.Clear(_directory, _directory.Length - empty, empty);
            _firstRun += (uint)empty;
            return;
        }

        ulong needed = run - _firstRun + 1;
        Array.Resize(ref _directory, checked((int)BitOperations.RoundUpToPowerOf2(Math.Max(needed, (ulong)_directory.Length * 2))));
    }
}
