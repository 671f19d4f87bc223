using Clob.Ring;

namespace Clob.Handoff;

/// <summary>The processor time that one thread uses for looking at a stage that never has work.</summary>
internal static class IdleCost
{
    /// <summary>Measured over one second, after a second of settling.</summary>
    /// <param name="strategy">How it waits.</param>
    /// <returns>Share of one core, 0 to 1, everything else the process does included.</returns>
    public static double Run(WaitStrategy strategy)
    {
        StageThread thread = new("idle", (_, exception) => Environment.FailFast(exception.ToString()), new NoWork()) { WaitStrategy = strategy };
        thread.Start();
        Thread.Sleep(1_000);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Thread.Sleep(1_000);
        TimeSpan used = Environment.CpuUsage.TotalTime - before;
        thread.RequestStop();
        thread.Join(Timeout.InfiniteTimeSpan);
        return used.TotalSeconds;
    }

    private sealed class NoWork : IStage
    {
        public string Name => "no work";

        public bool Poll() => false;
    }
}
