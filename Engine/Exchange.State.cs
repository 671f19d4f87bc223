using Clob.Protocol;

namespace Clob.Engine;

// The whole state as bytes in canonical order, for state roots and comparisons.
public sealed partial class Exchange
{
    /// <summary>
    /// Visits everything that decides what future records do, in canonical order: a function of the journal alone, whatever the memory
    /// layout or the way there. Each entry begins with a letter that names its kind; integers are big-endian; docs/engine.md lists them.
    /// </summary>
    public void VisitState<TVisitor>(ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        for (ulong account = 0; account < Keys.Count; account++)
            VisitAccount((uint)account, ref visitor);
        foreach (uint asset in AssetIds)
            VisitAsset(asset, ref visitor);
        foreach (ushort market in _marketIds)
            VisitMarket(_markets[market]!, ref visitor);
        VisitNumbers(ref visitor);
        for (ulong account = 0; account < Keys.Count; account++)
            VisitEnvelopes((uint)account, ref visitor);
        VisitDepositsAndWithdrawals(ref visitor);
        VisitDeadlines(ref visitor);
        VisitInvalid(ref visitor);
    }

    private void VisitAccount<TVisitor>(uint account, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[128];
        ref AccountState state = ref _accounts[account];
        Keys.TryGet(account, out var key, out uint version);
        var writer = Begin(entry, 'a');
        writer.U64(account);
        writer.Bytes(key!.Bytes);
        writer.U32(version);
        writer.U64(state.NextNonce);
        writer.U8(SettingsOf(account));
        writer.U8((byte)state.Prevention);
        var limits = LimitsOf(account);
        writer.U32(limits.OpenOrders);
        writer.U128(limits.Notional);
        visitor.Visit(StateSection.Accounts, entry[..writer.Written]);
        for (uint at = state.Balances; at != 0; at = _ledger.Balances[at].Next)
        {
            ref Balance balance = ref _ledger.Balances[at]; // empty ones too: they count for the most there may be
            writer = Begin(entry, 'b');
            writer.U64(account);
            writer.U32(_ledger.IdOf(at));
            writer.U128(balance.Available);
            writer.U128(balance.Reserved);
            visitor.Visit(StateSection.Accounts, entry[..writer.Written]);
        }

        if ((state.Traits & AccountTraits.OwnFees) != 0)
            VisitFees(account, entry, ref visitor);
    }

    private void VisitFees<TVisitor>(uint account, Span<byte> entry, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        foreach (var (market, fees) in _fees[account])
        {
            var writer = Begin(entry, 'f');
            writer.U64(account);
            writer.U16(market);
            writer.U8((byte)((fees.Maker is null ? 0 : 1) | (fees.Taker is null ? 0 : 2)));
            writer.I32(fees.Maker ?? 0);
            writer.I32(fees.Taker ?? 0);
            visitor.Visit(StateSection.Accounts, entry[..writer.Written]);
        }
    }

    /// <summary>1: cancel on disconnect; 2: kill switch engaged; 4: trading blocked by the operator.</summary>
    private byte SettingsOf(uint account)
    {
        var traits = _accounts[account].Traits;
        return (byte)((Keys.CancelsOnDisconnect(account) ? 1 : 0)
            | ((traits & AccountTraits.KillSwitch) != 0 ? 2 : 0) | ((traits & AccountTraits.Blocked) != 0 ? 4 : 0));
    }

    private void VisitAsset<TVisitor>(uint asset, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[32];
        ref AssetState state = ref _ledger.AssetAt(_ledger.PlaceOf(asset));
        var writer = Begin(entry, 's');
        writer.U32(asset);
        writer.U8(state.Decimals);
        state.Symbol.Write(writer.Reserve(Symbol.Size));
        writer.U128(state.Total);
        visitor.Visit(StateSection.Assets, entry[..writer.Written]);
    }

    private void VisitMarket<TVisitor>(Market market, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[128];
        var definition = market.Definition;
        var writer = Begin(entry, 'm');
        writer.U16(market.Id);
        writer.U32(definition.BaseAsset);
        writer.U32(definition.QuoteAsset);
        writer.U64(definition.BaseUnitsPerLot);
        writer.U64(definition.QuoteUnitsPerLotAndTick);
        definition.Symbol.Write(writer.Reserve(Symbol.Size));
        writer.U64(market.MinimumQuantity);
        writer.U64(market.MaximumQuantity);
        writer.U64(market.PriceCap);
        writer.I32(market.MakerFee);
        writer.I32(market.TakerFee);
        writer.U32(market.PriceBand);
        writer.U64(market.ReferencePrice);
        writer.U128(market.MaximumNotional);
        writer.U8((byte)market.State);
        writer.U64(market.Stops.LastTrade);
        writer.U64(market.Stops.Highest);
        writer.U64(market.Stops.Lowest);
        visitor.Visit(StateSection.Markets, entry[..writer.Written]);
        VisitSide(market, Side.Buy, entry, ref visitor);
        VisitSide(market, Side.Sell, entry, ref visitor);
        VisitStops(market, Side.Buy, entry, ref visitor);
        VisitStops(market, Side.Sell, entry, ref visitor);
    }

    private void VisitStops<TVisitor>(Market market, Side side, Span<byte> entry, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        var book = market.Stops.Book;
        for (uint level = book.BestLevel(StopBook.SideOf(side)); level != 0; level = book.NextLevel(level))
        {
            for (uint order = book.FirstOrder(level); order != 0; order = book.NextOrder(order))
            {
                int size = WriteOrder(entry, 'p', _stopLimits[order], order);
                visitor.Visit(StateSection.Markets, entry[..size]);
            }
        }
    }

    private void VisitSide<TVisitor>(Market market, Side side, Span<byte> entry, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        var book = market.Book;
        for (uint level = book.BestLevel(side); level != 0; level = book.NextLevel(level))
        {
            ulong price = book.PriceOfLevel(level);
            for (uint order = book.FirstOrder(level); order != 0; order = book.NextOrder(order))
            {
                int size = WriteOrder(entry, 'o', price, order);
                visitor.Visit(StateSection.Markets, entry[..size]);
            }
        }
    }

    private int WriteOrder(Span<byte> entry, char kind, ulong price, uint order)
    {
        ref OrderTerms terms = ref _terms[order];
        var writer = Begin(entry, kind);
        writer.U16(terms.Market);
        writer.U8((byte)terms.Side);
        if (terms.IsWaiting)
            writer.U64(_markets[terms.Market]!.Stops.Book.PriceOf(order));
        writer.U64(price);
        writer.U64(_storage[order].Id);
        writer.U64(_storage.OpenOf(order));
        writer.U64(terms.Account);
        writer.U64(terms.Nonce);
        writer.U64(terms.ClientOrderId);
        writer.U64(_terms.DeadlineOf(terms));
        writer.U8((byte)terms.TimeInForce);
        writer.U8((byte)terms.Flags);
        writer.U8((byte)terms.Prevention);
        writer.U64(_terms.DisplayOf(terms));
        writer.U64(_storage.HiddenOf(order));
        writer.I32(terms.Fees.MakerRate);
        writer.I32(terms.Fees.TakerRate);
        writer.U32(terms.Fees.PaidAhead);
        writer.U32(terms.Fees.RebateFraction);
        writer.U128(_terms.RebateOwedTo(terms));
        return writer.Written;
    }

    private void VisitNumbers<TVisitor>(ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[128];
        var writer = Begin(entry, 'n');
        writer.U32(_version);
        writer.Bytes(_venueId);
        writer.U64(NextSequence);
        writer.U64(LastTime);
        writer.U64(NextFeedSequence);
        writer.U64(_nextOrderId);
        writer.U64(_nextMatch);
        writer.U64(_nextWithdrawal);
        writer.U64(_nextUnsettled);
        visitor.Visit(StateSection.Rest, entry[..writer.Written]);
    }

    private void VisitEnvelopes<TVisitor>(uint account, ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[64];
        ref AccountState state = ref _accounts[account];
        var writer = Begin(entry, 'r');
        writer.U64(account);
        writer.U64(state.NextReport);
        visitor.Visit(StateSection.Rest, entry[..writer.Written]);
        uint at = state.LatestEnvelope;
        for (int i = 0; i < state.Envelopes; i++)
        {
            at = _envelopes[at].Newer; // the oldest first
            ref RememberedEnvelope envelope = ref _envelopes[at];
            writer = Begin(entry, 'e');
            writer.U64(account);
            writer.U64(envelope.FirstNonce);
            writer.U16(envelope.Commands);
            writer.U128(envelope.Digest);
            writer.U64(envelope.RecordSequence);
            writer.U64(envelope.FirstReport);
            visitor.Visit(StateSection.Rest, entry[..writer.Written]);
        }
    }

    private void VisitDepositsAndWithdrawals<TVisitor>(ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[64];
        var deposits = _deposits.Keys.ToArray();
        Array.Sort(deposits);
        foreach (UInt128 id in deposits)
        {
            var deposit = _deposits[id];
            var writer = Begin(entry, 'd');
            writer.U128(id);
            writer.U64(deposit.Account);
            writer.U32(deposit.Asset);
            writer.U128(deposit.Amount);
            visitor.Visit(StateSection.Rest, entry[..writer.Written]);
        }

        var withdrawals = _withdrawals.Keys.ToArray();
        Array.Sort(withdrawals);
        foreach (ulong id in withdrawals)
        {
            var withdrawal = _withdrawals[id];
            var writer = Begin(entry, 'w');
            writer.U64(id);
            writer.U64(withdrawal.Account);
            writer.U32(_ledger.IdOf(withdrawal.Balance));
            writer.U128(withdrawal.Amount);
            visitor.Visit(StateSection.Rest, entry[..writer.Written]);
        }
    }

    private void VisitDeadlines<TVisitor>(ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[32];
        var entries = _deadlines.Entries.ToArray();
        Array.Sort(entries, (left, right) => left.IsBefore(right) ? -1 : right.IsBefore(left) ? 1 : 0);
        foreach (var deadline in entries)
        {
            var writer = Begin(entry, 't');
            writer.U64(deadline.Deadline);
            writer.U64(deadline.OrderId);
            visitor.Visit(StateSection.Rest, entry[..writer.Written]);
        }
    }

    private void VisitInvalid<TVisitor>(ref TVisitor visitor) where TVisitor : IStateVisitor
    {
        Span<byte> entry = stackalloc byte[16];
        foreach (ulong sequence in _unsettledInvalid)
        {
            var writer = Begin(entry, 'v');
            writer.U64(sequence);
            visitor.Visit(StateSection.Rest, entry[..writer.Written]);
        }
    }

    private static BigEndianWriter Begin(Span<byte> entry, char kind)
    {
        var writer = new BigEndianWriter(entry);
        writer.U8((byte)kind);
        return writer;
    }
}
