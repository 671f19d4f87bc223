using System.Text;
using Clob.Journal;
using Clob.Proofs;

namespace Clob.Settlement;

/// <summary>
/// The default ledger: <c>ledger/checkpoints.log</c> below the data directory, an append-only file of signed notes (see docs/settlement.md).
/// A last entry torn by a crash is cut when it is opened and made again by replay; any other damage stops.
/// </summary>
public sealed class FileLedger : ICheckpointLedger, IDisposable
{
    /// <summary>The file below the data directory.</summary>
    public const string FileName = "ledger/checkpoints.log";

    private readonly EntryLog _log;

    /// <summary>Opens or creates the ledger below a data directory.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <exception cref="InvalidDataException">An entry before the last is damaged; nothing was changed.</exception>
    public FileLedger(string dataDirectory, IStorage? storage = null) =>
        _log = EntryLog.Open(Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory)), storage ?? Disk.Storage);

    /// <summary>
    /// How many journal records the newest checkpoint covers; 0 without one. The journal must not end below it. For the start, before the
    /// journal is opened; reads only.
    /// </summary>
    /// <exception cref="InvalidDataException">The ledger is damaged, or its newest entry is no checkpoint.</exception>
    public static ulong NewestJournalSize(string dataDirectory, IStorage? storage = null) => Newest(dataDirectory, storage)?.JournalSize ?? 0;

    /// <summary>The newest checkpoint; null without one. Its signature is not checked. Reads only.</summary>
    /// <exception cref="InvalidDataException">The ledger is damaged, or its newest entry is no checkpoint.</exception>
    public static CheckpointRecord? Newest(string dataDirectory, IStorage? storage = null)
    {
        string path = Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory));
        if (EntryLog.ReadLast(path, storage ?? Disk.Storage) is not { } note)
            return null;
        if (!SignedNote.TryParse(note, out SignedNote? opened, out string? error) || !CheckpointRecord.TryParse(opened!.Text, out CheckpointRecord? record, out error))
            throw new InvalidDataException($"The newest entry of {path} is no checkpoint: {error}. Found:\n{Encoding.UTF8.GetString(note)}");
        return record;
    }

    /// <summary>
    /// Every checkpoint of a ledger that another process may be appending to, as the bytes of its signed note; none when there is no
    /// ledger. For the verifier: takes no lock, changes nothing, and leaves out a last entry that is torn or being written.
    /// </summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <param name="patience">How long a last entry that looks damaged may take to become whole, as somebody may be writing it; null for half a second.</param>
    /// <exception cref="InvalidDataException">An entry is damaged: it has other bytes than were written, not only fewer.</exception>
    public static IEnumerable<byte[]> ReadFrom(string dataDirectory, IStorage? storage = null, TimeSpan? patience = null) =>
        EntryLog.ReadPassively(Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory)), storage ?? Disk.Storage, patience ?? TimeSpan.FromMilliseconds(500));

    /// <summary>What speaks against a checkpoint whose core is known from elsewhere, in words: the ledger must hold it, signed. Null for nothing. Reads only.</summary>
    /// <param name="dataDirectory">The data directory.</param>
    /// <param name="core">The checkpoint.</param>
    /// <param name="verifier">Knows venue and log key.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <exception cref="InvalidDataException">An entry before the last is damaged.</exception>
    public static string? ObjectionTo(string dataDirectory, CheckpointRecord core, CheckpointVerifier verifier, IStorage? storage = null)
    {
        ArgumentNullException.ThrowIfNull(core);
        ArgumentNullException.ThrowIfNull(verifier);
        string path = Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory));
        ulong number = 0;
        foreach (byte[] note in EntryLog.ReadPassively(path, storage ?? Disk.Storage))
        {
            if (++number != core.Number)
                continue;
            if (!verifier.TryOpen(note, out CheckpointRecord? published, out _, out string? error))
                return $"checkpoint {number} in the ledger does not hold: {error}";
            return core.CoreDifference(published!) is { } difference ? $"its checkpoint {number} is not the published one: {difference}" : null;
        }
        return $"the ledger holds {number} checkpoints, expected its checkpoint {core.Number}";
    }

    /// <inheritdoc/>
    public IEnumerable<byte[]> ReadAll() => _log.ReadAll();

    /// <inheritdoc/>
    public void Append(ReadOnlySpan<byte> note) => _log.Append(note);

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();
}
