using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>The root over the state of an Exchange, as checkpoints sign it.</summary>
public static class StateRoot
{
    /// <summary>Commits to the whole state after the records applied so far.</summary>
    /// <param name="exchange">The state.</param>
    /// <param name="builder">Working memory, cleared first.</param>
    public static Hash256 Of(Exchange exchange, StateCommitmentBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(exchange);
        ArgumentNullException.ThrowIfNull(builder);
        builder.Clear();
        var visitor = new Visitor(builder);
        exchange.VisitState(ref visitor);
        return builder.StateRoot(exchange.NextSequence);
    }

    private readonly struct Visitor(StateCommitmentBuilder builder) : IStateVisitor
    {
        public void Visit(StateSection section, ReadOnlySpan<byte> entry) => builder.Add(section, entry);
    }
}
