using Clob.Proofs;
using Clob.Settlement;

namespace Clob.Verifier.Sources;

/// <summary>
/// Where batches may be fetched from: a folder, an EigenDA proxy, or both for a venue that changed from one to the other. Which one stored a
/// batch its commitment tells: that of a folder is the batch's SHA-256, and no certificate of EigenDA is.
/// </summary>
/// <param name="folder">The folder; null for none.</param>
/// <param name="proxy">The proxy; null for none.</param>
internal sealed class DaLayers(FolderDataAvailability? folder, EigenDaProxy? proxy)
{
    /// <summary>The layer to ask for a batch; null when it cannot be one of those that are here.</summary>
    public IDataAvailability? Of(DaBatch batch)
    {
        if (proxy is null)
            return batch.Commitment.Length == Hash256.Size ? folder : null;
        return folder is not null && IsOfFolder(batch) ? folder : proxy; // alone, a proxy may serve a folder's batches too
    }

    /// <summary>What to tell somebody for whom the batch could not be fetched; empty when it was looked for in the right place.</summary>
    public string Advice(DaBatch batch)
    {
        if (proxy is null && !IsOfFolder(batch))
            return "another layer than the folder stored it: name the EigenDA proxy with --da-url, and the folder with --da-folder beside it if it holds other batches";
        return folder is null && IsOfFolder(batch) ? "a folder stored it, since its commitment is its SHA-256: name the folder with --da-folder beside --da-url" : "";
    }

    private static bool IsOfFolder(DaBatch batch) => batch.Commitment.Span.SequenceEqual(batch.Hash.Bytes);
}
