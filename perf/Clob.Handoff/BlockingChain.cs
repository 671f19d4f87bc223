using System.Diagnostics;

namespace Clob.Handoff;

/// <summary>What one would write first: each thread waits on a monitor of its own until the one before pulses it.</summary>
internal static class BlockingChain
{
    public static Samples Run(HandoffCase shape)
    {
        Samples samples = new(shape);
        Mailbox[] boxes = [.. Enumerable.Range(0, shape.Threads).Select(_ => new Mailbox())];
        Thread[] followers = [.. Enumerable.Range(1, shape.Threads - 1).Select(i => new Thread(() => Follow(boxes[i], boxes[(i + 1) % boxes.Length], samples)))];
        foreach (Thread follower in followers) follower.Start();

        long end = Stopwatch.GetTimestamp() + (long)(shape.Longest.TotalSeconds * Stopwatch.Frequency);
        for (int sent = 0; sent < shape.Events && Stopwatch.GetTimestamp() < end; sent++)
        {
            boxes[1].Put(Stopwatch.GetTimestamp());
            long stamp = boxes[0].Take();
            samples.Record(Stopwatch.GetTimestamp() - stamp);
            if (shape.PauseMicroseconds > 0) Thread.Sleep(Math.Max(1, shape.PauseMicroseconds / 1_000));
        }

        boxes[1].Put(Mailbox.Stop);
        foreach (Thread follower in followers) follower.Join();
        return samples;
    }

    private static void Follow(Mailbox own, Mailbox next, Samples samples)
    {
        while (true)
        {
            long stamp = own.Take();
            if (stamp == Mailbox.Stop)
            {
                next.Put(stamp);
                return;
            }

            samples.Record(Stopwatch.GetTimestamp() - stamp);
            next.Put(Stopwatch.GetTimestamp());
        }
    }

    private sealed class Mailbox
    {
        public const long Stop = -1;

        private readonly object _monitor = new();
        private long _content;
        private bool _full;

        public void Put(long stamp)
        {
            lock (_monitor)
            {
                _content = stamp;
                _full = true;
                Monitor.Pulse(_monitor);
            }
        }

        public long Take()
        {
            lock (_monitor)
            {
                while (!_full) Monitor.Wait(_monitor);
                _full = false;
                return _content;
            }
        }
    }
}
