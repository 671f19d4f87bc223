using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Clob.Protocol;

namespace Clob.Engine;

// Having memory at hand when its turn comes: in a venue with very many open orders nearly each step of a command waits for memory. The
// commands of one envelope are known together, so their waits can overlap. None of this changes a result.
public sealed partial class Exchange
{
    /// <summary>How often <see cref="Expect"/> is to be called for each command of a batch, with rising steps: each finds the addresses of the next.</summary>
    internal const int ExpectSteps = 3;

    /// <summary>Commands to look ahead to at a time: what is fetched for more begins to push itself out again.</summary>
    internal const int ExpectBatch = 32;

    /// <summary>Open orders from which on it pays; tests do it always.</summary>
    internal int LookaheadFrom { get; init; } = OrderBook.LookaheadFrom;

    /// <summary>Whether looking ahead pays now.</summary>
    internal bool IsLookaheadUseful => _storage.OpenOrders >= LookaheadFrom;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExpectAll(in Envelope envelope, uint account)
    {
        for (int step = 0; step < ExpectSteps; step++)
        {
            foreach (var command in envelope.Commands)
                Expect(command, account, step);
        }
    }

    /// <summary>One step of looking ahead to a command, from 0.</summary>
    internal void Expect(in Command command, uint account, int step)
    {
        switch (command.Type)
        {
            case CommandType.NewOrder:
                var order = NewOrder.Read(command.Body);
                ExpectNew(FindMarket(order.Market), order.Side, order.Price, account, step);
                break;
            case CommandType.Cancel:
                var cancel = Protocol.Cancel.Read(command.Body);
                ExpectOpen(FindMarket(cancel.Market), cancel.OrderId, account, step);
                break;
            case CommandType.Reduce:
                var reduce = Protocol.Reduce.Read(command.Body);
                ExpectOpen(FindMarket(reduce.Market), reduce.OrderId, account, step);
                break;
            case CommandType.Replace:
                var replace = Protocol.Replace.Read(command.Body);
                ExpectOpen(FindMarket(replace.Market), replace.OrderId, account, step);
                break;
        }
    }

    private void ExpectNew(Market? market, Side side, ulong price, uint account, int step)
    {
        if (market is null)
            return;
        ref AccountState owner = ref _accounts[account];
        switch (step)
        {
            case 0:
                Prefetch(ref owner);
                break;
            case 1:
                market.Book.ExpectLevel(side, price);
                Prefetch(ref _ledger.Balances[side == Side.Buy ? owner.RecentQuote : owner.RecentBase]);
                Prefetch(ref _terms[owner.LastOrder]);
                break;
            default:
                market.Book.ExpectLast(side, price);
                break;
        }
    }

    private void ExpectOpen(Market? market, ulong id, uint account, int step)
    {
        if (market is null)
            return;
        switch (step)
        {
            case 0:
                market.Book.Expect(id);
                Prefetch(ref _accounts[account]);
                break;
            case 1:
                market.Book.ExpectOrder(id);
                Prefetch(ref _terms[_storage.Index.Guess(id)]);
                break;
            default:
                market.Book.ExpectNeighbours(id);
                ref OrderTerms terms = ref _terms[_storage.Index.Guess(id)];
                Prefetch(ref _terms[terms.PreviousOfAccount]);
                Prefetch(ref _terms[terms.NextOfAccount]);
                Prefetch(ref _ledger.Balances[PayerOf(terms)]);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch<T>(ref T item) where T : unmanaged
    {
        if (Sse.IsSupported)
            Sse.Prefetch0(Unsafe.AsPointer(ref item)); // the address is only a hint: nothing is read through it, so nothing need be pinned
    }
}
