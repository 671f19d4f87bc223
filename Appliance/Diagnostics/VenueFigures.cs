using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Appliance.Pipeline;
using Clob.Settlement;

namespace Clob.Appliance.Diagnostics;

/// <summary>The figures of a running venue. docs/operating.md says what each means and when to worry.</summary>
internal static class VenueFigures
{
    /// <summary>Tells <paramref name="metrics"/> how each figure is read.</summary>
    internal static void Register(VenueMetrics metrics, Topology topology, OrderEntryCounters sessions, FeedCounters feed, SettlementPlane settlement)
    {
        metrics.Counter("clob_records_sequenced_total", "Journal size including what is still in the ring", () => topology.SequencedSize);
        metrics.Counter("clob_records_durable_total", "Journal size that is on disk", () => topology.DurableSize);
        metrics.Counter("clob_records_matched_total", "Journal size that is matched", () => topology.MatchedSize);
        metrics.Counter("clob_records_completed_total", "Journal size whose reports and messages have left", () => topology.CompletedSize);
        metrics.Gauge("clob_ring_records", "Records between sequencer and egress", () => -(double)topology.CompletedSize + topology.SequencedSize);
        metrics.Counter("clob_journal_groups_total", "Group commits since the start", () => topology.Journal.Groups);
        metrics.Counter("clob_journal_slow_groups_total", "Group commits that took over 10 ms", () => topology.Journal.SlowGroups);
        metrics.Counter("clob_journal_commit_seconds_total", "Time spent in group commits since the start", () => topology.Journal.CommitTime.TotalSeconds);
        metrics.Counter("clob_gc_pause_seconds_total", "Time in which the garbage collector held all threads", () => GC.GetTotalPauseDuration().TotalSeconds);
        metrics.Gauge("clob_journal_next_segment_ready", "1 when the next segment is prepared, 0 when it is not", () => topology.NextSegmentReady ? 1 : 0);
        metrics.Gauge("clob_cancels_only", "1 while only cancels are taken because the next segment cannot be made", () => topology.Obstacle is null ? 0 : 1);
        foreach (var thread in topology.Threads)
            metrics.CounterOfThread("clob_thread_allocated_bytes_total", "Managed memory that a thread of the pipeline has allocated; it stands still in steady trading", thread.Name, () => thread.AllocatedBytes);
        RegisterSessions(metrics, sessions);
        metrics.Counter("clob_feed_messages_total", "Market data messages published", () => feed.Messages);
        metrics.Counter("clob_feed_packets_total", "Market data packets sent", () => feed.Packets);
        metrics.Counter("clob_feed_lost_packets_total", "Market data packets that the system did not take", () => feed.LostPackets);
        metrics.Counter("clob_feed_waits_total", "Times egress waited for room in the system's send queue, at most 10 ms each", () => feed.Waits);
        RegisterSettlement(metrics, settlement);
    }

    private static void RegisterSessions(VenueMetrics metrics, OrderEntryCounters counters)
    {
        metrics.Gauge("clob_sessions", "Sessions that are logged in", () => counters.Sessions);
        metrics.Counter("clob_logins_rejected_total", "Logins that were refused", () => counters.LoginsRejected);
        metrics.Counter("clob_logins_paused_total", "Logins refused because sessions of the account sent bad signatures", () => counters.LoginsPaused);
        metrics.Counter("clob_logins_over_limit_total", "Logins refused because the account had as many sessions as it may", () => counters.LoginsOverLimit);
        metrics.Counter("clob_lingering_sessions_reset_total", "Sessions that were over and reset for later ones of their account, as their peers were slow to go", () => counters.LingeringReset);
        metrics.Counter("clob_envelopes_total", "Envelopes taken from sessions", () => counters.Envelopes);
        metrics.Counter("clob_malformed_total", "Sessions dropped for a malformed frame or envelope", () => counters.Malformed);
        metrics.Counter("clob_throttled_total", "Sessions dropped for sending too fast", () => counters.Throttled);
        metrics.Counter("clob_refused_envelopes_total", "Envelopes refused while only cancels were taken", () => counters.Refused);
        metrics.Counter("clob_slow_sessions_total", "Sessions dropped for not reading", () => counters.Slow);
        metrics.Counter("clob_bad_signatures_total", "Envelopes whose signature was not valid", () => counters.BadSignatures);
        metrics.Counter("clob_back_pressured_total", "Times a session had to wait for room in the ring", () => counters.BackPressured);
    }

    private static void RegisterSettlement(VenueMetrics metrics, SettlementPlane settlement)
    {
        metrics.Gauge("clob_settlement_lag_records", "Durable records that the replica has not applied", () => settlement.Status().Lag);
        metrics.Gauge("clob_da_lag_records", "Durable records that the data availability layer does not hold", () => settlement.Status().DaLag);
        metrics.Gauge("clob_da_failures", "Failed attempts at data availability since the last success", () => settlement.Status().DaFailures);
        metrics.Gauge("clob_checkpoint_number", "Number of the newest checkpoint", () => settlement.Status().CheckpointNumber);
        metrics.Gauge("clob_checkpoint_time_seconds", "Time of the newest checkpoint's mark, seconds since 1970", () => settlement.Status().CheckpointTime / 1_000_000_000d);
        metrics.Gauge("clob_snapshot_records", "Journal size of the newest snapshot", () => settlement.Status().SnapshotJournalSize);
        metrics.Gauge("clob_snapshot_duration_seconds", "How long the last snapshot took to write", () => settlement.Status().LastSnapshotDuration.TotalSeconds);
        metrics.Gauge("clob_mark_duration_seconds", "How long the replica took for the last mark", () => settlement.Status().LastMarkDuration.TotalSeconds);
    }
}
