using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Clob.Load.OpenLoop;

/// <summary>
/// Decides when envelopes are due, by the rate alone: a venue that answers late does not slow it down. Sleeps between them by
/// nanosleep, because Thread.Sleep knows milliseconds only and spinning would take a core from the venue on a small host.
/// </summary>
internal sealed partial class Pacer(LoadOptions options, IReadOnlyList<LoadSession> sessions)
{
    private const int TimerSlackOption = 29; // PR_SET_TIMERSLACK of prctl(2)
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WindowPoll = TimeSpan.FromMicroseconds(50);

    /// <summary>Sends for warm-up and measurement; returns when everything is sent, or the cancellation, the timestamps counted from and to.</summary>
    public (long From, long To) Run(CancellationToken cancellation)
    {
        _ = SetTimerSlack(TimerSlackOption, 1, 0, 0, 0);
        double envelopesPerSecond = options.Rate / options.Batch;
        double ticksPerEnvelope = Stopwatch.Frequency / envelopesPerSecond;
        long total = (long)Math.Ceiling((options.WarmUpSeconds + options.Seconds) * envelopesPerSecond);
        long start = Stopwatch.GetTimestamp() + Stopwatch.Frequency / 100;
        long countFrom = start + (long)(options.WarmUpSeconds * Stopwatch.Frequency);
        foreach (var session in sessions)
            session.Tally.CountFrom = countFrom;
        bool isWaiting = false;
        long now = 0;
        long giveUp = DueAt(total) + (long)(Patience.TotalSeconds * Stopwatch.Frequency);
        for (long next = 0; (next < total || isWaiting) && now < giveUp && !cancellation.IsCancellationRequested && sessions.All(s => s.IsAlive);)
        {
            now = Stopwatch.GetTimestamp();
            for (; next < total && DueAt(next) <= now; next++)
                sessions[(int)(next % sessions.Count)].Schedule(DueAt(next));
            isWaiting = false;
            foreach (var session in sessions)
                isWaiting |= session.SendDue();
            Sleep(isWaiting ? WindowPoll : next < total ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), DueAt(next)) : TimeSpan.Zero);
        }

        return (countFrom, start + (long)(total * ticksPerEnvelope));

        long DueAt(long envelope) => start + (long)(envelope * ticksPerEnvelope);
    }

    private static void Sleep(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
            return;
        var time = new TimeSpec { Nanoseconds = (long)Math.Min(duration.TotalNanoseconds, LongestSleep.TotalNanoseconds - 1) };
        _ = NanoSleep(time, 0);
    }

    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpec time, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int SetTimerSlack(int option, ulong value, ulong unused1, ulong unused2, ulong unused3);
}
