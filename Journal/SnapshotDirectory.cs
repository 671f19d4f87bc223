using System.Globalization;

namespace Clob.Journal;

/// <summary>
/// Names in a directory of snapshots: <c>00000000000000183274.snapshot</c>, twenty digits that are the journal size behind which the state was
/// taken. A file of that name is whole: it got the name after it was on disk. One that is being written is called <c>….snapshot.tmp</c>.
/// </summary>
public static class SnapshotDirectory
{
    internal const string Extension = ".snapshot";
    internal const string TemporarySuffix = ".tmp";

    private const int Digits = 20;

    /// <summary>The file of the snapshot behind this many records.</summary>
    public static string PathOf(string directory, long journalSize) =>
        Path.Combine(directory, journalSize.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    /// <summary>Journal sizes of all snapshots, rising; none when there is no such directory.</summary>
    public static long[] JournalSizes(string directory, IStorage? storage = null)
    {
        var sizes = new List<long>();
        foreach (string name in Names(storage ?? Disk.Storage, directory))
        {
            if (TryParse(name, out long size))
                sizes.Add(size);
        }
        sizes.Sort();
        return [.. sizes];
    }

    /// <summary>How many records the journal must have at least, by the names of its snapshots; 0 without one.</summary>
    public static long NewestJournalSize(string directory, IStorage? storage = null) => JournalSizes(directory, storage) is [.., long newest] ? newest : 0;

    /// <summary>Removes all snapshots but the newest.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="kept">How many stay, at least 1.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public static void Prune(string directory, int kept, IStorage? storage = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kept, 1);
        storage ??= Disk.Storage;
        foreach (long size in JournalSizes(directory, storage).SkipLast(kept))
            storage.Delete(PathOf(directory, size));
    }

    /// <summary>Removes what a process has left that ended while it wrote a snapshot.</summary>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public static void RemoveUnfinished(string directory, IStorage? storage = null)
    {
        storage ??= Disk.Storage;
        foreach (string name in Names(storage, directory).Where(name => name.EndsWith(Extension + TemporarySuffix, StringComparison.Ordinal)))
            storage.Delete(Path.Combine(directory, name));
    }

    private static IReadOnlyList<string> Names(IStorage storage, string directory)
    {
        try
        {
            return storage.List(directory);
        }
        catch (DiskFailureException failure) when (failure.ErrorNumber == DiskFailureException.NotFound)
        {
            return [];
        }
    }

    private static bool TryParse(string name, out long journalSize)
    {
        journalSize = 0;
        return name.Length == Digits + Extension.Length
            && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out journalSize)
            && journalSize > 0;
    }
}
