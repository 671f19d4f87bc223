namespace Clob.Ring;

/// <summary>What a <see cref="StageThread"/> does while none of its stages has work.</summary>
public enum WaitStrategy
{
    /// <summary>Spins. Fastest, and disastrous without a core for each such thread.</summary>
    BusySpin,

    /// <summary>Gives the core away (<c>sched_yield</c>) and looks again. Uses a whole core when nothing else wants it.</summary>
    Yield,

    /// <summary>Yields for <see cref="StageThread.YieldMicroseconds"/>, then blocks until woken. The default.</summary>
    YieldThenBlock,

    /// <summary>Blocks until woken as soon as nothing is ready. Cheapest, slowest.</summary>
    Block,
}
