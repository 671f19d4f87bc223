using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Clob.Journal;

/// <summary>
/// The exclusive right to write below a data directory: a <c>flock</c> on <c>DIRECTORY/lock</c>, which the kernel gives back when the process ends,
/// however it ends. The file holds the holder's process id and is never deleted (a deleted lock file can be locked twice).
/// </summary>
public sealed class DirectoryLock : IDisposable
{
    /// <summary>The lock file's name in the directory.</summary>
    public const string FileName = "lock";

    private readonly FileDescriptor _descriptor;

    private DirectoryLock(string directory, FileDescriptor descriptor)
    {
        Directory = directory;
        _descriptor = descriptor;
    }

    /// <summary>The directory that is held.</summary>
    public string Directory { get; }

    /// <summary>Takes the lock, creating the directory if need be.</summary>
    /// <exception cref="DirectoryLockedException">Another process, or another instance in this one, holds it.</exception>
    /// <exception cref="DiskFailureException">The lock file cannot be opened or written.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        Disk.Storage.CreateDirectory(directory);
        string path = Path.Combine(directory, FileName);
        FileDescriptor descriptor = SystemCalls.OpenOrThrow(path, SystemCalls.ReadWrite | SystemCalls.CreateFlag);
        try
        {
            Lock(directory, path, descriptor);
            WriteHolder(path, descriptor);
            return new DirectoryLock(directory, descriptor);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Gives the lock back.</summary>
    public void Dispose() => _descriptor.Dispose();

    private static void Lock(string directory, string path, FileDescriptor descriptor)
    {
        while (SystemCalls.Lock(descriptor, SystemCalls.LockExclusive | SystemCalls.LockNonBlocking) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == SystemCalls.WouldBlock)
                throw new DirectoryLockedException(directory, ReadHolder(path, descriptor));
            if (error != SystemCalls.Interrupted)
                throw new DiskFailureException(path, "flock", error, "an exclusive lock");
        }
    }

    private static void WriteHolder(string path, FileDescriptor descriptor)
    {
        if (SystemCalls.Truncate(descriptor, 0) != 0)
            throw SystemCalls.Failure(path, "ftruncate", "an empty lock file");
        var file = new DiskFile(path, descriptor);
        file.WriteFully(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n"), 0);
    }

    /// <summary>0 when the holder has taken the lock but not yet written its id.</summary>
    private static int ReadHolder(string path, FileDescriptor descriptor)
    {
        Span<byte> text = stackalloc byte[16];
        int length = new DiskFile(path, descriptor).ReadFully(text, 0);
        return int.TryParse(Encoding.ASCII.GetString(text[..length]), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int holder) ? holder : 0;
    }
}

/// <summary>A data directory is in use.</summary>
public sealed class DirectoryLockedException : IOException
{
    /// <summary>Names directory and holder.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="holder">Process id of the holder, 0 if it is not known.</param>
    public DirectoryLockedException(string directory, int holder)
        : base($"The data directory {directory} is in use by {(holder == 0 ? "another process" : $"process {holder}")}; one process at a time may write it.")
    {
        Directory = directory;
        Holder = holder;
    }

    /// <summary>The directory.</summary>
    public string Directory { get; }

    /// <summary>Process id of the holder, 0 if it is not known.</summary>
    public int Holder { get; }
}
