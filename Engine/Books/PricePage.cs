using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clob.Engine;

/// <summary>
/// The levels at 512 neighbouring prices of one side: a number for each, and two levels of bits that say which are in use. Where levels lie
/// close together this finds one by arithmetic and the next one by two bit scans.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PricePage : IPooled
{
    public const int Bits = 9;
    public const int Size = 1 << Bits;
    public const ulong Mask = Size - 1;

    private ulong _quantityLow;
    private ulong _quantityHigh;

    /// <summary>The keys of its levels without their last bits.</summary>
    public ulong Block;

    /// <summary>Levels in use.</summary>
    public int Count;

    private uint _words; // bit n: word n has a bit set
    private fixed ulong _used[Size / 64];
    private fixed uint _levels[Size];

    uint IPooled.NextFree
    {
        readonly get => _words;
        set => _words = value;
    }

    /// <summary>Lots of all its levels, displayed and hidden.</summary>
    public readonly UInt128 Quantity => new(_quantityHigh, _quantityLow);

    /// <summary>Offset of the best level in use; there must be one.</summary>
    public readonly int First
    {
        get
        {
            unchecked
            {
                int word = BitOperations.TrailingZeroCount(_words);
                return word << 6 | BitOperations.TrailingZeroCount(_used[word]);
            }
        }
    }

    /// <summary>Number of the level at an offset, 0 for none.</summary>
    public readonly uint this[int offset]
    {
        get
        {
            unchecked
            {
                return _levels[offset];
            }
        }
    }

    /// <summary>Offset of the next worse level in use, -1 behind the worst.</summary>
    public readonly int After(int offset)
    {
        unchecked
        {
            int word = offset >> 6;
            ulong rest = _used[word] & ~1UL << (offset & 63);
            if (rest != 0)
                return word << 6 | BitOperations.TrailingZeroCount(rest);
            uint words = _words & ~1u << word;
            if (words == 0)
                return -1;
            word = BitOperations.TrailingZeroCount(words);
            return word << 6 | BitOperations.TrailingZeroCount(_used[word]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(ulong lots)
    {
        unchecked
        {
            ulong sum = _quantityLow + lots;
            _quantityLow = sum;
            if (sum < lots) // 2^64 lots in one page: as good as never, so cheaper than a carry each time
                _quantityHigh++;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Take(ulong lots)
    {
        unchecked
        {
            ulong sum = _quantityLow;
            if (sum < lots)
                _quantityHigh--;
            _quantityLow = sum - lots;
        }
    }

    public void Add(UInt128 lots)
    {
        unchecked
        {
            Add((ulong)lots);
            _quantityHigh += (ulong)(lots >> 64);
        }
    }

    public void Put(int offset, uint level)
    {
        unchecked
        {
            _levels[offset] = level;
            _used[offset >> 6] |= 1UL << (offset & 63);
            _words |= 1u << (offset >> 6);
            Count++;
        }
    }

    public void Clear(int offset)
    {
        unchecked
        {
            _levels[offset] = 0;
            ulong rest = _used[offset >> 6] &= ~(1UL << (offset & 63));
            uint empty = rest == 0 ? 1u : 0; // a branch on it would be mispredicted as often as not
            _words &= ~(empty << (offset >> 6));
            Count--;
        }
    }
}
