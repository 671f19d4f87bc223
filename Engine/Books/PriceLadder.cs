using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>
/// One side of a book: its price levels, best first. Where at least <see cref="PageFrom"/> of them lie within one block of 512 prices, the
/// block is a page; all others stand alone. Pages and lone levels are the entries of one tree, by key: so a level is found by arithmetic
/// where levels are dense and in logarithmic time wherever they are, and memory follows the levels in use, whatever prices somebody picks.
/// </summary>
internal sealed unsafe partial class PriceLadder : IWeigher
{
    private readonly BookStorage _storage;
    private readonly Pool<PriceLevel> _levels;
    private readonly Pool<PricePage> _pages;
    private readonly KeyTree _entries;
    private readonly bool _isBid;
    private readonly ulong _mask;

    public PriceLadder(BookStorage storage, bool isBid)
    {
        _storage = storage;
        _levels = storage.Levels;
        _pages = storage.Pages;
        _entries = new KeyTree(storage.Leaves, storage.Branches, this);
        _isBid = isBid;
        _mask = isBid ? ulong.MaxValue : 0;
    }

    /// <summary>Number of the best level, 0 for an empty side.</summary>
    public uint Best { get; private set; }

    /// <summary>Key of the best level; the highest key for an empty side, which a level may have as well.</summary>
    public ulong BestKey { get; private set; } = ulong.MaxValue;

    /// <summary>Levels in use on this side.</summary>
    public int Count { get; private set; }

    /// <summary>The key of a price, and the price of a key: keys rise from the best price to the worst.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong KeyOf(ulong price) => price ^ _mask;

    /// <summary>Whether the best level is as good as a limit or better.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Reaches(ulong limit) => BestKey <= KeyOf(limit) && Best != 0;

    /// <summary>The level at a price, added when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint GetOrAdd(ulong price)
    {
        unchecked
        {
            ulong key = KeyOf(price);
            if (key >> PricePage.Bits != _lastBlock)
                return GetOrAddElsewhere(key);
            uint level = _pages.Items[_lastPage][(int)(key & PricePage.Mask)];
            return level != 0 ? level : AddToPage(_lastPage, key);
        }
    }

    /// <summary>Takes out a level that has no orders left.</summary>
    public void Remove(uint number)
    {
        unchecked
        {
            PriceLevel* level = _levels.Items + number;
            ulong key = KeyOf(level->Price);
            uint pageNumber = level->Page;
            Count--;
            _levels.Return(number);
            if (pageNumber != 0)
            {
                PricePage* page = _pages.Items + pageNumber;
                page->Clear((int)(key & PricePage.Mask));
                if (page->Count < PageUntil)
                    EndPage(pageNumber);
            }
            else
            {
                _entries.Remove(key, 0);
            }

            if (Best == number)
                FindBest();
        }
    }

    /// <summary>Probably the level at a price, where one step tells; else another level or 0. Good for looking ahead only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Guess(ulong price)
    {
        unchecked
        {
            ulong key = KeyOf(price);
            var place = _entries.Height == 0 ? _entries.FindUpTo(key) : default;
            uint item = place.Leaf == 0 ? 0 : _entries.ItemAt(place);
            return (item & IsPage) == 0 ? item : _pages.Items[item & ~IsPage][(int)(key & PricePage.Mask)];
        }
    }

    /// <summary>The next worse level, 0 behind the worst.</summary>
    public uint Next(uint number)
    {
        unchecked
        {
            PriceLevel* level = _levels.Items + number;
            ulong key = KeyOf(level->Price);
            if (level->Page != 0)
            {
                PricePage* page = _pages.Items + level->Page;
                int offset = page->After((int)(key & PricePage.Mask));
                if (offset >= 0)
                    return (*page)[offset];
            }

            var place = _entries.Next(_entries.FindUpTo(key));
            return place.Leaf == 0 ? 0 : FirstOf(_entries.ItemAt(place));
        }
    }

    /// <summary>The level at a price, 0 for none.</summary>
    public uint Find(ulong price)
    {
        unchecked
        {
            ulong key = KeyOf(price);
            var place = _entries.FindUpTo(key);
            if (place.Leaf == 0)
                return 0;
            uint item = _entries.ItemAt(place);
            if ((item & IsPage) == 0)
                return _entries.KeyAt(place) == key ? item : 0;
            PricePage* page = _pages.Items + (item & ~IsPage);
            return page->Block == key >> PricePage.Bits ? (*page)[(int)(key & PricePage.Mask)] : 0;
        }
    }

    /// <summary>The sums above a level learn that lots came there; the level itself is the caller's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AddQuantity(PriceLevel* level, ulong lots)
    {
        unchecked
        {
            _pages.Items[level->Page].Add(lots); // page 0 is nobody's
            if (_entries.Height != 0)
                ChangeWeight(level, lots, 0);
        }
    }

    /// <summary>The sums above a level learn that lots went there; the level itself is the caller's.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TakeQuantity(PriceLevel* level, ulong lots)
    {
        unchecked
        {
            _pages.Items[level->Page].Take(lots);
            if (_entries.Height != 0)
                ChangeWeight(level, 0, lots);
        }
    }

    /// <summary>Lots, displayed and hidden, at prices as good as a limit or better.</summary>
    public UInt128 QuantityUpTo(ulong limit)
    {
        unchecked
        {
            if (!Reaches(limit))
                return 0;
            ulong limitKey = KeyOf(limit);
            ulong lastEntry = _entries.KeyAt(_entries.FindUpTo(limitKey)); // a page's key may be before the leaf in which the limit belongs
            UInt128 sum = _entries.WeightBeforeLeaf(lastEntry, out uint leaf);
            for (var at = new TreePlace(leaf, 0); at.Leaf == leaf && _entries.KeyAt(at) <= limitKey; at = _entries.Next(at))
            {
                uint item = _entries.ItemAt(at);
                bool isCut = (item & IsPage) != 0 && _pages.Items[item & ~IsPage].Block == limitKey >> PricePage.Bits;
                sum += isCut ? QuantityUpTo(_pages.Items + (item & ~IsPage), (int)(limitKey & PricePage.Mask)) : WeightOf(item);
            }

            return sum;
        }
    }

    /// <inheritdoc/>
    public UInt128 WeightOf(uint item)
    {
        unchecked
        {
            return (item & IsPage) != 0 ? _pages.Items[item & ~IsPage].Quantity : _storage.QuantityOfLevel(item) + _storage.HiddenOfLevel(item);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ChangeWeight(PriceLevel* level, ulong more, ulong less)
    {
        ulong key = KeyOf(level->Price);
        _entries.ChangeWeight(level->Page == 0 ? key : key & ~PricePage.Mask, more, less);
    }

    private UInt128 QuantityUpTo(PricePage* page, int last)
    {
        unchecked
        {
            UInt128 sum = 0;
            for (int offset = page->First; offset >= 0 && offset <= last; offset = page->After(offset))
                sum += WeightOf((*page)[offset]);
            return sum;
        }
    }

    private uint FirstOf(uint item)
    {
        unchecked
        {
            if ((item & IsPage) == 0)
                return item;
            PricePage* page = _pages.Items + (item & ~IsPage);
            return (*page)[page->First];
        }
    }

    private void FindBest()
    {
        unchecked
        {
            uint item = _entries.Count == 0 ? 0 : _entries.FirstItem;
            if ((item & IsPage) != 0)
            {
                PricePage* page = _pages.Items + (item & ~IsPage);
                int offset = page->First;
                Best = (*page)[offset];
                BestKey = page->Block << PricePage.Bits | (uint)offset;
                return;
            }

            Best = item;
            BestKey = item == 0 ? ulong.MaxValue : KeyOf(_levels.Items[item].Price);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint GetOrAddElsewhere(ulong key)
    {
        unchecked
        {
            ulong block = key >> PricePage.Bits;
            var place = _entries.FindUpTo(key);
            uint item = place.Leaf == 0 ? 0 : _entries.ItemAt(place);
            if ((item & IsPage) == 0)
                return item != 0 && _entries.KeyAt(place) == key ? item : AddAlone(key);
            uint page = item & ~IsPage;
            if (_pages.Items[page].Block != block)
                return AddAlone(key);
            (_lastBlock, _lastPage) = (block, page);
            uint level = _pages.Items[page][(int)(key & PricePage.Mask)];
            return level != 0 ? level : AddToPage(page, key);
        }
    }

    private uint AddAlone(ulong key)
    {
        unchecked
        {
            uint number = TakeLevel(key, 0);
            var place = _entries.Insert(key, number, 0);
            if (_entries.CountAround(place, key & ~PricePage.Mask, key | PricePage.Mask) >= PageFrom)
                MakePage(key >> PricePage.Bits);
            return number;
        }
    }

    private uint TakeLevel(ulong key, uint page)
    {
        unchecked
        {
            uint number = _levels.TakeUncleared();
            _levels.Items[number] = new PriceLevel(KeyOf(key), _isBid, page);
            Count++;
            if (key < BestKey || Best == 0)
                (Best, BestKey) = (number, key);
            return number;
        }
    }
}
