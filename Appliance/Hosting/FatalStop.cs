using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Clob.Appliance;

/// <summary>
/// The end of the process when a stage, the disk or an invariant failed: at once, with no handler, finalizer or flush. After a failed write nobody knows what
/// is on the disk, so nothing more is written; the restart recovers to the last durable group.
/// </summary>
internal static partial class FatalStop
{
    /// <summary>Writes what failed to standard error and ends the process with <see cref="ExitCode.Fatal"/>.</summary>
    /// <param name="part">The thread or stage that failed.</param>
    /// <param name="failure">What came out of it.</param>
    [DoesNotReturn]
    internal static void End(string part, Exception failure)
    {
        // Not through the log: its thread would not get to it any more.
        Console.Error.WriteLine($"fatal in {part}: {failure}");
        Exit(ExitCode.Fatal);
        throw new InvalidOperationException("_exit returned"); // cannot be
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int status);
}
