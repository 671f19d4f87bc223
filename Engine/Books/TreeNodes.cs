using System.Runtime.InteropServices;

namespace Clob.Engine;

/// <summary>
/// The lowest nodes of a <see cref="KeyTree"/>: keys in rising order and their items, in six cache lines. The keys and the count fill
/// four of them, so that 32 keys can be compared at once.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TreeLeaf : IPooled
{
    public const int Capacity = 31;

    public fixed ulong Keys[Capacity];
    public int Count;
    public uint Next; // the leaf with the next keys, 0 for none
    public fixed uint Items[Capacity];
    public uint Previous;

    uint IPooled.NextFree
    {
        readonly get => Next;
        set => Next = value;
    }
}

/// <summary>
/// A node above: each child holds keys from its own key here on (the first from any, its key means nothing) until before the next child's. Beside each child
/// stands the weight of all items under it.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TreeBranch : IPooled
{
    public const int Capacity = TreeLeaf.Capacity;

    public fixed ulong Keys[Capacity];
    public int Count;
    public uint NextFree;
    public fixed uint Children[Capacity];
    private readonly uint _unused;
    public fixed ulong WeightsLow[Capacity];
    public fixed ulong WeightsHigh[Capacity];

    uint IPooled.NextFree
    {
        readonly get => NextFree;
        set => NextFree = value;
    }

    public readonly UInt128 WeightOf(int child) => new(WeightsHigh[child], WeightsLow[child]);

    public void SetWeight(int child, UInt128 weight)
    {
        unchecked
        {
            WeightsLow[child] = (ulong)weight;
            WeightsHigh[child] = (ulong)(weight >> 64);
        }
    }
}
