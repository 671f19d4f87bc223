using Clob.Journal;

namespace Clob.Pipeline.Tests;

/// <summary>The real disk, whose syncs of segments stand still while a test says so.</summary>
internal sealed class StallingStorage : IStorage
{
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _changed = new(false);
    private long _syncsLeft = long.MaxValue;

    /// <summary>Lets so many syncs through from now on, none for a stall.</summary>
    public void Allow(long syncs)
    {
        lock (_gate)
            _syncsLeft = syncs;
        _changed.Set();
    }

    public void GoOn() => Allow(long.MaxValue);

    public IStorageFile Open(string path, FileUse use) => new StallingFile(Disk.Storage.Open(path, use), this);

    public void Rename(string source, string target) => Disk.Storage.Rename(source, target);

    public void Delete(string path) => Disk.Storage.Delete(path);

    public IReadOnlyList<string> List(string directory) => Disk.Storage.List(directory);

    public void CreateDirectory(string directory) => Disk.Storage.CreateDirectory(directory);

    public void SyncDirectory(string directory) => Disk.Storage.SyncDirectory(directory);

    public long AvailableBytes(string directory) => Disk.Storage.AvailableBytes(directory);

    /// <summary>One thread writes groups, so one waits.</summary>
    private void WaitForTurn()
    {
        while (!TryTakeTurn())
            _changed.WaitOne();
    }

    private bool TryTakeTurn()
    {
        lock (_gate)
            return _syncsLeft > 0 && _syncsLeft-- > 0;
    }

    private sealed class StallingFile(IStorageFile file, StallingStorage storage) : IStorageFile
    {
        public string Path { get => file.Path; set => file.Path = value; }

        public long Length => file.Length;

        public int Read(Span<byte> buffer, long offset) => file.Read(buffer, offset);

        public int Write(ReadOnlySpan<byte> bytes, long offset) => file.Write(bytes, offset);

        public void SyncData()
        {
            if (Path.EndsWith(".seg", StringComparison.Ordinal)) // of a segment that is being prepared nobody waits
                storage.WaitForTurn();
            file.SyncData();
        }

        public void Dispose() => file.Dispose();
    }
}
