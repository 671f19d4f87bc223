using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Clob.Proofs;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement.Tests;

/// <summary>
/// Settlement's threads give way to all others. A thread that a thread of the idle class creates is of that class too (unless the process
/// may raise priorities, as root may), and the pool creates threads on whoever queues work: so nothing that could queue work runs there.
/// </summary>
public sealed partial class SchedulingClassTests
{
    private const int Idle = 5; // SCHED_IDLE

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Test]
    public async Task Layer_and_log_are_called_and_reads_answered_from_threads_of_the_normal_class()
    {
        using TestVenue venue = new TestVenue().Open();
        venue.Trade();
        venue.Mark();
        using FileLedger ledger = venue.Ledger();
        var seen = new ConcurrentBag<(string What, int Class)>();
        await using var plane = new SettlementPlane(venue.Options, new SettlementHost
        {
            DurableSize = () => venue.DurableSize,
            RequestMark = () => false,
            OnThreadStart = name =>
            {
                int priority = 0;
                Assert.That(SetScheduler(0, Idle, in priority), Is.Zero);
                seen.Add((name, GetScheduler(0)));
            },
            OnFatal = failure => Assert.Fail(failure.ToString()),
        }, venue.Verdicts, venue.LogKey, ledger, new WatchedLayer(seen), new WatchedLogger(seen));
        plane.Start();
        int reader = await plane.Replica.ReadAsync(_ => GetScheduler(0), Patience);
        seen.Add(("answer", GetScheduler(0)));
        Assert.That(await plane.StopAsync(Patience));

        Assert.That(reader, Is.EqualTo(Idle), "the read itself");
        Assert.That(seen.Where(each => each.What.StartsWith("settlement-", StringComparison.Ordinal)).Select(each => each.Class), Is.EqualTo((int[])[Idle, Idle, Idle]));
        Assert.That(seen.Select(each => each.What), Does.Contain("put").And.Contain("limit").And.Contain("Data availability takes batches of up to 1048576 bytes"));
        Assert.That(seen.Where(each => each.Class == Idle && !each.What.StartsWith("settlement-", StringComparison.Ordinal)), Is.Empty);
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, in int parameters);

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);

    private sealed class WatchedLayer(ConcurrentBag<(string What, int Class)> seen) : IDataAvailability
    {
        public Task<byte[]> PutAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
        {
            seen.Add(("put", GetScheduler(0)));
            return Task.FromResult(Hash256.Of(batch.Span).Bytes.ToArray());
        }

        public Task<byte[]> GetAsync(ReadOnlyMemory<byte> commitment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<long> MaximumBatchSizeAsync(CancellationToken cancellation)
        {
            seen.Add(("limit", GetScheduler(0)));
            return Task.FromResult(1L << 20);
        }
    }

    private sealed class WatchedLogger(ConcurrentBag<(string What, int Class)> seen) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            seen.Add((formatter(state, exception), GetScheduler(0)));
    }
}
