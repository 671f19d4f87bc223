using System.Runtime.CompilerServices;
using Clob.Protocol;

namespace Clob.Engine;

// The full check of what the commands keep incrementally, written from the definitions and not from the code that keeps them.
public sealed partial class Exchange
{
    /// <summary>Checks every invariant over the whole state; takes time in proportion to it.</summary>
    /// <exception cref="InvariantViolationException">Names the first that does not hold.</exception>
    public void Audit()
    {
        var reserved = new Dictionary<uint, UInt128>(); // by balance: what open orders and withdrawals need
        int orders = 0;
        int levels = 0;
        int deadlines = 0;
        foreach (ushort id in _marketIds)
        {
            var market = _markets[id]!;
            int before = orders;
            AuditSide(market, Side.Buy, reserved, ref orders, ref levels, ref deadlines);
            AuditSide(market, Side.Sell, reserved, ref orders, ref levels, ref deadlines);
            Require(market.Book.OpenOrders == orders - before, $"order count of market {id}", orders - before, market.Book.OpenOrders);
            AuditStops(market, reserved, ref orders, ref levels, ref deadlines);
            CheckMarket(market);
        }

        Require(_storage.Orders.Count == orders, "orders in the pool are in books", orders, _storage.Orders.Count);
        Require(_storage.Index.Count == orders, "the order index holds the orders in books", orders, _storage.Index.Count);
        Require(_storage.Levels.Count == levels, "levels in the pool are in ladders", levels, _storage.Levels.Count);
        AuditDeadlines(deadlines);
        AuditRareTerms();
        foreach (var withdrawal in _withdrawals.Values)
            AddTo(reserved, withdrawal.Balance, withdrawal.Amount);
        AuditAccounts(reserved, orders);
        AuditWithdrawals();
        int overrides = _fees.Values.Sum(own => own.Count);
        Require(_feeOverrides == overrides, "number of fees of accounts in markets", overrides, _feeOverrides);
    }

    private void AuditSide(
        Market market, Side side, Dictionary<uint, UInt128> reserved, ref int orders, ref int levels, ref int deadlines)
    {
        var book = market.Book;
        levels += book.Audit(side);
        for (uint level = book.BestLevel(side); level != 0; level = book.NextLevel(level))
        {
            ulong price = book.PriceOfLevel(level);
            for (uint at = book.FirstOrder(level); at != 0; at = book.NextOrder(at))
            {
                ref OrderTerms terms = ref _terms[at];
                Require(terms.Market == market.Id && terms.Side == side, $"terms of order {_storage[at].Id}", market.Id, terms.Market);
                Require(!terms.IsWaiting, $"order {_storage[at].Id}, which is in the book, does not wait for its stop price", false, terms.IsWaiting);
                AuditDisplay(at, terms);
                AddTo(reserved, PayerOf(terms), market.HoldOf(side, price, _storage.OpenOf(at), terms.Fees));
                deadlines += _terms.DeadlineOf(terms) != 0 ? 1 : 0;
                orders++;
            }
        }
    }

    private void AuditStops(Market market, Dictionary<uint, UInt128> reserved, ref int orders, ref int levels, ref int deadlines)
    {
        var stops = market.Stops;
        int before = orders;
        foreach (var side in (ReadOnlySpan<Side>)[Side.Buy, Side.Sell])
        {
            levels += stops.Book.Audit(StopBook.SideOf(side));
            for (uint level = stops.Book.BestLevel(StopBook.SideOf(side)); level != 0; level = stops.Book.NextLevel(level))
            {
                ulong price = stops.Book.PriceOfLevel(level);
                bool isAhead = stops.LastTrade == 0 || (side == Side.Buy ? price > stops.LastTrade : price < stops.LastTrade);
                Require(isAhead || stops.HasTriggered, $"market {market.Id} knows of its triggered stops", stops.LastTrade, price);
                ulong formerId = 0;
                for (uint at = stops.Book.FirstOrder(level); at != 0; at = stops.Book.NextOrder(at))
                {
                    ref OrderTerms terms = ref _terms[at];
                    Require(_storage[at].Id > formerId, "orders that wait for one price are in the order of their ids", formerId + 1, _storage[at].Id);
                    formerId = _storage[at].Id;
                    bool isRight = terms.Market == market.Id && terms.Side == side && terms.IsWaiting && _storage.HiddenOf(at) == 0;
                    Require(isRight, $"terms of waiting order {_storage[at].Id}", market.Id, terms.Market);
                    AddTo(reserved, PayerOf(terms), market.HoldOf(side, _stopLimits[at], _storage.OpenOf(at), terms.Fees));
                    deadlines += _terms.DeadlineOf(terms) != 0 ? 1 : 0;
                    orders++;
                }
            }
        }

        Require(stops.Book.OpenOrders == orders - before, $"waiting orders of market {market.Id}", orders - before, stops.Book.OpenOrders);
        bool isDue = market.State == MarketState.Open && stops.HasTriggered;
        Require(!isDue || _triggeredMarkets.Contains(market), $"market {market.Id} has its turn at running triggered stops", true, false);
    }

    private void AuditDisplay(uint order, in OrderTerms terms)
    {
        ref readonly RestingOrder resting = ref _storage[order];
        ulong display = _terms.DisplayOf(terms);
        Require(_storage.PortionOf(order) == display, $"order {resting.Id} shows as much at a time as it asked for", display, _storage.PortionOf(order));
        bool isShown = display == 0 ? _storage.HiddenOf(order) == 0 : resting.Quantity <= display;
        Require(isShown, $"order {resting.Id} shows what it should", display, resting.Quantity);
    }

    private void AuditRareTerms()
    {
        var owners = new HashSet<uint>();
        for (ulong account = 0; account < Keys.Count; account++)
        {
            for (uint at = _accounts[(uint)account].FirstOrder; at != 0; at = _terms[at].NextOfAccount)
                Require(_terms[at].Rare == 0 || owners.Add(_terms[at].Rare), $"order {_storage[at].Id} owns its rare terms", "nobody else", _terms[at].Rare);
        }

        Require(_terms.Rare.Count == owners.Count, "rare terms in the pool are those of open orders", owners.Count, _terms.Rare.Count);
    }

    private void AuditDeadlines(int expected)
    {
        var entries = _deadlines.Entries;
        Require(entries.Length == expected, "orders with a deadline are in the heap", expected, entries.Length);
        for (int i = 0; i < entries.Length; i++)
        {
            ref OrderTerms terms = ref _terms[entries[i].Order];
            int place = _terms.DeadlinePlaceOf(terms);
            bool isRight = place == i + 1 && terms.Rare == entries[i].Rare && _terms.DeadlineOf(terms) == entries[i].Deadline
                && _storage.Find(entries[i].OrderId) == entries[i].Order;
            Require(isRight, "a heap entry and its order know each other", i + 1, place);
            bool isOrdered = i == 0 || !entries[i].IsBefore(entries[(i + 1) / 2 - 1]);
            Require(isOrdered, "the heap's parents are before their children", entries[(i + 1) / 2 - 1 < 0 ? 0 : (i + 1) / 2 - 1], entries[i]);
            Require(entries[i].Deadline > _record.Time, "nothing is overdue", _record.Time + 1, entries[i].Deadline);
        }
    }

    private void AuditAccounts(Dictionary<uint, UInt128> reserved, int orders)
    {
        var sums = new UInt128[_ledger.AssetCount];
        int listed = 0;
        int balances = 0;
        for (ulong account = 0; account < Keys.Count; account++)
        {
            listed += AuditOrderList((uint)account);
            balances += AuditBalances((uint)account, reserved, sums);
            AuditEnvelopes((uint)account);
        }

        Require(listed == orders, "orders in books are in their accounts' lists", orders, listed);
        Require(balances == _ledger.Balances.Count, "balances in the pool are in their accounts' lists", _ledger.Balances.Count, balances);
        for (int i = 0; i < sums.Length; i++)
        {
            ref AssetState asset = ref _ledger.AssetAt(i);
            Require(asset.Total == sums[i] && asset.Sum == sums[i], $"conservation of asset {asset.Id}", asset.Total, sums[i]);
            Require(asset.Total <= Amount.Maximum, $"total of asset {asset.Id}", "at most 2^127", asset.Total);
        }
    }

    private int AuditOrderList(uint account)
    {
        ref AccountState state = ref _accounts[account];
        int count = 0;
        uint previous = 0;
        for (uint at = state.FirstOrder; at != 0; previous = at, at = _terms[at].NextOfAccount)
        {
            Require(_terms[at].Account == account, "an order is in its owner's list", account, _terms[at].Account);
            Require(_terms[at].PreviousOfAccount == previous, "an account's orders are linked both ways", previous, _terms[at].PreviousOfAccount);
            bool isRising = previous == 0 || _storage[previous].Id < _storage[at].Id;
            Require(isRising, "an account's orders are in the order of their ids", "a higher id", _storage[at].Id);
            count++;
        }

        Require(state.OpenOrders == count && state.LastOrder == previous, $"open orders of account {account}", count, state.OpenOrders);
        bool mayNotTrade = (state.Traits & AccountTraits.MayNotTrade) != 0;
        Require(!mayNotTrade || count == 0, $"account {account}, which may not trade, has no open orders", 0, count);
        bool hasOwnLimits = (state.Traits & AccountTraits.OwnLimits) != 0;
        Require(hasOwnLimits == _limits.ContainsKey(account), $"account {account} is known to have limits of its own", hasOwnLimits, !hasOwnLimits);
        bool hasOwnFees = (state.Traits & AccountTraits.OwnFees) != 0;
        Require(hasOwnFees == _fees.ContainsKey(account), $"account {account} is known to have fees of its own", hasOwnFees, !hasOwnFees);
        return count;
    }

    private void AuditWithdrawals()
    {
        var counts = new Dictionary<uint, int>();
        foreach (var withdrawal in _withdrawals.Values)
            counts[withdrawal.Account] = counts.GetValueOrDefault(withdrawal.Account) + 1;
        for (uint account = 0; account < Keys.Count; account++)
        {
            int count = counts.GetValueOrDefault(account);
            Require(_accounts[account].OpenWithdrawals == count, $"open withdrawals of account {account}", count, _accounts[account].OpenWithdrawals);
        }
    }

    private int AuditBalances(uint account, Dictionary<uint, UInt128> reserved, UInt128[] sums)
    {
        int count = 0;
        uint formerAsset = 0;
        for (uint at = _accounts[account].Balances; at != 0; at = _ledger.Balances[at].Next)
        {
            ref Balance balance = ref _ledger.Balances[at];
            UInt128 needed = reserved.GetValueOrDefault(at);
            uint asset = _ledger.IdOf(at);
            Require(balance.Reserved == needed, $"account {account} has reserved of asset {asset} what it needs", needed, balance.Reserved);
            Require(asset > formerAsset, $"balances of account {account} are in the order of asset ids", formerAsset + 1, asset);
            sums[balance.Asset] += balance.Available + balance.Reserved;
            formerAsset = asset;
            count++;
        }

        return count;
    }

    private void AuditEnvelopes(uint account)
    {
        ref AccountState state = ref _accounts[account];
        Require(state.Envelopes <= EnvelopeMemory.PerAccount, "envelopes remembered", EnvelopeMemory.PerAccount, state.Envelopes);
        ulong next = AccountState.FirstNonce;
        uint at = state.LatestEnvelope;
        for (int i = 0; i < state.Envelopes; i++)
        {
            at = _envelopes[at].Newer;
            Require(_envelopes[at].FirstNonce >= next, $"nonces of account {account} rise", next, _envelopes[at].FirstNonce);
            next = _envelopes[at].FirstNonce + _envelopes[at].Commands;
        }

        Require(state.NextNonce == next, $"next nonce of account {account}", next, state.NextNonce);
        Require(at == state.LatestEnvelope, $"the chain of envelopes of account {account} is closed", state.LatestEnvelope, at);
        uint oldest = at == 0 ? 0 : _envelopes[at].Newer;
        Require(state.OldestEnvelope == oldest, $"oldest envelope of account {account}", oldest, state.OldestEnvelope);
    }

    private static void AddTo(Dictionary<uint, UInt128> sums, uint balance, UInt128 amount) =>
        sums[balance] = sums.GetValueOrDefault(balance) + amount;

    private void Require<TExpected, TFound>(bool holds, string invariant, TExpected expected, TFound found)
    {
        if (!holds)
            throw _record.Violation(invariant, $"{expected}", $"{found}");
    }

    private void Require<TExpected, TFound>(
        bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] NameOfInvariant invariant, TExpected expected, TFound found)
    {
        if (!holds)
            throw _record.Violation(invariant.ToStringAndClear(), $"{expected}", $"{found}");
    }

    /// <summary>Writes the name only when the invariant is broken: an audit of a million orders makes no strings.</summary>
    [InterpolatedStringHandler]
    private ref struct NameOfInvariant
    {
        private DefaultInterpolatedStringHandler _text;

        public NameOfInvariant(int literalLength, int formattedCount, bool holds, out bool isWritten)
        {
            isWritten = !holds;
            _text = holds ? default : new DefaultInterpolatedStringHandler(literalLength, formattedCount);
        }

        public void AppendLiteral(string text) => _text.AppendLiteral(text);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public string ToStringAndClear() => _text.ToStringAndClear();
    }
}
