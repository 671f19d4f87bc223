using Clob.Engine;

namespace Clob.Matching.Tests;

/// <summary>The tree of keys against a sorted dictionary: places, order, and the sums of weights.</summary>
public sealed class KeyTreeTests
{
    private const int Steps = 60_000;

    /// <param name="keys">Range of the keys.</param>
    /// <param name="growing">Steps that mostly add, before as many that mostly take out.</param>
    /// <param name="shape">0: anywhere, 1: rising, 2: falling, 3: in runs.</param>
    [TestCase(ulong.MaxValue, 20_000, 0)]
    [TestCase(30_000UL, 10_000, 0)]
    [TestCase(ulong.MaxValue, 20_000, 1)]
    [TestCase(ulong.MaxValue, 20_000, 2)]
    [TestCase(ulong.MaxValue, 15_000, 3)]
    [TestCase(100UL, 50, 0)]
    public void Holds_what_a_sorted_dictionary_holds(ulong keys, int growing, int shape)
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("CLOB_SEED"), out int given) ? given : Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var weights = new Weights();
        var leaves = new Pool<TreeLeaf>(0);
        var branches = new Pool<TreeBranch>(0);
        var tree = new KeyTree(leaves, branches, weights);
        var expected = new SortedList<ulong, uint>();
        ulong run = keys / 2;
        for (int step = 0; step < Steps; step++)
        {
            bool grows = step / growing % 2 == 0;
            if (expected.Count == 0 || random.Next(10) < (grows ? 8 : 2))
            {
                ulong key = shape switch
                {
                    1 => (ulong)step << 32 | (uint)random.Next(),
                    2 => ulong.MaxValue - (ulong)step * 1_000,
                    3 => run = random.Next(100) == 0 ? (ulong)random.NextInt64() : run + 3,
                    _ => (ulong)(random.NextDouble() * keys),
                };
                if (expected.ContainsKey(key))
                    continue;
                uint item = weights.Add((UInt128)random.NextInt64() << random.Next(30));
                var place = tree.Insert(key, item, weights.WeightOf(item));
                expected.Add(key, item);
                Assert.That((tree.KeyAt(place), tree.ItemAt(place)), Is.EqualTo((key, item)));
            }
            else if (random.Next(4) == 0)
            {
                var (key, item) = Any();
                if (tree.Height != 0)
                    tree.ChangeWeight(key, 1_000, weights.WeightOf(item));
                weights.Set(item, 1_000);
            }
            else
            {
                ulong key = expected.Keys[random.Next(3) == 0 ? 0 : random.Next(expected.Count)];
                tree.Remove(key, weights.WeightOf(expected[key]));
                expected.Remove(key);
            }

            if (step % 1_500 == 0 && expected.Count > 0)
                Compare();
        }

        while (expected.Count > 0)
        {
            tree.Remove(expected.Keys[^1], weights.WeightOf(expected.Values[^1]));
            expected.RemoveAt(expected.Count - 1);
        }

        Assert.That((tree.Count, leaves.Count, branches.Count), Is.EqualTo((0, 0, 0)), "nothing is left behind");

        KeyValuePair<ulong, uint> Any()
        {
            int at = random.Next(expected.Count);
            return KeyValuePair.Create(expected.Keys[at], expected.Values[at]);
        }

        void Compare()
        {
            Assert.That(tree.Count, Is.EqualTo(expected.Count));
            UInt128 sum = 0;
            var place = default(TreePlace);
            foreach (var (key, item) in expected)
            {
                place = tree.Next(place);
                if ((tree.KeyAt(place), tree.ItemAt(place)) != (key, item) || tree.Find(key) != item || tree.FindUpTo(key) != place)
                    Assert.Fail($"key {key} is not where it belongs");
                if (WeightBefore(key) != sum)
                    Assert.Fail($"before key {key} is {WeightBefore(key)} instead of {sum}");
                sum += weights.WeightOf(item);
            }

            Assert.That(tree.Next(place).Leaf, Is.Zero);
            Assert.That(tree.FirstItem, Is.EqualTo(expected.Values[0]));
            Assert.That(expected.Keys[0] == 0 || tree.FindUpTo(expected.Keys[0] - 1).Leaf == 0);
            Assert.That((long)leaves.Count * 5, Is.LessThanOrEqualTo(Math.Max(tree.Count, 5)), "leaves are filled, whatever went");
        }

        UInt128 WeightBefore(ulong key)
        {
            UInt128 sum = tree.WeightBeforeLeaf(key, out uint leaf);
            for (var at = new TreePlace(leaf, 0); tree.KeyAt(at) < key; at = tree.Next(at))
                sum += weights.WeightOf(tree.ItemAt(at));
            return sum;
        }
    }

    [Test]
    public void Refuses_to_take_out_what_is_not_there()
    {
        var tree = new KeyTree(new Pool<TreeLeaf>(0), new Pool<TreeBranch>(0), null);
        for (ulong key = 10; key < 1_000; key += 10)
            tree.Insert(key, 1, 0);
        Assert.Throws<InvalidOperationException>(() => tree.Remove(55, 0));
        Assert.That((tree.Find(50), tree.Find(55)), Is.EqualTo((1u, 0u)));
    }

    private sealed class Weights : IWeigher
    {
        private readonly List<UInt128> _weights = [0];

        public uint Add(UInt128 weight)
        {
            _weights.Add(weight);
            return (uint)_weights.Count - 1;
        }

        public void Set(uint item, UInt128 weight) => _weights[(int)item] = weight;

        public UInt128 WeightOf(uint item) => _weights[(int)item];
    }
}
