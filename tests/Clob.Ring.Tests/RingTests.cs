using System.Runtime.InteropServices;
using Disruptor;
using Disruptor.Dsl;

namespace Clob.Ring.Tests;

public class RingTests
{
    [Test]
    public void Wraps_and_reuses_the_slots_in_order()
    {
        using TestRing test = new(8);
        Sequence consumer = new();
        test.Ring.AddGatingSequences(consumer);

        for (long value = 0; value < 1_000; value++)
        {
            Assert.That(test.TryPublish(value), Is.True);
            Assert.That(test.Ring.Cursor, Is.EqualTo(value));
            Assert.That(test.Ring[value], Is.EqualTo(value));
            Assert.That(MemoryMarshal.CreateReadOnlySpan(ref test.Ring[value & ~7L], 8)[(int)(value & 7)], Is.EqualTo(value));
            consumer.SetValue(value);
        }
    }

    [Test]
    public void Refuses_to_claim_when_the_slowest_gating_sequence_is_a_lap_behind()
    {
        using TestRing test = new(4);
        Sequence fast = new(), slow = new();
        test.Ring.AddGatingSequences(fast, slow);
        for (int i = 0; i < 4; i++) Assert.That(test.TryPublish(i), Is.True);

        fast.SetValue(3);
        Assert.That(test.Ring.TryNext(out _), Is.False);
        Assert.That(test.Ring.GetMinimumGatingSequence(), Is.EqualTo(-1));

        slow.SetValue(0);
        Assert.That(test.Ring.GetRemainingCapacity(), Is.EqualTo(1));
        Assert.That(test.Ring.HasAvailableCapacity(1), Is.True);
        Assert.That(test.Ring.HasAvailableCapacity(2), Is.False);
        Assert.That(test.Ring.TryNext(2, out _), Is.False);
        Assert.That(test.Ring.TryNext(out long sequence), Is.True);
        Assert.That(sequence, Is.EqualTo(4));
    }

    [Test]
    public void A_refused_claim_changes_nothing_that_consumers_see()
    {
        using TestRing test = new(2);
        Sequence consumer = new();
        test.Ring.AddGatingSequences(consumer);
        test.TryPublish(0);
        test.TryPublish(1);

        for (int i = 0; i < 5; i++) Assert.That(test.TryPublish(2), Is.False);

        Assert.That(test.Ring.Cursor, Is.EqualTo(1));
        Assert.That(test.Ring.GetRemainingCapacity(), Is.Zero);
    }

    [Test]
    public void Claims_several_slots_and_publishes_them_at_once()
    {
        using TestRing test = new(8);
        Assert.That(test.Ring.TryNext(5, out long highest), Is.True);
        Assert.That(highest, Is.EqualTo(4));
        Assert.That(test.Ring.Cursor, Is.EqualTo(Sequence.InitialCursorValue));
        test.Ring.Publish(0, highest);
        Assert.That(test.Ring.Cursor, Is.EqualTo(4));
        Assert.That(test.Ring.Next(3), Is.EqualTo(7));
        test.Ring.Publish(5, 7);
        Assert.That(test.Ring.Next(), Is.EqualTo(8), "without gating sequences nothing holds the producer back");
    }

    [Test]
    public void A_gating_sequence_added_later_starts_at_the_cursor_and_one_removed_no_longer_holds()
    {
        using TestRing test = new(4);
        for (int i = 0; i < 10; i++) test.TryPublish(i);
        Sequence late = new();
        test.Ring.AddGatingSequences(late);
        Assert.That(late.Value, Is.EqualTo(9));

        for (int i = 10; i < 14; i++) Assert.That(test.TryPublish(i), Is.True);
        Assert.That(test.TryPublish(14), Is.False);
        Assert.That(test.Ring.RemoveGatingSequence(new Sequence(9)), Is.False, "by identity, not by value");
        Assert.That(test.Ring.RemoveGatingSequence(late), Is.True);
        Assert.That(test.TryPublish(14), Is.True);
    }

    [TestCase(0)]
    [TestCase(5)]
    [TestCase(-1)]
    public void Refuses_a_claim_of_no_slot_or_more_than_the_ring(int slots)
    {
        using TestRing test = new(4);
        Assert.That(() => test.Ring.TryNext(slots, out _), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => test.Ring.Next(slots), Throws.InstanceOf<ArgumentException>());
    }

    [TestCase(0, 8)]
    [TestCase(3, 8)]
    [TestCase(-4, 8)]
    [TestCase(4, 0)]
    public void Refuses_memory_of_a_wrong_size(int count, int size)
        => Assert.That(() => UnmanagedRingBufferMemory.Allocate(count, size), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void Next_waits_for_the_consumer()
    {
        using TestRing test = new(1);
        Sequence consumer = new();
        test.Ring.AddGatingSequences(consumer);
        test.TryPublish(0);
        Thread producer = new(() => test.Ring.Publish(test.Ring.Next()));
        producer.Start();
        Assert.That(producer.Join(20), Is.False);
        consumer.SetValue(0);
        Assert.That(producer.Join(Stopping.Patience), Is.True);
        Assert.That(test.Ring.Cursor, Is.EqualTo(1));
    }

    [Test]
    public void A_random_schedule_never_overwrites_an_unread_event()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        using TestRing test = new(16);
        Sequence[] consumers = [new(), new(), new()];
        test.Ring.AddGatingSequences(consumers);
        long claimed = -1;
        int refused = 0;
        for (int step = 0; step < 20_000; step++)
        {
            if (random.Next(2) == 0)
            {
                int slots = random.Next(1, 17);
                long slowest = consumers.Min(c => c.Value);
                bool fits = claimed + slots - slowest <= 16;
                Assert.That(test.Ring.TryNext(slots, out long highest), Is.EqualTo(fits), $"seed {seed}, step {step}");
                if (!fits)
                {
                    refused++;
                    continue;
                }

                for (long s = claimed + 1; s <= highest; s++) test.Ring[s] = s;
                test.Ring.Publish(claimed + 1, highest);
                claimed = highest;
            }
            else
            {
                Sequence consumer = consumers[random.Next(3)];
                long until = Math.Min(claimed, consumer.Value + random.Next(1, 17));
                for (long s = consumer.Value + 1; s <= until; s++)
                    if (test.Ring[s] != s) Assert.Fail($"seed {seed}: slot of {s} holds {test.Ring[s]}");
                consumer.SetValue(until);
            }
        }

        Assert.That(refused, Is.GreaterThan(0));
    }
}
