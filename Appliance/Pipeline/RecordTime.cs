namespace Clob.Appliance.Pipeline;

/// <summary>Time as records, deadlines and expiries have it: ns since 1970-01-01 UTC. A clock of .NET counts in ticks of 100 ns.</summary>
public static class RecordTime
{
    private const ulong NanosecondsPerTick = 1_000_000_000 / TimeSpan.TicksPerSecond;

    /// <summary>What a clock shows now.</summary>
    /// <exception cref="OverflowException">It shows a time before 1970.</exception>
    public static ulong Now(TimeProvider clock) => (ulong)(clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * NanosecondsPerTick;

    /// <summary>A record's time for people, cut to ticks.</summary>
    public static DateTimeOffset ToDateTime(ulong time) => DateTimeOffset.UnixEpoch.AddTicks((long)(time / NanosecondsPerTick));
}
