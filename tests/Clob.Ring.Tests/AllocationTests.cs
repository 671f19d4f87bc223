namespace Clob.Ring.Tests;

/// <summary>
/// Bytes that the polling thread itself allocates, idling and waking included: the least of several windows of events, for the runtime
/// now and then allocates some bytes of its own on any thread (when it binds a native function, for one).
/// </summary>
public class AllocationTests
{
    private const int WarmUp = 2_000;
    private const int Window = 7_000;
    private const int Windows = 3;
    private const int Events = WarmUp + (Windows * Window) + 1;

    [Test]
    public void Publishing_and_polling_allocate_nothing()
    {
        using TestRing ring = new(64);
        CheckingStage first = new("first", ring.Ring, 16);
        CheckingStage second = new("second", ring.Ring, 16, first.Sequence);
        ring.Ring.AddGatingSequences(second.Sequence);
        StageThread sleeper = new("never started", Stopping.NoFatal, second);
        ring.Publications.Downstream.Add(sleeper);
        first.Downstream.Add(sleeper);

        void Run(int events)
        {
            for (int i = 0; i < events; i++)
            {
                ring.TryPublish(ring.Ring.Cursor + 1);
                if ((i & 15) == 0)
                {
                    first.Poll();
                    second.Poll();
                }
            }
        }

        Run(WarmUp);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(Window);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(second.Handled, Is.GreaterThan(Window));
    }

    [Test]
    public void A_stage_thread_allocates_nothing_whatever_it_does_meanwhile([Values] WaitStrategy waitStrategy)
        => Assert.That(BytesOnStageThread(waitStrategy, bytesPerEvent: 0), Is.Zero);

    [Test]
    public void The_measurement_would_notice_an_allocation_per_event()
        => Assert.That(BytesOnStageThread(WaitStrategy.Block, bytesPerEvent: 1), Is.GreaterThanOrEqualTo(24 * Window));

    private static long BytesOnStageThread(WaitStrategy waitStrategy, int bytesPerEvent)
    {
        using TestRing commands = new(16), results = new(2);
        CountingIdle idle = new(new FutexIdle());
        MeasuredStage measured = new(commands, bytesPerEvent);
        RelayStage relay = new("relay", commands.Ring, results, 16, measured.Sequence);
        CheckingStage last = new("last", results.Ring, 1);
        commands.Ring.AddGatingSequences(relay.Sequence);
        results.Ring.AddGatingSequences(last.Sequence);
        StageThread thread = new("measured", Stopping.NoFatal, measured, relay, last) { WaitStrategy = waitStrategy, Idle = idle };
        commands.Publications.Downstream.Add(thread);
        last.Downstream.Add(thread);
        thread.Start();

        for (long i = 0; i < Events; i++)
        {
            while (!commands.TryPublish(i))
            {
                Assert.That(thread.Fatal, Is.Null);
                Thread.Yield();
            }

            if (i % 1_000 == 0) Thread.Sleep(1); // Long enough for the thread to fall asleep now and then.
        }

        Stopping.DrainInOrder(thread);
        Assert.That(last.Handled, Is.EqualTo(Events));
        if (waitStrategy >= WaitStrategy.YieldThenBlock) Assert.That(idle.Blocks, Is.GreaterThan(5), "it did sleep");
        return measured.LeastBytes;
    }

    private sealed class MeasuredStage(TestRing ring, int bytesPerEvent) : RingStage<long>("measured", ring.Ring, 16)
    {
        private long _windowStart;
        private object? _kept;

        public long LeastBytes { get; private set; } = long.MaxValue;

        protected override long OnBatch(long first, long last)
        {
            for (long sequence = first; sequence <= last; sequence++)
            {
                if (sequence >= WarmUp && (sequence - WarmUp) % Window == 0) EndWindow(sequence);
                if (bytesPerEvent > 0) _kept = new byte[bytesPerEvent];
            }

            GC.KeepAlive(_kept);
            return last;
        }

        private void EndWindow(long sequence)
        {
            long now = GC.GetAllocatedBytesForCurrentThread();
            if (sequence > WarmUp) LeastBytes = Math.Min(LeastBytes, now - _windowStart);
            _windowStart = now;
        }
    }
}
