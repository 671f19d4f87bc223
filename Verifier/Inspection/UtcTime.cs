using System.Globalization;

namespace Clob.Verifier.Inspection;

/// <summary>A time of the protocol as people read it: ISO 8601 in UTC, to the nanosecond.</summary>
/// <param name="Nanoseconds">Since 1970-01-01 UTC.</param>
internal readonly record struct UtcTime(ulong Nanoseconds)
{
    private const ulong NanosecondsPerTick = 1_000_000_000UL / TimeSpan.TicksPerSecond;

    /// <summary>Such as <c>2026-01-02T03:04:05.123456789Z</c>. The highest is in the year 2554.</summary>
    public override string ToString()
    {
        DateTime tick = DateTime.UnixEpoch.AddTicks((long)(Nanoseconds / NanosecondsPerTick));
        return string.Create(CultureInfo.InvariantCulture, $"{tick:yyyy-MM-ddTHH:mm:ss.fffffff}{Nanoseconds % NanosecondsPerTick:D2}Z");
    }
}
