using Clob.Journal;

namespace Clob.Fuzz.Tests;

/// <summary>Files that are arrays of exactly their length.</summary>
internal sealed class MemoryStorage : IStorage
{
    private readonly Dictionary<string, byte[]> _files = [];

    public byte[] this[string path]
    {
        get => _files[Path.GetFullPath(path)];
        set => _files[Path.GetFullPath(path)] = value;
    }

    /// <summary>Paths of all files, in the order of their names.</summary>
    public IEnumerable<string> Paths => _files.Keys.Order(StringComparer.Ordinal);

    public IStorageFile Open(string path, FileUse use)
    {
        if (use == FileUse.Create)
            this[path] = [];
        return new MemoryFile(this, path);
    }

    public void Rename(string source, string target)
    {
        this[target] = this[source];
        Delete(source);
    }

    public void Delete(string path) => _files.Remove(Path.GetFullPath(path));

    public IReadOnlyList<string> List(string directory) =>
        [.. _files.Keys.Where(path => Path.GetDirectoryName(path) == Path.GetFullPath(directory)).Select(path => Path.GetFileName(path))];

    public void CreateDirectory(string directory)
    {
    }

    public void SyncDirectory(string directory)
    {
    }

    public long AvailableBytes(string directory) => long.MaxValue;

    private sealed class MemoryFile(MemoryStorage storage, string path) : IStorageFile
    {
        public string Path { get; set; } = path;

        public long Length => storage[Path].Length;

        public int Read(Span<byte> buffer, long offset)
        {
            ReadOnlySpan<byte> file = storage[Path];
            if (offset >= file.Length)
                return 0;
            var left = file[(int)offset..];
            left = left[..Math.Min(left.Length, buffer.Length)];
            left.CopyTo(buffer);
            return left.Length;
        }

        public int Write(ReadOnlySpan<byte> bytes, long offset)
        {
            byte[] file = storage[Path];
            if (file.Length < offset + bytes.Length)
                Array.Resize(ref file, (int)offset + bytes.Length);
            bytes.CopyTo(file.AsSpan((int)offset));
            storage[Path] = file;
            return bytes.Length;
        }

        public void SyncData()
        {
        }

        public void Dispose()
        {
        }
    }
}
