namespace Clob.Journal;

/// <summary>
/// Makes the next segment ahead of time: a file of the full size under a temporary name, written with zeros (so that writing into it later changes
/// no metadata and a sync costs one write) and synced. The writer takes it at rollover, when first sequence and chain hash are known.
/// A failed attempt leaves no file behind and is made again: nothing that was promised is in it, unlike in a failed commit.
/// An attempt ahead of time leaves <see cref="JournalOptions.SpareBytes"/> to others; the last one, when the segment is due, does not.
/// </summary>
internal sealed class SegmentPreparation : IDisposable
{
    // One sync per piece keeps the zeros from queueing before the commits' own writes.
    private const int PieceSize = 1024 * 1024;

    private readonly JournalOptions _options;
    private readonly string _path;
    private readonly byte[] _zeros;
    private readonly Lock _attempt = new();
    private readonly AutoResetEvent _wanted = new(false);
    private readonly Thread? _thread;

    // Guarded by _attempt, except that _ready and _failure may be read by any thread as a hint.
    private volatile IStorageFile? _ready;
    private volatile DiskFailureException? _failure;
    private volatile bool _stopping;
    private bool _needed;

    internal SegmentPreparation(JournalOptions options)
    {
        _options = options;
        _path = JournalDirectory.PreparedPath(options.Directory);
        _zeros = new byte[Math.Min(PieceSize, options.SegmentSize)];
        if (options.Preparation == SegmentPreparationMode.Background)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "journal-preparation" };
            _thread.Start();
        }
    }

    internal bool Ready => _ready is not null;

    /// <summary>Why the last attempt ahead of time failed, null once one has succeeded.</summary>
    internal DiskFailureException? Failure => _failure;

    /// <summary>Asks for the next segment; returns at once when a background thread makes it.</summary>
    internal void Begin()
    {
        lock (_attempt)
        {
            _needed = true;
            if (_thread is null)
                TryPrepareAhead();
        }
        _wanted.Set();
    }

    /// <summary>Hands over the prepared segment, waiting for an attempt under way and making one here if there is none.</summary>
    /// <exception cref="DiskFailureException">That attempt failed.</exception>
    internal IStorageFile Take()
    {
        lock (_attempt)
        {
            IStorageFile file = _ready ?? Prepare() ?? throw new DiskFailureException(_path, "pwrite", 0, "a prepared segment before the writer stops");
            _ready = null;
            _needed = false;
            return file;
        }
    }

    public void Dispose()
    {
        if (_stopping)
            return;
        _stopping = true;
        _wanted.Set();
        _thread?.Join();
        _ready?.Dispose();
        _wanted.Dispose();
    }

    private void Run()
    {
        while (!_stopping)
        {
            lock (_attempt)
            {
                if (_needed && _ready is null)
                    TryPrepareAhead();
            }
            _wanted.WaitOne(_failure is null ? Timeout.InfiniteTimeSpan : _options.PreparationRetry);
        }
    }

    /// <summary>
    /// Sets what is ready, or why nothing is. That the last attempt at a segment that was due succeeded does not take a failure back: it says nothing of
    /// the one after.
    /// </summary>
    private void TryPrepareAhead()
    {
        try
        {
            _options.Storage.Delete(_path); // of a former process: its room counts as free
            RequireRoom();
            _ready = Prepare();
            if (_ready is not null)
                _failure = null;
        }
        catch (DiskFailureException failure)
        {
            _failure = failure;
        }
    }

    private void RequireRoom()
    {
        long available = _options.Storage.AvailableBytes(_options.Directory);
        if (available - _options.SpareBytes < _options.SegmentSize)
            throw new DiskFailureException(_path, "statfs", DiskFailureException.NoSpace, $"room for {_options.SegmentSize} bytes, and {_options.SpareBytes} left to others; {available} are left in all");
    }

    /// <summary>The file, synced; null when the writer stops meanwhile.</summary>
    /// <exception cref="DiskFailureException">It could not be made, and what there was of it is gone.</exception>
    private IStorageFile? Prepare()
    {
        IStorageFile? file = null;
        try
        {
            file = _options.Storage.Open(_path, FileUse.Create);
            if (Fill(file))
                return file;
            file.Dispose();
            return null;
        }
        catch (DiskFailureException)
        {
            file?.Dispose();
            GiveRoomBack();
            throw;
        }
    }

    /// <summary>False when the writer stops meanwhile.</summary>
    private bool Fill(IStorageFile file)
    {
        for (long offset = 0; offset < _options.SegmentSize;)
        {
            if (_stopping)
                return false;
            int length = (int)Math.Min(_zeros.Length, _options.SegmentSize - offset);
            file.WriteFully(_zeros.AsSpan(0, length), offset);
            if (_options.Durability == JournalDurability.DataSync)
                file.SyncData();
            offset += length;
        }
        return true;
    }

    /// <summary>Half a segment must not keep the disk full. That it cannot be deleted changes nothing: the failure is reported already.</summary>
    private void GiveRoomBack()
    {
        try
        {
            _options.Storage.Delete(_path);
        }
        catch (DiskFailureException)
        {
        }
    }
}
