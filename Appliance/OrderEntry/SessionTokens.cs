using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Clob.Journal;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// The passwords of order entry: 10 characters of base32(HMAC-SHA256(local secret, account ‖ generation)), so none is stored. The operator
/// makes an account's former ones worthless by raising its generation, kept in an append-only file:
/// <code>
///  0         8            12
///  │ account │ generation │ check: first 4 bytes of SHA-256 over the 12 before │
///  │ u64     │ u32        │ 4                                                  │
/// </code>
/// Safe from several threads.
/// </summary>
public sealed class SessionTokens : IDisposable
{
    /// <summary>Characters of a token: the password field of a login.</summary>
    public const int Size = 10;

    /// <summary>File of the secret: 64 hexadecimal digits and a line feed, mode 0600.</summary>
    public const string SecretFileName = "session.secret";

    /// <summary>File of the generations.</summary>
    public const string GenerationsFileName = "session.generations";

    private const int SecretSize = 32;
    private const int CheckedSize = 8 + 4;
    private const int EntrySize = CheckedSize + 4;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly byte[] _secret;
    private readonly FileStream _file;
    private readonly Lock _appending = new();
    private readonly ConcurrentDictionary<ulong, uint> _generations = new();

    private SessionTokens(byte[] secret, FileStream file)
    {
        _secret = secret;
        _file = file;
        ReadGenerations();
    }

    /// <summary>Opens the files in the directory of keys, which exists, and makes them if they are not there.</summary>
    /// <exception cref="InvalidDataException">The secret is open to others or is no secret; or an entry in the middle of the generations is damaged.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static SessionTokens Open(string keysDirectory)
    {
        byte[] secret = LoadOrCreateSecret(Path.Combine(keysDirectory, SecretFileName));
        FileStream file = new(Path.Combine(keysDirectory, GenerationsFileName), new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
            Options = FileOptions.WriteThrough,
            UnixCreateMode = OwnerOnly,
        });
        Disk.Storage.SyncDirectory(keysDirectory);
        return new SessionTokens(secret, file);
    }

    /// <summary>The account's token of now.</summary>
    public string Issue(ulong account) => Token(account, Generation(account));

    /// <summary>Makes the account's tokens so far worthless and gives the new one; on the disk before this returns. Sessions that are logged in stay.</summary>
    /// <exception cref="IOException">The disk refuses; the former token stays good.</exception>
    public string Rotate(ulong account)
    {
        lock (_appending)
        {
            uint generation = Generation(account) + 1;
            Span<byte> entry = stackalloc byte[EntrySize];
            WriteEntry(entry, account, generation);
            long end = _file.Position;
            try
            {
                _file.Write(entry);
            }
            catch
            {
                _file.Position = end; // the next one overwrites what part of this was written
                throw;
            }

            _generations[account] = generation;
            return Token(account, generation);
        }
    }

    /// <summary>Whether this is the account's token of now. Takes the same time wherever a wrong one differs.</summary>
    public bool Verify(ulong account, ReadOnlySpan<char> token) => Verify(account, token, out _);

    /// <summary>As <see cref="Verify(ulong, ReadOnlySpan{char})"/>, and says the token's generation: it rises with every <see cref="Rotate"/>.</summary>
    public bool Verify(ulong account, ReadOnlySpan<char> token, out uint generation)
    {
        generation = Generation(account);
        Span<byte> given = stackalloc byte[Size];
        Span<byte> right = stackalloc byte[Size];
        Encoding.ASCII.GetBytes(Token(account, generation), right);
        bool hasSize = token.Length == Size && Ascii.FromUtf16(token, given, out _) == OperationStatus.Done;
        return CryptographicOperations.FixedTimeEquals(given, right) && hasSize;
    }

    /// <summary>Closes the file and wipes the secret.</summary>
    public void Dispose()
    {
        _file.Dispose();
        CryptographicOperations.ZeroMemory(_secret);
    }

    private uint Generation(ulong account) => _generations.TryGetValue(account, out uint generation) ? generation : 0;

    private string Token(ulong account, uint generation)
    {
        Span<byte> message = stackalloc byte[CheckedSize];
        BinaryPrimitives.WriteUInt64BigEndian(message, account);
        BinaryPrimitives.WriteUInt32BigEndian(message[8..], generation);
        Span<byte> code = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, message, code);
        return Base32.Encode(code)[..Size];
    }

    private static void WriteEntry(Span<byte> entry, ulong account, uint generation)
    {
        BinaryPrimitives.WriteUInt64BigEndian(entry, account);
        BinaryPrimitives.WriteUInt32BigEndian(entry[8..], generation);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(entry[..CheckedSize], hash);
        hash[..(EntrySize - CheckedSize)].CopyTo(entry[CheckedSize..]);
    }

    /// <summary>An entry torn by a power failure was never answered: it can only be the last, and is overwritten.</summary>
    private void ReadGenerations()
    {
        Span<byte> entry = stackalloc byte[EntrySize];
        Span<byte> expected = stackalloc byte[EntrySize];
        long end = 0;
        while (_file.ReadAtLeast(entry, EntrySize, throwOnEndOfStream: false) == EntrySize)
        {
            ulong account = BinaryPrimitives.ReadUInt64BigEndian(entry);
            uint generation = BinaryPrimitives.ReadUInt32BigEndian(entry[8..]);
            WriteEntry(expected, account, generation);
            if (!entry.SequenceEqual(expected))
            {
                if (_file.Position < _file.Length)
                    throw new InvalidDataException($"{_file.Name} is damaged at byte {end}: session tokens that were revoked could be good again.");
                break;
            }

            _generations[account] = generation;
            end += EntrySize;
        }

        _file.SetLength(end);
        _file.Position = end;
    }

    private static byte[] LoadOrCreateSecret(string path)
    {
        if (!File.Exists(path))
        {
            byte[] secret = RandomNumberGenerator.GetBytes(SecretSize);
            SecretFile.Create(path, Encoding.ASCII.GetBytes(Convert.ToHexStringLower(secret) + "\n"));
            return secret;
        }

        UnixFileMode mode = File.GetUnixFileMode(path);
        if ((mode & ~(OwnerOnly | UnixFileMode.UserExecute)) != 0)
            throw new InvalidDataException($"The secret {path} has mode 0{Convert.ToString((int)mode, 8)}: others than its owner have a right on it. Expected 0600 (chmod 600).");
        string text = File.ReadAllText(path).TrimEnd('\n');
        return text.Length == 2 * SecretSize && text.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(text)
            : throw new InvalidDataException($"The secret {path} does not hold {2 * SecretSize} hexadecimal digits and a line feed.");
    }
}
