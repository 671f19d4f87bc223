namespace Clob.Journal.Tests.Simulation;

/// <summary>What goes wrong with one operation.</summary>
public enum Fault
{
    /// <summary>EIO, nothing done; for a sync: the dirty pages are lost, yet clean from then on, as Linux has it.</summary>
    InputOutputError,

    /// <summary>ENOSPC, nothing done.</summary>
    NoSpace,

    /// <summary>Half is written and said so; the next write works.</summary>
    ShortWrite,

    /// <summary>Half is written and said so; the next write finds no space.</summary>
    ShortWriteThenNoSpace,

    /// <summary>Everything was done and is durable, but the caller is told EIO.</summary>
    FailedButPersisted,

    /// <summary>The host stops just before the operation: neither it nor anything after it happens.</summary>
    StoppedBefore,

    /// <summary>The host stops during the operation: what it did is volatile still, and nothing after it happens.</summary>
    StoppedDuring,
}

/// <summary>What a stop leaves.</summary>
public enum Crash
{
    /// <summary>The process ends, the host goes on: the page cache stays.</summary>
    Kill,

    /// <summary>The host loses all that was not synced.</summary>
    PowerCut,

    /// <summary>The host loses some of what was not synced, by sectors of 512 bytes, in no order.</summary>
    TornPowerCut,
}

/// <summary>
/// A disk in memory with a volatile and a stable part, that fails on the operation it is told to, and forgets at a crash what was not synced.
/// Names are as volatile as contents until their directory is synced.
/// </summary>
public sealed class SimulatedStorage : IStorage
{
    public const int SectorSize = 512;

    private readonly Dictionary<string, Node> _names = [];
    private readonly List<Action<Dictionary<string, Node>>> _pendingNames = [];
    private Dictionary<string, Node> _stableNames = [];
    private bool _noSpaceNext;

    /// <summary>Operations that change something, so far.</summary>
    public int Operations { get; private set; }

    /// <summary>The operation, from 0, at which <see cref="Fault"/> happens; -1 for none.</summary>
    public int FaultAt { get; set; } = -1;

    public Fault Fault { get; set; }

    /// <summary>Whether the fault came to pass.</summary>
    public bool Faulted { get; private set; }

    /// <summary>Sectors not synced that stops have lost.</summary>
    public long LostSectors { get; private set; }

    /// <summary>How often a stop has left of one file some of the sectors not synced, and lost others.</summary>
    public long TornFiles { get; private set; }

    /// <summary>Called before each operation that changes something: what others do while its caller waits for the disk.</summary>
    public Action? Meanwhile { get; set; }

    /// <summary>A sync that does nothing: the negative control of all power cuts.</summary>
    public bool SyncsAreIgnored { get; set; }

    /// <summary>Names and sizes of what was done, for a test that expects an order.</summary>
    public List<string> Log { get; } = [];

    public IStorageFile Open(string path, FileUse use)
    {
        if (use == FileUse.Create)
        {
            Step("create", path, () =>
            {
                var node = new Node();
                Rename(names => names[path] = node);
            });
        }
        if (!_names.TryGetValue(path, out Node? found))
            throw new DiskFailureException(path, "open", DiskFailureException.NotFound, "a file");
        return new SimulatedFile(this, path, found, use);
    }

    public void Rename(string source, string target) => Step("rename", source, () => Rename(names =>
    {
        if (names.Remove(source, out Node? node))
            names[target] = node;
    }));

    public void Delete(string path)
    {
        if (_names.ContainsKey(path))
            Step("delete", path, () => Rename(names => names.Remove(path)));
    }

    public IReadOnlyList<string> List(string directory) =>
        [.. _names.Keys.Where(name => Path.GetDirectoryName(name) == directory).Select(name => Path.GetFileName(name))];

    public void CreateDirectory(string directory)
    {
    }

    public void SyncDirectory(string directory) => Step("syncdir", directory, () =>
    {
        if (SyncsAreIgnored)
            return;
        _stableNames = new Dictionary<string, Node>(_names);
        _pendingNames.Clear();
    });

    public long AvailableBytes(string directory) => long.MaxValue; // no room is a fault of a write here

    /// <summary>Bytes of a file as a reader sees them, to look at or to spoil.</summary>
    public byte[] Bytes(string path) => _names[path].Content;

    /// <summary>Cuts a file or makes it longer, behind everybody's back.</summary>
    public void Resize(string path, int length) => Array.Resize(ref _names[path].Content, length);

    public IEnumerable<string> Files => _names.Keys.Order(StringComparer.Ordinal);

    /// <summary>The same disk once more, without faults to come.</summary>
    public SimulatedStorage Clone()
    {
        var nodes = new Dictionary<Node, Node>();
        Node Copy(Node node) => nodes.TryGetValue(node, out Node? copy) ? copy : nodes[node] = node.Clone();
        var clone = new SimulatedStorage { SyncsAreIgnored = SyncsAreIgnored };
        foreach ((string name, Node node) in _names)
            clone._names[name] = Copy(node);
        foreach ((string name, Node node) in _stableNames)
            clone._stableNames[name] = Copy(node);
        // Pending names are kept as one step: either none or all of them have happened.
        if (_pendingNames.Count > 0)
        {
            var target = new Dictionary<string, Node>(clone._names);
            clone._pendingNames.Add(names =>
            {
                names.Clear();
                foreach ((string name, Node node) in target)
                    names[name] = node;
            });
        }
        return clone;
    }

    /// <summary>The process or the host stops; what is left is what the next start finds.</summary>
    public void Stop(Crash crash, Random random)
    {
        FaultAt = -1;
        Faulted = false;
        _noSpaceNext = false;
        if (crash == Crash.Kill)
            return;
        var names = new Dictionary<string, Node>(_stableNames);
        int kept = crash == Crash.TornPowerCut ? random.Next(_pendingNames.Count + 1) : 0;
        foreach (Action<Dictionary<string, Node>> change in _pendingNames.Take(kept))
            change(names);
        _names.Clear();
        foreach ((string name, Node node) in names)
        {
            (int keptSectors, int lostSectors) = node.Lose(crash == Crash.TornPowerCut ? random : null);
            LostSectors += lostSectors;
            TornFiles += keptSectors > 0 && lostSectors > 0 ? 1 : 0;
            _names[name] = node;
        }
        _stableNames = new Dictionary<string, Node>(_names);
        _pendingNames.Clear();
    }

    private void Rename(Action<Dictionary<string, Node>> change)
    {
        change(_names);
        _pendingNames.Add(change);
    }

    private void Step(string operation, string path, Action work, Action? onLoss = null)
    {
        Meanwhile?.Invoke();
        Log.Add($"{operation} {Path.GetFileName(path)}");
        int number = Operations++;
        if (number > FaultAt && Faulted && Fault >= Fault.StoppedBefore)
            throw Failure(path, operation, DiskFailureException.InputOutput);
        if (number != FaultAt)
        {
            work();
            return;
        }
        Faulted = true;
        switch (Fault)
        {
            case Fault.FailedButPersisted:
                work();
                throw Failure(path, operation, DiskFailureException.InputOutput);
            case Fault.NoSpace or Fault.ShortWriteThenNoSpace:
                onLoss?.Invoke();
                throw Failure(path, operation, DiskFailureException.NoSpace);
            case Fault.StoppedBefore:
                throw Failure(path, operation, DiskFailureException.InputOutput);
            case Fault.StoppedDuring:
                if (operation is not ("sync" or "syncdir"))
                    work();
                throw Failure(path, operation, DiskFailureException.InputOutput);
            default:
                onLoss?.Invoke();
                throw Failure(path, operation, DiskFailureException.InputOutput);
        }
    }

    private static DiskFailureException Failure(string path, string operation, int error) => new(path, operation, error, "no fault");

    private int Write(string path, Node node, ReadOnlySpan<byte> bytes, long offset)
    {
        if (_noSpaceNext)
        {
            _noSpaceNext = false;
            throw Failure(path, "pwrite", DiskFailureException.NoSpace);
        }
        if (Operations == FaultAt && Fault is Fault.ShortWrite or Fault.ShortWriteThenNoSpace)
        {
            Operations++;
            Faulted = true;
            _noSpaceNext = Fault == Fault.ShortWriteThenNoSpace;
            int half = bytes.Length / 2;
            node.Write(bytes[..half], offset);
            return half;
        }
        byte[] copy = bytes.ToArray();
        Step("write", path, () => node.Write(copy, offset));
        return bytes.Length;
    }

    private void Sync(string path, Node node) => Step("sync", path, () =>
    {
        if (!SyncsAreIgnored)
            node.Sync();
    }, node.LoseQuietly);

    private sealed class SimulatedFile(SimulatedStorage storage, string path, Node node, FileUse use) : IStorageFile
    {
        public string Path { get; set; } = path;

        public long Length => node.Content.Length;

        public int Read(Span<byte> buffer, long offset)
        {
            int length = (int)Math.Max(0, Math.Min(buffer.Length, node.Content.Length - offset));
            node.Content.AsSpan((int)Math.Min(offset, node.Content.Length), length).CopyTo(buffer);
            return length;
        }

        public int Write(ReadOnlySpan<byte> bytes, long offset) =>
            use == FileUse.Read ? throw new InvalidOperationException($"{Path} is open for reading.") : storage.Write(Path, node, bytes, offset);

        public void SyncData() => storage.Sync(Path, node);

        public void Dispose()
        {
        }
    }

    private sealed class Node
    {
        public byte[] Content = [];
        private readonly HashSet<int> _dirty = [];
        private byte[] _stable = [];

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            int end = (int)offset + bytes.Length;
            if (Content.Length < end)
                Array.Resize(ref Content, end);
            bytes.CopyTo(Content.AsSpan((int)offset));
            for (int sector = (int)offset / SectorSize; sector * SectorSize < end; sector++)
                _dirty.Add(sector);
        }

        public void Sync()
        {
            foreach (int sector in _dirty)
                Persist(sector);
            // The length goes with the data.
            Array.Resize(ref _stable, Content.Length);
            _dirty.Clear();
        }

        public void LoseQuietly() => _dirty.Clear();

        public (int Kept, int Lost) Lose(Random? keepSome)
        {
            int kept = 0;
            int dirty = _dirty.Count;
            if (keepSome is not null)
            {
                foreach (int sector in _dirty.Order())
                {
                    if (keepSome.Next(2) != 0)
                        continue;
                    Persist(sector);
                    kept++;
                }
            }
            _dirty.Clear();
            Content = (byte[])_stable.Clone();
            return (kept, dirty - kept);
        }

        public Node Clone()
        {
            var clone = new Node { Content = (byte[])Content.Clone(), _stable = (byte[])_stable.Clone() };
            clone._dirty.UnionWith(_dirty);
            return clone;
        }

        private void Persist(int sector)
        {
            int start = sector * SectorSize;
            int length = Math.Min(SectorSize, Content.Length - start);
            if (_stable.Length < start + length)
                Array.Resize(ref _stable, start + length);
            Content.AsSpan(start, length).CopyTo(_stable.AsSpan(start));
        }
    }
}
