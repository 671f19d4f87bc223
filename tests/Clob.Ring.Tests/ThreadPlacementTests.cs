using System.Runtime.InteropServices;

namespace Clob.Ring.Tests;

public partial class ThreadPlacementTests
{
    private const int SchedIdle = 5;

    [Test]
    public void A_stage_thread_runs_named_and_pinned_to_its_core()
    {
        int core = ThreadPlacement.AvailableCores()[^1];
        int[] seen = [];
        string name = "";
        StageThread thread = new("clob-pinned-with-a-long-name", Stopping.NoFatal, new DelegateStage("looks", () =>
        {
            seen = ThreadPlacement.AvailableCores();
            name = File.ReadAllText("/proc/thread-self/comm").Trim();
            return false;
        }))
        { Core = core };
        thread.Start();
        Stopping.DrainInOrder(thread);
        Assert.That(seen, Is.EqualTo(new[] { core }));
        Assert.That(name, Is.EqualTo("clob-pinned-with-a-long-name"[..15]));
    }

    [TestCase(-1)]
    [TestCase(8_000)]
    [TestCase(100_000)]
    public void A_core_that_is_not_there_stops_the_start_and_says_which_are(int core)
    {
        bool polled = false;
        StageThread thread = new("nowhere", Stopping.NoFatal, new DelegateStage("never", () => polled = true)) { Core = core };
        string available = string.Join(", ", ThreadPlacement.AvailableCores());
        Assert.That(thread.Start, Throws.InvalidOperationException
            .With.Message.Contains("nowhere").And.Message.Contains($"ore {core}").And.Message.Contains($"may use {available}"));
        Assert.That(thread.Join(Stopping.Patience), Is.True);
        Assert.That(polled, Is.False);
    }

    [Test]
    public void Finds_the_cores_of_the_process()
        => Assert.That(ThreadPlacement.AvailableCores(), Has.Length.EqualTo(Environment.ProcessorCount).And.Ordered.And.Unique);

    [Test]
    public void The_idle_scheduling_class_is_the_threads_alone()
    {
        int policy = -1;
        Thread thread = new(() =>
        {
            ThreadPlacement.UseIdleSchedulingClass();
            policy = GetScheduler(0);
        });
        thread.Start();
        thread.Join();
        Assert.That(policy, Is.EqualTo(SchedIdle));
        Assert.That(GetScheduler(0), Is.Not.EqualTo(SchedIdle));
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetScheduler(int thread);
}
