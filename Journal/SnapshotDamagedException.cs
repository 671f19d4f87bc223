namespace Clob.Journal;

/// <summary>A snapshot is not what its writer wrote. It is of no use; the one before it, or the journal from its beginning, may be.</summary>
public sealed class SnapshotDamagedException : IOException
{
    /// <summary>Says where, and what should have been there.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Byte offset in it.</param>
    /// <param name="expected">What should stand there.</param>
    /// <param name="found">What stands there.</param>
    public SnapshotDamagedException(string path, long offset, string expected, string found)
        : base($"Snapshot {path} damaged at offset {offset}: expected {expected}, found {found}.")
    {
        Path = path;
        Offset = offset;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Byte offset in it.</summary>
    public long Offset { get; }
}
