using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Clob.Protocol;
using Clob.Ring;

namespace Clob.Appliance.OrderEntry;

/// <summary>How a read of the archive stands.</summary>
internal enum ArchiveReadState
{
    /// <summary>With the background thread.</summary>
    UnderWay,

    /// <summary>Done; belongs to egress.</summary>
    Done,

    /// <summary>Failed; belongs to egress.</summary>
    Failed,
}

/// <summary>One read of a session that catches up; used again for its next one. Belongs to one thread at a time.</summary>
internal sealed class ArchiveRead
{
    /// <summary>Most reports at once: what one send to the session takes.</summary>
    public const int MaximumReports = 512;

    private int _state = (int)ArchiveReadState.Done;

    public byte[] Reports { get; } = new byte[MaximumReports * ExchangeEvent.ReportSize];

    public ulong Account { get; set; }

    public ulong From { get; set; }

    /// <summary>Bytes found.</summary>
    public int Size { get; set; }

    /// <summary>Why it failed. Egress logs it: a logger may wake up pool threads, which must not come from a thread of the idle class.</summary>
    public Exception? Failure { get; set; }

    public ArchiveReadState State
    {
        get => (ArchiveReadState)Volatile.Read(ref _state);
        set => Volatile.Write(ref _state, (int)value);
    }
}

/// <summary>
/// Reads the archive for sessions that catch up, on a thread of its own that runs only where no stage wants the core. One read at a time,
/// in the order asked for, each small: sessions that catch up share it fairly.
/// </summary>
internal sealed class ArchiveReader : IDisposable
{
    private readonly IReportArchive _archive;
    private readonly WakeUps _egress;
    private readonly BlockingCollection<ArchiveRead> _asked = [];
    private readonly Thread _thread;

    public ArchiveReader(IReportArchive archive, WakeUps egress)
    {
        (_archive, _egress) = (archive, egress);
        _thread = new Thread(Run) { Name = "report-archive", IsBackground = true };
        _thread.Start();
    }

    public void Ask(ArchiveRead read, ulong account, ulong from)
    {
        read.Account = account;
        read.From = from;
        read.Size = 0;
        read.State = ArchiveReadState.UnderWay;
        _asked.Add(read);
    }

    public void Dispose()
    {
        _asked.CompleteAdding();
        if (_thread.Join(TimeSpan.FromSeconds(5)))
            _asked.Dispose();
    }

    [SuppressMessage("Design", "CA1031", Justification = "Whatever an archive throws costs the session that asked, never the venue.")]
    private void Run()
    {
        ThreadPlacement.UseIdleSchedulingClass();
        foreach (ArchiveRead read in _asked.GetConsumingEnumerable())
        {
            if (_asked.IsAddingCompleted)
                return;
            try
            {
                read.Size = _archive.Read(read.Account, read.From, read.Reports);
                CheckReports(read);
                read.State = ArchiveReadState.Done;
            }
            catch (Exception failure)
            {
                read.Failure = failure;
                read.State = ArchiveReadState.Failed;
            }

            _egress.Signal();
        }
    }

    /// <summary>A client must be able to rely on a stream without gaps, so what comes from the archive is checked before it is passed on.</summary>
    private static void CheckReports(ArchiveRead read)
    {
        if (read.Size < 0 || read.Size > read.Reports.Length || read.Size % ExchangeEvent.ReportSize != 0)
            throw new InvalidDataException($"The archive gave {read.Size} bytes, which are no whole reports.");
        for (int i = 0; i < read.Size / ExchangeEvent.ReportSize; i++)
        {
            ReadOnlySpan<byte> bytes = read.Reports.AsSpan(i * ExchangeEvent.ReportSize, ExchangeEvent.ReportSize);
            if (!ExchangeEvent.TryReadReport(bytes, out ExchangeEvent report) || report.Account != read.Account || report.ReportSequence != read.From + (uint)i)
                throw new InvalidDataException($"The archive was asked for report {read.From + (uint)i} of account {read.Account} and gave {report.ReportSequence} of {report.Account}.");
        }
    }
}
