using System.Collections.Concurrent;
using Clob.Appliance.OrderEntry;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>
/// What lies between ingress and egress, in few lines: takes envelopes in order, answers each command with one report, and keeps all
/// reports as its archive.
/// </summary>
internal sealed class FakeExchange : IEnvelopeSequencer, ISessionObserver, IReportArchive
{
    private readonly ConcurrentQueue<Published> _published = new();
    private readonly ConcurrentDictionary<ulong, List<ExchangeEvent>> _reports = new();

    private readonly ConcurrentDictionary<ulong, ulong> _nextAtStart = new();

    /// <summary>How many envelopes are taken before the next is refused.</summary>
    public long Room { get; set; } = long.MaxValue;

    /// <summary>Asked on the ingress thread whether an envelope is refused for now.</summary>
    public Func<bool>? Refuses { get; set; }

    /// <summary>Told, with 1, of the account of each envelope that is taken, on the ingress thread, and with -1 of each that is answered, on the egress thread.</summary>
    public Action<ulong, int>? UnderWay { get; set; }

    /// <summary>Of those taken, with a bad signature.</summary>
    public long BadTaken { get; private set; }

    /// <summary>Envelopes taken, with first nonce, in order.</summary>
    public ConcurrentQueue<(int Session, ulong Account, ulong Nonce)> Taken { get; } = new();

    /// <summary>What the observer heard.</summary>
    public ConcurrentQueue<string> Heard { get; } = new();

    /// <summary>Reads of the archive.</summary>
    public ConcurrentQueue<ulong> ArchiveReads { get; } = new();

    /// <summary>How far behind live the archive is, in reports.</summary>
    public int ArchiveLag { get; set; }

    /// <summary>How long a read of it takes, and how much it gives at most.</summary>
    public TimeSpan ArchiveDelay { get; set; }

    /// <summary>Reads wait for it.</summary>
    public ManualResetEventSlim? ArchiveGate { get; set; }

    public int ArchiveMost { get; set; } = 1_000;

    /// <summary>Thrown by the next reads.</summary>
    public Exception? ArchiveFailure { get; set; }

    /// <summary>Only those that ask from here on.</summary>
    public ulong ArchiveFailsFrom { get; set; } = 1;

    /// <summary>As of the last <see cref="Start"/>.</summary>
    public ulong NextReportSequence(ulong account) => _nextAtStart.GetValueOrDefault(account, 1UL);

    /// <summary>What a restart knows.</summary>
    public void Start()
    {
        foreach ((ulong account, List<ExchangeEvent> reports) in _reports)
            _nextAtStart[account] = (ulong)reports.Count + 1;
    }

    /// <summary>Asked on the ingress thread whether an envelope is taken; null takes all.</summary>
    public Func<ulong, bool>? Takes { get; set; }

    public bool Admits(in Envelope envelope) => Takes is not { } takes || takes(envelope.FirstNonce);

    public bool TryPublish(ReadOnlySpan<byte> envelope, int session)
    {
        if (Room == 0 || Refuses?.Invoke() == true)
            return false;
        Room--;
        if (!Envelope.TryRead(envelope, out Envelope read, out EnvelopeFault fault))
            throw new InvalidOperationException($"published though malformed: {fault}");
        bool isBad = read.Signature.IndexOfAnyExcept((byte)0) < 0;
        BadTaken += isBad ? 1 : 0;
        Taken.Enqueue((session, read.Account, read.FirstNonce));
        UnderWay?.Invoke(read.Account, 1);
        _published.Enqueue(new Published(session, read.Account, read.FirstNonce, read.Count, isBad));
        return true;
    }

    public void OnSessionStarted(ulong account) => Heard.Enqueue($"start {account}");

    public void OnLastSessionEnded(ulong account, bool hasPublished) => Heard.Enqueue(hasPublished ? $"last {account}" : $"last {account}, nothing sent");

    /// <summary>Answers up to <paramref name="most"/> envelopes; a signature of zeros counts as bad.</summary>
    public int Answer(OrderEntryGateway gateway, int most = int.MaxValue)
    {
        int answered = 0;
        for (; answered < most && _published.TryDequeue(out Published published); answered++)
        {
            for (int i = 0; i < (published.BadSignature ? 1 : published.Count); i++)
                gateway.Deliver(Report(published.Account, published.BadSignature ? EventKind.EnvelopeRejected : EventKind.Accepted, published.Nonce + (uint)i));
            gateway.Complete(published.Session, published.BadSignature);
            UnderWay?.Invoke(published.Account, -1);
        }

        return answered;
    }

    /// <summary>Makes the account's next report; it is in the archive from now on, but for its lag.</summary>
    public ExchangeEvent Report(ulong account, EventKind kind = EventKind.Accepted, ulong nonce = 0)
    {
        List<ExchangeEvent> reports = Of(account);
        lock (reports)
        {
            ExchangeEvent report = new()
            {
                Kind = kind,
                Reason = kind == EventKind.EnvelopeRejected ? (byte)RejectReason.BadSignature : (byte)0,
                Account = account,
                Nonce = nonce,
                ReportSequence = (ulong)reports.Count + 1,
                RecordSequence = 7,
            };
            reports.Add(report);
            return report;
        }
    }

    public int Read(ulong account, ulong fromSequence, Span<byte> destination)
    {
        ArchiveReads.Enqueue(fromSequence);
        ArchiveGate?.Wait();
        if (ArchiveDelay > TimeSpan.Zero)
            Thread.Sleep(ArchiveDelay);
        if (ArchiveFailure is { } failure && fromSequence >= ArchiveFailsFrom)
            throw failure;
        List<ExchangeEvent> reports = Of(account);
        lock (reports)
        {
            int size = 0;
            for (int i = (int)fromSequence - 1; i < reports.Count - ArchiveLag && size < Math.Min(ArchiveMost * ExchangeEvent.ReportSize, destination.Length); i++)
            {
                reports[i].WriteReport(destination[size..]);
                size += ExchangeEvent.ReportSize;
            }

            return size;
        }
    }

    private List<ExchangeEvent> Of(ulong account) => _reports.GetOrAdd(account, _ => []);

    private readonly record struct Published(int Session, ulong Account, ulong Nonce, int Count, bool BadSignature);
}
