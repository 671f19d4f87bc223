using System.Diagnostics;
using Clob.Protocol;
using HdrHistogram;

namespace Clob.Load.OpenLoop;

/// <summary>
/// Counts what became of one session's orders. An order counts if it was due behind the warm-up, and then everything about it does: that it was
/// sent, its answer and latency, its reject, its fills. The sending thread tells of orders, the receiving thread of reports.
/// </summary>
/// <param name="batch">Orders per envelope.</param>
internal sealed class OrderTally(int batch)
{
    /// <summary>Nonces that can be unanswered at a time.</summary>
    private const int MaximumOpen = Envelope.MaximumUnacknowledged * Envelope.MaximumCommands;

    /// <summary>Five minutes: beyond that an order is as good as lost.</summary>
    private const long HighestLatencyNanoseconds = 300L * 1_000_000_000;

    private readonly long[] _dueByNonce = new long[MaximumOpen];

    /// <summary>Timestamp before which orders are due that do not count.</summary>
    public long CountFrom { get; set; }

    /// <summary>Latencies in nanoseconds; to be read when sending and receiving are over.</summary>
    public LongHistogram Latencies { get; } = new(HighestLatencyNanoseconds, 3);

    public long Sent { get; private set; }

    public long Answered { get; private set; }

    public long Rejected { get; private set; }

    /// <summary>Fills as the taker.</summary>
    public long Fills { get; private set; }

    public RejectReason FirstRejectReason { get; private set; }

    /// <summary>Timestamp of the last answer, counted or not.</summary>
    public long LastAnswer { get; private set; }

    /// <summary>The order of this nonce will be sent and was due at this timestamp.</summary>
    public void NoteDue(ulong nonce, long due) => Volatile.Write(ref _dueByNonce[nonce % MaximumOpen], due);

    /// <summary>An envelope that was due at this timestamp is sent.</summary>
    public void NoteSent(long due) => Sent += due < CountFrom ? 0 : batch;

    /// <summary>Takes a report that came at the timestamp <paramref name="now"/>.</summary>
    public void Take(in ExchangeEvent report, long now)
    {
        switch (report.Kind)
        {
            case EventKind.Accepted:
                Answer(report.Nonce, now);
                break;
            case EventKind.Rejected:
                Reject(report, report.Nonce);
                Answer(report.Nonce, now);
                break;
            case EventKind.EnvelopeRejected:
                for (int i = 0; i < batch; i++)
                {
                    Reject(report, report.Nonce + (uint)i);
                    Answer(report.Nonce + (uint)i, now);
                }

                break;
            case EventKind.Executed when (report.Flags & EventFlags.Taker) != 0 && Counts(report.Nonce): // the taker's own nonce
                Fills++;
                break;
        }
    }

    private bool Counts(ulong nonce) => DueOf(nonce) >= CountFrom;

    private long DueOf(ulong nonce) => Volatile.Read(ref _dueByNonce[nonce % MaximumOpen]);

    private void Reject(in ExchangeEvent report, ulong nonce)
    {
        if (!Counts(nonce))
            return;
        Rejected++;
        if (FirstRejectReason == RejectReason.None)
            FirstRejectReason = (RejectReason)report.Reason;
    }

    private void Answer(ulong nonce, long now)
    {
        LastAnswer = now;
        if (!Counts(nonce))
            return;
        Answered++;
        Latencies.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(DueOf(nonce), now).TotalNanoseconds, 0, HighestLatencyNanoseconds));
    }
}
