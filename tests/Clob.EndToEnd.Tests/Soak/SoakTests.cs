using System.Globalization;

namespace Clob.EndToEnd.Tests;

/// <summary>Steady trading for a long while: the process needs no more memory, handles and threads than after the warm-up, and its collector has nothing to move.</summary>
public sealed class SoakTests
{
    private const double Mebibyte = 1024 * 1024;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(1);

    [Test]
    public async Task Needs_no_more_of_anything_as_time_goes_by()
    {
        var size = TestSize.Now;
        await using var appliance = await ApplianceProcess.StartAsync();
        var load = ProgramProcess.RunAsync(BuiltProgram.Load, appliance.DataDirectory,
            "--rate", size.SoakRate.ToString(CultureInfo.InvariantCulture), "--batch", "64", "--connections", "4",
            "--warm-up", "1", "--seconds", (size.Soak + WarmUp).TotalSeconds.ToString(CultureInfo.InvariantCulture),
            "--http", $"{appliance.Http}", "--order-entry", $"{appliance.OrderEntry}", "--feed", $"{appliance.Feed}");
        await Task.WhenAny(load, Task.Delay(WarmUp));
        var samples = new List<Sample>();
        long end = Environment.TickCount64 + (long)size.Soak.TotalMilliseconds;
        while (Environment.TickCount64 < end && !load.IsCompleted)
        {
            samples.Add(await Sample.OfAsync(appliance));
            await Task.WhenAny(load, Task.Delay(Between));
        }

        var run = await load;
        Assert.That(run.ExitCode, Is.Zero, run.Output);
        TestContext.Out.WriteLine(run.Output);
        TestContext.Out.WriteLine($"first {samples[0]}\nlast  {samples[^1]}");
        Assert.That(samples[^1].Records - samples[0].Records, Is.GreaterThan(size.Soak.TotalSeconds), "records in the journal: a load there was");
        Assert.That(ComplaintsOf(samples), Is.Empty);
    }

    [Test]
    public void The_check_notices_a_leak()
    {
        var steady = Enumerable.Range(0, 30).Select(i => new Sample(500 * Mebibyte + (i % 5 * Mebibyte), 20 * Mebibyte, 40, 20, 3, i)).ToList();
        Assert.That(ComplaintsOf(steady), Is.Empty);
        foreach (var leak in new Func<Sample, double, Sample>[]
        {
            (sample, i) => sample with { WorkingSet = sample.WorkingSet + (i * 2 * Mebibyte) },
            (sample, i) => sample with { Managed = sample.Managed + (i * 2 * Mebibyte) },
            (sample, i) => sample with { Handles = sample.Handles + i },
            (sample, i) => sample with { Threads = sample.Threads + i },
            (sample, i) => sample with { Collections = sample.Collections + (i == 29 ? 1 : 0) },
        })
            Assert.That(ComplaintsOf([.. steady.Select((sample, i) => leak(sample, i))]).Count(), Is.EqualTo(1));
    }

    /// <summary>What grew, of all that must not.</summary>
    private static IEnumerable<string> ComplaintsOf(IReadOnlyList<Sample> samples)
    {
        string?[] complaints =
        [
            Growth.Complaint("memory of the process", [.. samples.Select(sample => sample.WorkingSet)], 24 * Mebibyte),
            Growth.Complaint("managed memory", [.. samples.Select(sample => sample.Managed)], 16 * Mebibyte),
            Growth.Complaint("handles", [.. samples.Select(sample => sample.Handles)], 8),
            Growth.Complaint("threads", [.. samples.Select(sample => sample.Threads)], 4),
            samples[^1].Collections == samples[0].Collections ? null : $"{samples[^1].Collections - samples[0].Collections} collections of generation 2",
        ];
        return complaints.OfType<string>();
    }

    /// <summary>The process at one moment.</summary>
    private sealed record Sample(double WorkingSet, double Managed, double Handles, double Threads, double Collections, double Records)
    {
        public static async Task<Sample> OfAsync(ApplianceProcess appliance)
        {
            string metrics = await appliance.GetTextAsync("metrics").ConfigureAwait(false);
            double Figure(string name) =>
                double.Parse(metrics.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
            return new Sample(
                Figure("process_working_set_bytes"), Figure("dotnet_total_memory_bytes"), Directory.GetFiles($"/proc/{appliance.Id}/fd").Length,
                Figure("process_num_threads"), Figure("dotnet_collection_count_total{generation=\"2\"}"), Figure("clob_records_completed_total"));
        }
    }
}
