namespace Clob.Settlement;

/// <summary>Where signed checkpoints are published, in order and for good. One thread appends.</summary>
public interface ICheckpointLedger
{
    /// <summary>Every checkpoint published so far as the bytes of its signed note, in order; read lazily.</summary>
    IEnumerable<byte[]> ReadAll();

    /// <summary>
    /// Publishes the next checkpoint. When this returns it is on disk (or wherever the ledger is) and survives any crash;
    /// before that nobody sees it.
    /// </summary>
    /// <param name="note">The signed note.</param>
    void Append(ReadOnlySpan<byte> note);
}
