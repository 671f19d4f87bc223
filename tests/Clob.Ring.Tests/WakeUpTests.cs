using System.Diagnostics;

namespace Clob.Ring.Tests;

/// <summary>No timeout here is short enough to hide a lost wake-up: the test would hang and fail.</summary>
public class WakeUpTests
{
    private const int FiveMinutes = 300_000_000;

    [Test]
    public void Two_threads_that_wake_each_other_for_each_event_lose_none([Values] bool throughEventFd)
    {
        const long Rounds = 30_000;
        using EventFdIdle firstFd = new(), secondFd = new();
        CountingIdle firstIdle = new(throughEventFd ? firstFd : new FutexIdle()), secondIdle = new(throughEventFd ? secondFd : new FutexIdle());
        using TestRing there = new(4), back = new(4);
        EchoStage first = new("first", back, there, Rounds), second = new("second", there, back, Rounds);
        there.Ring.AddGatingSequences(second.Sequence);
        back.Ring.AddGatingSequences(first.Sequence);
        StageThread firstThread = new("first", Stopping.NoFatal, first) { WaitStrategy = WaitStrategy.Block, Idle = firstIdle, BlockTimeoutMicroseconds = FiveMinutes };
        StageThread secondThread = new("second", Stopping.NoFatal, second) { WaitStrategy = WaitStrategy.Block, Idle = secondIdle, BlockTimeoutMicroseconds = FiveMinutes };
        there.Publications.Downstream.Add(secondThread);
        back.Publications.Downstream.Add(firstThread);

        firstThread.Start();
        secondThread.Start();
        there.TryPublish(0);
        Stopping.WaitFor(() => there.Ring.Cursor >= Rounds && second.Sequence.Value >= Rounds, "the last round");
        Stopping.DrainInOrder(firstThread, secondThread);

        // Each round both run out of work; on a busy machine some find the next event in their last look.
        TestContext.Out.WriteLine($"slept {firstIdle.Blocks} and {secondIdle.Blocks} times, woken {firstIdle.Wakes} and {secondIdle.Wakes} times");
        Assert.That(firstIdle.Wakes + secondIdle.Wakes, Is.GreaterThan(Rounds / 100));
    }

    [Test]
    public void A_publication_at_any_moment_of_falling_asleep_is_seen([Values(WaitStrategy.Block, WaitStrategy.YieldThenBlock)] WaitStrategy waitStrategy)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        // The next event comes about when the thread falls asleep after the last one.
        (int rounds, int shortest, int longest) = waitStrategy == WaitStrategy.Block ? (20_000, 0, 10) : (4_000, StageThread.YieldMicroseconds - 30, StageThread.YieldMicroseconds + 30);
        CountingIdle idle = new(new FutexIdle());
        using TestRing ring = new(4);
        CheckingStage stage = new("stage", ring.Ring, 16);
        ring.Ring.AddGatingSequences(stage.Sequence);
        StageThread thread = new("stage", Stopping.NoFatal, stage) { WaitStrategy = waitStrategy, Idle = idle, BlockTimeoutMicroseconds = FiveMinutes };
        ring.Publications.Downstream.Add(thread);
        thread.Start();

        long deadline = Environment.TickCount64 + (long)Stopping.Patience.TotalMilliseconds;
        for (long round = 0; round < rounds; round++)
        {
            Assert.That(ring.TryPublish(round), Is.True);
            while (stage.Sequence.Value < round)
            {
                if (Environment.TickCount64 > deadline) Assert.Fail($"seed {seed}: event {round} was not seen");
                Thread.Yield();
            }

            long start = Stopwatch.GetTimestamp();
            double microseconds = shortest + (random.NextDouble() * (longest - shortest));
            while (Stopwatch.GetElapsedTime(start).TotalMicroseconds < microseconds) Thread.SpinWait(1);
        }

        Stopping.DrainInOrder(thread);
        TestContext.Out.WriteLine($"slept {idle.Blocks} times, woken {idle.Wakes} times in {rounds} rounds");
        Assert.That(idle.Wakes, Is.GreaterThan(0));
    }

    [Test]
    public void The_wake_up_tests_would_notice_one_that_is_lost()
    {
        CountingIdle idle = new(new FutexIdle()) { LosesWakes = true };
        using TestRing ring = new(4);
        CheckingStage stage = new("stage", ring.Ring, 16);
        StageThread thread = new("stage", Stopping.NoFatal, stage) { WaitStrategy = WaitStrategy.Block, Idle = idle, BlockTimeoutMicroseconds = FiveMinutes };
        ring.Publications.Downstream.Add(thread);
        thread.Start();
        Stopping.WaitFor(() => idle.Blocks == 1, "the first sleep");
        Thread.Sleep(20);

        ring.TryPublish(0);
        Thread.Sleep(100);
        Assert.That(stage.Sequence.Value, Is.EqualTo(-1));
        Assert.That(idle.Wakes, Is.EqualTo(1));

        idle.LosesWakes = false;
        idle.Wake();
        Stopping.DrainInOrder(thread);
        Assert.That(stage.Handled, Is.EqualTo(1));
    }

    [Test]
    public void Publications_to_an_awake_thread_leave_no_token()
    {
        using ManualResetEventSlim release = new();
        CountingIdle idle = new(new FutexIdle());
        using TestRing ring = new(1_024);
        DelegateStage busy = new("busy", () =>
        {
            release.Wait();
            return false;
        });
        CheckingStage stage = new("stage", ring.Ring, 16);
        StageThread thread = new("busy", Stopping.NoFatal, busy, stage) { WaitStrategy = WaitStrategy.Yield, Idle = idle };
        ring.Publications.Downstream.Add(thread);
        thread.Start();
        for (int i = 0; i < 1_000; i++) ring.TryPublish(i);
        Assert.That(idle.Wakes, Is.Zero);
        release.Set();
        Stopping.DrainInOrder(thread);
        Assert.That(stage.Handled, Is.EqualTo(1_000));
    }

    [Test]
    public void Without_a_wake_up_the_stages_are_looked_at_after_the_timeout()
    {
        int polls = 0;
        StageThread thread = new("timer", Stopping.NoFatal, new DelegateStage("timer", () =>
        {
            Interlocked.Increment(ref polls);
            return false;
        }))
        { WaitStrategy = WaitStrategy.Block };
        thread.Start();
        Stopping.WaitFor(() => Volatile.Read(ref polls) > 20, "polls without a wake-up");
        Stopping.DrainInOrder(thread);
    }

    /// <summary>Answers each event with one on the other ring, until the last.</summary>
    private sealed class EchoStage(string name, TestRing from, TestRing to, long last) : RingStage<long>(name, from.Ring, 16)
    {
        protected override long OnBatch(long first, long lastAvailable)
        {
            for (long sequence = first; sequence <= lastAvailable; sequence++)
            {
                if (to.Ring.Cursor < last && !to.TryPublish(sequence)) throw new InvalidOperationException("Only one event is ever in flight.");
            }

            return lastAvailable;
        }
    }
}
