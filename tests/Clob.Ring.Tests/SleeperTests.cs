using System.Diagnostics;
using System.Runtime.CompilerServices;
using Disruptor;

namespace Clob.Ring.Tests;

/// <summary>
/// Dekker's litmus: two threads meet, then one announces its sleep and looks for work while the other publishes and looks for sleepers.
/// Each stores before it reads; without a full fence between the two, both may read the old value, and a wake-up is lost.
/// </summary>
public class SleeperTests
{
    private const int Rounds = 200_000;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(2);

    [Test]
    public void Either_the_sleeper_sees_the_work_or_the_waker_sees_the_sleeper([Values] bool wokenDirectly)
    {
        CountingIdle idle = new(new FutexIdle()) { LosesWakes = true };
        StageThread thread = new("never started", Stopping.NoFatal, new DelegateStage("none", () => false)) { Idle = idle };
        Sleeper sleeper = SleeperOf(thread);
        WakeUps wakeUps = new();
        wakeUps.Add(thread);
        Sequence published = new();

        (int lost, int rounds, int bothSaw) = Meet(
            sleeps: round =>
            {
                sleeper.Announce();
                return published.Value >= round;
            },
            wakes: round =>
            {
                long before = idle.Wakes;
                published.SetValue(round);
                if (wokenDirectly)
                    thread.Wake();
                else
                    wakeUps.Signal();
                return idle.Wakes > before;
            },
            afterwards: sleeper.Awake);

        TestContext.Out.WriteLine($"{rounds} rounds, {bothSaw} in which both saw the other");
        Assert.That(lost, Is.Zero);
    }

    [Test]
    public void The_litmus_would_notice_missing_fences()
    {
        Sequence asleep = new(0), published = new();
        (int lost, int rounds, _) = Meet(
            sleeps: round =>
            {
                asleep.SetValue(1);
                return published.Value >= round;
            },
            wakes: round =>
            {
                published.SetValue(round);
                return asleep.Value == 1;
            },
            afterwards: () => asleep.SetValue(0));

        TestContext.Out.WriteLine($"{lost} of {rounds} wake-ups lost");
        if (lost == 0) Assert.Inconclusive("This machine did not reorder a store and a load in that time, so the test beside this one shows little here.");
    }

    private static (int Lost, int Rounds, int BothSaw) Meet(Func<long, bool> sleeps, Func<long, bool> wakes, Action afterwards)
    {
        Sequence sleeperAt = new(), wakerAt = new(), sleeperDone = new(), end = new(long.MaxValue);
        bool saw = false;
        Thread other = new(() =>
        {
            for (long round = 0; round < end.Value; round++)
            {
                sleeperAt.SetValue(round);
                if (!SpinUntil(wakerAt, round, end)) return;
                bool result = sleeps(round);
                Volatile.Write(ref saw, result);
                sleeperDone.SetValue(round);
            }
        });
        other.Start();

        int lost = 0, bothSaw = 0;
        long start = Stopwatch.GetTimestamp(), current = 0;
        for (; current < Rounds && Stopwatch.GetElapsedTime(start) < Longest; current++)
        {
            SpinUntil(sleeperAt, current, end);
            wakerAt.SetValue(current);
            // The other is told by a store and starts later than this thread: a varying delay makes them meet.
            Thread.SpinWait((int)(current % 16));
            bool woke = wakes(current);
            SpinUntil(sleeperDone, current, end);
            if (!woke && !Volatile.Read(ref saw)) lost++;
            if (woke && Volatile.Read(ref saw)) bothSaw++;
            afterwards();
        }

        end.SetValue(current);
        other.Join();
        return (lost, (int)current, bothSaw);
    }

    private static bool SpinUntil(Sequence sequence, long value, Sequence end)
    {
        for (int spins = 0; sequence.Value < value; spins++)
        {
            if (end.Value <= value) return false;
            if (spins > 1_000) Thread.Yield();
        }

        return true;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_sleeper")]
    private static extern ref Sleeper SleeperOf(StageThread thread);
}
