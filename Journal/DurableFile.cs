namespace Clob.Journal;

/// <summary>Small files that are replaced as a whole and must be either the old or the new one after any crash: watermarks, snapshots, keys.</summary>
public static class DurableFile
{
    /// <summary>
    /// Writes a file under a temporary name (<c>PATH.tmp</c>), syncs it, renames it over the old one and syncs the directory.
    /// When this returns the new content is on disk; when it throws, the old or the new content is found after a restart.
    /// </summary>
    /// <param name="storage">Where.</param>
    /// <param name="path">The file, with its directory.</param>
    /// <param name="content">All of its bytes.</param>
    /// <exception cref="DiskFailureException">One of the steps failed.</exception>
    public static void Replace(IStorage storage, string path, ReadOnlySpan<byte> content)
    {
        ArgumentNullException.ThrowIfNull(storage);
        string temporary = path + ".tmp";
        using (IStorageFile file = storage.Open(temporary, FileUse.Create))
        {
            file.WriteFully(content, 0);
            file.SyncData();
        }
        storage.Rename(temporary, path);
        string? directory = Path.GetDirectoryName(path);
        storage.SyncDirectory(string.IsNullOrEmpty(directory) ? "." : directory);
    }
}
