using System.Globalization;
using System.Runtime;
using System.Runtime.Intrinsics;

namespace Clob.Matching.Tests;

/// <summary>
/// <c>dotnet Clob.Matching.Tests.dll FOLDER TIMES [culture] [collect]</c>: replays journals and prints their digest once for each time, then under what
/// circumstances, so that the test sees that its settings arrived.
/// </summary>
internal static class ReplayProgram
{
    public static int Main(string[] arguments)
    {
        if (arguments.Contains("culture"))
            CultureInfo.CurrentCulture = MadeUpCulture();
        if (arguments.Contains("collect"))
            new Thread(Collect) { IsBackground = true }.Start();
        for (int i = int.Parse(arguments[1], CultureInfo.InvariantCulture); i > 0; i--)
            Console.WriteLine(ReplayedJournals.Digest(arguments[0])); // again and again: methods are compiled anew meanwhile
        Console.WriteLine(string.Join(
            ' ',
            $"culture={CultureInfo.CurrentCulture.Name}",
            $"minus={CultureInfo.CurrentCulture.NumberFormat.NegativeSign}",
            $"zone={TimeZoneInfo.Local.BaseUtcOffset.TotalMinutes}",
            $"server={GCSettings.IsServerGC}",
            $"gc={GCSettings.LatencyMode}",
            $"vectors={Vector128.IsHardwareAccelerated}",
            $"collected={GC.CollectionCount(2) > 3}",
            $"methods={JitInfo.GetCompiledMethodCount()}"));
        return 0;
    }

    /// <summary>Moves all objects again and again, while the main thread replays.</summary>
    private static void Collect()
    {
        while (true)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
            Thread.Sleep(1);
        }
    }

    /// <summary>A culture that needs no data of the system: nothing in it is as usual.</summary>
    private static CultureInfo MadeUpCulture()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NegativeSign = "minus";
        culture.NumberFormat.PositiveSign = "plus";
        culture.NumberFormat.NumberDecimalSeparator = "!";
        culture.NumberFormat.NumberGroupSeparator = "";
        culture.NumberFormat.NumberGroupSizes = [1, 2];
        return culture;
    }
}
