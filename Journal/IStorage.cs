namespace Clob.Journal;

/// <summary>How a file is opened.</summary>
public enum FileUse
{
    /// <summary>An existing file, for reading only.</summary>
    Read,

    /// <summary>An existing file, for reading and writing.</summary>
    ReadWrite,

    /// <summary>A new, empty file for reading and writing; what stood under the name is emptied.</summary>
    Create,
}

/// <summary>
/// The few operations on files and directories that durability rests on, one method for one system call. <see cref="Disk"/> is the real one;
/// tests put a simulated disk behind it that fails, tears and forgets.
/// Every method throws <see cref="DiskFailureException"/> when the operation fails.
/// </summary>
public interface IStorage
{
    /// <summary>Opens a file.</summary>
    IStorageFile Open(string path, FileUse use);

    /// <summary>Gives a file another name in the same directory, replacing what stood there. Durable after <see cref="SyncDirectory"/>.</summary>
    void Rename(string source, string target);

    /// <summary>Removes a file; none of that name is no failure.</summary>
    void Delete(string path);

    /// <summary>Names (without directory, in any order) of the files in a directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates a directory and its parents where they do not exist.</summary>
    void CreateDirectory(string directory);

    /// <summary>Makes creations, renames and deletions in a directory durable.</summary>
    void SyncDirectory(string directory);

    /// <summary>Bytes that files in a directory may still take. A hint: others write too.</summary>
    long AvailableBytes(string directory);
}

/// <summary>An open file. Not for use by two threads at once.</summary>
public interface IStorageFile : IDisposable
{
    /// <summary>The name used in failures; whoever renames the file sets it anew.</summary>
    string Path { get; set; }

    /// <summary>Length in bytes.</summary>
    long Length { get; }

    /// <summary>Reads up to the buffer's length at an offset.</summary>
    /// <returns>How many bytes were read; fewer than asked for, and 0 only at the file's end.</returns>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Writes at an offset.</summary>
    /// <returns>How many bytes were written, maybe fewer than given; see <see cref="StorageFileExtensions.WriteFully"/>.</returns>
    int Write(ReadOnlySpan<byte> bytes, long offset);

    /// <summary>Makes the content, and as much of the metadata as is needed to read it, durable. A failure must never be followed by another try:
    /// the kernel reports a failed write-back once and then forgets it.</summary>
    void SyncData();
}

/// <summary>What every user of <see cref="IStorageFile"/> needs on top of the bare calls.</summary>
public static class StorageFileExtensions
{
    /// <summary>Writes all bytes: a short write is continued, and the reason for it, when it persists, is met by the continuation.</summary>
    /// <exception cref="DiskFailureException">A write failed, or wrote nothing.</exception>
    public static void WriteFully(this IStorageFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        while (bytes.Length > 0)
        {
            int written = file.Write(bytes, offset);
            if (written <= 0)
                throw new DiskFailureException(file.Path, "pwrite", 0, $"wrote {written} of {bytes.Length} bytes at offset {offset}");
            bytes = bytes[written..];
            offset += written;
        }
    }

    /// <summary>Reads until the buffer is full or the file ends.</summary>
    /// <returns>How many bytes were read.</returns>
    public static int ReadFully(this IStorageFile file, Span<byte> buffer, long offset)
    {
        int total = 0;
        while (total < buffer.Length)
        {
            int read = file.Read(buffer[total..], offset + total);
            if (read == 0)
                break;
            total += read;
        }
        return total;
    }
}
