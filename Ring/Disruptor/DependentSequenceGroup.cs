using System.Runtime.CompilerServices;

namespace Disruptor;

/// <summary>What a consumer follows: all of some sequences, or the cursor where there are none. This is the AND barrier.</summary>
public class DependentSequenceGroup
{
    private readonly Sequence _cursor;
    private readonly Sequence[] _dependencies;

    /// <summary>A group over <paramref name="dependencies"/>, or over the cursor alone.</summary>
    /// <param name="cursor">How far the producer has published.</param>
    /// <param name="dependencies">The consumers that must have passed a sequence first.</param>
    public DependentSequenceGroup(Sequence cursor, params Sequence[] dependencies)
    {
        _cursor = cursor;
        _dependencies = dependencies.Length == 0 ? [cursor] : dependencies;
    }

    /// <summary>How far the producer has published.</summary>
    public long CursorValue => _cursor.Value;

    /// <summary>The number of sequences followed, at least 1.</summary>
    public int DependentSequenceCount => _dependencies.Length;

    /// <summary>The sequence that all dependencies have reached: their minimum.</summary>
    public long Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            long minimum = long.MaxValue;
            foreach (Sequence dependency in _dependencies) minimum = Math.Min(minimum, dependency.Value);
            return minimum;
        }
    }
}
