using Clob.Protocol;

namespace Clob.Engine;

public sealed partial class Exchange
{
    // Markets and orders: entries m, o and p.
    public sealed partial class StateImport
    {
        private readonly List<(ulong Id, uint Order)> _orders = [];

        private void ReadMarket(ref BigEndianReader reader)
        {
            ushort id = reader.U16();
            uint baseAsset = reader.U32();
            uint quoteAsset = reader.U32();
            ulong baseUnits = reader.U64();
            ulong quoteUnits = reader.U64();
            bool isSymbol = Symbol.TryRead(reader.Bytes(Symbol.Size), out var symbol);
            var terms = new MarketTerms
            {
                MinimumQuantity = reader.U64(),
                MaximumQuantity = reader.U64(),
                PriceCap = reader.U64(),
                MakerFee = reader.I32(),
                TakerFee = reader.I32(),
                PriceBand = reader.U32(),
                ReferencePrice = reader.U64(),
                MaximumNotional = reader.U128(),
            };
            var state = (MarketState)reader.U8();
            ulong lastTrade = reader.U64();
            ulong highest = reader.U64();
            ulong lowest = reader.U64();
            var ledger = _exchange._ledger;
            Require(id != 0 && _exchange.FindMarket(id) is null, "a market once", id);
            Require(isSymbol && baseUnits != 0 && quoteUnits != 0 && baseAsset != quoteAsset, "what a market is", id);
            Require(ledger.PlaceOf(baseAsset) >= 0 && ledger.PlaceOf(quoteAsset) >= 0, "a market of defined assets", $"{baseAsset} and {quoteAsset}");
            Require(IsRate(terms.MakerFee.Value) && IsRate(terms.TakerFee.Value) && Market.AreValid(terms), "terms that a market may have", id);
            Require(Enum.IsDefined(state), "a known state of a market", state);
            int quote = ledger.PlaceOf(quoteAsset);
            Require(ledger.Find(_exchange._accounts[0].Balances, quote) != 0, "account 0's balance of what fees are paid in", quoteAsset);
            var definition = new DefineMarket(id, baseAsset, quoteAsset, baseUnits, quoteUnits, symbol, terms);
            bool isRange = highest <= MarketTerms.HighestPrice && lowest <= lastTrade && lastTrade <= highest && (lowest == 0) == (highest == 0);
            Require(isRange, "a range of prices around the last trade", $"{lowest} to {highest} around {lastTrade}");
            var market = _exchange.AddMarket(definition, ledger.PlaceOf(baseAsset), quote);
            market.State = state;
            market.Stops.Restore(lastTrade, highest, lowest);
        }

        private void ReadOrder(ref BigEndianReader reader, bool isWaiting)
        {
            var market = _exchange.FindMarket(reader.U16());
            Require(market is not null, "orders behind their market", "one of another");
            var side = (Side)reader.U8();
            ulong stopPrice = isWaiting ? reader.U64() : MarketTerms.HighestPrice;
            ulong price = reader.U64();
            ulong id = reader.U64();
            ulong open = reader.U64();
            ulong account = reader.U64();
            var terms = TermsOf(ref reader, market!, side, out ulong hidden);
            ulong display = _exchange._terms.DisplayOf(terms);
            Require(side is Side.Buy or Side.Sell, "a side", side);
            Require(price is >= 1 and <= MarketTerms.HighestPrice, "a price in its range", price);
            Require(stopPrice is >= 1 and <= MarketTerms.HighestPrice, "a stop price in its range", stopPrice);
            Require(open is >= 1 and <= MarketTerms.HighestQuantity && hidden < open, "a quantity in its range", open);
            Require(id != 0 && _exchange._storage.Find(id) == 0, "an order id once", id);
            Require(account < _exchange.Keys.Count, "orders of known accounts", account);
            CheckTerms(terms, isWaiting);
            if (isWaiting)
                CheckWaiting(terms, hidden);
            else
                Require(display == 0 ? hidden == 0 : open - hidden <= display, "an order that shows what it should", display);
            terms.Account = (uint)account;
            FindBalances(market!, ref terms);
            CheckHold(market!, price, open, terms);
            Require(_exchange._storage.OpenOrders < _exchange._rules.MaximumOrders, "no more open orders than there may be", id);
            uint order = isWaiting ? market!.Stops.Book.Rest(StopBook.SideOf(side), stopPrice, open, id)
                : display == 0 ? market!.Book.Rest(side, price, open, id)
                : market!.Book.RestIceberg(side, price, open - hidden, hidden, display, id);
            _exchange._terms.Reach(_exchange._storage.Orders.Capacity);
            terms.IsWaiting = isWaiting;
            if (isWaiting)
                _exchange.KeepLimit(order, price);
            _exchange._terms[order] = terms;
            _orders.Add((id, order));
        }

        /// <summary>The fields of an order behind its account, in their order.</summary>
        private OrderTerms TermsOf(ref BigEndianReader reader, Market market, Side side, out ulong hidden)
        {
            var terms = new OrderTerms { Market = market.Id, Side = side, Nonce = reader.U64(), ClientOrderId = reader.U64() };
            ulong deadline = reader.U64();
            terms.TimeInForce = (TimeInForce)reader.U8();
            terms.Flags = (OrderFlags)reader.U8();
            terms.Prevention = (SelfTradePrevention)reader.U8();
            ulong display = reader.U64();
            hidden = reader.U64();
            terms.Fees = new OrderFees
            {
                MakerRate = reader.I32(),
                TakerRate = reader.I32(),
                PaidAhead = reader.U32(),
                RebateFraction = reader.U32(),
            };
            _exchange._terms.SetRare(ref terms, deadline, display, rebateOwed: reader.U128());
            return terms;
        }

        /// <summary>A stop may be immediate once it is triggered, has shown nothing yet and has paid nothing.</summary>
        private void CheckWaiting(in OrderTerms terms, ulong hidden)
        {
            Require(terms.MayRest || (_exchange._terms.DisplayOf(terms) == 0 && terms.Flags == OrderFlags.None), "an order whose type, time and flags go together", terms.TimeInForce);
            Require(hidden == 0 && terms.Fees is { PaidAhead: 0, RebateFraction: 0 } && _exchange._terms.RebateOwedTo(terms) == 0, "an order without fills", hidden);
        }

        private void CheckTerms(in OrderTerms terms, bool isWaiting)
        {
            bool hasDeadline = terms.TimeInForce == TimeInForce.GoodTillDate;
            Require(terms.MayRest || (isWaiting && Enum.IsDefined(terms.TimeInForce)), "an order that may rest", terms.TimeInForce);
            Require(hasDeadline == (_exchange._terms.DeadlineOf(terms) != 0), "a deadline with good-till-date alone", terms.TimeInForce);
            Require(terms.Flags is OrderFlags.None or OrderFlags.PostOnly, "known flags", terms.Flags);
            Require(Enum.IsDefined(terms.Prevention), "a known mode", terms.Prevention);
            Require(IsRate(terms.Fees.MakerRate) && IsRate(terms.Fees.TakerRate), "fees in their range", $"{terms.Fees.MakerRate} and {terms.Fees.TakerRate}");
            Require(terms.Fees.PaidAhead < OrderFees.Million && terms.Fees.RebateFraction < OrderFees.Million, "less than a unit", $"{terms.Fees.PaidAhead} and {terms.Fees.RebateFraction}");
        }

        private void FindBalances(Market market, ref OrderTerms terms)
        {
            ref AccountState account = ref _exchange._accounts[terms.Account];
            Require(terms.Nonce < account.NextNonce, "an order whose nonce its account used", terms.Nonce);
            terms.BaseBalance = _exchange._ledger.Find(account.Balances, market.BaseAsset);
            terms.QuoteBalance = _exchange._ledger.Find(account.Balances, market.QuoteAsset);
            Require(terms.BaseBalance != 0 && terms.QuoteBalance != 0, "orders of accounts that have balances of both assets", terms.Account);
        }

        /// <summary>So that nothing that still happens to the order can overflow: neither its hold nor, with what its fills earn, the rebate.</summary>
        private void CheckHold(Market market, ulong price, ulong open, in OrderTerms terms)
        {
            UInt128 lotsAndTicks = (UInt128)price * open;
            UInt128 unit = market.Definition.QuoteUnitsPerLotAndTick;
            Require(lotsAndTicks <= Market.MaximumAmount / unit, "a notional below 2^127", lotsAndTicks);
            UInt128 notional = lotsAndTicks * unit;
            Require(terms.Side == Side.Sell || terms.Fees.MostFor(notional) <= Market.MaximumAmount - notional, "a hold below 2^127", notional);
            UInt128 owed = _exchange._terms.RebateOwedTo(terms);
            Require(owed <= UInt128.MaxValue - notional, "a rebate that fits 128 bits", owed);
        }

        private void CheckFees()
        {
            foreach (var own in _exchange._fees.Values)
            {
                foreach (ushort market in own.Keys)
                    Require(_exchange.FindMarket(market) is not null, "fees in defined markets", market);
            }
        }

        /// <summary>What was read book by book joins its accounts' lists by rising id, and the deadlines.</summary>
        private void LinkOrders()
        {
            _orders.Sort();
            foreach (var (id, order) in _orders)
            {
                _exchange.Link(order, id);
                uint account = _exchange._terms[order].Account;
                int most = _exchange._rules.MaximumOrdersOfAccount;
                Require(_exchange._accounts[account].OpenOrders <= most, "no more open orders of an account than it may have", account);
            }
        }
    }
}
