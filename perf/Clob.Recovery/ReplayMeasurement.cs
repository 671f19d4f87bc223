using System.Diagnostics;
using Clob.Engine;
using Clob.Journal;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.Recovery;

/// <summary>
/// The tail of a journal behind a snapshot: recovered from disk as at a start (checked, replayed, verdicts filled), beside the bare engine that
/// applies the same records from memory. Both begin with the exchange of the snapshot.
/// </summary>
internal static class ReplayMeasurement
{
    private const int Accounts = 1_000;
    private const int RestingOrders = 20_000;

    public static void Run(string directory, int commands, int batch)
    {
        var records = new List<byte[]>();
        var options = new JournalOptions { Directory = Path.Combine(directory, "journal"), Identity = new byte[32], Durability = JournalDurability.None };
        JournalWriter? journal = null;
        bool isTail = false;
        var before = new List<byte[]>();
        var venue = new TradedVenue(ExchangeCapacity.Default, record =>
        {
            if (!isTail)
                before.Add(record.ToArray());
            else
                Append(journal!, records, record);
        });
        venue.Register(Accounts);
        venue.Rest(RestingOrders);
        venue.Mark();
        options = new JournalOptions { Directory = options.Directory, Identity = venue.Id.Bytes.ToArray(), Durability = JournalDurability.None };
        journal = new JournalWriter(options, JournalRecovery.Recover(options));
        before.ForEach(record => Append(journal, [], record));
        ulong start = venue.Venue.JournalSize;
        string snapshots = VenueSnapshot.DirectoryIn(directory);
        using (var writer = new SnapshotWriter(snapshots, venue.Id.Bytes, (long)start))
        {
            VenueSnapshot.Write(writer, venue.Venue);
            writer.Complete();
            writer.Publish();
        }
        isTail = true;
        venue.Trade(commands, batch, markEvery: 500_000);
        journal.Commit();
        journal.Dispose();
        Console.WriteLine($"tail     {commands} commands, {batch} in an envelope: {records.Count} records, {records.Sum(record => (long)record.Length) / 1_000_000} MB, {venue.Venue.Exchange.ReadMarket(TradedVenue.Market)!.OpenOrders} orders open at its end");

        for (int run = 1; run <= 3; run++)
        {
            TimeSpan bare = Bare(Load(snapshots, start, venue), records);
            (TimeSpan check, TimeSpan replay) = Recover(options, Load(snapshots, start, venue));
            TimeSpan whole = check + replay;
            Console.WriteLine(FormattableString.Invariant(
                $"run {run}    bare engine {bare.TotalSeconds:F2} s; recovery {whole.TotalSeconds:F2} s = {whole / bare:F2} x (checking {check.TotalSeconds:F2} s, applying {replay.TotalSeconds:F2} s), {commands / whole.TotalSeconds / 1e6:F2} M commands/s"));
        }
    }

    private static Exchange Load(string snapshots, ulong size, TradedVenue venue)
    {
        Exchange exchange = VenueSnapshot.Load(snapshots, size, venue.Id, ExchangeCapacity.Default).Exchange;
        GC.Collect();
        return exchange;
    }

    private static TimeSpan Bare(Exchange exchange, List<byte[]> records)
    {
        var sink = new Nobody();
        long start = Stopwatch.GetTimestamp();
        foreach (byte[] record in records)
        {
            RecordHeader.TryRead(record, out RecordHeader header, out ReadOnlySpan<byte> payload);
            exchange.Apply(header, payload, SignatureHint.Settled(true), ref sink);
        }
        return Stopwatch.GetElapsedTime(start);
    }

    private static (TimeSpan Check, TimeSpan Replay) Recover(JournalOptions options, Exchange exchange)
    {
        long start = Stopwatch.GetTimestamp();
        var journaled = new JournaledVerdicts(exchange.NextUnsettled);
        RecoveredJournal journal = JournalRecovery.Recover(options, fromSequence: (long)exchange.NextSequence - 1, onRecord: journaled.Read);
        TimeSpan check = Stopwatch.GetElapsedTime(start);
        using var reader = new JournalReader(options.Directory, options.Identity.Span, (long)exchange.NextSequence) { TrustsChain = true };
        var sink = new Nobody();
        Settlement.Recovery.Replay(reader, (ulong)journal.NextSequence, exchange, journaled, new SignatureVerdicts(), ref sink);
        return (check, Stopwatch.GetElapsedTime(start) - check);
    }

    private static void Append(JournalWriter journal, List<byte[]> records, ReadOnlySpan<byte> record)
    {
        records.Add(record.ToArray());
        if (journal.TryAppend(record))
            return;
        journal.Commit();
        journal.TryAppend(record);
    }

    private readonly struct Nobody : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}
