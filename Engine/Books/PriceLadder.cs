using System.Numerics;

namespace Clob.Engine;

/// <summary>
/// One side of a book: its price levels, linked best first, and found by price through a crit-bit tree. The tree has one branch fewer
/// than levels and is never deeper than the 64 bits of a key, whatever prices an adversary picks; it needs no balancing.
/// </summary>
internal sealed class PriceLadder
{
    private const uint IsLevel = 1u << 31; // numbers of a pool stay below: Pool<T>.MaximumCount

    private readonly Pool<PriceLevel> _levels;
    private readonly Pool<LevelBranch> _branches;
    private readonly bool _isBid;
    private readonly ulong _mask;
    private uint _root;
    private uint _lastFound; // orders come in runs at one price

    public PriceLadder(BookStorage storage, bool isBid)
    {
        _levels = storage.Levels;
        _branches = storage.Branches;
        _isBid = isBid;
        _mask = isBid ? ulong.MaxValue : 0;
    }

    /// <summary>Number of the best level, 0 for an empty side.</summary>
    public uint Best { get; private set; }

    /// <summary>Levels in use on this side.</summary>
    public int Count { get; private set; }

    /// <summary>The key of a price, and the price of a key.</summary>
    public ulong KeyOf(ulong price) => price ^ _mask;

    /// <summary>The level at a price, added when there is none.</summary>
    public uint GetOrAdd(ulong price)
    {
        ulong key = KeyOf(price);
        if (_lastFound != 0 && _levels[_lastFound].Key == key)
            return _lastFound;
        if (_root == 0)
        {
            Best = TakeLevel(key);
            _root = Best | IsLevel;
            return _lastFound = Best;
        }

        uint nearest = NearestTo(key);
        ulong difference = _levels[nearest].Key ^ key;
        return _lastFound = difference == 0 ? nearest : Insert(key, BitOperations.Log2(difference));
    }

    /// <summary>Takes out a level that has no orders left.</summary>
    public void Remove(uint number)
    {
        ref PriceLevel level = ref _levels[number];
        if (level.Better != 0)
            _levels[level.Better].Worse = level.Worse;
        else
            Best = level.Worse;
        if (level.Worse != 0)
            _levels[level.Worse].Better = level.Better;
        Uproot(level.Key);
        if (_lastFound == number)
            _lastFound = 0;
        Count--;
        _levels.Return(number);
    }

    /// <summary>Whether every level is found under its key and nothing else is; for audits.</summary>
    public bool FindsItself(uint number) => _root != 0 && NearestTo(_levels[number].Key) == number;

    private uint TakeLevel(ulong key)
    {
        uint number = _levels.Take();
        ref PriceLevel level = ref _levels[number];
        level.Key = key;
        level.IsBid = _isBid;
        Count++;
        return number;
    }

    /// <summary>The level that shares the most leading bits with the key.</summary>
    private uint NearestTo(ulong key)
    {
        uint node = _root;
        while ((node & IsLevel) == 0)
            node = Child(node, key);
        return node & ~IsLevel;
    }

    private uint Child(uint branch, ulong key)
    {
        ref LevelBranch at = ref _branches[branch];
        return (key >> at.Bit & 1) == 0 ? at.Zero : at.One;
    }

    private void SetChild(uint branch, ulong key, uint child)
    {
        if (branch == 0)
        {
            _root = child;
            return;
        }

        ref LevelBranch at = ref _branches[branch];
        if ((key >> at.Bit & 1) == 0)
            at.Zero = child;
        else
            at.One = child;
    }

    private uint Insert(ulong key, int bit)
    {
        uint number = TakeLevel(key);
        uint parent = 0;
        uint sibling = _root;
        while ((sibling & IsLevel) == 0 && _branches[sibling].Bit > bit)
        {
            parent = sibling;
            sibling = Child(sibling, key);
        }

        uint branch = _branches.Take();
        ref LevelBranch at = ref _branches[branch];
        at.Bit = bit;
        bool isWorse = (key >> bit & 1) != 0;
        at.Zero = isWorse ? sibling : number | IsLevel;
        at.One = isWorse ? number | IsLevel : sibling;
        SetChild(parent, key, branch);
        Link(number, isWorse, sibling);
        return number;
    }

    /// <summary>Between its new neighbours: right behind the worst level of its sibling, or right before the best.</summary>
    private void Link(uint number, bool isWorse, uint sibling)
    {
        while ((sibling & IsLevel) == 0)
            sibling = isWorse ? _branches[sibling].One : _branches[sibling].Zero;
        uint neighbour = sibling & ~IsLevel;
        ref PriceLevel level = ref _levels[number];
        level.Better = isWorse ? neighbour : _levels[neighbour].Better;
        level.Worse = isWorse ? _levels[neighbour].Worse : neighbour;
        if (level.Worse != 0)
            _levels[level.Worse].Better = number;
        if (level.Better != 0)
            _levels[level.Better].Worse = number;
        else
            Best = number;
    }

    /// <summary>Takes the level of a key out of the tree: its sibling takes its parent's place.</summary>
    private void Uproot(ulong key)
    {
        uint grandparent = 0;
        uint parent = 0;
        uint node = _root;
        while ((node & IsLevel) == 0)
        {
            grandparent = parent;
            parent = node;
            node = Child(node, key);
        }

        if (parent == 0)
        {
            _root = 0;
            return;
        }

        ref LevelBranch at = ref _branches[parent];
        SetChild(grandparent, key, at.Zero == node ? at.One : at.Zero);
        _branches.Return(parent);
    }
}
