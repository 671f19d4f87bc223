using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Disruptor;

/// <summary>
/// The sequencing of a ring with one producer: claim, publish, and never overtake the slowest gating sequence by more than the ring's size.
/// </summary>
/// <remarks>
/// <code>
/// 0       128                            176      304                    320      448
/// +-------+------------------------------+--------+----------------------+--------+
/// |padding| set once, read by all threads|padding | the producer's own   |padding |
/// +-------+------------------------------+--------+----------------------+--------+
/// </code>
/// The producer writes its part with each claim; in one cache line with the rest, each claim would slow down every reader.
/// </remarks>
[StructLayout(LayoutKind.Explicit)]
public abstract class UnmanagedRingBuffer
{
    internal const int SharedOffset = Sequence.Padding;
    internal const int OwnOffset = SharedOffset + 48 + Sequence.Padding;

    [FieldOffset(SharedOffset)]
    private protected readonly nint _entries;

    [FieldOffset(SharedOffset + 8)]
    private protected readonly int _indexMask;

    [FieldOffset(SharedOffset + 12)]
    private protected readonly int _eventSize;

    [FieldOffset(SharedOffset + 16)]
    private readonly Sequence _cursor = new();

    // Replaced as a whole, never changed in place: the producer reads it without a lock.
    [FieldOffset(SharedOffset + 24)]
    private Sequence[] _gatingSequences = [];

    // Null where the wait strategy wants no signal, so that Publish has one test.
    [FieldOffset(SharedOffset + 32)]
    private readonly IWaitStrategy? _signalled;

    // Keeps the memory from being finalized while the ring is reachable.
    [FieldOffset(SharedOffset + 40)]
    private readonly UnmanagedRingBufferMemory _memory;

    // The highest claimed sequence.
    [FieldOffset(OwnOffset)]
    private long _claimed = Sequence.InitialCursorValue;

    // The slowest consumer when last looked at: it only moves on, so while this leaves room the consumers' cache lines stay theirs.
    [FieldOffset(OwnOffset + 8)]
    private long _gatingCache = Sequence.InitialCursorValue;

#pragma warning disable CS0169, IDE0051 // Never used: it holds the space after the producer's part, as in Sequence.
    [FieldOffset(OwnOffset + 8 + Sequence.Padding)]
    private readonly long _end;
#pragma warning restore CS0169, IDE0051

    private protected UnmanagedRingBuffer(UnmanagedRingBufferMemory memory, IWaitStrategy waitStrategy)
    {
        _memory = memory;
        _entries = memory.PointerToFirstEvent;
        _indexMask = memory.EventCount - 1;
        _eventSize = memory.EventSize;
        _signalled = waitStrategy.IsBlockingStrategy ? waitStrategy : null;
    }

    /// <summary>The number of slots, a power of two.</summary>
    public int BufferSize => _indexMask + 1;

    /// <summary>The highest published sequence, -1 before the first.</summary>
    public long Cursor => _cursor.Value;

    /// <summary>Whether the producer can claim <paramref name="requiredCapacity"/> slots now. The producer's thread only.</summary>
    /// <param name="requiredCapacity">Slots wanted.</param>
    /// <returns>Whether they are free.</returns>
    public bool HasAvailableCapacity(int requiredCapacity)
    {
        long wrapPoint = _claimed + requiredCapacity - BufferSize;
        if (wrapPoint <= _gatingCache) return true;
        _gatingCache = MinimumGating(_claimed);
        return wrapPoint <= _gatingCache;
    }

    /// <summary>Claims one slot; spins while the ring is full. Publish each claim before the next.</summary>
    /// <returns>The claimed sequence.</returns>
    public long Next() => Next(1);

    /// <summary>Claims <paramref name="n"/> slots; spins while they are not free. A stage must use <see cref="TryNext(int, out long)"/>: the consumer may share its thread.</summary>
    /// <param name="n">1 to <see cref="BufferSize"/>.</param>
    /// <returns>The highest claimed sequence.</returns>
    /// <exception cref="ArgumentException"><paramref name="n"/> is out of range.</exception>
    public long Next(int n)
    {
        SpinWait spin = default;
        long sequence;
        while (!TryNext(n, out sequence)) spin.SpinOnce(sleep1Threshold: -1);
        return sequence;
    }

    /// <summary>Claims one slot if one is free.</summary>
    /// <param name="sequence">The claimed sequence, 0 if none.</param>
    /// <returns>False if the slowest gating sequence is a lap behind.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(out long sequence) => TryNext(1, out sequence);

    /// <summary>Claims <paramref name="n"/> slots if all are free.</summary>
    /// <param name="n">1 to <see cref="BufferSize"/>.</param>
    /// <param name="sequence">The highest claimed sequence, 0 if none.</param>
    /// <returns>False if the slowest gating sequence leaves less room.</returns>
    /// <exception cref="ArgumentException"><paramref name="n"/> is out of range.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryNext(int n, out long sequence)
    {
        if (n < 1 || n > BufferSize) ThrowClaimOutOfRange(n);
        if (!HasAvailableCapacity(n))
        {
            sequence = 0;
            return false;
        }

        _claimed += n;
        sequence = _claimed;
        return true;
    }

    /// <summary>Lets the consumers see the claimed event, and everything before it.</summary>
    /// <param name="sequence">The claimed sequence.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long sequence)
    {
        _cursor.SetValue(sequence);
        _signalled?.SignalAllWhenBlocking();
    }

    /// <summary>Lets the consumers see the claimed events, all at once.</summary>
    /// <param name="lo">The lowest claimed sequence.</param>
    /// <param name="hi">The highest claimed sequence.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Publish(long lo, long hi) => Publish(hi);

    /// <summary>Adds consumers that the producer must not overtake by a lap. Each is set to the cursor: it starts with the next event.</summary>
    /// <param name="gatingSequences">The last consumers of the ring.</param>
    public void AddGatingSequences(params Sequence[] gatingSequences)
    {
        Sequence[] current;
        do
        {
            current = Volatile.Read(ref _gatingSequences);
            foreach (Sequence added in gatingSequences) added.SetValue(Cursor);
        }
        while (Interlocked.CompareExchange(ref _gatingSequences, [.. current, .. gatingSequences], current) != current);

        // What was published in between is not theirs.
        foreach (Sequence added in gatingSequences) added.SetValue(Cursor);
    }

    /// <summary>Takes a consumer out; the producer no longer waits for it.</summary>
    /// <param name="sequence">The consumer's sequence, by identity.</param>
    /// <returns>Whether it was there.</returns>
    public bool RemoveGatingSequence(Sequence sequence)
    {
        Sequence[] current, remaining;
        do
        {
            current = Volatile.Read(ref _gatingSequences);
            remaining = Array.FindAll(current, gating => !ReferenceEquals(gating, sequence));
            if (remaining.Length == current.Length) return false;
        }
        while (Interlocked.CompareExchange(ref _gatingSequences, remaining, current) != current);

        return true;
    }

    /// <summary>The slowest gating sequence, or the cursor if there is none.</summary>
    /// <returns>The sequence up to which every consumer is done.</returns>
    public long GetMinimumGatingSequence() => MinimumGating(Cursor);

    /// <summary>Free slots. Exact on the producer's thread.</summary>
    /// <returns>0 to <see cref="BufferSize"/>.</returns>
    public long GetRemainingCapacity() => BufferSize - (_claimed - MinimumGating(_claimed));

    private static void ThrowClaimOutOfRange(int n)
        => throw new ArgumentException($"A claim is of at least one slot and at most the ring's size, not {n}.", nameof(n));

    private long MinimumGating(long ifNone)
    {
        long minimum = ifNone;
        foreach (Sequence gating in Volatile.Read(ref _gatingSequences)) minimum = Math.Min(minimum, gating.Value);
        return minimum;
    }
}

/// <summary>A ring of unmanaged events in memory outside the garbage collector's heap, with one producer.</summary>
/// <typeparam name="T">The event, at most the memory's event size.</typeparam>
public sealed class UnmanagedRingBuffer<T> : UnmanagedRingBuffer
    where T : unmanaged
{
    /// <summary>A ring over <paramref name="memory"/>.</summary>
    /// <param name="memory">The slots; stays the caller's to dispose.</param>
    /// <param name="producerType"><see cref="Dsl.ProducerType.Single"/>.</param>
    /// <param name="waitStrategy">Signalled at each publication if it is a blocking one.</param>
    /// <exception cref="ArgumentException">The event does not fit the memory's slots, or several producers are asked for.</exception>
    public UnmanagedRingBuffer(UnmanagedRingBufferMemory memory, Dsl.ProducerType producerType, IWaitStrategy waitStrategy)
        : base(memory, waitStrategy)
    {
        if (producerType != Dsl.ProducerType.Single)
            throw new ArgumentException("Only rings with a single producer are offered.", nameof(producerType));
        if (Unsafe.SizeOf<T>() > memory.EventSize)
            throw new ArgumentException($"An event of {Unsafe.SizeOf<T>()} bytes does not fit a slot of {memory.EventSize}.", nameof(memory));
    }

    /// <summary>The slot of a sequence. Nothing checks that the caller may touch it: claims and barriers say so.</summary>
    /// <param name="sequence">A claimed or published sequence.</param>
    /// <returns>The event in place.</returns>
    public unsafe ref T this[long sequence]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.AsRef<T>((void*)unchecked(_entries + ((nint)(sequence & _indexMask) * _eventSize)));
    }
}
