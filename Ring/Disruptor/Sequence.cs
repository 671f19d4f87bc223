using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Disruptor;

/// <summary>
/// How far one producer or consumer has come: written by one thread, read by others, alone on its cache lines.
/// </summary>
/// <remarks>
/// <code>
/// 0          128       136          264
/// +-----------+---------+-----------+
/// |  padding  |  value  |  padding  |
/// +-----------+---------+-----------+
/// </code>
/// 128 bytes to each side, because processors fetch cache lines of 64 bytes in pairs: neighbours in the heap must not share the pair.
/// </remarks>
[StructLayout(LayoutKind.Explicit)]
public class Sequence
{
    /// <summary>The value before the first event: sequences count from 0.</summary>
    public const long InitialCursorValue = -1;

    internal const int Padding = 128;

    [FieldOffset(Padding)]
    private long _value;

#pragma warning disable CS0169, IDE0051 // Never used:
    // it holds the space after the value: the runtime ignores StructLayoutAttribute.Size on classes.
    [FieldOffset(2 * Padding)]
    private readonly long _end;
#pragma warning restore CS0169, IDE0051

    /// <summary>A sequence that stands at <paramref name="initialValue"/>.</summary>
    /// <param name="initialValue">The last sequence taken as done.</param>
    public Sequence(long initialValue = InitialCursorValue) => _value = initialValue;

    /// <summary>The current value. Acquire: what was written before the matching <see cref="SetValue"/> is visible after this read.</summary>
    public long Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _value);
    }

    /// <summary>Sets the value. Release: everything this thread wrote before is visible to who reads the new value. No fence towards later reads.</summary>
    /// <param name="value">The new value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetValue(long value) => Volatile.Write(ref _value, value);

    /// <summary>Sets the value like <see cref="SetValue"/>, followed by a full fence: later reads of this thread happen after it.</summary>
    /// <param name="value">The new value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SetValueVolatile(long value)
    {
        Volatile.Write(ref _value, value);
        Interlocked.MemoryBarrier();
    }

    /// <summary>Sets the value if it still is what the caller saw, atomically and with a full fence.</summary>
    /// <param name="expectedSequence">The value it must have.</param>
    /// <param name="nextSequence">The value it gets.</param>
    /// <returns>Whether the value was set.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool CompareAndSet(long expectedSequence, long nextSequence)
        => Interlocked.CompareExchange(ref _value, nextSequence, expectedSequence) == expectedSequence;

    /// <summary>The value in decimal digits.</summary>
    /// <returns>The current value as text.</returns>
    public override string ToString() => Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
