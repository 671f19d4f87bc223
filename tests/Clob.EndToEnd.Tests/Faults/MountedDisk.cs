using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// A small file system of a test's own, mounted on a folder. Where this host lets nobody mount one, the test is skipped with what the system said.
/// Whoever uses the folder must have ended before this object is disposed of.
/// </summary>
internal sealed partial class MountedDisk : IDisposable
{
    // _IOR('X', 125, __u32) of include/uapi/linux/fs.h, and what it takes: go down at once, without writing the log (of file systems' own journals) out.
    private const nuint ShutdownRequest = 0x8004587d;
    private const uint WithoutLogFlush = 2;

    private readonly string? _image;
    private readonly string _ballast;

    private MountedDisk(string folder, string? image)
    {
        Folder = folder;
        _image = image;
        _ballast = Path.Combine(folder, "ballast");
    }

    /// <summary>Where it is mounted.</summary>
    public string Folder { get; }

    /// <summary>Bytes that may still be written.</summary>
    public long Available => new DriveInfo(Folder).AvailableFreeSpace;

    /// <summary>A file system in memory, of so many bytes.</summary>
    public static MountedDisk InMemory(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        Require("mount", "-t", "tmpfs", "-o", $"size={bytes.ToString(CultureInfo.InvariantCulture)}", "tmpfs", folder);
        return new MountedDisk(folder, image: null);
    }

    /// <summary>An ext4 in a file, whose power can be cut.</summary>
    public static MountedDisk Ext4(string folder, long bytes)
    {
        Directory.CreateDirectory(folder);
        string image = folder + ".ext4";
        using (var file = File.Create(image))
            file.SetLength(bytes);
        Require("mkfs.ext4", "-q", "-F", image);
        var disk = new MountedDisk(folder, image);
        disk.Mount();
        return disk;
    }

    /// <summary>Writes a file that leaves so many bytes.</summary>
    public void Fill(long leave)
    {
        using var ballast = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] zeros = new byte[64 * 1024];
        try
        {
            for (long left = Available - leave; left > 0; left = Available - leave)
                ballast.Write(zeros, 0, (int)Math.Min(zeros.Length, left));
        }
        catch (IOException) when (leave == 0)
        {
            // another took the last room
        }
    }

    /// <summary>Removes that file.</summary>
    public void MakeRoom() => File.Delete(_ballast);

    /// <summary>
    /// From now on nothing reaches the disk any more, and what was not synced is lost. Skips the test where the kernel does not have it.
    /// </summary>
    public void CutPower()
    {
        int descriptor = Open(Folder, 0);
        if (descriptor < 0)
            throw new IOException($"{Folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        uint how = WithoutLogFlush;
        int result = Control(descriptor, ShutdownRequest, ref how);
        string error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(descriptor);
        if (result != 0)
            Assert.Ignore($"skipped: this kernel does not shut an ext4 down (EXT4_IOC_SHUTDOWN): {error}");
    }

    /// <summary>What a host does when the power is back: the file system's own recovery, then the folder as it is on the disk.</summary>
    public void PowerOn()
    {
        Require("umount", Folder);
        Mount();
    }

    public void Dispose()
    {
        var (status, _) = Run("umount", Folder);
        if (status != 0)
            _ = Run("umount", "--lazy", Folder);
        if (_image is not null)
            File.Delete(_image);
    }

    private void Mount() => Require("mount", "-t", "ext4", "-o", "loop", _image!, Folder);

    /// <summary>Runs a program of the system, or skips the test when there is none or it may not do that here.</summary>
    private static void Require(string program, params string[] arguments)
    {
        var (status, output) = Run(program, arguments);
        if (status != 0)
            Assert.Ignore($"skipped: '{program} {string.Join(' ', arguments)}' is not possible on this host: {output}");
    }

    private static (int Status, string Output) Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            string output = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output.Trim());
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static partial int Control(int descriptor, nuint request, ref uint argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
