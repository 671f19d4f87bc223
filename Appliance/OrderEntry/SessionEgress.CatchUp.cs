using Clob.Appliance.Diagnostics;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

internal sealed partial class SessionEgress
{
    /// <summary>Steps back through an account's recent reports in one flush; each may miss the caches.</summary>
    private const int SeekSteps = 1_024;

    /// <summary>When to ask the archive again for what it did not have yet.</summary>
    private static readonly TimeSpan ArchiveRetry = TimeSpan.FromMilliseconds(20);

    private int _seekSteps;

    /// <summary>
    /// The session's cursor is behind and not at a known position: look for it among the recent reports. If it is not there, what is older
    /// comes from the archive, chunk by chunk, until the cursor reaches what was among the recent ones; then look again, as live went on.
    /// </summary>
    private void Seek(SessionSender sender, in AccountStream stream)
    {
        sender.Source = ReportSource.Seeking;
        sender.Position = stream.Newest;
        sender.RecentFrom = stream.Next;
        if (!sender.IsListed)
            _catchingUp.Add(SessionIds.Slot(sender.Id));
        sender.IsListed = true;
    }

    private bool CatchUp()
    {
        bool any = false;
        _seekSteps = SeekSteps;
        for (int i = _catchingUp.Count - 1; i >= 0; i--)
        {
            SessionSender sender = _senders[_catchingUp[i]]!;
            bool wants = sender is { Id: not 0, IsListed: true, WantsReports: true };
            if (wants && sender.Source == ReportSource.Seeking)
                any |= SeekOn(sender);
            if (wants && sender.Source == ReportSource.Archive)
                any |= ReadOn(sender);
            if (wants && sender.Source != ReportSource.Recent)
                continue;
            sender.IsListed = false;
            _catchingUp[i] = _catchingUp[^1];
            _catchingUp.RemoveAt(_catchingUp.Count - 1);
        }

        return any;
    }

    private bool SeekOn(SessionSender sender)
    {
        if (sender.Cursor >= _streams[sender.Account].Next)
        {
            Found(sender, position: 0);
            return true;
        }

        bool any = false;
        for (; _seekSteps > 0; _seekSteps--)
        {
            any = true;
            if (!_recent.Has(sender.Position))
            {
                sender.Source = ReportSource.Archive;
                OrderEntryCounters.Add(ref _counters.OfEgress.CatchUps);
                break;
            }

            ref readonly RecentReports.Link link = ref _recent.LinkOf(sender.Position);
            if (link.Sequence == sender.Cursor)
            {
                Found(sender, sender.Position);
                break;
            }

            sender.RecentFrom = link.Sequence;
            sender.Position = link.Previous;
        }

        return any;
    }

    private void Found(SessionSender sender, long position)
    {
        sender.Source = ReportSource.Recent;
        sender.Position = position;
        sender.Read = null;
        Queue(sender);
    }

    /// <summary>Asks for the next chunk, or looks at the one asked for.</summary>
    private bool ReadOn(SessionSender sender)
    {
        if (sender.Read is not { } read)
        {
            sender.Read = new ArchiveRead();
            sender.ReadFramed = 0;
            _archive.Ask(sender.Read, sender.Account, sender.Cursor);
            return true;
        }

        switch (read.State)
        {
            case ArchiveReadState.UnderWay:
                return false;
            case ArchiveReadState.Failed:
                GiveUp(sender, read);
                return true;
            case ArchiveReadState.Done when sender.ReadFramed < read.Size:
                Queue(sender); // a send frames it
                return false;
            default:
                return AfterChunk(sender, read);
        }
    }

    /// <summary>
    /// What the session lacks cannot be had. It leaves the list of those that catch up, so this happens once however long its socket
    /// takes nothing.
    /// </summary>
    private void GiveUp(SessionSender sender, ArchiveRead read)
    {
        Log.ArchiveFailed(_logger, read.Account, read.From, read.Failure!);
        OrderEntryCounters.Add(ref _counters.OfEgress.ArchiveFailures);
        sender.Source = ReportSource.Recent;
        sender.Position = 0;
        sender.Read = null;
        if (sender.State == SenderState.Open)
        {
            Request(SessionRequestKind.Stop, sender.Id);
            BeginClosing(sender, EndReason.ReportsUnavailable, closeAt: sender.Cursor);
            return;
        }

        // It was closing already, and ingress knows: only what it would still have been sent is less now.
        sender.Reason = EndReason.ReportsUnavailable;
        sender.CloseAt = sender.Cursor;
        Queue(sender);
    }

    private bool AfterChunk(SessionSender sender, ArchiveRead read)
    {
        if (sender.Cursor >= sender.RecentFrom)
        {
            sender.Read = null;
            Seek(sender, _streams[sender.Account]);
            return true;
        }

        if (read.Size == 0 && sender.ReadNotBefore == 0)
            sender.ReadNotBefore = _now + _archiveRetry;
        if (_now < sender.ReadNotBefore)
            return false;
        sender.ReadNotBefore = 0;
        sender.ReadFramed = 0;
        _archive.Ask(read, sender.Account, sender.Cursor);
        return true;
    }

    private int FrameFromArchive(SessionSender sender, Span<byte> batch)
    {
        if (sender.Read is not { State: ArchiveReadState.Done } read)
            return 0;
        int size = 0;
        while (sender.ReadFramed < read.Size && batch.Length - size >= RecentReports.FrameSize)
        {
            size += SoupBinTcp.Write(batch[size..], SoupPacketType.SequencedData, read.Reports.AsSpan(sender.ReadFramed, ExchangeEvent.ReportSize));
            sender.ReadFramed += ExchangeEvent.ReportSize;
            sender.Cursor++;
        }

        OrderEntryCounters.Add(ref _counters.OfEgress.ReportsSent, size / RecentReports.FrameSize);
        return size;
    }
}
