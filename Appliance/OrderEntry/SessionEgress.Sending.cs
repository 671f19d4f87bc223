using System.Buffers;
using Clob.Appliance.Sockets;
using Clob.Protocol;

namespace Clob.Appliance.OrderEntry;

internal sealed partial class SessionEgress
{
    /// <summary>
    /// Most bytes of one send, over 500 reports: enough that the cost of the call is spread thin, little enough for what a socket
    /// refuses to be kept.
    /// </summary>
    private const int BatchSize = 64 * 1024;

    /// <summary>Most bytes of one flush; the rest is for the next, so that many sessions with much to catch up do not delay a new report for long.</summary>
    private const int FlushSize = 16 * BatchSize;

    // Where a send is put together.
    private readonly byte[] _batch = new byte[BatchSize];

    private bool SendQueued()
    {
        bool any = false;
        long limit = _counters.OfEgress.BytesSent + FlushSize;
        for (int left = _toSend.Count; left > 0 && _counters.OfEgress.BytesSent < limit; left--)
        {
            SessionSender sender = _senders[_toSend.Dequeue()]!;
            if (!sender.IsQueued)
                continue; // of a session that ended in this slot
            sender.IsQueued = false;
            any |= Send(sender);
        }

        return any;
    }

    /// <summary>One send to one session. Returns whether something was sent.</summary>
    private bool Send(SessionSender sender)
    {
        if (sender.IsBlocked || sender.State is not (SenderState.Open or SenderState.Closing))
            return false;
        if (sender.HasUnsent)
            return SendUnsent(sender);

        int size = Frame(sender, _batch);
        if (size == 0)
        {
            CloseIfSaid(sender);
            return false;
        }

        int sent = SocketCalls.Send(sender.Descriptor, _batch.AsSpan(0, size));
        if (sent < size && !KeepUnsent(sender, sent, size))
            return false;
        return AfterSend(sender, sent);
    }

    private bool SendUnsent(SessionSender sender)
    {
        int sent = SocketCalls.Send(sender.Descriptor, sender.Unsent.AsSpan(sender.UnsentStart..sender.UnsentEnd));
        if (sent < 0 && !IsNotNow(sent))
        {
            Abandon(sender);
            return false;
        }

        sender.UnsentStart += Math.Max(0, sent);
        if (sender.HasUnsent)
            Block(sender, sent);
        else
            DropUnsent(sender);
        return AfterSend(sender, sent);
    }

    private bool AfterSend(SessionSender sender, int sent)
    {
        if (sent <= 0)
            return false;
        OrderEntryCounters.Add(ref _counters.OfEgress.BytesSent, sent);
        sender.LastSent = _now;
        sender.OwesHeartbeat = false;
        if (!sender.IsBlocked)
            Queue(sender); // until there is nothing to frame
        return true;
    }

    /// <summary>Keeps what the socket did not take; false when the connection is gone.</summary>
    private bool KeepUnsent(SessionSender sender, int sent, int size)
    {
        if (sent < 0 && !IsNotNow(sent))
        {
            Abandon(sender);
            return false;
        }

        int taken = Math.Max(0, sent);
        sender.Unsent = ArrayPool<byte>.Shared.Rent(BatchSize);
        _batch.AsSpan(taken, size - taken).CopyTo(sender.Unsent);
        sender.UnsentStart = 0;
        sender.UnsentEnd = size - taken;
        Block(sender, sent);
        return true;
    }

    private static bool IsNotNow(int result) => -result is SocketCalls.NotNow or SocketCalls.Interrupted or SocketCalls.OutOfBuffers or SocketCalls.OutOfMemory;

    private static void DropUnsent(SessionSender sender)
    {
        sender.UnsentStart = sender.UnsentEnd = 0;
        if (sender.Unsent is not { } rented)
            return;
        sender.Unsent = null;
        ArrayPool<byte>.Shared.Return(rented);
    }

    /// <summary>Waits for the socket to take more; only a byte taken counts as progress.</summary>
    private void Block(SessionSender sender, int sent)
    {
        if (sent > 0 || sender.BlockedSince == 0)
            sender.BlockedSince = _now;
        sender.IsBlocked = true;
        _blocked++;
        if (sender.IsWatched)
            _writable.Modify(sender.Descriptor, Epoll.Writable | Epoll.Once, (ulong)sender.Id);
        else
            _writable.Add(sender.Descriptor, Epoll.Writable | Epoll.Once, (ulong)sender.Id);
        sender.IsWatched = true;
    }

    private bool TakeWritable()
    {
        int count = _writable.Wait(0);
        for (int i = 0; i < count; i++)
        {
            if (Find((int)_writable.Data(i)) is not { IsBlocked: true } sender)
                continue;
            sender.IsBlocked = false;
            _blocked--;
            Queue(sender);
        }

        return count > 0;
    }

    /// <summary>Puts together what the session gets next, at most a batch.</summary>
    private int Frame(SessionSender sender, Span<byte> batch)
    {
        sender.BlockedSince = 0;
        int size = 0;
        if (sender.OwesLoginAccepted)
        {
            sender.OwesLoginAccepted = false;
            SoupBinTcp.WriteHead(batch, SoupPacketType.LoginAccepted, SoupLoginAccepted.Size);
            new SoupLoginAccepted(_connections.SessionName, sender.Cursor).Write(batch[SoupBinTcp.HeadSize..]);
            size = SoupBinTcp.HeadSize + SoupLoginAccepted.Size;
        }

        if (sender.OwesRefusal)
            size += FrameRefusal(sender, batch[size..]);
        if (sender.WantsReports)
            size += sender.Source == ReportSource.Archive ? FrameFromArchive(sender, batch[size..]) : FrameFromRecent(sender, batch[size..]);
        if (sender.State == SenderState.Closing && sender.Cursor >= sender.CloseAt && !sender.IsLastFramed && batch.Length - size >= LastPacketSize)
        {
            sender.IsLastFramed = true;
            size += EndReasons.Write(batch[size..], sender.Reason);
        }

        if (size == 0 && sender.OwesHeartbeat)
            size = SoupBinTcp.Write(batch, SoupPacketType.ServerHeartbeat, []);
        sender.OwesHeartbeat = false;
        return size;
    }

    /// <summary>The next refusal of the session may come.</summary>
    private int FrameRefusal(SessionSender sender, Span<byte> batch)
    {
        Span<byte> text = stackalloc byte[EnvelopeRefusal.MaximumSize];
        int size = SoupBinTcp.Write(batch, SoupPacketType.Debug, text[..EnvelopeRefusal.Write(text, sender.RefusedNonce)]);
        sender.OwesRefusal = false;
        SessionCredits credits = _creditsOf(SessionIds.Slot(sender.Id));
        Volatile.Write(ref credits.RefusalsSaid, credits.RefusalsSaid + 1);
        _ingress.Signal();
        return size;
    }

    private int FrameFromRecent(SessionSender sender, Span<byte> batch)
    {
        if (sender.Source == ReportSource.Seeking)
            return 0;
        int size = 0;
        long position = sender.Position;
        while (position != 0 && batch.Length - size >= RecentReports.FrameSize)
        {
            if (!_recent.Has(position))
            {
                // It took so little for so long that newer reports took their place.
                sender.Position = 0;
                Seek(sender, _streams[sender.Account]);
                break;
            }

            _recent.Frame(position).CopyTo(batch[size..]);
            size += RecentReports.FrameSize;
            sender.Cursor++;
            position = sender.Position = _recent.LinkOf(position).Next;
        }

        OrderEntryCounters.Add(ref _counters.OfEgress.ReportsSent, size / RecentReports.FrameSize);
        return size;
    }
}
