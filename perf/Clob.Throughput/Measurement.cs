using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Clob.Throughput;

/// <summary>Runs a flow through fresh instances of one kind of driver.</summary>
internal sealed partial class Measurement(string name, Flow flow, Func<int, FlowDriver> create)
{
    /// <summary>Records per call: methods are called often enough for the just-in-time compiler to see that they are hot.</summary>
    private const int Stretch = 8_192;

    private static readonly TimeSpan LeastWarmUp = TimeSpan.FromSeconds(1.5);
    private int _orders = 65_536;

    /// <summary>
    /// Runs are measured by the processor time of the thread: for machines where others take turns on the core. What they do to caches
    /// still shows.
    /// </summary>
    public static bool ByThreadTime { get; set; }

    /// <summary>What is measured.</summary>
    public string Name => name;

    /// <summary>Nanoseconds per command of each run so far.</summary>
    public List<double> Nanoseconds { get; } = [];

    /// <summary>Bytes allocated in the last run, without what came before the measured commands.</summary>
    public double AllocatedPerCommand { get; private set; }

    /// <summary>Orders that rested when the last run ended.</summary>
    public int OpenOrders { get; private set; }

    /// <summary>Bytes that the last run had taken for each order that rested at its end.</summary>
    public double BytesPerOrder { get; private set; }

    /// <summary>By how much the process grew in the last run.</summary>
    public long ResidentBytes { get; private set; }

    /// <summary>The fills of the last run, those before the measured commands included.</summary>
    public FillDigest Fills { get; private set; }

    /// <summary>Middle of the runs, ns per command.</summary>
    public double Median => MedianOf(Nanoseconds);

    /// <summary>Middle of the ratios of the runs that were made side by side.</summary>
    public double MedianRatioTo(Measurement other) => MedianOf(Nanoseconds.Zip(other.Nanoseconds, (mine, its) => mine / its));

    /// <summary>
    /// Whole flows until nothing is compiled any more: at least two and <see cref="LeastWarmUp"/>. They also tell how many orders rest at a
    /// time, by which later runs size their memory, as an operator does.
    /// </summary>
    public void WarmUp()
    {
        var clock = Stopwatch.StartNew();
        int most = 0;
        for (int flows = 0; flows < 2 || clock.Elapsed < LeastWarmUp; flows++)
        {
            var driver = create(_orders);
            for (int at = 0; at < flow.Records.Length; at += Stretch)
            {
                driver.Apply(at, Math.Min(at + Stretch, flow.Records.Length));
                most = Math.Max(most, driver.OpenOrders);
            }

            _orders = Math.Max(most + 1_024, 65_536);
            Thread.Sleep(250); // the compiler's own thread works behind
        }
    }

    /// <summary>One measured run.</summary>
    public void Run()
    {
        GC.Collect();
        long residentBefore = ResidentNow();
        var driver = Prepare();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        double start = Now();
        ApplyAll(driver, flow.Preload);
        double elapsed = Now() - start;
        double commands = flow.Records.Length - flow.Preload;
        AllocatedPerCommand = (GC.GetAllocatedBytesForCurrentThread() - allocated) / commands;
        Nanoseconds.Add(elapsed / commands);
        driver.Check();
        ResidentBytes = ResidentNow() - residentBefore;
        OpenOrders = driver.OpenOrders;
        BytesPerOrder = (double)driver.Bytes / Math.Max(OpenOrders, 1);
        Fills = driver.Fills;
    }

    /// <summary>Each command between two looks at the clock; nanoseconds, sorted.</summary>
    public uint[] RunOneByOne()
    {
        var driver = Prepare();
        uint[] samples = new uint[flow.Records.Length - flow.Preload];
        double nanosecondsPerTick = 1e9 / Stopwatch.Frequency;
        for (int i = 0; i < samples.Length; i++)
        {
            long start = Stopwatch.GetTimestamp();
            driver.Apply(flow.Preload + i, flow.Preload + i + 1);
            samples[i] = (uint)Math.Min((Stopwatch.GetTimestamp() - start) * nanosecondsPerTick, uint.MaxValue);
        }

        Array.Sort(samples);
        return samples;
    }

    private FlowDriver Prepare()
    {
        GC.Collect();
        var driver = create(_orders);
        for (int at = 0; at < flow.Preload; at += Stretch)
            driver.Apply(at, Math.Min(at + Stretch, flow.Preload));
        GC.Collect();
        return driver;
    }

    private void ApplyAll(FlowDriver driver, int from)
    {
        for (int at = from; at < flow.Records.Length; at += Stretch)
            driver.Apply(at, Math.Min(at + Stretch, flow.Records.Length));
    }

    private static double Now()
    {
        if (!ByThreadTime)
            return Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency);
        const int ofThisThread = 3; // CLOCK_THREAD_CPUTIME_ID
        Span<long> time = stackalloc long[2];
        return GetTime(ofThisThread, time) == 0 ? time[0] * 1e9 + time[1] : throw new InvalidOperationException("clock_gettime failed");
    }

    private static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static long ResidentNow()
    {
        string line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan()["VmRSS:".Length..^"kB".Length].Trim(), CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, Span<long> time);
}
