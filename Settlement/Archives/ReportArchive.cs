using Clob.Journal;
using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// Every execution report ever sent, found by account and report sequence: what a client that comes back is given. The file is made of
/// pages of 16 slots of 128 bytes (report and checksum); a page belongs to one account and holds 16 reports in a row, which the reports
/// in it say themselves:
/// <code>
/// page of account 7, reports 17 to 32              page of account 3, reports 1 to 16           …    2048 bytes each
/// ┌──────┬──────┬──────┬─── … ───┬──────┐          ┌──────┬──────┬── … ──┐
/// │  17  │  18  │  19  │         │  32  │          │  1   │  2   │       │
/// └──────┴──────┴──────┴─── … ───┴──────┘          └──────┴──────┴── … ──┘
/// </code>
/// Memory: 4 bytes for 16 reports and some 100 for an account that has any. The replica's thread appends and flushes; any thread reads
/// what is flushed.
/// After a restart the replay appends everything behind its snapshot again: what is stored is compared and skipped, what a crash has torn is rewritten.
/// </summary>
public sealed partial class ReportArchive : IDisposable
{
    /// <summary>The file below the data directory.</summary>
    public const string FileName = "archive/reports.dat";

    /// <summary>Bytes of a report.</summary>
    public const int ReportSize = ExchangeEvent.ReportSize;

    internal const int ReportsPerPage = 16;

    private readonly SlotFile _file;
    private readonly ReportPages _pages = new();
    private readonly Queue<uint> _freePages = new();

    // By page, as of the opening: how many reports in a row are whole from its first on.
    private byte[] _wholeInPage = [];
    private uint _pageCount;

    /// <summary>Opens or creates the archive below a data directory; reads it once to find the pages.</summary>
    /// <exception cref="DiskFailureException">A system call failed.</exception>
    public ReportArchive(string dataDirectory)
    {
        _file = new SlotFile(Path.GetFullPath(FileName, Path.GetFullPath(dataDirectory)), ReportSize);
        _pending = new PendingReports(_file);
        Scan();
    }

    /// <summary>Number of the account's next report, from 1: those below it can be read. Any thread.</summary>
    public ulong NextSequence(ulong account) => (_pages.Find(account)?.Count ?? 0) + 1;

    /// <summary>Number of the account's last report up to which all were whole when the archive was opened.</summary>
    internal ulong WholeThrough(ulong account)
    {
        if (_pages.Find(account) is not { } reports)
            return 0;
        ulong whole = 0;
        for (int index = 0; reports.TryGetPage(index, out uint page); index++)
        {
            byte here = page < _wholeInPage.Length ? _wholeInPage[page] : (byte)0;
            whole += here;
            if (here < ReportsPerPage)
                break;
        }
        return whole;
    }

    /// <summary>The account's next report to be appended is the one behind this number; those up to it are stored. The replica's thread only.</summary>
    internal void ResumeBehind(ulong account, ulong sequence)
    {
        if (sequence > 0)
            _pages.GetOrAdd(account).Appended = sequence;
    }

    /// <summary>Copies whole reports from a number on, as many as there are and fit. Any thread.</summary>
    /// <param name="account">The account.</param>
    /// <param name="fromSequence">The first wanted, from 1.</param>
    /// <param name="destination">Room for them, 120 bytes each.</param>
    /// <returns>
    /// Bytes written, a multiple of 120. Fewer than there is room for at the last report; also before one that a crash has torn and that
    /// replay has not rewritten yet: ask again later for the rest, up to <see cref="NextSequence"/>.
    /// </returns>
    public int Read(ulong account, ulong fromSequence, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfZero(fromSequence);
        if (_pages.Find(account) is not { } reports || fromSequence > reports.Count)
            return 0;
        int wanted = (int)Math.Min((ulong)(destination.Length / ReportSize), reports.Count - fromSequence + 1);
        Span<byte> slots = stackalloc byte[ReportsPerPage * _file.SlotSize];
        int copied = 0;
        while (copied < wanted)
        {
            ulong sequence = fromSequence + (uint)copied;
            (int index, int place) = Locate(sequence);
            int here = Math.Min(ReportsPerPage - place, wanted - copied);
            if (!reports.TryGetPage(index, out uint page))
                break;
            long slot = SlotOf(page, place);
            int whole = CopyWhole(slot, account, sequence, slots[..(here * _file.SlotSize)], destination[(copied * ReportSize)..]);
            copied += whole;
            if (whole < here)
                break;
        }
        return copied * ReportSize;
    }

    /// <summary>Makes everything flushed so far durable. Any thread.</summary>
    /// <exception cref="DiskFailureException">The sync failed: the process has to stop.</exception>
    public void Sync() => _file.Sync();

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static (int Index, int Place) Locate(ulong sequence) =>
        ((int)((sequence - 1) / ReportsPerPage), (int)((sequence - 1) % ReportsPerPage));

    private static long SlotOf(uint page, int place) => (long)page * ReportsPerPage + place;

    private static bool Is(ReadOnlySpan<byte> report, ulong account, ulong sequence) =>
        new BigEndianReader(report[ExchangeEvent.AccountOffset..]).U64() == account && new BigEndianReader(report[ExchangeEvent.ReportSequenceOffset..]).U64() == sequence;

    private int CopyWhole(long slot, ulong account, ulong sequence, Span<byte> slots, Span<byte> destination)
    {
        int read = _file.ReadRaw(slot, slots);
        for (int i = 0; i < read; i++)
        {
            bool whole = _file.TryOpen(slot + i, slots.Slice(i * _file.SlotSize, _file.SlotSize), out ReadOnlySpan<byte> report);
            if (!whole || !Is(report, account, sequence + (uint)i))
                return i;
            report.CopyTo(destination[(i * ReportSize)..]);
        }
        return read;
    }

    private uint TakePage() => _freePages.TryDequeue(out uint page) ? page : _pageCount++;

    /// <summary>
    /// Finds each page's owner by its first report, and how many are whole. A page whose first report is torn has no owner; replay gives it a new
    /// one. An account's last page says how many reports it has.
    /// </summary>
    private void Scan()
    {
        const int PagesAtOnce = 512;
        byte[] window = new byte[PagesAtOnce * ReportsPerPage * _file.SlotSize];
        long slots = _file.Capacity;
        _pageCount = (uint)((slots + ReportsPerPage - 1) / ReportsPerPage);
        _wholeInPage = new byte[_pageCount];
        for (long first = 0; first < slots; first += PagesAtOnce * ReportsPerPage)
        {
            int read = _file.ReadRaw(first, window);
            for (int i = 0; i < read; i += ReportsPerPage)
                Adopt((uint)((first + i) / ReportsPerPage), window.AsSpan(i * _file.SlotSize, Math.Min(ReportsPerPage, read - i) * _file.SlotSize));
        }
    }

    private void Adopt(uint page, ReadOnlySpan<byte> slots)
    {
        if (!_file.TryOpen(SlotOf(page, 0), slots[.._file.SlotSize], out ReadOnlySpan<byte> head))
        {
            _freePages.Enqueue(page);
            return;
        }
        ulong account = new BigEndianReader(head[ExchangeEvent.AccountOffset..]).U64();
        ulong sequence = new BigEndianReader(head[ExchangeEvent.ReportSequenceOffset..]).U64();
        if (sequence == 0 || (sequence - 1) % ReportsPerPage != 0)
            throw new InvalidDataException($"Page {page} of the report archive begins with report {sequence} of account {account}, expected the first of {ReportsPerPage}.");
        AccountReports reports = _pages.GetOrAdd(account);
        reports.SetPage(Locate(sequence).Index, page);
        byte whole = 1;
        for (int place = 1; place < slots.Length / _file.SlotSize; place++)
        {
            if (!_file.TryOpen(SlotOf(page, place), slots.Slice(place * _file.SlotSize, _file.SlotSize), out ReadOnlySpan<byte> report) || !Is(report, account, sequence + (uint)place))
                continue;
            whole += (byte)(whole == place ? 1 : 0);
            reports.Count = Math.Max(reports.Count, sequence + (uint)place);
        }
        reports.Count = Math.Max(reports.Count, sequence);
        _wholeInPage[page] = whole;
    }
}
