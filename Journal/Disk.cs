using System.Runtime.InteropServices;

namespace Clob.Journal;

/// <summary>
/// The real disk: system calls whose results are tested. .NET's own <c>FileStream.Flush(true)</c> and <c>RandomAccess.FlushToDisk</c> return
/// normally when the sync fails, so nothing here uses them.
/// </summary>
public sealed class Disk : IStorage
{
    private Disk()
    {
    }

    /// <summary>The one instance; it has no state.</summary>
    public static Disk Storage { get; } = new();

    /// <summary>Makes the content of a file opened by other means durable (after its buffers were flushed to the kernel).</summary>
    /// <param name="file">An open file, such as <c>FileStream.SafeFileHandle</c>.</param>
    /// <param name="path">Its name, for the failure.</param>
    /// <exception cref="DiskFailureException">The sync failed: stop the process, never try again.</exception>
    public static void SyncData(SafeHandle file, string path)
    {
        ArgumentNullException.ThrowIfNull(file);
        // Not repeated on EINTR either: a second call could succeed after the first one consumed the error of a lost page.
        if (SystemCalls.SyncData(file) != 0)
            throw SystemCalls.Failure(path, "fdatasync", "everything written to be on disk");
    }

    /// <inheritdoc/>
    public IStorageFile Open(string path, FileUse use)
    {
        int flags = use switch
        {
            FileUse.Read => SystemCalls.ReadOnly,
            FileUse.ReadWrite => SystemCalls.ReadWrite,
            FileUse.Create => SystemCalls.ReadWrite | SystemCalls.CreateFlag | SystemCalls.TruncateFlag,
            _ => throw new ArgumentOutOfRangeException(nameof(use), use, null),
        };
        return new DiskFile(path, SystemCalls.OpenOrThrow(path, flags));
    }

    /// <inheritdoc/>
    public void Rename(string source, string target)
    {
        if (SystemCalls.Rename(source, target) != 0)
            throw SystemCalls.Failure(source, "rename", $"to be named {target}");
    }

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (SystemCalls.Unlink(path) != 0 && Marshal.GetLastPInvokeError() != DiskFailureException.NotFound)
            throw SystemCalls.Failure(path, "unlink", "to be gone");
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory).Select(path => Path.GetFileName(path))];
        }
        catch (DirectoryNotFoundException)
        {
            throw new DiskFailureException(directory, "readdir", DiskFailureException.NotFound, "a directory to list");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiskFailureException(directory, "readdir", 0, $"a directory to list, got {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void CreateDirectory(string directory)
    {
        try
        {
            Directory.CreateDirectory(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiskFailureException(directory, "mkdir", 0, $"a directory, got {exception.Message}");
        }
    }

    /// <inheritdoc/>
    public void SyncDirectory(string directory)
    {
        using FileDescriptor descriptor = SystemCalls.OpenOrThrow(directory, SystemCalls.ReadOnly);
        if (SystemCalls.Sync(descriptor) != 0)
            throw SystemCalls.Failure(directory, "fsync", "its names to be on disk");
    }

    /// <inheritdoc/>
    public long AvailableBytes(string directory)
    {
        try
        {
            return new DriveInfo(directory).AvailableFreeSpace; // of the file system that holds this path, whatever the type's name
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DiskFailureException(directory, "statfs", 0, $"the room that is left, got {exception.Message}");
        }
    }
}

/// <summary>A file of the real disk.</summary>
internal sealed unsafe class DiskFile(string path, FileDescriptor descriptor) : IStorageFile
{
    public string Path { get; set; } = path;

    public long Length
    {
        get
        {
            long length = SystemCalls.Seek(descriptor, 0, SystemCalls.SeekEnd);
            return length >= 0 ? length : throw SystemCalls.Failure(Path, "lseek", "its length");
        }
    }

    public int Read(Span<byte> buffer, long offset)
    {
        fixed (byte* start = buffer)
        {
            for (; ; )
            {
                nint read = SystemCalls.Read(descriptor, start, buffer.Length, offset);
                if (read >= 0)
                    return (int)read;
                if (Marshal.GetLastPInvokeError() != SystemCalls.Interrupted)
                    throw SystemCalls.Failure(Path, "pread", $"{buffer.Length} bytes at offset {offset}");
            }
        }
    }

    public int Write(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* start = bytes)
        {
            for (; ; )
            {
                nint written = SystemCalls.Write(descriptor, start, bytes.Length, offset);
                if (written >= 0)
                    return (int)written;
                // Interrupted before the first byte: nothing happened, so this is the first try still.
                if (Marshal.GetLastPInvokeError() != SystemCalls.Interrupted)
                    throw SystemCalls.Failure(Path, "pwrite", $"{bytes.Length} bytes written at offset {offset}");
            }
        }
    }

    public void SyncData() => Disk.SyncData(descriptor, Path);

    public void Dispose() => descriptor.Dispose();
}
