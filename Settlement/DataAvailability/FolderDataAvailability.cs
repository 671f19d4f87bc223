using System.Security.Cryptography;
using Clob.Journal;

namespace Clob.Settlement;

/// <summary>
/// A folder as data availability layer: each batch is a file named by the SHA-256 of its bytes, which is the commitment. For mirrors that
/// copy the folder, and for venues that have no other layer.
/// </summary>
public sealed class FolderDataAvailability : IDataAvailability
{
    /// <summary>The largest batch, bytes: what a reader takes into memory at once.</summary>
    public const long MaximumBatchSize = 64 * 1024 * 1024;

    private readonly string _directory;
    private readonly IStorage _storage;

    /// <summary>Uses a folder, which is created when the first batch comes.</summary>
    /// <param name="directory">The folder.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    public FolderDataAvailability(string directory, IStorage? storage = null)
    {
        _directory = Path.GetFullPath(directory);
        _storage = storage ?? Disk.Storage;
    }

    /// <inheritdoc/>
    public Task<byte[]> PutAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        byte[] commitment = SHA256.HashData(batch.Span);
        try
        {
            _storage.CreateDirectory(_directory);
            // A batch that is there already is written once more: after a crash its bytes may not be durable.
            DurableFile.Replace(_storage, PathOf(commitment), batch.Span);
        }
        catch (DiskFailureException failure)
        {
            // A folder of batches is not the journal: nothing acknowledged depends on it, and a rename after a new sync is a new attempt.
            return Task.FromException<byte[]>(new DataAvailabilityException($"The batch {Name(commitment)} was not stored in {_directory}: {failure.Message}", isTransient: true, failure));
        }
        return Task.FromResult(commitment);
    }

    /// <inheritdoc/>
    public async Task<byte[]> GetAsync(ReadOnlyMemory<byte> commitment, CancellationToken cancellation)
    {
        if (commitment.Length != SHA256.HashSizeInBytes)
            throw new DataAvailabilityException($"A commitment of the folder has {SHA256.HashSizeInBytes} bytes, not {commitment.Length}.", isTransient: false);
        string path = PathOf(commitment.Span);
        byte[] batch;
        try
        {
            batch = await File.ReadAllBytesAsync(path, cancellation).ConfigureAwait(false);
        }
        catch (IOException failure)
        {
            throw new DataAvailabilityException($"The batch {path} cannot be read: {failure.Message}", isTransient: false, failure);
        }
        if (!commitment.Span.SequenceEqual(SHA256.HashData(batch)))
            throw new DataAvailabilityException($"The batch {path} is damaged: expected its SHA-256 to be its name, found {Name(SHA256.HashData(batch))}.", isTransient: false);
        return batch;
    }

    /// <inheritdoc/>
    public Task<long> MaximumBatchSizeAsync(CancellationToken cancellation) => Task.FromResult(MaximumBatchSize);

    private static string Name(ReadOnlySpan<byte> commitment) => Convert.ToHexStringLower(commitment);

    private string PathOf(ReadOnlySpan<byte> commitment) => Path.Combine(_directory, Name(commitment));
}
