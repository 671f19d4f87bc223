using System.Runtime.InteropServices;

namespace Clob.Protocol;

/// <summary>
/// Creates files with a secret: under its name such a file is whole or is not there, whenever the process is killed. It is written under
/// a temporary name, through to the device, and gets its name by a hard link, which replaces nothing.
/// </summary>
public static partial class SecretFile
{
    /// <summary>
    /// What the temporary name has behind the final one. Left over by a killed process such a file means nothing; the next
    /// <see cref="Create"/> removes it.
    /// </summary>
    public const string TemporarySuffix = ".new";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int FileExists = 17; // EEXIST

    /// <summary>
    /// Writes a new file of mode 0600. Never replaces one: a lost key is a lost venue. One process at a time may create a file of this name.
    /// The caller syncs the directory where the name must survive a power failure.
    /// </summary>
    /// <exception cref="IOException">The file exists already, or the disk refuses.</exception>
    public static void Create(string path, ReadOnlySpan<byte> content)
    {
        string temporary = path + TemporarySuffix;
        File.Delete(temporary); // not emptied: it may be a second name of a file that got its own
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            Options = FileOptions.WriteThrough,
            UnixCreateMode = OwnerOnly,
        };
        using (FileStream file = new(temporary, options))
            file.Write(content);
        int error = Link(temporary, path) == 0 ? 0 : Marshal.GetLastPInvokeError();
        File.Delete(temporary);
        if (error == FileExists)
            throw new IOException($"The file {path} exists already and is not replaced.");
        if (error != 0)
            throw new IOException($"The file {path} cannot be created: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string added);
}
