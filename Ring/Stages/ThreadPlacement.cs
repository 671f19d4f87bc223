using System.Runtime.InteropServices;

namespace Clob.Ring;

/// <summary>Where and how the kernel runs the calling thread. Linux only. Sources: sched_setaffinity(2), sched(7).</summary>
public static partial class ThreadPlacement
{
    // 8,192 processors, the most a Linux kernel is built for: a mask smaller than the kernel's is refused.
    private const int MaskBytes = 1_024;
    private const int CallingThread = 0;
    private const int IdleClass = 5; // SCHED_IDLE

    /// <summary>Binds the calling thread to one core.</summary>
    /// <param name="core">The core's number as the kernel counts.</param>
    /// <exception cref="InvalidOperationException">The core does not exist or is not open to this process; says which are.</exception>
    public static void PinCurrentThread(int core)
    {
        if (core is < 0 or >= MaskBytes * 8)
            throw new InvalidOperationException($"There is no core {core}; this process may use {CoreList()}.");

        Span<byte> mask = stackalloc byte[MaskBytes];
        mask.Clear();
        mask[core / 8] = (byte)(1 << (core % 8));
        if (SetAffinity(CallingThread, MaskBytes, mask) != 0)
            throw new InvalidOperationException($"Core {core} cannot be used (sched_setaffinity: error {Marshal.GetLastPInvokeError()}); this process may use {CoreList()}.");
    }

    /// <summary>The cores the calling thread may run on; on a thread that is not pinned, those of the process.</summary>
    /// <returns>The cores' numbers, rising.</returns>
    /// <exception cref="InvalidOperationException">The kernel refused to say.</exception>
    public static int[] AvailableCores()
    {
        Span<byte> mask = stackalloc byte[MaskBytes];
        mask.Clear();
        if (GetAffinity(CallingThread, MaskBytes, mask) != 0)
            throw new InvalidOperationException($"sched_getaffinity: error {Marshal.GetLastPInvokeError()}.");

        List<int> cores = [];
        for (int core = 0; core < MaskBytes * 8; core++)
        {
            if ((mask[core / 8] & (1 << (core % 8))) != 0) cores.Add(core);
        }

        return [.. cores];
    }

    /// <summary>
    /// Puts the calling thread into <c>SCHED_IDLE</c>: it runs only where no normal thread wants the core. For work that may lag. Needs no
    /// privilege; the way back may need one. <see cref="Thread.Priority"/> does nothing on Linux.
    /// </summary>
    /// <exception cref="InvalidOperationException">The kernel refused.</exception>
    public static void UseIdleSchedulingClass()
    {
        int priority = 0; // The only one the class has.
        if (SetScheduler(CallingThread, IdleClass, in priority) != 0)
            throw new InvalidOperationException($"sched_setscheduler(SCHED_IDLE): error {Marshal.GetLastPInvokeError()}.");
    }

    /// <summary>Sleeps for a time shorter than <see cref="Thread.Sleep(int)"/> knows. The kernel adds its timer slack, 50 µs by default.</summary>
    /// <param name="microseconds">1 to 999,999.</param>
    internal static void SleepCurrentThread(int microseconds) => _ = SleepMicroseconds((uint)microseconds);

    private static string CoreList() => string.Join(", ", AvailableCores());

    [LibraryImport("libc", EntryPoint = "sched_setaffinity", SetLastError = true)]
    private static partial int SetAffinity(int thread, nuint size, ReadOnlySpan<byte> mask);

    [LibraryImport("libc", EntryPoint = "sched_getaffinity", SetLastError = true)]
    private static partial int GetAffinity(int thread, nuint size, Span<byte> mask);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, in int parameters);

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int SleepMicroseconds(uint microseconds);
}
