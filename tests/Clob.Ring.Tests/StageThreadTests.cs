namespace Clob.Ring.Tests;

public class StageThreadTests
{
    [Test]
    public void An_exception_out_of_a_stage_ends_the_thread_and_is_handed_on_once()
    {
        List<(StageThread Thread, Exception Exception, int OnThread)> handed = [];
        InvalidOperationException failure = new("disk gone");
        int polls = 0, otherPolls = 0;
        DelegateStage failing = new("failing", () => ++polls < 5 ? true : throw failure);
        DelegateStage other = new("other", () =>
        {
            otherPolls++;
            return false;
        });
        StageThread thread = new("fatal", (t, e) => handed.Add((t, e, Environment.CurrentManagedThreadId)), failing, other);
        thread.Start();

        Assert.That(thread.Join(Stopping.Patience), Is.True);
        Assert.That(handed, Has.Count.EqualTo(1));
        Assert.That(handed[0].Thread, Is.SameAs(thread));
        Assert.That(handed[0].Exception, Is.SameAs(failure));
        Assert.That(handed[0].OnThread, Is.Not.EqualTo(Environment.CurrentManagedThreadId));
        Assert.That(thread.Fatal, Is.SameAs(failure));
        Assert.That(thread.FatalStage, Is.SameAs(failing));
        Assert.That((polls, otherPolls), Is.EqualTo((5, 4)));
    }

    [Test]
    public void A_fatal_exception_during_a_backoff_names_the_stage_it_came_out_of()
    {
        DelegateStage waiting = new("waiting", () =>
        {
            while (true) StageThread.Backoff();
        });
        DelegateStage failing = new("failing", () => throw new InvalidOperationException("bug"));
        StageThread thread = new("fatal", (_, _) => { }, waiting, failing);
        thread.Start();
        Assert.That(thread.Join(Stopping.Patience), Is.True);
        Assert.That(thread.FatalStage, Is.SameAs(failing));
    }

    [Test]
    public void A_stop_drains_what_was_published_before_it([Values] WaitStrategy waitStrategy)
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        for (int round = 0; round < 50; round++)
        {
            using TestRing ring = new(256);
            CheckingStage first = new("first", ring.Ring, 3);
            CheckingStage second = new("second", ring.Ring, 2, first.Sequence);
            // Against the flow, so that one round of polls does not carry an event through.
            StageThread thread = new("drain", Stopping.NoFatal, second, first) { WaitStrategy = waitStrategy };
            ring.Publications.Downstream.Add(thread);
            thread.Start();
            int events = random.Next(200);
            for (int i = 0; i < events; i++) ring.TryPublish(i);
            Stopping.DrainInOrder(thread);
            Assert.That((first.Handled, second.Handled), Is.EqualTo(((long)events, (long)events)));
        }
    }

    [Test]
    public void A_stage_that_waits_for_one_on_its_own_thread_lets_it_run([Values] WaitStrategy waitStrategy)
    {
        const int Events = 20_000;
        using TestRing commands = new(256), results = new(8);
        CountingProducer ingress = new(commands, Events);
        RelayStage match = new("match", commands.Ring, results, 256);
        CheckingStage egress = new("egress", results.Ring, 3);
        commands.Ring.AddGatingSequences(match.Sequence);
        results.Ring.AddGatingSequences(egress.Sequence);
        StageThread thread = new("all", Stopping.NoFatal, ingress, match, egress) { WaitStrategy = waitStrategy };
        thread.Start();
        Stopping.DrainInOrder(thread);
        Assert.That(egress.Handled, Is.EqualTo(Events));
    }

    [Test]
    public void A_stage_that_waits_for_one_on_another_thread_goes_on_when_it_has_moved([Values] WaitStrategy waitStrategy)
    {
        const int Events = 500;
        using TestRing commands = new(512), results = new(2);
        RelayStage match = new("match", commands.Ring, results, int.MaxValue);
        CheckingStage egress = new("egress", results.Ring, 2);
        results.Ring.AddGatingSequences(egress.Sequence);
        StageThread front = new("front", Stopping.NoFatal, match) { WaitStrategy = waitStrategy };
        StageThread back = new("back", Stopping.NoFatal, egress) { WaitStrategy = waitStrategy };
        results.Publications.Downstream.Add(back);
        for (int i = 0; i < Events; i++) commands.TryPublish(i);
        front.Start();
        back.Start();
        Stopping.DrainInOrder(front, back);
        Assert.That(egress.Handled, Is.EqualTo(Events));
    }

    [Test]
    public void A_stage_on_the_stack_is_not_polled_again()
    {
        int depth = 0, deepest = 0, inner = 0;
        bool Enter(Action body)
        {
            deepest = Math.Max(deepest, ++depth);
            body();
            depth--;
            return false;
        }

        bool outerActive = false, middleActive = false, reentered = false;
        StageThread thread = null!;
        DelegateStage outer = new("outer", () => Enter(() =>
        {
            reentered |= outerActive;
            outerActive = true;
            for (int i = 0; i < 3; i++) StageThread.Backoff();
            outerActive = false;
        }));
        DelegateStage middle = new("middle", () => Enter(() =>
        {
            reentered |= middleActive;
            middleActive = true;
            StageThread.Backoff();
            middleActive = false;
        }));
        DelegateStage innermost = new("inner", () => Enter(() =>
        {
            inner++;
            if (inner > 100) thread.RequestStop();
        }));
        thread = new("nested", Stopping.NoFatal, outer, middle, innermost);
        thread.Start();
        Assert.That(thread.Join(Stopping.Patience), Is.True);
        Assert.That(thread.Fatal, Is.Null);
        Assert.That(reentered, Is.False);
        Assert.That(deepest, Is.EqualTo(3));
    }

    [Test]
    public void An_abort_ends_a_stage_that_waits_for_ever([Values] WaitStrategy waitStrategy)
    {
        using ManualResetEventSlim waiting = new();
        DelegateStage stage = new("waiting", () =>
        {
            while (true)
            {
                waiting.Set();
                StageThread.Backoff();
            }
        });
        StageThread thread = new("abort", Stopping.NoFatal, stage) { WaitStrategy = waitStrategy };
        thread.Start();
        Assert.That(waiting.Wait(Stopping.Patience), Is.True);
        thread.RequestStop();
        Assert.That(thread.Join(TimeSpan.FromMilliseconds(20)), Is.False, "a stop waits for the stages");
        thread.Abort();
        Assert.That(thread.Join(Stopping.Patience), Is.True);
        Assert.That(thread.Fatal, Is.Null);
    }

    [Test]
    public void Backoff_outside_a_stage_thread_returns()
        => Assert.That(StageThread.Backoff, Throws.Nothing);

    [Test]
    public void Needs_at_least_one_stage_and_each_only_once()
    {
        DelegateStage stage = new("stage", () => false);
        Assert.That(() => new StageThread("none", Stopping.NoFatal), Throws.ArgumentException);
        Assert.That(() => new StageThread("twice", Stopping.NoFatal, stage, stage), Throws.ArgumentException);
    }
}
