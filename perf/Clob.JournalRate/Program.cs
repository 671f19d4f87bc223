// What a group commit costs beside a bare pwrite and fdatasync of as many bytes, by turns on one disk in one run, and what a rollover adds.
//   dotnet run -c Release --project perf/Clob.JournalRate -- [--directory /tmp] [--record 200] [--seconds 4] [--rollovers 40]
// Needs a quiet machine, a real disk under the directory and some 300 MB there.
using System.Globalization;
using System.Runtime.InteropServices;
using Clob.JournalRate;

string directory = Option("--directory", Path.GetTempPath());
int recordSize = Number("--record", 200), rollovers = Number("--rollovers", 40);
var perSize = TimeSpan.FromSeconds(Number("--seconds", 4));
string work = Directory.CreateDirectory(Path.Combine(directory, $"clob-journal-rate-{Environment.ProcessId}")).FullName;
try
{
    PrintHead();
    Console.WriteLine("| group of     | records | bare: µs p10 / p50 / p99 | commit                   | append and commit        | bare / commit: p10, p50 | bare / append and commit: p10, p50 |");
    Console.WriteLine("| :----------- | ------: | -----------------------: | -----------------------: | -----------------------: | ----------------------: | ---------------------------------: |");
    foreach (var group in GroupSize.All(recordSize))
        Print(Comparison.Run(group, work, perSize));
    Console.WriteLine();
    PrintRollovers(RolloverRun.Run(work, recordSize, rollovers));
}
finally
{
    Directory.Delete(work, recursive: true);
}

void PrintHead()
{
    string processor = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown processor";
    Console.WriteLine($"host     {processor}, {Environment.ProcessorCount} cores for this process, load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}, {RuntimeInformation.OSDescription}");
    Console.WriteLine($"runtime  {RuntimeInformation.FrameworkDescription}; disk under {directory}: {new DriveInfo(work).DriveFormat}; records of {recordSize} bytes");
    Console.WriteLine();
}

// The tenth percentile is what it costs where nobody else wanted the core or the disk.
static void Print(Comparison found)
{
    string Ratio(Samples samples) => string.Create(CultureInfo.InvariantCulture,
        $"{found.Bare.Percentile(10) / samples.Percentile(10):F2}, {found.Bare.Percentile(50) / samples.Percentile(50):F2}");
    Console.WriteLine($"| {found.Group.Name,-12} | {found.Group.Records,7} | {Row(found.Bare),24} | {Row(found.Commit),24} | {Row(found.WithAppend),24} | {Ratio(found.Commit),23} | {Ratio(found.WithAppend),34} |");
}

static string Row(Samples samples) =>
    string.Create(CultureInfo.InvariantCulture, $"{samples.Percentile(10):F0} / {samples.Percentile(50):F0} / {samples.Percentile(99):F0}");

static void PrintRollovers(RolloverRun found)
{
    Console.WriteLine("| commits of 64 KiB                    |  commits |      p50 |      p99 |       max |");
    Console.WriteLine("| :----------------------------------- | -------: | -------: | -------: | --------: |");
    foreach (var (name, samples) in new[]
    {
        ("at a rollover", found.AtRollover), ("while the next segment is prepared", found.WhilePreparing), ("all others", found.Others),
    })
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {name,-36} | {samples.Count,8} | {samples.Percentile(50),8:F0} | {samples.Percentile(99),8:F0} | {samples.Percentile(100),9:F0} |"));
    }
}

string Option(string key, string otherwise) => Array.IndexOf(args, key) is var at and >= 0 && at + 1 < args.Length ? args[at + 1] : otherwise;

int Number(string key, int otherwise) => int.Parse(Option(key, otherwise.ToString(CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture);
