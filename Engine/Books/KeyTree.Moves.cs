namespace Clob.Engine;

// Moving entries within a node and between nodes.
internal sealed unsafe partial class KeyTree
{
    private const int LeastRoom = 4; // a neighbour with less is as good as full

    /// <summary>
    /// A full leaf gives entries to a neighbour that has room, half as many as fit: so leaves are split only next to full ones and are better
    /// filled than halves would be.
    /// </summary>
    private bool TrySpill(TreeBranch* branch, int child)
    {
        unchecked
        {
            TreeLeaf* leaf = _leaves.Items + branch->Children[child];
            if (child + 1 < branch->Count && RoomIn(branch, child + 1) is >= LeastRoom and var roomBehind)
            {
                TreeLeaf* behind = _leaves.Items + branch->Children[child + 1];
                int count = roomBehind / 2;
                Shift(behind->Keys, behind->Count, count);
                Shift(behind->Items, behind->Count, count);
                Copy(leaf, leaf->Count - count, behind, 0, count);
                branch->Keys[child + 1] = behind->Keys[0];
                MoveWeight(branch, child, child + 1, WeightOf(behind, 0, count));
                (leaf->Count, behind->Count) = (leaf->Count - count, behind->Count + count);
                return true;
            }

            if (child == 0 || RoomIn(branch, child - 1) is not (>= LeastRoom and var roomBefore))
                return false;
            int first = roomBefore / 2;
            TreeLeaf* before = _leaves.Items + branch->Children[child - 1];
            Copy(leaf, 0, before, before->Count, first);
            MoveWeight(branch, child, child - 1, WeightOf(before, before->Count, first));
            Shift(leaf->Keys + first, leaf->Count - first, -first);
            Shift(leaf->Items + first, leaf->Count - first, -first);
            branch->Keys[child] = leaf->Keys[0];
            (leaf->Count, before->Count) = (leaf->Count - first, before->Count + first);
            return true;
        }
    }

    private int RoomIn(TreeBranch* branch, int child)
    {
        unchecked
        {
            return TreeLeaf.Capacity - _leaves.Items[branch->Children[child]].Count;
        }
    }

    private UInt128 WeightOf(TreeLeaf* leaf, int first, int count)
    {
        unchecked
        {
            UInt128 sum = 0;
            for (int i = first; i < first + count && _weigher is not null; i++)
                sum += _weigher.WeightOf(leaf->Items[i]);
            return sum;
        }
    }

    private static void MoveWeight(TreeBranch* branch, int from, int to, UInt128 weight)
    {
        unchecked
        {
            branch->SetWeight(from, branch->WeightOf(from) - weight);
            branch->SetWeight(to, branch->WeightOf(to) + weight);
        }
    }

    private static void Copy(TreeLeaf* from, int position, TreeLeaf* to, int at, int count)
    {
        unchecked
        {
            new ReadOnlySpan<ulong>(from->Keys + position, count).CopyTo(new Span<ulong>(to->Keys + at, count));
            new ReadOnlySpan<uint>(from->Items + position, count).CopyTo(new Span<uint>(to->Items + at, count));
        }
    }

    private static void InsertAt(TreeLeaf* leaf, int position, ulong key, uint item)
    {
        unchecked
        {
            int behind = leaf->Count - position;
            Shift(leaf->Keys + position, behind, 1);
            Shift(leaf->Items + position, behind, 1);
            leaf->Keys[position] = key;
            leaf->Items[position] = item;
            leaf->Count++;
        }
    }

    private static void InsertAt(TreeBranch* branch, int position, in Split split)
    {
        unchecked
        {
            int behind = branch->Count - position;
            Shift(branch->Keys + position, behind, 1);
            Shift(branch->Children + position, behind, 1);
            Shift(branch->WeightsLow + position, behind, 1);
            Shift(branch->WeightsHigh + position, behind, 1);
            branch->Keys[position] = split.Key;
            branch->Children[position] = split.Node;
            branch->SetWeight(position, split.Weight);
            branch->Count++;
        }
    }

    private static void RemoveAt(TreeLeaf* leaf, int position)
    {
        unchecked
        {
            int behind = --leaf->Count - position;
            Shift(leaf->Keys + position + 1, behind, -1);
            Shift(leaf->Items + position + 1, behind, -1);
        }
    }

    private static void RemoveAt(TreeBranch* branch, int position)
    {
        unchecked
        {
            int behind = --branch->Count - position;
            Shift(branch->Keys + position + 1, behind, -1);
            Shift(branch->Children + position + 1, behind, -1);
            Shift(branch->WeightsLow + position + 1, behind, -1);
            Shift(branch->WeightsHigh + position + 1, behind, -1);
        }
    }

    private static void Shift<T>(T* first, int count, int by) where T : unmanaged
    {
        unchecked
        {
            new ReadOnlySpan<T>(first, count).CopyTo(new Span<T>(first + by, count));
        }
    }

    /// <summary>Moves all entries from a position on to the end of another node.</summary>
    private static void Move(TreeLeaf* from, int position, TreeLeaf* to)
    {
        unchecked
        {
            int count = from->Count - position;
            Copy(from, position, to, to->Count, count);
            from->Count -= count;
            to->Count += count;
        }
    }

    private static void Move(TreeBranch* from, int position, TreeBranch* to)
    {
        unchecked
        {
            int count = from->Count - position;
            new ReadOnlySpan<ulong>(from->Keys + position, count).CopyTo(new Span<ulong>(to->Keys + to->Count, count));
            new ReadOnlySpan<uint>(from->Children + position, count).CopyTo(new Span<uint>(to->Children + to->Count, count));
            new ReadOnlySpan<ulong>(from->WeightsLow + position, count).CopyTo(new Span<ulong>(to->WeightsLow + to->Count, count));
            new ReadOnlySpan<ulong>(from->WeightsHigh + position, count).CopyTo(new Span<ulong>(to->WeightsHigh + to->Count, count));
            from->Count -= count;
            to->Count += count;
        }
    }
}
