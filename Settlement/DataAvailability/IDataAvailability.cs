namespace Clob.Settlement;

/// <summary>A place outside the venue from which anyone can fetch a batch of journal records by its commitment.</summary>
public interface IDataAvailability
{
    /// <summary>
    /// The longest commitment, bytes; EigenDA's certificates have one to two thousand. Commitments stand as text in checkpoint records, whose
    /// readers and writers have limits.
    /// </summary>
    const int MaximumCommitmentSize = 8 * 1024;

    /// <summary>Stores a batch.</summary>
    /// <param name="batch">At least one byte, at most <see cref="MaximumBatchSizeAsync"/>.</param>
    /// <param name="cancellation">Ends the waiting; the batch may be stored or not.</param>
    /// <returns>The commitment: what to fetch it by, 1 to <see cref="MaximumCommitmentSize"/> bytes. The same batch may get another one next time.</returns>
    /// <exception cref="DataAvailabilityException">It was not stored, or nobody knows.</exception>
    Task<byte[]> PutAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation);

    /// <summary>Fetches a batch.</summary>
    /// <exception cref="DataAvailabilityException">It is not there, or what is there is not what was committed to.</exception>
    Task<byte[]> GetAsync(ReadOnlyMemory<byte> commitment, CancellationToken cancellation);

    /// <summary>The largest batch it takes, bytes, at least <see cref="DaPublisher.MinimumBatchSize"/>.</summary>
    /// <exception cref="DataAvailabilityException">It did not say.</exception>
    Task<long> MaximumBatchSizeAsync(CancellationToken cancellation);
}

/// <summary>The data availability layer did not do what it was asked.</summary>
public sealed class DataAvailabilityException : Exception
{
    /// <summary>Says what failed.</summary>
    /// <param name="message">What was expected and what was found.</param>
    /// <param name="isTransient">Whether the same call may succeed later.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public DataAvailabilityException(string message, bool isTransient, Exception? inner = null)
        : base(message, inner) => IsTransient = isTransient;

    /// <summary>Whether the same call may succeed later.</summary>
    public bool IsTransient { get; }
}
