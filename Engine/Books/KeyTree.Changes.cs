namespace Clob.Engine;

// Inserting and removing. A pool's block may move with each node taken, so pointers are fetched again after it.
internal sealed unsafe partial class KeyTree
{
    /// <summary>What a full node gave away: a new node to its right, from this key on.</summary>
    private readonly record struct Split(ulong Key, uint Node, UInt128 Weight);

    private TreePlace _inserted;

    /// <summary>Adds a key that is not in the tree and returns its place; what its item weighs now is <paramref name="weight"/>.</summary>
    public TreePlace Insert(ulong key, uint item, UInt128 weight)
    {
        unchecked
        {
            if (_root == 0)
            {
                _root = _firstLeaf = _leaves.Take();
                Height = 0;
            }

            Count++;
            if (!Insert(_root, Height, key, item, weight, out var split))
                return _inserted;
            uint root = _branches.Take();
            UInt128 left = WeightUnder(_root, Height);
            TreeBranch* branch = _branches.Items + root;
            branch->Children[0] = _root;
            branch->SetWeight(0, left);
            branch->Count = 1;
            InsertAt(branch, 1, split);
            _root = root;
            Height++;
            return _inserted;
        }
    }

    /// <summary>Takes a key out; what its item weighs now is <paramref name="weight"/>.</summary>
    /// <exception cref="InvalidOperationException">The key is not in the tree.</exception>
    public void Remove(ulong key, UInt128 weight)
    {
        unchecked
        {
            Remove(_root, Height, key, weight);
            Count--;
            while (Height > 0 && _branches.Items[_root].Count == 1)
            {
                uint child = _branches.Items[_root].Children[0];
                _branches.Return(_root);
                _root = child;
                Height--;
            }

            if (Count != 0)
                return;
            _leaves.Return(_root);
            _root = _firstLeaf = 0;
        }
    }

    private UInt128 WeightUnder(uint node, int height)
    {
        unchecked
        {
            UInt128 sum = 0;
            if (height > 0)
            {
                TreeBranch* branch = _branches.Items + node;
                for (int i = 0; i < branch->Count; i++)
                    sum += branch->WeightOf(i);
                return sum;
            }

            TreeLeaf* leaf = _leaves.Items + node;
            return WeightOf(leaf, 0, leaf->Count);
        }
    }

    private bool Insert(uint node, int height, ulong key, uint item, UInt128 weight, out Split split)
    {
        unchecked
        {
            if (height == 0)
                return InsertIntoLeaf(node, key, item, out split);
            TreeBranch* branch = _branches.Items + node;
            int child = ChildFor(branch, key);
            if (height == 1 && _leaves.Items[branch->Children[child]].Count == TreeLeaf.Capacity && TrySpill(branch, child))
                child = ChildFor(branch, key);
            bool isSplit = Insert(branch->Children[child], height - 1, key, item, weight, out split);
            branch = _branches.Items + node;
            branch->SetWeight(child, branch->WeightOf(child) + weight - (isSplit ? split.Weight : 0));
            if (!isSplit)
                return false;
            if (branch->Count < TreeBranch.Capacity)
            {
                InsertAt(branch, child + 1, split);
                return false;
            }

            uint right = SplitBranch(node, child + 1);
            int half = _branches.Items[node].Count;
            if (child + 1 <= half && half < TreeBranch.Capacity)
                InsertAt(_branches.Items + node, child + 1, split);
            else
                InsertAt(_branches.Items + right, child + 1 - half, split);
            split = new Split(_branches.Items[right].Keys[0], right, WeightUnder(right, height));
            return true;
        }
    }

    private bool InsertIntoLeaf(uint node, ulong key, uint item, out Split split)
    {
        unchecked
        {
            TreeLeaf* leaf = _leaves.Items + node;
            int position = CountUpTo(leaf->Keys, leaf->Count, key);
            split = default;
            _inserted = new TreePlace(node, position);
            if (leaf->Count < TreeLeaf.Capacity)
            {
                InsertAt(leaf, position, key, item);
                return false;
            }

            uint right = SplitLeaf(node, position);
            int half = _leaves.Items[node].Count;
            if (position > half || half == TreeLeaf.Capacity)
                _inserted = new TreePlace(right, position - half);
            InsertAt(_leaves.Items + _inserted.Leaf, _inserted.Position, key, item);
            split = new Split(_leaves.Items[right].Keys[0], right, WeightUnder(right, 0));
            return true;
        }
    }

    /// <summary>In the middle, or behind a full node where keys are added at its end: rising keys fill their nodes.</summary>
    private static int SplitAt(int count, int inserted) => inserted == count ? count : count / 2;

    private uint SplitLeaf(uint node, int inserted)
    {
        unchecked
        {
            uint right = _leaves.Take();
            TreeLeaf* from = _leaves.Items + node;
            TreeLeaf* to = _leaves.Items + right;
            Move(from, SplitAt(from->Count, inserted), to);
            to->Next = from->Next;
            to->Previous = node;
            from->Next = right;
            if (to->Next != 0)
                _leaves.Items[to->Next].Previous = right;
            return right;
        }
    }

    private uint SplitBranch(uint node, int inserted)
    {
        unchecked
        {
            uint right = _branches.Take();
            TreeBranch* from = _branches.Items + node;
            Move(from, SplitAt(from->Count, inserted), _branches.Items + right);
            return right;
        }
    }

    private void Remove(uint node, int height, ulong key, UInt128 weight)
    {
        unchecked
        {
            if (height == 0)
            {
                TreeLeaf* leaf = _leaves.Items + node;
                int position = CountUpTo(leaf->Keys, leaf->Count, key) - 1;
                if (position < 0 || leaf->Keys[position] != key)
                    throw new InvalidOperationException($"key {key} is not in the tree");
                RemoveAt(leaf, position);
                return;
            }

            TreeBranch* branch = _branches.Items + node;
            int child = ChildFor(branch, key);
            branch->SetWeight(child, branch->WeightOf(child) - weight);
            uint below = branch->Children[child];
            Remove(below, height - 1, key, weight);
            int left = height == 1 ? _leaves.Items[below].Count : _branches.Items[below].Count;
            if (left == 0 && branch->Count == 1)
                DropOnly(branch, below, height);
            else if (left <= LookToMerge && !TryMerge(branch, child, height, left) && child > 0)
                TryMerge(branch, child - 1, height, left);
        }
    }

    /// <summary>Gives back the only child, in which nothing is left; the branch is as empty then and its own parent sees to it.</summary>
    private void DropOnly(TreeBranch* branch, uint child, int height)
    {
        unchecked
        {
            branch->Count = 0;
            if (height > 1)
            {
                _branches.Return(child);
                return;
            }

            uint next = _leaves.Items[child].Next;
            uint previous = _leaves.Items[child].Previous;
            if (next != 0)
                _leaves.Items[next].Previous = previous;
            if (previous != 0)
                _leaves.Items[previous].Next = next;
            else
                _firstLeaf = next;
            _leaves.Return(child);
        }
    }

    /// <summary>Makes one of a child and its right neighbour when they fit well, and always when one of them is <paramref name="left"/> with nothing.</summary>
    private bool TryMerge(TreeBranch* branch, int child, int height, int left)
    {
        unchecked
        {
            if (child + 1 >= branch->Count)
                return false;
            uint first = branch->Children[child];
            uint second = branch->Children[child + 1];
            int together = height == 1
                ? _leaves.Items[first].Count + _leaves.Items[second].Count
                : _branches.Items[first].Count + _branches.Items[second].Count;
            if (together > MergedMost && left != 0)
                return false;
            if (height == 1)
                MergeLeaves(first, second);
            else
                MergeBranches(first, second, branch->Keys[child + 1]);
            branch->SetWeight(child, branch->WeightOf(child) + branch->WeightOf(child + 1));
            RemoveAt(branch, child + 1);
            return true;
        }
    }

    private void MergeLeaves(uint first, uint second)
    {
        unchecked
        {
            TreeLeaf* to = _leaves.Items + first;
            TreeLeaf* from = _leaves.Items + second;
            Move(from, 0, to);
            to->Next = from->Next;
            if (to->Next != 0)
                _leaves.Items[to->Next].Previous = first;
            _leaves.Return(second);
        }
    }

    private void MergeBranches(uint first, uint second, ulong key)
    {
        unchecked
        {
            _branches.Items[second].Keys[0] = key; // its first child had no lower bound of its own there
            Move(_branches.Items + second, 0, _branches.Items + first);
            _branches.Return(second);
        }
    }
}
