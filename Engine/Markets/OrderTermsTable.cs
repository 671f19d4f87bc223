using System.Runtime.CompilerServices;

namespace Clob.Engine;

/// <summary>The terms of all open orders, under their numbers in the book's memory, each in a cache line, and what few of them have.</summary>
internal sealed unsafe class OrderTermsTable
{
    private readonly PinnedTable<OrderTerms> _terms;

    static OrderTermsTable()
    {
        if (sizeof(OrderTerms) != OrderTerms.Size || OrderTerms.Size != PinnedMemory.CacheLine)
            throw new InvalidOperationException($"the terms of an order must be one cache line, they are {sizeof(OrderTerms)} bytes");
    }

    /// <param name="capacity">Numbers below this are valid.</param>
    public OrderTermsTable(int capacity) => _terms = new PinnedTable<OrderTerms>(capacity);

    /// <summary>Deadlines, icebergs and rebates that are owed.</summary>
    public Pool<RareTerms> Rare { get; } = new(0);

    /// <summary>Bytes taken, in use or not.</summary>
    public long Bytes => _terms.Bytes + Rare.Bytes;

    /// <summary>The terms under a number; the reference dies when the table grows.</summary>
    public ref OrderTerms this[uint order]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref _terms[order];
    }

    /// <summary>Makes all numbers below <paramref name="capacity"/> valid.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Reach(int capacity) => _terms.Reach(capacity);

    public ulong DeadlineOf(in OrderTerms terms) => terms.Rare == 0 ? 0 : Rare[terms.Rare].Deadline;

    public ulong DisplayOf(in OrderTerms terms) => terms.Rare == 0 ? 0 : Rare[terms.Rare].Display;

    public int DeadlinePlaceOf(in OrderTerms terms) => terms.Rare == 0 ? 0 : Rare[terms.Rare].DeadlinePlace;

    public UInt128 RebateOwedTo(in OrderTerms terms) => terms.Rare == 0 ? 0 : Rare[terms.Rare].RebateOwed;

    /// <summary>Of so many open lots, those that an order shows when it joins a queue.</summary>
    public ulong ShownOf(in OrderTerms terms, ulong open)
    {
        ulong display = DisplayOf(terms);
        return display == 0 ? open : Math.Min(display, open);
    }

    /// <summary>Gives an order, whatever it had until now, rare terms of its own, or none when all of them are zero.</summary>
    public void SetRare(ref OrderTerms terms, ulong deadline, ulong display, UInt128 rebateOwed)
    {
        terms.Rare = 0;
        if (deadline == 0 && display == 0 && rebateOwed == 0)
            return;
        terms.Rare = Rare.Take();
        ref RareTerms rare = ref Rare[terms.Rare];
        rare.Deadline = deadline;
        rare.Display = display;
        rare.RebateOwed = rebateOwed;
    }

    /// <summary>Notes what is owed to an order now.</summary>
    public void SetRebateOwed(ref OrderTerms terms, UInt128 rebateOwed)
    {
        if (terms.Rare != 0)
            Rare[terms.Rare].RebateOwed = rebateOwed;
        else
            SetRare(ref terms, 0, 0, rebateOwed);
    }

    /// <summary>Gives the rare terms of an order back that ends or never rested.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void DropRare(in OrderTerms terms)
    {
        if (terms.Rare != 0)
            Rare.Return(terms.Rare);
    }
}
