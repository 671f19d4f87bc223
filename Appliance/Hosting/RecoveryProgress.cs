using System.Diagnostics;
using Clob.Appliance.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>Says in the log how far a start is, about once a second. One thread.</summary>
public sealed class RecoveryProgress(ILogger log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private long _last = Stopwatch.GetTimestamp();

    /// <summary>The journal's records are being checked.</summary>
    /// <param name="records">How many were, since the snapshot.</param>
    /// <param name="percent">How much of the segments' bytes that is.</param>
    internal void Checked(long records, int percent)
    {
        if (IsDue())
            Log.Checked(log, records, percent);
    }

    /// <summary>The records are being applied.</summary>
    /// <param name="start">Number of records that a snapshot stands for.</param>
    /// <param name="applied">Number of records applied, those included.</param>
    /// <param name="total">Number of records there are.</param>
    internal void Replayed(ulong start, ulong applied, ulong total)
    {
        if (IsDue())
            Log.Replayed(log, applied - start, total - start, (applied - start) * 100 / Math.Max(total - start, 1));
    }

    private bool IsDue()
    {
        if (Stopwatch.GetElapsedTime(_last) < Interval)
            return false;
        _last = Stopwatch.GetTimestamp();
        return true;
    }
}
