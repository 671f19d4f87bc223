using System.Runtime.CompilerServices;
using Disruptor;
using Disruptor.Dsl;

namespace Clob.Ring.Tests.Disruptor;

/// <summary>Offsets as the runtime lays them out, not as the attributes ask for them. They count from the object's first field byte.</summary>
public class LayoutTests
{
    private const int CacheLinePair = 128;

    [Test]
    public void A_sequence_is_alone_on_its_cache_line_pair()
    {
        Sequence sequence = new(42);
        Assert.That(OffsetIn(sequence, ref Value(sequence)), Is.EqualTo(CacheLinePair));
        Assert.That(FieldBytes<Sequence>(), Is.EqualTo((2 * CacheLinePair) + sizeof(long)));
        Assert.That(Value(sequence), Is.EqualTo(42));
    }

    [Test]
    public unsafe void Sequences_allocated_together_are_a_cache_line_pair_apart()
    {
        Sequence[] sequences = [.. Enumerable.Range(0, 100).Select(_ => new Sequence())];
        long[] addresses = [.. sequences.Select(s => (long)Unsafe.AsPointer(ref Value(s))).Order()];
        Assert.That(addresses.Zip(addresses.Skip(1), (a, b) => b - a), Has.All.GreaterThanOrEqualTo(2 * CacheLinePair));
        GC.KeepAlive(sequences);
    }

    [Test]
    public void What_the_producer_writes_is_apart_from_what_all_read()
    {
        using UnmanagedRingBufferMemory memory = UnmanagedRingBufferMemory.Allocate(8, sizeof(long));
        UnmanagedRingBuffer<long> ring = new(memory, ProducerType.Single, new BusySpinWaitStrategy());

        long entries = OffsetIn(ring, ref Entries(ring)), lastRead = OffsetIn(ring, ref Memory(ring));
        long claimed = OffsetIn(ring, ref Claimed(ring)), gatingCache = OffsetIn(ring, ref GatingCache(ring));
        Assert.That((entries, lastRead, claimed, gatingCache), Is.EqualTo((128L, 168L, 304L, 312L)));
        Assert.That(claimed - (lastRead + 8), Is.EqualTo(CacheLinePair));
        Assert.That(FieldBytes<UnmanagedRingBuffer<long>>(), Is.EqualTo(gatingCache + 8 + CacheLinePair));
    }

    [TestCase(1, 8)]
    [TestCase(64, 128)]
    [TestCase(4_096, 24)]
    public unsafe void Events_begin_aligned_zeroed_and_padded(int count, int size)
    {
        using UnmanagedRingBufferMemory memory = UnmanagedRingBufferMemory.Allocate(count, size);
        Assert.That((long)memory.PointerToFirstEvent % CacheLinePair, Is.Zero);
        ReadOnlySpan<byte> all = new((byte*)memory.PointerToFirstEvent - CacheLinePair, (2 * CacheLinePair) + (count * size));
        Assert.That(all.ContainsAnyExcept((byte)0), Is.False);
        Assert.That((memory.EventCount, memory.EventSize), Is.EqualTo((count, size)));
    }

    [Test]
    public void Slots_are_an_event_size_apart_and_the_event_must_fit()
    {
        using UnmanagedRingBufferMemory memory = UnmanagedRingBufferMemory.Allocate(8, 128);
        UnmanagedRingBuffer<long> ring = new(memory, ProducerType.Single, new BusySpinWaitStrategy());
        Assert.That(Unsafe.ByteOffset(ref ring[0], ref ring[7]), Is.EqualTo((nint)(7 * 128)));
        Assert.That(Unsafe.AreSame(ref ring[3], ref ring[11]), Is.True);
        Assert.That(
            () => new UnmanagedRingBuffer<Wide>(memory, ProducerType.Single, new BusySpinWaitStrategy()),
            Throws.ArgumentException.With.Message.Contains("136 bytes"));
        Assert.That(
            () => new UnmanagedRingBuffer<long>(memory, ProducerType.Multi, new BusySpinWaitStrategy()),
            Throws.ArgumentException);
    }

    [Test]
    public void Memory_can_be_disposed_twice()
    {
        UnmanagedRingBufferMemory memory = UnmanagedRingBufferMemory.Allocate(2, 8);
        memory.Dispose();
        Assert.That(memory.Dispose, Throws.Nothing);
    }

    private static long OffsetIn<TField>(object owner, ref TField field)
        => Unsafe.ByteOffset(ref Unsafe.As<FirstByte>(owner).Value, ref Unsafe.As<TField, byte>(ref field));

    // The runtime's base size: header, method table, fields.
    private static unsafe int FieldBytes<TClass>()
        => *(int*)(typeof(TClass).TypeHandle.Value + sizeof(int)) - (2 * sizeof(nint));

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_value")]
    private static extern ref long Value(Sequence sequence);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_entries")]
    private static extern ref nint Entries(UnmanagedRingBuffer ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_memory")]
    private static extern ref UnmanagedRingBufferMemory Memory(UnmanagedRingBuffer ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_claimed")]
    private static extern ref long Claimed(UnmanagedRingBuffer ring);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gatingCache")]
    private static extern ref long GatingCache(UnmanagedRingBuffer ring);

#pragma warning disable CS0649 // Never assigned: only its address is used.
    private sealed class FirstByte
    {
        public byte Value;
    }

    private unsafe struct Wide
    {
        public fixed byte Bytes[136];
    }
}
