using System.Diagnostics;

namespace Clob.JournalRate;

/// <summary>Durations, in microseconds.</summary>
internal sealed class Samples
{
    private readonly List<double> _microseconds = [];
    private double[]? _sorted;

    public int Count => _microseconds.Count;

    /// <summary>Notes the time since a timestamp.</summary>
    public void Since(long begun)
    {
        _microseconds.Add(Stopwatch.GetElapsedTime(begun).TotalMicroseconds);
        _sorted = null;
    }

    /// <summary>100 is the maximum.</summary>
    public double Percentile(double percent)
    {
        double[] sorted = _sorted ??= [.. _microseconds.Order()];
        return sorted.Length == 0 ? double.NaN : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * percent / 100))];
    }

    /// <summary>Forgets what warmed up.</summary>
    public void Clear()
    {
        _microseconds.Clear();
        _sorted = null;
    }
}
