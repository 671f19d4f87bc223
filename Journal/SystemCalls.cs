using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Clob.Journal;

/// <summary>Linux system calls through libc. The constants are those of every architecture .NET supports on Linux.</summary>
internal static unsafe partial class SystemCalls
{
    internal const int ReadOnly = 0;
    internal const int ReadWrite = 2;
    internal const int CreateFlag = 0x40;
    internal const int TruncateFlag = 0x200;

    // A child process must not inherit the lock or the journal's files.
    internal const int CloseOnExecute = 0x80000;
    internal const int OwnerReadWrite = 0x180; // 0600

    internal const int SeekEnd = 2;
    internal const int LockExclusive = 2;
    internal const int LockNonBlocking = 4;

    internal const int Interrupted = 4; // EINTR
    internal const int WouldBlock = 11; // EWOULDBLOCK
    internal const int Invalid = 22; // EINVAL

    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport(Library, EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Read(FileDescriptor descriptor, byte* buffer, nint length, long offset);

    [LibraryImport(Library, EntryPoint = "pwrite", SetLastError = true)]
    internal static partial nint Write(FileDescriptor descriptor, byte* buffer, nint length, long offset);

    [LibraryImport(Library, EntryPoint = "fdatasync", SetLastError = true)]
    internal static partial int SyncData(SafeHandle descriptor);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    internal static partial int Sync(FileDescriptor descriptor);

    [LibraryImport(Library, EntryPoint = "lseek", SetLastError = true)]
    internal static partial long Seek(FileDescriptor descriptor, long offset, int origin);

    [LibraryImport(Library, EntryPoint = "ftruncate", SetLastError = true)]
    internal static partial int Truncate(FileDescriptor descriptor, long length);

    [LibraryImport(Library, EntryPoint = "flock", SetLastError = true)]
    internal static partial int Lock(FileDescriptor descriptor, int operation);

    [LibraryImport(Library, EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Rename(string from, string to);

    [LibraryImport(Library, EntryPoint = "unlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Unlink(string path);

    /// <summary>Opens a file or directory; EINTR (a signal while a slow device opens) is the one result after which the call is made again.</summary>
    internal static FileDescriptor OpenOrThrow(string path, int flags)
    {
        for (; ; )
        {
            int descriptor = Open(path, flags | CloseOnExecute, OwnerReadWrite);
            if (descriptor >= 0)
                return new FileDescriptor(descriptor);
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                throw new DiskFailureException(path, "open", error, $"a file opened with flags 0x{flags:x}");
        }
    }

    internal static DiskFailureException Failure(string path, string operation, string expected) =>
        new(path, operation, Marshal.GetLastPInvokeError(), expected);
}

/// <summary>Owns one open file descriptor.</summary>
internal sealed class FileDescriptor : SafeHandleZeroOrMinusOneIsInvalid
{
    internal FileDescriptor(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    // Whatever had to be durable was synced before; close reports nothing that a sync did not.
    protected override bool ReleaseHandle() => SystemCalls.Close((int)handle) == 0;
}
