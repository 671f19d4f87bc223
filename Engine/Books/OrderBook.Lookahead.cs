using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Clob.Protocol;

namespace Clob.Engine;

// Having memory at hand when its turn comes. A book of a million orders is larger than the processor's caches, so nearly each step of a
// command waits for memory; who has a batch of commands can start those waits early. None of this changes a result.
public sealed unsafe partial class OrderBook
{
    /// <summary>Orders from which on looking ahead pays; below, the caches hold the book and it would only cost.</summary>
    public const int LookaheadFrom = 65_536;

    /// <summary>How many commands ahead <see cref="Expect"/> is to be called: measured, see docs/decisions/0009.</summary>
    public const int ExpectAhead = 22;

    /// <summary>How many commands ahead <see cref="ExpectOrder"/> and <see cref="ExpectLevel"/> are to be called.</summary>
    public const int ExpectOrderAhead = 14;

    /// <summary>How many commands ahead <see cref="ExpectNeighbours"/> and <see cref="ExpectLast"/> are to be called.</summary>
    public const int ExpectNeighboursAhead = 7;

    /// <summary>Whether looking ahead pays now.</summary>
    public bool IsLookaheadUseful => _orders.Count >= LookaheadFrom;

    /// <summary>First step for a command that names an order: where its number stands.</summary>
    public void Expect(ulong id) => Prefetch(_index.PlaceOf(id));

    /// <summary>Second step: the order.</summary>
    public void ExpectOrder(ulong id) => Prefetch(_orders.Items + *_index.PlaceOf(id));

    /// <summary>Last step: its neighbours and its level.</summary>
    public void ExpectNeighbours(ulong id)
    {
        unchecked
        {
            RestingOrder* order = _orders.Items + *_index.PlaceOf(id);
            Prefetch(_levels.Items + order->Level);
            Prefetch(_orders.Items + order->Previous);
            Prefetch(_orders.Items + order->Next);
        }
    }

    /// <summary>First step for an order that may rest: its level.</summary>
    public void ExpectLevel(Side side, ulong price)
    {
        unchecked
        {
            Prefetch(_levels.Items + LadderOf(side).Guess(price));
        }
    }

    /// <summary>Last step: the order behind which it would stand.</summary>
    public void ExpectLast(Side side, ulong price)
    {
        unchecked
        {
            Prefetch(_orders.Items + _levels.Items[LadderOf(side).Guess(price)].Last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(void* line)
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(line);
    }
}
