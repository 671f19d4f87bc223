using System.Diagnostics;
using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Ring;
using Clob.Settlement;

namespace Clob.Recovery;

/// <summary>
/// A snapshot of a large venue: how long it takes to write and to load, and what matching and the journal's commits notice of its being written. Loading uses
/// two threads, so on two free cores it takes half of its processor time.
/// </summary>
internal static class SnapshotMeasurement
{
    private static readonly TimeSpan CommitInterval = TimeSpan.FromMilliseconds(1);

    public static void Run(string directory, int accounts, int orders)
    {
        var venue = new TradedVenue(ExchangeCapacity.Default, _ => { });
        venue.Register(accounts);
        venue.Rest(orders);
        venue.Mark();
        string snapshots = VenueSnapshot.DirectoryIn(directory);
        long size = (long)venue.Venue.JournalSize;
        Write(snapshots, venue.Venue, onBlock: null); // warm
        long bytes = 0;
        Time("written at full speed", () => bytes = Write(snapshots, venue.Venue, onBlock: null));
        Console.WriteLine($"{"its size",-32} {bytes / 1_000_000} MB");
        for (int run = 1; run <= 3; run++)
        {
            GC.Collect();
            VenueSnapshot? loaded = null;
            Time("loaded", () => loaded = VenueSnapshot.Load(snapshots, (ulong)size, venue.Id, ExchangeCapacity.Default));
            Check(loaded!);
        }
        var exchange = venue.Venue.Exchange;
        Time("of a mark: audit", exchange.Audit);
        Time("of a mark: state root", () => StateRoot.Of(exchange, new StateCommitmentBuilder()));
        Commits(directory, venue.Venue, snapshots);
    }

    private static void Check(VenueSnapshot snapshot)
    {
        if (StateRoot.Of(snapshot.Exchange, new StateCommitmentBuilder()) != snapshot.Checkpoint.StateRoot)
            throw new InvalidDataException("another state");
    }

    private static long Write(string directory, ReplayedVenue venue, Action? onBlock)
    {
        using var writer = new SnapshotWriter(directory, venue.Venue.Bytes, (long)venue.JournalSize, onBlock: onBlock);
        VenueSnapshot.Write(writer, venue);
        writer.Complete();
        writer.Publish();
        return writer.Length;
    }

    /// <summary>An order applied and its record committed each millisecond, without and with a snapshot being written as the replica does it.</summary>
    private static void Commits(string directory, ReplayedVenue large, string snapshots)
    {
        JournalWriter? journal = null;
        byte[]? last = null;
        var matching = new TradedVenue(ExchangeCapacity.Default, record => last = record.ToArray());
        matching.Register(1_000);
        matching.Rest(20_000);
        var options = new JournalOptions { Directory = Path.Combine(directory, "journal"), Identity = matching.Id.Bytes.ToArray() };
        using (journal = new JournalWriter(options, JournalRecovery.Recover(options)))
        {
            Commit(journal, matching, () => last!, TimeSpan.FromSeconds(2)); // warm
            Print("alone", Commit(journal, matching, () => last!, TimeSpan.FromSeconds(10)));
            TimeSpan taken = default;
            long block = Stopwatch.GetTimestamp();
            var writing = new Thread(() =>
            {
                ThreadPlacement.UseIdleSchedulingClass();
                long start = Stopwatch.GetTimestamp();
                Write(snapshots, large, () =>
                {
                    Thread.Sleep(Stopwatch.GetElapsedTime(block)); // as SnapshotTaker does
                    block = Stopwatch.GetTimestamp();
                });
                taken = Stopwatch.GetElapsedTime(start);
            });
            writing.Start();
            Print("beside a snapshot being written", Commit(journal, matching, () => last!, TimeSpan.FromMinutes(5), () => !writing.IsAlive));
            Console.WriteLine(FormattableString.Invariant($"{"written beside them in",-32} {taken.TotalSeconds:F2} s"));
            Print("alone again", Commit(journal, matching, () => last!, TimeSpan.FromSeconds(10)));
        }
    }

    private static (List<double> Matching, List<double> Commits) Commit(JournalWriter journal, TradedVenue venue, Func<byte[]> last, TimeSpan duration, Func<bool>? until = null)
    {
        var matching = new List<double>();
        var commits = new List<double>();
        long start = Stopwatch.GetTimestamp();
        long next = start;
        while (Stopwatch.GetElapsedTime(start) < duration && until?.Invoke() != true)
        {
            next += (long)(CommitInterval.TotalSeconds * Stopwatch.Frequency);
            while (Stopwatch.GetTimestamp() < next)
                Thread.Yield();
            long before = Stopwatch.GetTimestamp();
            venue.Rest(1);
            matching.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
            before = Stopwatch.GetTimestamp();
            journal.TryAppend(last());
            journal.Commit();
            commits.Add(Stopwatch.GetElapsedTime(before).TotalMicroseconds);
        }
        return (matching, commits);
    }

    private static void Print(string what, (List<double> Matching, List<double> Commits) samples) =>
        Console.WriteLine($"{what,-32} matching p50 {At(samples.Matching, 0.5)}, p99 {At(samples.Matching, 0.99)}, p99.9 {At(samples.Matching, 0.999)} us; commit p50 {At(samples.Commits, 0.5)}, p99 {At(samples.Commits, 0.99)}, p99.9 {At(samples.Commits, 0.999)} us; {samples.Commits.Count} commits");

    private static string At(List<double> samples, double quantile)
    {
        List<double> sorted = [.. samples.Order()];
        return FormattableString.Invariant($"{sorted[Math.Min((int)(sorted.Count * quantile), sorted.Count - 1)]:F1}");
    }

    private static void Time(string what, Action work)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        work();
        TimeSpan wall = Stopwatch.GetElapsedTime(start);
        Console.WriteLine(FormattableString.Invariant($"{what,-32} {wall.TotalSeconds:F2} s, {(Environment.CpuUsage.TotalTime - processor).TotalSeconds:F2} s of processor time"));
    }
}
