using System.Runtime.InteropServices;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

/// <summary>
/// The most recent execution reports of all accounts, framed as sequenced packets and linked per account in both directions. Positions
/// count from 1 for ever; 0 is none. Owned by egress.
/// </summary>
internal sealed class RecentReports
{
    /// <summary>Bytes of a report as a sequenced packet.</summary>
    public const int FrameSize = SoupBinTcp.HeadSize + ExchangeEvent.ReportSize;

    private const int SlotSize = 128; // a frame in two whole cache lines

    private readonly byte[] _frames;
    private readonly Link[] _links;
    private readonly int _mask;

    static RecentReports()
    {
        if (FrameSize > SlotSize)
            throw new InvalidOperationException($"A framed report has {FrameSize} bytes and its slot {SlotSize}.");
    }

    /// <param name="capacity">A power of two.</param>
    public RecentReports(int capacity)
    {
        _frames = new byte[capacity * SlotSize];
        _links = new Link[capacity];
        _mask = capacity - 1;
        Array.Fill(_frames, (byte)0xFF); // touched now, not by the first reports
        Array.Fill(_links, new Link { Sequence = ulong.MaxValue });
    }

    /// <summary>Position of the newest report.</summary>
    public long Newest { get; private set; }

    /// <summary>How many are kept.</summary>
    public int Capacity => _mask + 1;

    /// <summary>Whether that report is still here.</summary>
    public bool Has(long position) => position > 0 && Newest - position <= _mask;

    /// <summary>Appends a report; <paramref name="previous"/> is the position of its account's one before it, 0 for none known.</summary>
    public long Append(in ExchangeEvent report, long previous)
    {
        if (Has(previous))
            _links[previous & _mask].Next = Newest + 1;
        long position = ++Newest;
        int index = (int)(position & _mask);
        Span<byte> frame = _frames.AsSpan(index * SlotSize, FrameSize);
        SoupBinTcp.WriteHead(frame, SoupPacketType.SequencedData, ExchangeEvent.ReportSize);
        report.WriteReport(frame[SoupBinTcp.HeadSize..]);
        _links[index] = new Link { Previous = previous, Next = 0, Sequence = report.ReportSequence };
        return position;
    }

    /// <summary>The report as a sequenced packet; it must be here still.</summary>
    public ReadOnlySpan<byte> Frame(long position) => _frames.AsSpan((int)(position & _mask) * SlotSize, FrameSize);

    /// <summary>Its neighbours and its sequence; it must be here still.</summary>
    public ref readonly Link LinkOf(long position) => ref _links[position & _mask];

    /// <summary>A report's neighbours in its account's stream.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Link
    {
        /// <summary>Position of the report before; 0 for none known, and it may be gone.</summary>
        public long Previous;

        /// <summary>Position of the report after, 0 while this is the account's newest.</summary>
        public long Next;

        /// <summary>Report sequence.</summary>
        public ulong Sequence;
    }
}

/// <summary>Where an account's stream of reports stands.</summary>
internal struct AccountStream
{
    /// <summary>Sequence of its next report; 0 while that is not known.</summary>
    public ulong Next;

    /// <summary>Position of its newest report among the recent ones, 0 for none; it may be gone.</summary>
    public long Newest;

    /// <summary>Slot + 1 of the first of its sessions, 0 for none.</summary>
    public int FirstSession;
}

/// <summary>The streams of all accounts by number, in pages that appear when first used: account numbers are dense. Owned by egress.</summary>
internal sealed class AccountStreams
{
    private const int PageBits = 12;
    private const int PageSize = 1 << PageBits;

    private AccountStream[]?[] _pages = new AccountStream[]?[1_024];

    /// <summary>The account's stream; the account is at most <see cref="SoupLogin.MaximumAccount"/>.</summary>
    public ref AccountStream this[ulong account]
    {
        get
        {
            int page = (int)(account >> PageBits);
            if (page >= _pages.Length)
                Array.Resize(ref _pages, Math.Max(page + 1, _pages.Length * 2));
            AccountStream[] streams = _pages[page] ??= new AccountStream[PageSize];
            return ref streams[account & (PageSize - 1)];
        }
    }
}
