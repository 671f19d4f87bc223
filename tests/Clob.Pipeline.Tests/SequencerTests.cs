using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Clob.Appliance.Pipeline;
using Clob.Protocol;
using Clob.Ring;
using Disruptor;
using Disruptor.Dsl;

namespace Clob.Pipeline.Tests;

/// <summary>Is a record ever lost, changed on its way or timed wrongly between the sequencer and the slowest stage?</summary>
public sealed class SequencerTests
{
    private const int RingSize = 16;
    private const int ArenaBytes = 16 * 1024;

    private UnmanagedRingBufferMemory _memory = null!;
    private UnmanagedRingBuffer<RecordSlot> _ring = null!;
    private ByteArena _arena = null!;
    private Sequence _consumed = null!;

    [SetUp]
    public void MakeRing()
    {
        _memory = UnmanagedRingBufferMemory.Allocate(RingSize, Unsafe.SizeOf<RecordSlot>());
        _ring = new UnmanagedRingBuffer<RecordSlot>(_memory, ProducerType.Single, new BusySpinWaitStrategy());
        _arena = new ByteArena(ArenaBytes);
        _consumed = new Sequence();
        _ring.AddGatingSequences(_consumed);
    }

    [TearDown]
    public void Free()
    {
        _arena.Dispose();
        _memory.Dispose();
    }

    [Test]
    public void A_slot_is_two_cache_lines() => Assert.That(Unsafe.SizeOf<RecordSlot>(), Is.EqualTo(128));

    [Test]
    public void Refuses_when_the_ring_is_full_and_takes_nothing_from_the_arena()
    {
        var sequencer = new Sequencer(_ring, _arena, TimeProvider.System, 7, 0);
        for (int i = 0; i < RingSize; i++)
            Assert.That(sequencer.TryPublish(RecordKind.Mark, default), Is.True);
        long head = _arena.Head;
        Assert.That(sequencer.TryPublish(RecordKind.Mark, default), Is.False);
        Assert.That(_arena.Head, Is.EqualTo(head));
        Assert.That(sequencer.NextSequence, Is.EqualTo(7 + RingSize));
    }

    [Test]
    public void Refuses_when_the_arena_is_full_and_goes_on_when_the_oldest_record_is_done()
    {
        var sequencer = new Sequencer(_ring, _arena, TimeProvider.System, 0, 0);
        byte[] payload = new byte[8000];
        Assert.That(sequencer.TryPublish(RecordKind.Envelope, payload), Is.True);
        Assert.That(sequencer.TryPublish(RecordKind.Envelope, payload), Is.True);
        Assert.That(sequencer.TryPublish(RecordKind.Envelope, payload), Is.False);
        _consumed.SetValue(0);
        Assert.That(sequencer.TryPublish(RecordKind.Envelope, payload), Is.True);
    }

    [Test]
    public void No_record_changes_while_a_stage_may_read_it()
    {
        const int records = 60_000;
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        string? fault = null;
        var consumer = new Thread(() => fault = Consume(records, new Random(seed + 1)));
        consumer.Start();
        var sequencer = new Sequencer(_ring, _arena, TimeProvider.System, 0, 0);
        var random = new Random(seed);
        byte[] payload = new byte[4000];
        for (long sequence = 0; sequence < records && consumer.IsAlive; sequence++)
        {
            int length = random.Next(900, 1000); // a full ring leaves the arena next to no room
            payload.AsSpan(0, length).Fill(unchecked((byte)sequence));
            BinaryPrimitives.WriteInt64BigEndian(payload, sequence);
            while (!sequencer.TryPublish(RecordKind.Envelope, payload.AsSpan(0, length)) && consumer.IsAlive)
                Thread.SpinWait(1); // the ring is nearly always full, and the slot that frees up is taken at once
        }

        consumer.Join();
        Assert.That(fault, Is.Null);
    }

    [Test]
    public void A_record_that_was_changed_on_its_way_is_noticed() // the control of the test above
    {
        var sequencer = new Sequencer(_ring, _arena, TimeProvider.System, 0, 0);
        byte[] payload = new byte[100];
        Assert.That(sequencer.TryPublish(RecordKind.Envelope, payload), Is.True);
        unsafe
        {
            _ring[0].Record[RecordHeader.Size + 50] ^= 1;
        }

        Assert.That(Consume(1, new Random(1)), Is.Not.Null);
    }

    [Test]
    public void Times_rise_strictly_even_when_the_clock_is_set_back()
    {
        var clock = new SettableClock(DateTimeOffset.UnixEpoch.AddSeconds(100));
        var sequencer = new Sequencer(_ring, _arena, clock, 0, 0);
        sequencer.TryPublish(RecordKind.Mark, default);
        clock.Now = DateTimeOffset.UnixEpoch.AddSeconds(50);
        sequencer.TryPublish(RecordKind.Mark, default);
        Assert.That(_ring[0].Time, Is.EqualTo(100_000_000_000));
        Assert.That(_ring[1].Time, Is.EqualTo(100_000_000_001));
    }

    [Test]
    public void A_deadline_that_was_seen_to_pass_is_in_the_record_though_the_clock_was_set_back()
    {
        var clock = new SettableClock(DateTimeOffset.UnixEpoch.AddSeconds(50));
        var sequencer = new Sequencer(_ring, _arena, clock, 0, 0);
        sequencer.TryPublish(RecordKind.Time, default, notBefore: 60_000_000_000);
        Assert.That(_ring[0].Time, Is.EqualTo(60_000_000_000));
    }

    private string? Consume(int records, Random random)
    {
        for (long sequence = 0; sequence < records; sequence++)
        {
            while (_ring.Cursor < sequence)
                Thread.Yield();
            ref var slot = ref _ring[sequence];
            if (random.Next(4) == 0)
                Thread.SpinWait(random.Next(200));
            var payload = slot.Payload;
            if (slot.Sequence != (ulong)sequence || BinaryPrimitives.ReadInt64BigEndian(payload) != sequence || payload[8..].ContainsAnyExcept(unchecked((byte)sequence)))
                return $"record {sequence} is not as it was published";
            _consumed.SetValue(sequence);
        }

        return null;
    }

    private sealed class SettableClock(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
