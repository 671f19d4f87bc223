using Clob.Engine;
using Clob.Proofs;

namespace Clob.Settlement;

/// <summary>
/// The last check of an orderly stop: the exchange that traders had to do with, and the one that replayed its journal, must be in one state. They run
/// the same rules, but one met its signatures by hints from other threads and its records before they were durable.
/// </summary>
public static class StateAgreement
{
    /// <summary>Compares a live exchange, in which nothing happens any more, with its replay.</summary>
    /// <param name="live">The exchange of the pipeline.</param>
    /// <param name="replayed">State root of the replica after the whole journal.</param>
    /// <returns>The root of both.</returns>
    /// <exception cref="StateDivergedException">The roots differ.</exception>
    public static Hash256 Check(Exchange live, Hash256 replayed)
    {
        ArgumentNullException.ThrowIfNull(live);
        var root = StateRoot.Of(live, new StateCommitmentBuilder());
        return root == replayed ? root : throw new StateDivergedException(live.NextSequence, root, replayed);
    }
}

/// <summary>The live exchange is in another state than the replay of its journal: a bug, and what was reported to traders may be wrong.</summary>
public sealed class StateDivergedException : Exception
{
    /// <summary>Names both roots.</summary>
    /// <param name="journalSize">Number of records after which they differ.</param>
    /// <param name="live">State root of the live exchange.</param>
    /// <param name="replayed">State root of the replay.</param>
    public StateDivergedException(ulong journalSize, Hash256 live, Hash256 replayed)
        : base($"After {journalSize} records the live exchange's state root is {live}, that of the replayed journal is {replayed}.")
    {
    }
}
