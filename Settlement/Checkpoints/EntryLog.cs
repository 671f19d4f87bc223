using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Clob.Journal;

namespace Clob.Settlement;

/// <summary>
/// An append-only file of texts, each durable before the next one is written, that a person can read:
/// <code>
/// clob-entry 00000123 (SHA-256 of the payload, 64 digits) LF        head: 85 bytes, the length in bytes as 8 decimal digits
/// payload
/// LF
/// … and nothing, or zeros, up to the end of the file
/// </code>
/// One append is in flight at a time, so after a crash at most the last entry is torn: it is cut (overwritten with zeros) when the log
/// is opened. Something that is no entry with a whole entry anywhere behind it is damage and stops the start.
/// One thread opens, appends and reads.
/// </summary>
internal sealed partial class EntryLog : IDisposable
{
    /// <summary>The longest payload, bytes: a signed note's.</summary>
    public const int MaximumPayload = Proofs.SignedNote.MaxSize;

    private const int LengthDigits = 8;
    private const int HashDigits = SHA256.HashSizeInBytes * 2;
    private static readonly int LengthOffset = Magic.Length;
    private static readonly int HashOffset = LengthOffset + LengthDigits + 1;
    private static readonly int HeadSize = HashOffset + HashDigits + 1;

    private readonly IStorageFile _file;

    private EntryLog(IStorageFile file, long end)
    {
        _file = file;
        EndOffset = end;
    }

    private static ReadOnlySpan<byte> Magic => "clob-entry "u8;

    /// <summary>Offset behind the last entry.</summary>
    public long EndOffset { get; private set; }

    /// <summary>Opens the log, creates it when it is missing, and cuts a torn last entry.</summary>
    /// <exception cref="InvalidDataException">An entry before the last is damaged; nothing was changed.</exception>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public static EntryLog Open(string path, IStorage storage)
    {
        string directory = Path.GetDirectoryName(path)!;
        storage.CreateDirectory(directory);
        bool exists = storage.List(directory).Contains(Path.GetFileName(path));
        IStorageFile file = storage.Open(path, exists ? FileUse.ReadWrite : FileUse.Create);
        try
        {
            long end = exists ? FindEnd(file) : 0;
            CutTail(file, end);
            // What was kept may be in the kernel's cache only, when the process (not the host) died before its sync.
            file.SyncData();
            storage.SyncDirectory(directory);
            if (Path.GetDirectoryName(directory) is { Length: > 0 } parent)
                storage.SyncDirectory(parent);
            return new EntryLog(file, end);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>The last whole entry's payload without changing anything; null when there is no such file or no entry.</summary>
    /// <exception cref="InvalidDataException">An entry before the last is damaged.</exception>
    public static byte[]? ReadLast(string path, IStorage storage)
    {
        byte[]? last = null;
        foreach (byte[] payload in ReadPassively(path, storage))
            last = payload;
        return last;
    }

    /// <summary>The whole entries of a file that somebody else may be writing; none when it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="storage">The disk.</param>
    /// <param name="patience">
    /// How long a last entry that looks damaged may take to become whole: somebody may be writing it. Null to take it for torn in any case.
    /// </param>
    /// <exception cref="InvalidDataException">An entry before the last is damaged, or the last where its end is judged.</exception>
    public static IEnumerable<byte[]> ReadPassively(string path, IStorage storage, TimeSpan? patience = null)
    {
        string directory = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(directory) || !storage.List(directory).Contains(Path.GetFileName(path)))
            yield break;
        using IStorageFile file = storage.Open(path, FileUse.Read);
        long offset = 0;
        foreach (byte[] payload in Read(file))
        {
            offset += HeadSize + payload.Length + 1;
            yield return payload;
        }
        // An entry that was being written when it was looked at may be whole by now, and others behind it.
        if (TryReadEntry(file, offset) is null)
            RequireNoEntryBehind(file, offset);
        if (patience is { } wait)
            RequireTornEnd(file, offset, wait);
    }

    /// <summary>All payloads in order, read as they are asked for.</summary>
    public IEnumerable<byte[]> ReadAll() => Read(_file);

    /// <summary>Appends a payload; when this returns it is on disk.</summary>
    public void Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > MaximumPayload)
            throw new ArgumentException($"An entry has at most {MaximumPayload} bytes, this one has {payload.Length}.", nameof(payload));
        byte[] entry = new byte[HeadSize + payload.Length + 1];
        Magic.CopyTo(entry);
        if (!payload.Length.TryFormat(entry.AsSpan(LengthOffset, LengthDigits), out _, "D8", System.Globalization.CultureInfo.InvariantCulture))
            throw new InvalidOperationException($"The length {payload.Length} does not fit {LengthDigits} digits.");
        entry[HashOffset - 1] = (byte)' ';
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(payload)), entry.AsSpan(HashOffset));
        entry[HeadSize - 1] = (byte)'\n';
        payload.CopyTo(entry.AsSpan(HeadSize));
        entry[^1] = (byte)'\n';
        _file.WriteFully(entry, EndOffset);
        _file.SyncData();
        EndOffset += entry.Length;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static IEnumerable<byte[]> Read(IStorageFile file)
    {
        long offset = 0;
        while (TryReadEntry(file, offset) is { } payload)
        {
            yield return payload;
            offset += HeadSize + payload.Length + 1;
        }
    }

    private static long FindEnd(IStorageFile file)
    {
        long offset = 0;
        while (TryReadEntry(file, offset) is { } payload)
            offset += HeadSize + payload.Length + 1;
        RequireNoEntryBehind(file, offset);
        return offset;
    }

    private static byte[]? TryReadEntry(IStorageFile file, long offset)
    {
        byte[] head = new byte[HeadSize];
        if (file.ReadFully(head, offset) < HeadSize || !head.AsSpan().StartsWith(Magic) || head[HeadSize - 1] != '\n' || head[HashOffset - 1] != ' ')
            return null;
        // What the file does not hold is not worth the memory: many heads may stand where one is looked for.
        if (!TryReadLength(head, out int length) || length > MaximumPayload || length >= file.Length - offset - HeadSize)
            return null;
        byte[] body = new byte[length + 1];
        if (file.ReadFully(body, offset + HeadSize) < body.Length || body[length] != '\n')
            return null;
        byte[] payload = body[..length];
        string hash = Encoding.ASCII.GetString(head, HashOffset, HashDigits);
        return hash == Convert.ToHexStringLower(SHA256.HashData(payload)) ? payload : null;
    }

    /// <summary>Eight digits and nothing else: the parser alone would take a sign.</summary>
    private static bool TryReadLength(ReadOnlySpan<byte> head, out int length)
    {
        ReadOnlySpan<byte> digits = head.Slice(LengthOffset, LengthDigits);
        length = 0;
        return !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') && Utf8Parser.TryParse(digits, out length, out int consumed) && consumed == LengthDigits;
    }

    /// <summary>A later whole entry proves that the one at <paramref name="end"/> was whole once: it was synced before the later one was written.</summary>
    private static void RequireNoEntryBehind(IStorageFile file, long end)
    {
        byte[] window = new byte[64 * 1024];
        for (long start = end + 1; ;)
        {
            int read = file.ReadFully(window, start);
            ReadOnlySpan<byte> left = window.AsSpan(0, read);
            for (int found; (found = left.IndexOf(Magic)) >= 0; left = left[(found + 1)..])
            {
                long offset = start + read - left.Length + found;
                if (TryReadEntry(file, offset) is not null)
                    throw new InvalidDataException($"{file.Path} is damaged at offset {end}: expected a whole entry, since there is a later one at offset {offset}; found something else.");
            }
            if (read < window.Length)
                return;
            start += read - (Magic.Length - 1);
        }
    }

    private static void CutTail(IStorageFile file, long end)
    {
        byte[] zeros = new byte[64 * 1024];
        long length = file.Length;
        for (long offset = end; offset < length; offset += zeros.Length)
            file.WriteFully(zeros.AsSpan(0, (int)Math.Min(zeros.Length, length - offset)), offset);
    }
}
