using System.Diagnostics.CodeAnalysis;

namespace Disruptor.Dsl;

/// <summary>How many threads claim and publish.</summary>
public enum ProducerType
{
    /// <summary>One thread only: claims need no atomic operation.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "The name is Disruptor's.")]
    Single,

    /// <summary>Several threads. The rings of this repository have one producer each, so <see cref="UnmanagedRingBuffer{T}"/> refuses it.</summary>
    Multi,
}
