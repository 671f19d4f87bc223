using System.Diagnostics;
using Clob.Ring;
using Disruptor;
using Disruptor.Dsl;

namespace Clob.Handoff;

/// <summary>One ring; each thread has one stage behind the one before; the first publishes the next event when the last stage has passed the one before.</summary>
internal static class StageChain
{
    public static Samples Run(HandoffCase shape, WaitStrategy strategy)
    {
        Samples samples = new(shape);
        using UnmanagedRingBufferMemory memory = UnmanagedRingBufferMemory.Allocate(1_024, 128);
        WakeOnPublish publications = new();
        UnmanagedRingBuffer<long> ring = new(memory, ProducerType.Single, publications);

        List<StampingStage> followers = [];
        for (int i = 1; i < shape.Threads; i++)
            followers.Add(i == 1 ? new StampingStage(ring, samples) : new StampingStage(ring, samples, followers[^1].Sequence));
        Sequence last = followers[^1].Sequence;
        ring.AddGatingSequences(last);
        Source source = new(ring, last, samples, shape);

        StageThread[] threads = [.. followers.Prepend<IStage>(source).Select((stage, i) => new StageThread($"handoff-{i}", Fail, stage) { WaitStrategy = strategy })];
        publications.Downstream.Add(threads[1]);
        for (int i = 0; i < followers.Count; i++) followers[i].Downstream.Add(threads[(i + 2) % threads.Length]);

        foreach (StageThread thread in threads) thread.Start();
        source.Finished.Wait();
        foreach (StageThread thread in threads) thread.RequestStop();
        foreach (StageThread thread in threads) thread.Join(Timeout.InfiniteTimeSpan);
        return samples;
    }

    private static void Fail(StageThread thread, Exception exception) => Environment.FailFast($"{thread.Name}: {exception}");

    /// <summary>The event is the time at which the stage before passed it on.</summary>
    private sealed class StampingStage(UnmanagedRingBuffer<long> ring, Samples samples, params Sequence[] upstream)
        : RingStage<long>("stamp", ring, 1, upstream)
    {
        protected override long OnBatch(long first, long last)
        {
            samples.Record(Stopwatch.GetTimestamp() - Ring[first]);
            Ring[first] = Stopwatch.GetTimestamp();
            return first;
        }
    }

    private sealed class Source(UnmanagedRingBuffer<long> ring, Sequence last, Samples samples, HandoffCase shape) : IStage
    {
        private readonly long _end = Stopwatch.GetTimestamp() + (long)(shape.Longest.TotalSeconds * Stopwatch.Frequency);
        private long _arrived = -1;
        private long _notBefore;

        public string Name => "source";

        public ManualResetEventSlim Finished { get; } = new();

        public bool Poll()
        {
            long cursor = ring.Cursor;
            if (Finished.IsSet || last.Value < cursor) return false;

            long now = Stopwatch.GetTimestamp();
            if (_arrived < cursor)
            {
                samples.Record(now - ring[cursor]);
                _arrived = cursor;
                _notBefore = now + shape.PauseTicks;
            }

            if (now < _notBefore) return false;
            if (cursor + 1 >= shape.Events || now > _end)
            {
                Finished.Set();
                return false;
            }

            ring.TryNext(out long sequence);
            ring[sequence] = Stopwatch.GetTimestamp();
            ring.Publish(sequence);
            return true;
        }
    }
}
