using System.Runtime.InteropServices;

namespace Clob.Engine;

/// <summary>
/// A resting order as the book needs it: two of them in a cache line. Whatever else belongs to an order lies beside, under the same number.
/// <code>
///  0    8          16      20     24         28     32
///  │ id │ quantity │ level │ next │ previous │ free │
///  │ u64│ u64 lots │ u32   │ u32  │ u32      │      │
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct RestingOrder : IPooled
{
    /// <summary>Bytes in memory.</summary>
    public const int Size = 32;

    /// <summary>The venue's order id; at one price, lower ids were there earlier.</summary>
    public ulong Id;

    /// <summary>Open lots, never 0 while it rests.</summary>
    public ulong Quantity;

    /// <summary>Number of its price level.</summary>
    internal uint Level;

    /// <summary>The order behind it at the same price, 0 for none.</summary>
    internal uint Next;

    /// <summary>The order before it at the same price, 0 for none.</summary>
    internal uint Previous;

    uint IPooled.NextFree
    {
        readonly get => Next;
        set => Next = value;
    }
}
