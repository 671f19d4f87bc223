namespace Clob.Verifier.Sources;

/// <summary>Where the journal's records come from, in order from record 0. For one thread.</summary>
internal interface IRecordSource : IDisposable
{
    /// <summary>The venue id that the container claims for its records, 32 bytes; empty when it claims none (yet).</summary>
    ReadOnlySpan<byte> Identity { get; }

    /// <summary>Whether the source may end before the journal does: a data availability layer lags.</summary>
    bool MayLag { get; }

    /// <summary>Appends the next records to an empty batch.</summary>
    /// <returns>False when there is none for now: a live journal may have more later.</returns>
    /// <exception cref="VerificationFailedException">The next record cannot be read; all before it have been given.</exception>
    bool TryFill(RecordBatch batch);

    /// <summary>Looks closely at the end, after <see cref="TryFill"/> returned false.</summary>
    /// <returns>What stands there and is no failure; null when nothing does.</returns>
    /// <exception cref="VerificationFailedException">Something stands there that no writer leaves behind.</exception>
    string? ExamineEnd();
}
