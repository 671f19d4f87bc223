using System.Runtime.InteropServices;

namespace Clob.Engine;

/// <summary>
/// A resting order as the book needs it: two of them in a cache line. Whatever else belongs to an order lies beside, under the same number.
/// <code>
///  0    8           16      20     24         28        32
///  │ id │ displayed │ level │ next │ previous │ iceberg │
///  │ u64│ u64 lots  │ u32   │ u32  │ u32      │ u32     │
/// </code>
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct RestingOrder : IPooled
{
    /// <summary>The venue's order id.</summary>
    public ulong Id;

    /// <summary>Displayed lots, all that are open but an iceberg's reserve; never 0 while it rests.</summary>
    public ulong Quantity;

    /// <summary>Number of its price level.</summary>
    internal uint Level;

    /// <summary>The order behind it at the same price, 0 for none.</summary>
    internal uint Next;

    /// <summary>The order before it at the same price, 0 for none.</summary>
    internal uint Previous;

    /// <summary>Number of what an iceberg keeps back, 0 for any other order.</summary>
    internal uint Iceberg;

    /// <summary>Whether it displays only a portion of itself at a time; also while its last portion is displayed.</summary>
    public readonly bool IsIceberg => Iceberg != 0;

    uint IPooled.NextFree
    {
        readonly get => Next;
        set => Next = value;
    }
}

/// <summary>What an iceberg keeps back, beside its <see cref="RestingOrder"/>: few orders have it, so no other pays for it.</summary>
internal struct IcebergReserve : IPooled
{
    /// <summary>Lots that are open and not displayed.</summary>
    public ulong Hidden;

    /// <summary>Lots that it displays at a time.</summary>
    public ulong Portion;

    uint IPooled.NextFree
    {
        readonly get => (uint)Hidden;
        set => Hidden = value;
    }
}
