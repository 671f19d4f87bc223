using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Clob.Engine;

/// <summary>Knows the weights that a <see cref="KeyTree"/> sums up.</summary>
internal interface IWeigher
{
    /// <summary>The weight of an item now.</summary>
    UInt128 WeightOf(uint item);
}

/// <summary>A place in a <see cref="KeyTree"/>: good until the tree changes. Leaf 0 is no place.</summary>
internal readonly record struct TreePlace(uint Leaf, int Position);

/// <summary>
/// 64-bit keys in order with an item each: a B+-tree with up to 31 entries a node. Whatever keys come and go, its height stays logarithmic
/// and its memory in proportion to the entries: neighbours that fit into three quarters of a node become one. On demand it knows the sum of
/// the weights below any key.
/// </summary>
internal sealed unsafe partial class KeyTree
{
    private const int MergedMost = 24;  // three quarters, so that a merged node is not split again at once
    private const int LookToMerge = 12; // a node above cannot be the smaller one of two that merge

    private readonly Pool<TreeLeaf> _leaves;
    private readonly Pool<TreeBranch> _branches;
    private readonly IWeigher? _weigher;
    private uint _root;
    private uint _firstLeaf;

    /// <param name="leaves">Memory, may be shared.</param>
    /// <param name="branches">Memory, may be shared.</param>
    /// <param name="weigher">Null when no sums are wanted.</param>
    public KeyTree(Pool<TreeLeaf> leaves, Pool<TreeBranch> branches, IWeigher? weigher)
    {
        _leaves = leaves;
        _branches = branches;
        _weigher = weigher;
    }

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>Branches above each leaf; 0: no weights are kept.</summary>
    public int Height { get; private set; }

    /// <summary>Item of the lowest key; the tree must not be empty.</summary>
    public uint FirstItem
    {
        get
        {
            unchecked
            {
                return _leaves.Items[_firstLeaf].Items[0];
            }
        }
    }

    /// <summary>The item of exactly this key, 0 for none.</summary>
    public uint Find(ulong key)
    {
        var place = FindUpTo(key);
        return place.Leaf != 0 && KeyAt(place) == key ? ItemAt(place) : 0;
    }

    /// <summary>The place of the highest key that is not above this one.</summary>
    public TreePlace FindUpTo(ulong key)
    {
        unchecked
        {
            if (Count == 0)
                return default;
            uint node = _root;
            for (int height = Height; height > 0; height--)
            {
                TreeBranch* branch = _branches.Items + node;
                node = branch->Children[ChildFor(branch, key)];
            }

            TreeLeaf* leaf = _leaves.Items + node;
            int position = CountUpTo(leaf->Keys, leaf->Count, key) - 1;
            if (position >= 0)
                return new TreePlace(node, position);
            uint previous = leaf->Previous; // the leaf's lowest key has been removed since its parent learned of it
            return new TreePlace(previous, previous == 0 ? 0 : _leaves.Items[previous].Count - 1);
        }
    }

    /// <summary>The place after one, or of the lowest key after none.</summary>
    public TreePlace Next(TreePlace place)
    {
        unchecked
        {
            if (place.Leaf == 0)
                return new TreePlace(Count == 0 ? 0 : _firstLeaf, 0);
            TreeLeaf* leaf = _leaves.Items + place.Leaf;
            return place.Position + 1 < leaf->Count ? new TreePlace(place.Leaf, place.Position + 1) : new TreePlace(leaf->Next, 0);
        }
    }

    public ulong KeyAt(TreePlace place)
    {
        unchecked
        {
            return _leaves.Items[place.Leaf].Keys[place.Position];
        }
    }

    public uint ItemAt(TreePlace place)
    {
        unchecked
        {
            return _leaves.Items[place.Leaf].Items[place.Position];
        }
    }

    /// <summary>Tells the branches above a key that the weight of its item changed; only where <see cref="Height"/> is not 0.</summary>
    public void ChangeWeight(ulong key, UInt128 more, UInt128 less)
    {
        unchecked
        {
            uint node = _root;
            for (int height = Height; height > 0; height--)
            {
                TreeBranch* branch = _branches.Items + node;
                int child = ChildFor(branch, key);
                branch->SetWeight(child, branch->WeightOf(child) + more - less);
                node = branch->Children[child];
            }
        }
    }

    /// <summary>
    /// The weight of all items before the leaf in which a key belongs; <paramref name="leaf"/> is that leaf, whose own items count for the
    /// caller.
    /// </summary>
    public UInt128 WeightBeforeLeaf(ulong key, out uint leaf)
    {
        unchecked
        {
            UInt128 sum = 0;
            uint node = _root;
            for (int height = Height; height > 0; height--)
            {
                TreeBranch* branch = _branches.Items + node;
                int child = ChildFor(branch, key);
                for (int i = 0; i < child; i++)
                    sum += branch->WeightOf(i);
                node = branch->Children[child];
            }

            leaf = node;
            return sum;
        }
    }

    /// <summary>How many entries of the leaf around a place lie in a range of keys without a gap.</summary>
    public int CountAround(TreePlace place, ulong from, ulong to)
    {
        unchecked
        {
            TreeLeaf* leaf = _leaves.Items + place.Leaf;
            int first = place.Position;
            while (first >= 0 && leaf->Keys[first] >= from)
                first--;
            int last = place.Position + 1;
            while (last < leaf->Count && leaf->Keys[last] <= to)
                last++;
            return last - first - 1;
        }
    }

    /// <summary>The first child has no lower bound, so its key is not looked at.</summary>
    private static int ChildFor(TreeBranch* branch, ulong key)
    {
        unchecked
        {
            return CountUpTo(branch->Keys + 1, branch->Count - 1, key);
        }
    }

    /// <summary>How many of the rising keys are not above this one. What lies behind them in the node is compared and masked out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountUpTo(ulong* keys, int count, ulong key)
    {
        unchecked
        {
            if (!Vector512.IsHardwareAccelerated)
                return CountUpToByHalves(keys, count, key);
            var wanted = Vector512.Create(key);
            uint bits = (uint)Vector512.LessThanOrEqual(Vector512.Load(keys), wanted).ExtractMostSignificantBits();
            if (count > 8)
                bits |= (uint)Vector512.LessThanOrEqual(Vector512.Load(keys + 8), wanted).ExtractMostSignificantBits() << 8;
            if (count > 16)
            {
                bits |= (uint)Vector512.LessThanOrEqual(Vector512.Load(keys + 16), wanted).ExtractMostSignificantBits() << 16;
                bits |= (uint)Vector512.LessThanOrEqual(Vector512.Load(keys + 24), wanted).ExtractMostSignificantBits() << 24;
            }

            return BitOperations.PopCount(bits & ((1u << count) - 1));
        }
    }

    private static int CountUpToByHalves(ulong* keys, int count, ulong key)
    {
        unchecked
        {
            int low = 0;
            while (count > 0)
            {
                int half = count >> 1;
                bool isAbove = keys[low + half] > key;
                low = isAbove ? low : low + half + 1;
                count = isAbove ? half : count - half - 1;
            }

            return low;
        }
    }
}
