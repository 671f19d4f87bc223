using System.Buffers;
using System.Security.Cryptography;

namespace Clob.Protocol;

public sealed partial class SigningKey
{
    private const int SeedDigits = SeedSize * 2;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>
    /// Reads a key file: 64 hexadecimal digits, then at most one line feed, in a file only its owner may touch.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">Group or others have a right on the file, or it holds something else.</exception>
    public static SigningKey Load(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        // The mode of the open file, not of the path: between the two the path could come to name another file.
        UnixFileMode mode = File.GetUnixFileMode(file.SafeFileHandle);
        if ((mode & ~Owner) != 0)
            throw new InvalidDataException($"The key file {path} has mode {Octal(mode)}: others than its owner have a right on it. Expected 0600 (chmod 600).");

        Span<byte> text = stackalloc byte[SeedDigits + 2];
        Span<byte> seed = stackalloc byte[SeedSize];
        try
        {
            int length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            bool whole = length == SeedDigits || (length == SeedDigits + 1 && text[SeedDigits] == (byte)'\n');
            if (!whole || Convert.FromHexString(text[..SeedDigits], seed, out _, out _) != OperationStatus.Done)
                throw new InvalidDataException($"The key file {path} does not hold {SeedDigits} hexadecimal digits and a line feed.");
            return FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>
    /// Writes the key to a new file as <see cref="SecretFile.Create"/> does: whole or not at all, and never over another. The caller
    /// syncs the directory where the name must survive a power failure.
    /// </summary>
    /// <exception cref="IOException">The file exists already, or the disk refuses.</exception>
    public void Save(string path)
    {
        Span<byte> text = stackalloc byte[SeedDigits + 1];
        Span<byte> seed = stackalloc byte[SeedSize];
        try
        {
            ExportSeed(seed);
            if (!Convert.TryToHexStringLower(seed, text, out _))
                throw new InvalidOperationException($"{SeedSize} bytes did not fit {SeedDigits} digits.");
            text[SeedDigits] = (byte)'\n';
            SecretFile.Create(path, text);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(text);
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    private static string Octal(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8);
}
