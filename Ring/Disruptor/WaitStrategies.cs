using System.Diagnostics.CodeAnalysis;

namespace Disruptor;

/// <summary>How consumers that block on the ring wait, and how a publication tells them. Stages are polled, so only the signal is used here.</summary>
public interface IWaitStrategy
{
    /// <summary>Whether each publication must call <see cref="SignalAllWhenBlocking"/>. Read once, by the ring's constructor.</summary>
    bool IsBlockingStrategy { get; }

    /// <summary>Makes the waiter of one consumer.</summary>
    /// <param name="owner">Who will wait.</param>
    /// <param name="dependentSequences">What it waits for.</param>
    /// <returns>The waiter.</returns>
    ISequenceWaiter NewSequenceWaiter(SequenceWaiterOwner owner, DependentSequenceGroup dependentSequences);

    /// <summary>Called on the producer's thread after each publication if <see cref="IsBlockingStrategy"/>.</summary>
    void SignalAllWhenBlocking();
}

/// <summary>Waits for one consumer's upstream sequences.</summary>
public interface ISequenceWaiter : IDisposable
{
    /// <summary>Returns when <paramref name="sequence"/> can be read.</summary>
    /// <param name="sequence">The wanted sequence.</param>
    /// <param name="cancellationToken">Ends the wait with <see cref="OperationCanceledException"/>.</param>
    /// <returns>The highest sequence that can be read, at least <paramref name="sequence"/>.</returns>
    SequenceWaitResult WaitFor(long sequence, CancellationToken cancellationToken);

    /// <summary>Wakes the waiter so that it sees its cancellation.</summary>
    void Cancel();
}

/// <summary>The outcome of a wait.</summary>
/// <param name="availableSequence">The highest sequence that can be read.</param>
[SuppressMessage("Usage", "CA2225", Justification = "The shape is Disruptor's.")]
public readonly struct SequenceWaitResult(long availableSequence)
{
    /// <summary>The highest sequence that can be read.</summary>
    public long UnsafeAvailableSequence { get; } = availableSequence;

    /// <summary>A result from a sequence.</summary>
    /// <param name="availableSequence">The highest sequence that can be read.</param>
    public static implicit operator SequenceWaitResult(long availableSequence) => new(availableSequence);
}

/// <summary>Names who waits.</summary>
public class SequenceWaiterOwner
{
    private SequenceWaiterOwner()
    {
    }

    /// <summary>Nobody in particular.</summary>
    public static SequenceWaiterOwner Unknown { get; } = new();
}

/// <summary>Spins without a pause. Needs a core of its own for each waiter, and no signal: publications cost one store.</summary>
public sealed class BusySpinWaitStrategy : IWaitStrategy
{
    /// <inheritdoc/>
    public bool IsBlockingStrategy => false;

    /// <inheritdoc/>
    public ISequenceWaiter NewSequenceWaiter(SequenceWaiterOwner owner, DependentSequenceGroup dependentSequences)
        => new Waiter(dependentSequences);

    /// <inheritdoc/>
    public void SignalAllWhenBlocking()
    {
    }

    private sealed class Waiter(DependentSequenceGroup upstream) : ISequenceWaiter
    {
        public SequenceWaitResult WaitFor(long sequence, CancellationToken cancellationToken)
        {
            while (upstream.Value < sequence) cancellationToken.ThrowIfCancellationRequested();
            return upstream.Value;
        }

        public void Cancel()
        {
        }

        public void Dispose()
        {
        }
    }
}
