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

    private static Hash256 Root(ulong journalSize, params (StateSection Section, byte Entry)[] entries)
    {
        StateCommitmentBuilder state = new();
        foreach ((StateSection section, byte entry) in entries)
            state.Add(section, [entry]);
        return state.StateRoot(journalSize);
    }
}
