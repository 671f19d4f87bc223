// How long one event takes from one thread to the next, for each wait strategy, beside a plain blocking hand-off in the same run.
//   dotnet run -c Release --project perf/Clob.Handoff -- [--threads 2,4] [--pause 0,3000] [--events 20000] [--seconds 2]
// Needs nothing but a quiet machine; with fewer cores than threads BusySpin is as bad as it looks.
using System.Globalization;
using System.Runtime.InteropServices;
using Clob.Handoff;
using Clob.Ring;

int[] threadCounts = Option("--threads", "2,4"), pauses = Option("--pause", "0,3000");
int events = Option("--events", "20000")[0], seconds = Option("--seconds", "2")[0];

Console.WriteLine($"{File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown processor"}, "
    + $"{ThreadPlacement.AvailableCores().Length} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
Console.WriteLine($"one event in flight; per case at most {events} events or {seconds} s; microseconds per hand-off");
Console.WriteLine();
Console.WriteLine("| threads | pause µs | hand-off       |      p50 |      p99 |       max |  hand-offs | p50 / blocking |");
Console.WriteLine("| ------: | -------: | :------------- | -------: | -------: | --------: | ---------: | -------------: |");

foreach (int threads in threadCounts)
{
    foreach (int pause in pauses)
    {
        HandoffCase shape = new(threads, pause, events, TimeSpan.FromSeconds(seconds));
        Samples blocking = BlockingChain.Run(shape);
        Print(shape, "plain blocking", blocking, blocking);
        foreach (WaitStrategy strategy in Enum.GetValues<WaitStrategy>()) Print(shape, strategy.ToString(), StageChain.Run(shape, strategy), blocking);
    }
}

Console.WriteLine();
foreach (WaitStrategy strategy in Enum.GetValues<WaitStrategy>())
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one idle thread, {strategy}: {IdleCost.Run(strategy):P1} of a core"));

static void Print(HandoffCase shape, string name, Samples samples, Samples blocking)
    => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {shape.Threads,7} | {shape.PauseMicroseconds,8} | {name,-14} | {samples.Percentile(50),8:F1} | {samples.Percentile(99),8:F1} | {samples.Percentile(100),9:F1} | {samples.Count,10} | {samples.Percentile(50) / blocking.Percentile(50),14:F3} |"));

int[] Option(string key, string otherwise)
{
    int at = Array.IndexOf(args, key);
    string text = at >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;
    return [.. text.Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
}
