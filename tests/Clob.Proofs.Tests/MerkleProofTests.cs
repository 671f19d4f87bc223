namespace Clob.Proofs.Tests;

public sealed class MerkleProofTests
{
    // Known answers of the Certificate Transparency implementations; indices from 0 here.
    [TestCase(0, 1)]
    [TestCase(0, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [TestCase(5, 8, "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [TestCase(2, 3, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [TestCase(1, 5, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void The_classic_tree_has_its_known_inclusion_proofs(int index, int size, params string[] path)
    {
        Hash256[] proof = InclusionProof.Make(ClassicTree.Tree(), (ulong)index, (ulong)size);
        Assert.That(proof.Select(hash => hash.ToString()), Is.EqualTo(path));
        Hash256 leaf = MerkleHash.Leaf(ClassicTree.Entries[index]);
        Assert.That(InclusionProof.Verify(leaf, (ulong)index, (ulong)size, proof, ClassicTree.Roots[size - 1]), Is.True);
    }

    [TestCase(1, 1)]
    [TestCase(1, 8, "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4")]
    [TestCase(6, 8, "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7")]
    [TestCase(2, 5, "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b")]
    public void The_classic_tree_has_its_known_consistency_proofs(int older, int newer, params string[] path)
    {
        Hash256[] proof = ConsistencyProof.Make(ClassicTree.Tree(), (ulong)older, (ulong)newer);
        Assert.That(proof.Select(hash => hash.ToString()), Is.EqualTo(path));
        Assert.That(
            ConsistencyProof.Verify((ulong)older, ClassicTree.Roots[older - 1], (ulong)newer, ClassicTree.Roots[newer - 1], proof), Is.True);
    }

    [Test]
    public void Every_leaf_of_every_size_up_to_64_is_proven_as_defined_and_at_no_other_place()
    {
        Hash256[] leaves = ClassicTree.Leaves(65, seed: 4);
        MerkleTree tree = ClassicTree.Tree(leaves);
        for (int size = 1; size <= 64; size++)
        {
            Hash256 root = tree.Root((ulong)size);
            for (int index = 0; index < size; index++)
            {
                Hash256[] path = InclusionProof.Make(tree, (ulong)index, (ulong)size);
                Assert.That(path, Is.EqualTo(ClassicTree.NaivePath(index, leaves.AsSpan(0, size))), $"leaf {index} of {size}");
                for (int claimed = 0; claimed <= size; claimed++)
                {
                    bool holds = InclusionProof.Verify(leaves[index], (ulong)claimed, (ulong)size, path, root);
                    Assert.That(holds, Is.EqualTo(claimed == index), $"leaf {index} of {size}, claimed at {claimed}");
                }
                Assert.That(InclusionProof.Verify(leaves[index + 1], (ulong)index, (ulong)size, path, root), Is.False, "another leaf");
            }
        }
    }

    [Test]
    public void Every_pair_of_sizes_up_to_64_is_consistent_as_defined()
    {
        Hash256[] leaves = ClassicTree.Leaves(64, seed: 5);
        MerkleTree tree = ClassicTree.Tree(leaves);
        for (int newer = 0; newer <= 64; newer++)
        {
            for (int older = 0; older <= newer; older++)
            {
                Hash256[] path = ConsistencyProof.Make(tree, (ulong)older, (ulong)newer);
                if (older > 0)
                    Assert.That(path, Is.EqualTo(ClassicTree.NaiveSubproof(older, leaves.AsSpan(0, newer), known: true)), $"{older} of {newer}");
                Assert.That(
                    ConsistencyProof.Verify((ulong)older, tree.Root((ulong)older), (ulong)newer, tree.Root((ulong)newer), path),
                    Is.True, $"{older} of {newer}");
            }
        }
    }

    [Test]
    public void Every_corrupted_inclusion_proof_is_refused()
    {
        Hash256[] leaves = ClassicTree.Leaves(40, seed: 6);
        MerkleTree tree = ClassicTree.Tree(leaves);
        int refused = 0;
        for (int size = 1; size <= leaves.Length; size++)
        {
            Hash256 root = tree.Root((ulong)size);
            for (int index = 0; index < size; index++)
            {
                foreach (Hash256[] corrupted in Corrupted(InclusionProof.Make(tree, (ulong)index, (ulong)size), refused))
                {
                    Assert.That(InclusionProof.Verify(leaves[index], (ulong)index, (ulong)size, corrupted, root), Is.False, $"{index} of {size}");
                    refused++;
                }
            }
        }
        Assert.That(refused, Is.GreaterThan(5000));
    }

    [Test]
    public void Every_corrupted_consistency_proof_is_refused()
    {
        Hash256[] leaves = ClassicTree.Leaves(40, seed: 7);
        MerkleTree tree = ClassicTree.Tree(leaves);
        int refused = 0;
        for (int newer = 0; newer <= leaves.Length; newer++)
        {
            for (int older = 0; older <= newer; older++)
            {
                Hash256 olderRoot = tree.Root((ulong)older);
                Hash256 newerRoot = tree.Root((ulong)newer);
                Hash256[] path = ConsistencyProof.Make(tree, (ulong)older, (ulong)newer);
                foreach (Hash256[] corrupted in Corrupted(path, refused))
                {
                    Assert.That(ConsistencyProof.Verify((ulong)older, olderRoot, (ulong)newer, newerRoot, corrupted), Is.False, $"{older} of {newer}");
                    refused++;
                }
                Hash256 otherRoot = Flipped(olderRoot, refused);
                Assert.That(ConsistencyProof.Verify((ulong)older, otherRoot, (ulong)newer, newerRoot, path), Is.False, "older root");
                // Every tree begins with the empty one, so only a newer root that the proof covers can be told to be wrong.
                if (older > 0)
                    Assert.That(ConsistencyProof.Verify((ulong)older, olderRoot, (ulong)newer, Flipped(newerRoot, refused), path), Is.False, "newer root");
            }
        }
        Assert.That(refused, Is.GreaterThan(5000));
    }

    [Test]
    public void A_proof_whose_length_does_not_fit_the_claimed_sizes_is_refused()
    {
        // Sizes with proofs of one shape cannot be told apart by a proof: size and root come together, from a signed head.
        MerkleTree tree = ClassicTree.Tree(ClassicTree.Leaves(33, seed: 9));
        int refused = 0;
        for (ulong newer = 1; newer <= 33; newer++)
        {
            for (ulong older = 1; older <= newer; older++)
            {
                Hash256[] consistency = ConsistencyProof.Make(tree, older, newer);
                Hash256[] inclusion = InclusionProof.Make(tree, older - 1, newer);
                for (ulong claimed = older; claimed <= 33; claimed++)
                {
                    if (ConsistencyProof.Make(tree, older, claimed).Length != consistency.Length)
                    {
                        Assert.That(ConsistencyProof.Verify(older, tree.Root(older), claimed, tree.Root(newer), consistency), Is.False, $"{older}, {newer} as {claimed}");
                        refused++;
                    }
                    if (InclusionProof.Make(tree, older - 1, claimed).Length != inclusion.Length)
                        Assert.That(InclusionProof.Verify(tree.Read(0, older - 1), older - 1, claimed, inclusion, tree.Root(newer)), Is.False, $"{older}, {newer} as {claimed}");
                }
            }
        }
        Assert.That(refused, Is.GreaterThan(1000));
    }

    [Test]
    public void A_rewritten_history_has_no_consistency_proof()
    {
        Hash256[] leaves = ClassicTree.Leaves(50, seed: 8);
        MerkleTree honest = ClassicTree.Tree(leaves.AsSpan(0, 37));
        leaves[20] = Hash256.Of([1]);
        MerkleTree rewritten = ClassicTree.Tree(leaves);
        Hash256[] path = ConsistencyProof.Make(rewritten, 37, 50);
        Assert.That(ConsistencyProof.Verify(37, honest.Root(), 50, rewritten.Root(), path), Is.False);
        Assert.That(ConsistencyProof.Verify(37, rewritten.Root(37), 50, rewritten.Root(), path), Is.True, "control");
    }

    [Test]
    public void Random_large_trees_prove_what_they_hold()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        Hash256[] leaves = ClassicTree.Leaves(5000, seed);
        MerkleTree tree = ClassicTree.Tree(leaves);
        for (int i = 0; i < 300; i++)
        {
            int size = random.Next(1, leaves.Length + 1);
            int index = random.Next(size);
            int older = random.Next(1, size + 1);
            Hash256 root = tree.Root((ulong)size);
            Hash256[] inclusion = InclusionProof.Make(tree, (ulong)index, (ulong)size);
            Hash256[] consistency = ConsistencyProof.Make(tree, (ulong)older, (ulong)size);
            Assert.That(InclusionProof.Verify(leaves[index], (ulong)index, (ulong)size, inclusion, root), Is.True, $"{index} of {size}");
            Assert.That(
                ConsistencyProof.Verify((ulong)older, tree.Root((ulong)older), (ulong)size, root, consistency), Is.True, $"{older} of {size}");
        }
    }

    [TestCase(0ul, 0ul)]
    [TestCase(5ul, 5ul)]
    [TestCase(ulong.MaxValue, ulong.MaxValue)]
    [TestCase(ulong.MaxValue - 1, ulong.MaxValue)]
    [TestCase(0ul, ulong.MaxValue)]
    public void Hostile_numbers_are_refused_without_an_exception(ulong small, ulong large)
    {
        Hash256 hash = Hash256.Of([]);
        for (int length = 0; length < 70; length++)
        {
            Hash256[] path = new Hash256[length];
            Assert.That(InclusionProof.Verify(hash, small, large, path, default), Is.False);
            Assert.That(ConsistencyProof.Verify(small, default, large, hash, path), Is.False);
            Assert.That(ConsistencyProof.Verify(large, default, small, hash, path), Is.False);
        }
    }

    [Test]
    public void Proofs_beyond_the_tree_are_not_made()
    {
        MerkleTree tree = ClassicTree.Tree();
        Assert.That(() => InclusionProof.Make(tree, 8, 8), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => ConsistencyProof.Make(tree, 8, 7), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    /// <summary>One flipped bit in each hash, every shorter path, one hash more at either end, two neighbours swapped.</summary>
    private static IEnumerable<Hash256[]> Corrupted(Hash256[] path, int salt)
    {
        for (int i = 0; i < path.Length; i++)
        {
            Hash256[] flipped = [.. path];
            flipped[i] = Flipped(path[i], salt + i);
            yield return flipped;
            yield return path[..i];
            yield return path[(i + 1)..];
            if (i == 0)
                continue;
            Hash256[] swapped = [.. path];
            (swapped[i - 1], swapped[i]) = (swapped[i], swapped[i - 1]);
            yield return swapped;
        }
        yield return [.. path, default];
        yield return [default, .. path];
        if (path.Length > 0)
            yield return [.. path, path[^1]];
    }

    private static Hash256 Flipped(in Hash256 hash, int bit)
    {
        byte[] bytes = hash.Bytes.ToArray();
        bytes[bit / 8 % bytes.Length] ^= (byte)(1 << (bit % 8));
        return new Hash256(bytes);
    }
}
