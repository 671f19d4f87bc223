using Clob.Protocol;

namespace Clob.Proofs.Tests;

public sealed class MerkleRootTests
{
    [Test]
    public void The_empty_tree_has_the_hash_of_nothing()
    {
        const string Sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        Assert.That(MerkleHash.Empty.ToString(), Is.EqualTo(Sha256OfNothing));
        Assert.That(new CompactRange().Root(), Is.EqualTo(MerkleHash.Empty));
        Assert.That(new MerkleTree().Root(), Is.EqualTo(MerkleHash.Empty));
    }

    [Test]
    public void The_classic_tree_has_its_known_roots()
    {
        CompactRange range = new();
        MerkleTree tree = ClassicTree.Tree();
        for (int i = 0; i < ClassicTree.Entries.Length; i++)
        {
            range.AppendEntry(ClassicTree.Entries[i]);
            Assert.That(range.Root(), Is.EqualTo(ClassicTree.Roots[i]), $"{i + 1} leaves");
            Assert.That(tree.Root((ulong)i + 1), Is.EqualTo(ClassicTree.Roots[i]), $"the first {i + 1} of 8 leaves");
        }
        Assert.That(tree.Root(), Is.EqualTo(ClassicTree.Roots[^1]));
        Assert.That(() => tree.Root(9), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Every_size_has_the_root_of_the_definition()
    {
        Hash256[] leaves = ClassicTree.Leaves(300, seed: 1);
        CompactRange range = new();
        CompactRange handingOut = new();
        Hash256[] completed = new Hash256[CompactRange.MaxCompleted];
        MerkleTree tree = new();
        for (int size = 1; size <= leaves.Length; size++)
        {
            range.Append(leaves[size - 1]);
            handingOut.Append(leaves[size - 1], completed);
            tree.Append(leaves[size - 1]);
            Hash256 root = ClassicTree.NaiveRoot(leaves.AsSpan(0, size));
            Assert.That(range.Root(), Is.EqualTo(root), $"{size} leaves");
            Assert.That(handingOut.Root(), Is.EqualTo(root), $"{size} leaves");
            Assert.That(tree.Root(), Is.EqualTo(root), $"{size} leaves");
        }
    }

    [TestCase(1023)]
    [TestCase(1024)]
    [TestCase(9000)]
    public void A_long_entry_is_hashed_whole_behind_its_prefix(int length)
    {
        byte[] entry = new byte[length];
        new Random(length).NextBytes(entry);
        Assert.That(MerkleHash.Leaf(entry), Is.EqualTo(Hash256.Of([0, .. entry])));
    }

    [Test]
    public void A_restored_range_goes_on_as_the_original()
    {
        Hash256[] leaves = ClassicTree.Leaves(80, seed: 2);
        CompactRange original = new();
        byte[] bytes = new byte[CompactRange.MaxSerializedSize];
        foreach (Hash256 leaf in leaves)
        {
            int length = original.WriteTo(bytes);
            Assert.That(length, Is.EqualTo(original.SerializedSize));
            CompactRange restored = new();
            restored.AppendEntry([1]);
            restored.ReadFrom(bytes.AsSpan(0, length));
            Assert.That(restored.Root(), Is.EqualTo(original.Root()));
            CompactRange copied = new();
            copied.CopyFrom(original);

            original.Append(leaf);
            restored.Append(leaf);
            copied.Append(leaf);
            Assert.That(restored.Size, Is.EqualTo(original.Size));
            Assert.That(restored.Root(), Is.EqualTo(original.Root()));
            Assert.That(copied.Root(), Is.EqualTo(original.Root()));
        }
    }

    [Test]
    public void The_bytes_of_a_range_are_its_size_and_its_subtrees_from_the_left()
    {
        CompactRange range = new();
        foreach (byte[] entry in ClassicTree.Entries.Take(6))
            range.AppendEntry(entry);
        byte[] bytes = new byte[range.SerializedSize];
        range.WriteTo(bytes);
        // Six leaves: the four on the left have the known root of size four, and a pair follows.
        Hash256 pair = MerkleHash.Node(MerkleHash.Leaf(ClassicTree.Entries[4]), MerkleHash.Leaf(ClassicTree.Entries[5]));
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("0000000000000006" + ClassicTree.Roots[3] + pair));
        Assert.That(() => range.WriteTo(new byte[bytes.Length - 1]), Throws.ArgumentException);
    }

    [TestCase(0)]
    [TestCase(7)]
    [TestCase(8 + 31)]
    [TestCase(8 + 33)]
    [TestCase(8 + 64)]
    public void A_range_of_another_length_is_refused(int length)
    {
        byte[] bytes = new byte[length];
        if (length > 7)
            bytes[7] = 4;
        Assert.That(() => new CompactRange().ReadFrom(bytes), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void Stored_hashes_stand_where_appending_puts_them()
    {
        Hash256[] leaves = ClassicTree.Leaves(70, seed: 3);
        CompactRange range = new();
        Hash256[] completed = new Hash256[CompactRange.MaxCompleted];
        List<Hash256> stored = [];
        for (int size = 1; size <= leaves.Length; size++)
        {
            int count = range.Append(leaves[size - 1], completed);
            stored.AddRange(completed.AsSpan(0, count));
            Assert.That(StoredHashes.Count((ulong)size), Is.EqualTo((ulong)stored.Count));
        }
        for (int level = 0; 1 << level <= leaves.Length; level++)
        {
            for (int index = 0; (index + 1) << level <= leaves.Length; index++)
            {
                Hash256 root = ClassicTree.NaiveRoot(leaves.AsSpan(index << level, 1 << level));
                Assert.That(stored[(int)StoredHashes.Position(level, (ulong)index)], Is.EqualTo(root), $"level {level}, index {index}");
            }
        }
    }

    [Test]
    public void Appending_and_taking_the_root_allocate_nothing()
    {
        CompactRange range = new();
        Hash256[] completed = new Hash256[CompactRange.MaxCompleted];
        byte[] shortEntry = new byte[100];
        byte[] longEntry = new byte[8000];
        StateCommitmentBuilder state = new();

        void Round()
        {
            range.AppendEntry(shortEntry);
            range.AppendEntry(longEntry);
            range.Append(range.Root(), completed);
            state.Clear();
            state.Add(StateSection.Accounts, shortEntry);
            state.StateRoot(1);
        }

        Assert.That(AllocatedBytes(Round), Is.Zero);
        Assert.That(AllocatedBytes(() => range.CopyFrom(new CompactRange())), Is.Positive, "negative control: a new range allocates");
    }

    private static long AllocatedBytes(Action action)
    {
        for (int i = 0; i < 100; i++)
            action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
