using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Clob.Engine;

/// <summary>
/// Arrays that never move and whose items begin at a cache line. They are written before their first use, so that no page fault waits in the
/// midst of trading. Whoever holds the start holds the array too, which keeps it alive.
/// </summary>
internal static unsafe class PinnedMemory
{
    /// <summary>Bytes.</summary>
    public const int CacheLine = 64;

    /// <summary>Room for so many items from <see cref="StartOf"/> on, all zero.</summary>
    public static T[] Allocate<T>(int count) where T : unmanaged
    {
        T[] memory = GC.AllocateUninitializedArray<T>(count + (CacheLine - 1) / sizeof(T) + 1, pinned: true);
        memory.AsSpan().Clear();
        return memory;
    }

    /// <summary>Where the first item lies: at the first cache line that begins in the array.</summary>
    public static T* StartOf<T>(T[] memory) where T : unmanaged
    {
        nuint start = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(memory));
        return (T*)((start + CacheLine - 1) & ~(nuint)(CacheLine - 1));
    }
}
