using System.Diagnostics;

namespace Clob.Handoff;

/// <summary>What one case runs.</summary>
/// <param name="Threads">Threads in the circle, at least 2.</param>
/// <param name="PauseMicroseconds">Between an event's last hand-off and the next event's first: 0 keeps the threads busy, some thousand let them fall asleep.</param>
/// <param name="Events">At most so many events go round.</param>
/// <param name="Longest">And no longer than this.</param>
internal sealed record HandoffCase(int Threads, int PauseMicroseconds, int Events, TimeSpan Longest)
{
    public long PauseTicks => Stopwatch.Frequency * PauseMicroseconds / 1_000_000;
}

/// <summary>Durations of hand-offs, without the first tenth of the events, which warms up.</summary>
internal sealed class Samples(HandoffCase shape)
{
    private readonly long[] _ticks = new long[shape.Events * shape.Threads];
    private int _recorded;
    private double[]? _sorted;

    public int Count => Sorted.Length;

    private double[] Sorted => _sorted ??= [.. _ticks.Take(_recorded).Skip(_recorded / 10).Select(ticks => ticks * 1e6 / Stopwatch.Frequency).Order()];

    /// <summary>Never called by two threads at once: the event is with one of them.</summary>
    public void Record(long ticks) => _ticks[_recorded++] = ticks;

    /// <summary>In microseconds; 100 is the maximum.</summary>
    public double Percentile(double percent)
        => Sorted.Length == 0 ? double.NaN : Sorted[Math.Min(Sorted.Length - 1, (int)(Sorted.Length * percent / 100))];
}
