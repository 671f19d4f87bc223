using System.Runtime.InteropServices;

namespace Clob.Load;

/// <summary>What a figure was measured on: a figure without it says nothing.</summary>
internal static class EnvironmentReport
{
    public static void Print(TextWriter output)
    {
        output.WriteLine($"host     {ProcessorName()}, {Environment.ProcessorCount} cores for this process, {RuntimeInformation.OSDescription}");
        output.WriteLine($"runtime  {RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}");
    }

    private static string ProcessorName()
    {
        try
        {
            return File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
                ?? "unknown processor";
        }
        catch (IOException)
        {
            return "unknown processor";
        }
    }
}
