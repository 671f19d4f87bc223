using Disruptor;
using Disruptor.Dsl;

namespace Clob.Ring.Tests;

/// <summary>A ring of 64-bit values for one test.</summary>
internal sealed class TestRing : IDisposable
{
    private readonly UnmanagedRingBufferMemory _memory;

    public TestRing(int size)
    {
        _memory = UnmanagedRingBufferMemory.Allocate(size, sizeof(long));
        Ring = new UnmanagedRingBuffer<long>(_memory, ProducerType.Single, Publications);
    }

    public WakeOnPublish Publications { get; } = new();

    public UnmanagedRingBuffer<long> Ring { get; }

    public bool TryPublish(long value)
    {
        if (!Ring.TryNext(out long sequence)) return false;
        Ring[sequence] = value;
        Ring.Publish(sequence);
        return true;
    }

    public void Dispose() => _memory.Dispose();
}

/// <summary>Checks that value n is the event of sequence n, once each and in order.</summary>
internal class CheckingStage(string name, UnmanagedRingBuffer<long> ring, int maxBatch, params Sequence[] upstream)
    : RingStage<long>(name, ring, maxBatch, upstream)
{
    private long _expected;

    /// <summary>How many were handled. For the stage's thread, or after it has ended.</summary>
    public long Handled => _expected;

    protected override long OnBatch(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++) Check(sequence);
        return last;
    }

    protected void Check(long sequence)
    {
        if (sequence != _expected || Ring[sequence] != _expected)
            throw new InvalidOperationException($"{Name} expected event {_expected}, got sequence {sequence} with value {Ring[sequence]}.");
        _expected++;
    }
}

/// <summary>Follows its ring's cursor, but stops before what another ring's stage has not passed: egress behind the durable sequence.</summary>
internal sealed class GatedStage(string name, UnmanagedRingBuffer<long> ring, int maxBatch, Sequence gate)
    : CheckingStage(name, ring, maxBatch)
{
    protected override long OnBatch(long first, long last)
        => base.OnBatch(first, Math.Min(last, Math.Max(first - 1, gate.Value)));
}

/// <summary>Copies the events of one ring into another; waits with Backoff while that one is full.</summary>
internal sealed class RelayStage(string name, UnmanagedRingBuffer<long> from, TestRing to, int maxBatch, params Sequence[] upstream)
    : RingStage<long>(name, from, maxBatch, upstream)
{
    protected override long OnBatch(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
        {
            while (!to.TryPublish(Ring[sequence])) StageThread.Backoff();
        }

        return last;
    }
}

/// <summary>Publishes 0, 1, 2, ... up to a count.</summary>
internal sealed class CountingProducer(TestRing ring, long count) : IStage
{
    private long _next;

    public string Name => "producer";

    public bool Poll()
    {
        bool any = false;
        for (int i = 0; i < 64 && _next < count && ring.TryPublish(_next); i++)
        {
            _next++;
            any = true;
        }

        return any;
    }
}

/// <summary>A stage that is a delegate.</summary>
internal sealed class DelegateStage(string name, Func<bool> poll) : IStage
{
    public string Name => name;

    public bool Poll() => poll();
}

/// <summary>What the tests share.</summary>
internal static class Stopping
{
    /// <summary>Long enough for a loaded machine, short enough for a test run.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static void NoFatal(StageThread thread, Exception exception)
        => TestContext.Progress.WriteLine($"fatal in {thread.Name}: {exception}");

    public static void WaitFor(Func<bool> condition, string what)
    {
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (!condition())
        {
            if (Environment.TickCount64 > deadline) Assert.Fail($"waited in vain for: {what}");
            Thread.Sleep(1);
        }
    }

    /// <summary>Stops the threads one after the other, so that each drains what the one before it left.</summary>
    public static void DrainInOrder(params StageThread[] threads)
    {
        foreach (StageThread thread in threads)
        {
            thread.RequestStop();
            bool ended = thread.Join(Patience);
            if (!ended) thread.Abort();
            Assert.That(ended, Is.True, $"{thread.Name} does not end");
            Assert.That(thread.Fatal, Is.Null);
        }
    }
}
