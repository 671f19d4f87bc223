using Disruptor;

namespace Clob.Ring;

/// <summary>
/// Given to a ring as its wait strategy, makes each publication wake the sleeping threads downstream: no publisher can forget it.
/// </summary>
public sealed class WakeOnPublish : IWaitStrategy
{
    /// <summary>The threads whose stages follow the ring's cursor.</summary>
    public WakeUps Downstream { get; } = new();

    /// <inheritdoc/>
    public bool IsBlockingStrategy => true;

    /// <summary>Not offered: stages are polled.</summary>
    /// <param name="owner">Unused.</param>
    /// <param name="dependentSequences">Unused.</param>
    /// <returns>Never.</returns>
    /// <exception cref="NotSupportedException">Always.</exception>
    public ISequenceWaiter NewSequenceWaiter(SequenceWaiterOwner owner, DependentSequenceGroup dependentSequences)
        => throw new NotSupportedException("Stages are polled; nothing waits on a ring of theirs.");

    /// <inheritdoc/>
    public void SignalAllWhenBlocking() => Downstream.Signal();
}
