using System.Runtime.CompilerServices;

namespace Clob.Engine;

// When a block of prices becomes a page, and when it ends.
internal sealed unsafe partial class PriceLadder
{
    /// <summary>Levels within one leaf of the tree that make a page of their block; a leaf has room for 31.</summary>
    public const int PageFrom = 28;

    /// <summary>
    /// Levels below which a page ends: at 2.2 KB each of them bears at most 140 bytes. Far enough below <see cref="PageFrom"/> that nobody
    /// can have pages made and ended in turns without paying for it in commands.
    /// </summary>
    public const int PageUntil = 16;

    private const uint IsPage = 1u << 31; // numbers of a pool stay below: Pool<T>.MaximumCount
    private const ulong NoBlock = ulong.MaxValue; // a block has 55 bits

    private ulong _lastBlock = NoBlock; // orders come close to each other
    private uint _lastPage;

    static PriceLadder()
    {
        // A page is made when its levels are seen in one leaf, and must not end at once.
        if (PageFrom > TreeLeaf.Capacity || PageUntil >= PageFrom)
            throw new InvalidOperationException("pages would never be made, or ended when they are made");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private uint AddToPage(uint page, ulong key)
    {
        unchecked
        {
            uint number = TakeLevel(key, page);
            _pages.Items[page].Put((int)(key & PricePage.Mask), number);
            return number;
        }
    }

    private void MakePage(ulong block)
    {
        unchecked
        {
            uint number = _pages.Take();
            PricePage* page = _pages.Items + number;
            page->Block = block;
            ulong first = block << PricePage.Bits;
            for (var at = _entries.FindUpTo(first | PricePage.Mask); at.Leaf != 0 && _entries.KeyAt(at) >= first; at = _entries.FindUpTo(first | PricePage.Mask))
            {
                uint level = _entries.ItemAt(at);
                ulong key = _entries.KeyAt(at);
                UInt128 weight = WeightOf(level);
                _entries.Remove(key, weight);
                page->Put((int)(key & PricePage.Mask), level);
                page->Add(weight);
                _levels.Items[level].Page = number;
            }

            _entries.Insert(first, number | IsPage, page->Quantity);
            (_lastBlock, _lastPage) = (block, number);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void EndPage(uint number)
    {
        unchecked
        {
            PricePage* page = _pages.Items + number;
            if (_lastPage == number)
                (_lastBlock, _lastPage) = (NoBlock, 0);
            _entries.Remove(page->Block << PricePage.Bits, page->Quantity);
            for (int offset = page->Count == 0 ? -1 : page->First; offset >= 0; offset = page->After(offset))
            {
                uint level = (*page)[offset];
                _levels.Items[level].Page = 0;
                _entries.Insert(page->Block << PricePage.Bits | (uint)offset, level, WeightOf(level));
            }

            _pages.Return(number);
        }
    }
}
