using Clob.Protocol;

namespace Clob.Proofs.Tests;

public sealed class StateCommitmentTests
{
    [Test]
    public void The_state_root_hashes_the_scheme_the_size_and_the_four_roots()
    {
        StateCommitmentBuilder state = new();
        foreach (byte[] entry in ClassicTree.Entries)
            state.Add(StateSection.Accounts, entry);
        foreach (byte[] entry in ClassicTree.Entries.Take(3))
            state.Add(StateSection.Markets, entry);
        state.Add(StateSection.Rest, []);

        byte[] preimage =
        [
            3, .. "clob-state/v1"u8, 0, 0, 0, 0, 0, 0, 1, 2, .. ClassicTree.Roots[7].Bytes, .. MerkleHash.Empty.Bytes, .. ClassicTree.Roots[2].Bytes,
            .. ClassicTree.Roots[0].Bytes,
        ];
        Assert.That(preimage, Has.Length.EqualTo(150));
        Assert.That(state.StateRoot(258), Is.EqualTo(Hash256.Of(preimage)));
        Assert.That(state.SectionRoot(StateSection.Markets), Is.EqualTo(ClassicTree.Roots[2]));
        Assert.That(state.Count(StateSection.Accounts), Is.EqualTo(8));
    }

    [Test]
    public void Another_section_order_entry_or_size_gives_another_root()
    {
        Hash256[] roots =
        [
            Root(1, (StateSection.Accounts, 1), (StateSection.Accounts, 2)),
            Root(1, (StateSection.Accounts, 2), (StateSection.Accounts, 1)),
            Root(1, (StateSection.Accounts, 1), (StateSection.Assets, 2)),
            Root(1, (StateSection.Assets, 1), (StateSection.Accounts, 2)),
            Root(1, (StateSection.Markets, 1), (StateSection.Rest, 2)),
            Root(1, (StateSection.Accounts, 1)),
            Root(1),
            Root(2, (StateSection.Accounts, 1), (StateSection.Accounts, 2)),
        ];
        Assert.That(roots, Is.Unique);
    }

    [Test]
    public void A_cleared_builder_is_as_new()
    {
        StateCommitmentBuilder state = new();
        state.Add(StateSection.Rest, [9]);
        state.Clear();
        state.Add(StateSection.Accounts, [1]);
        Assert.That(state.StateRoot(1), Is.EqualTo(Root(1, (StateSection.Accounts, 1))));
    }

    [Test]
    public void Takes_no_section_that_is_none() =>
        Assert.That(() => new StateCommitmentBuilder().Add(0, [1]), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void Hashes_many_entries_at_a_time_to_the_root_that_one_by_one_gives([Values(1, 7, 255, 256, 257, 511, 512, 1024, 3000)] int entries)
    {
        var random = new Random(entries);
        StateCommitmentBuilder state = new();
        CompactRange plain = new();
        foreach (int longest in new[] { 182, 300 }) // as long as three blocks hold, then longer ones now and then
        {
            state.Clear();
            plain.Clear();
            for (int i = 0; i < entries; i++)
            {
                byte[] entry = new byte[random.Next(200) == 0 ? longest : random.Next(183)];
                random.NextBytes(entry);
                state.Add(StateSection.Markets, entry);
                plain.AppendEntry(entry);
            }
            Assert.That(state.SectionRoot(StateSection.Markets), Is.EqualTo(plain.Root()));
            Assert.That(state.Count(StateSection.Markets), Is.EqualTo((ulong)entries));
            state.Add(StateSection.Markets, [1]); // behind a root that was asked for
            plain.AppendEntry([1]);
            Assert.That(state.SectionRoot(StateSection.Markets), Is.EqualTo(plain.Root()));
        }
    }

    [Test]
    public void Goes_on_behind_a_root_by_whole_subtrees()
    {
        StateCommitmentBuilder state = new();
        CompactRange plain = new();
        for (int i = 0; i < 2000; i++)
        {
            byte[] entry = BitConverter.GetBytes(i);
            state.Add(StateSection.Rest, entry);
            plain.AppendEntry(entry);
            if (i is 511 or 600 or 1023)
                Assert.That(state.SectionRoot(StateSection.Rest), Is.EqualTo(plain.Root()), $"{i}");
        }
        Assert.That(state.SectionRoot(StateSection.Rest), Is.EqualTo(plain.Root()));
    }

    [Test]
    public void Every_length_up_to_three_blocks_is_hashed_as_the_system_hashes_it()
    {
        // 256 entries of one length make one subtree, every leaf of which goes through the lanes.
        for (int length = 0; length <= 182; length++)
        {
            StateCommitmentBuilder state = new();
            CompactRange plain = new();
            byte[] entry = new byte[length];
            for (int i = 0; i < 256; i++)
            {
                new Random(length * 256 + i).NextBytes(entry);
                state.Add(StateSection.Accounts, entry);
                plain.AppendEntry(entry);
            }
            Assert.That(state.SectionRoot(StateSection.Accounts), Is.EqualTo(plain.Root()), $"{length} bytes");
        }
    }

    private static Hash256 Root(ulong journalSize, params (StateSection Section, byte Entry)[] entries)
    {
        StateCommitmentBuilder state = new();
        foreach ((StateSection section, byte entry) in entries)
            state.Add(section, [entry]);
        return state.StateRoot(journalSize);
    }
}
