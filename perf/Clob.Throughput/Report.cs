using System.Runtime.InteropServices;

namespace Clob.Throughput;

/// <summary>What is printed: tables that can be pasted.</summary>
internal static class Report
{
    public static void PrintHead(TextWriter output, string path, Flow flow, int cpu, int runs)
    {
        string name = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            ?? "unknown processor";
        string load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        output.WriteLine($"host     {name}, {Environment.ProcessorCount} cores for this process, load {load}, {RuntimeInformation.OSDescription}");
        output.WriteLine($"runtime  {RuntimeInformation.FrameworkDescription}, {(cpu < 0 ? "not pinned" : $"pinned to core {cpu}")}");
        output.WriteLine($"flow     {Path.GetFileName(path)}: {flow.Preload} records before, {flow.Records.Length - flow.Preload} commands measured, {runs} runs");
        output.WriteLine();
    }

    public static void PrintRates(TextWriter output, List<Measurement> subjects)
    {
        output.WriteLine("|                         | M commands/s |    min |    max | ns/command | × floor | B allocated/command | resting | B/order | resident MB |");
        output.WriteLine("| :---------------------- | -----------: | -----: | -----: | ---------: | ------: | ------------------: | ------: | ------: | ----------: |");
        foreach (var subject in subjects)
        {
            output.WriteLine(
                $"| {subject.Name,-23} | {1e3 / subject.Median,12:F1} | {1e3 / subject.Nanoseconds.Max(),6:F1} | {1e3 / subject.Nanoseconds.Min(),6:F1} | {subject.Median,10:F1} " +
                $"| {subject.MedianRatioTo(subjects[0]),7:F2} | {subject.AllocatedPerCommand,19:F3} | {subject.OpenOrders,7} | {(subject.OpenOrders < 100_000 ? "" : $"{subject.BytesPerOrder:F1}"),7} | {subject.ResidentBytes / 1e6,11:F0} |");
        }

        output.WriteLine();
    }

    public static void PrintLatencies(TextWriter output, List<Measurement> subjects)
    {
        output.WriteLine("| ns, each command timed  |      p50 |      p99 |    p99.9 |       max |");
        output.WriteLine("| :---------------------- | -------: | -------: | -------: | --------: |");
        foreach (var subject in subjects)
        {
            uint[] sorted = subject.RunOneByOne();
            output.WriteLine($"| {subject.Name,-23} | {At(sorted, 0.5),8} | {At(sorted, 0.99),8} | {At(sorted, 0.999),8} | {sorted[^1],9} |");
        }

        output.WriteLine();
    }

    public static void PrintFills(TextWriter output, List<Measurement> subjects)
    {
        foreach (var subject in subjects.Skip(1)) // the floor fills nothing
            output.WriteLine($"{subject.Name,-23}  {subject.Fills}");
    }

    private static uint At(uint[] sorted, double share) => sorted[(int)Math.Min(sorted.Length * share, sorted.Length - 1)];
}
