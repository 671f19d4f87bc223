using Clob.Protocol;

namespace Clob.Engine;

// Fills: whom a taker may meet, the money that moves, and what both sides are told.
public sealed partial class Exchange
{
    /// <summary>What one side of a fill pays and gets in fees; one of them is zero.</summary>
    private readonly record struct Fee(UInt128 Pays, UInt128 Gets)
    {
        /// <summary>What is paid, or what is got below zero; amounts have 127 bits.</summary>
        public Int128 Net => Gets == 0 ? (Int128)Pays : -(Int128)Gets;
    }

    /// <summary>Whom a taker may meet, as a type, so that who meets no own order pays nothing for the question.</summary>
    private interface IMakers
    {
        static abstract bool AreChosen { get; }
    }

    /// <summary>Everybody, or the account allows trades with itself.</summary>
    private readonly struct AnyMaker : IMakers
    {
        public static bool AreChosen => false;
    }

    /// <summary>Everybody but the taker's own account.</summary>
    private readonly struct OtherMakers : IMakers
    {
        public static bool AreChosen => true;
    }

    /// <summary>Moves the money of each fill and tells both sides, the maker first.</summary>
    private ref struct FillSettlement<TSink, TMakers> : IFillSink where TSink : IEventSink where TMakers : struct, IMakers
    {
        private readonly Exchange _exchange;
        private readonly Market _market;
        private readonly ulong _limit;
        private readonly ulong _takerId;
        private readonly ref OrderTerms _taker;
        private readonly ref TSink _sink;
        private ulong _takerOpen;
        private UInt128 _takerHold; // buyers only

        public FillSettlement(
            Exchange exchange, Market market, ulong limit, ulong quantity, ulong takerId, ref OrderTerms taker, ref TSink sink)
        {
            _exchange = exchange;
            _market = market;
            _limit = limit;
            _takerId = takerId;
            _taker = ref taker;
            _sink = ref sink;
            _takerOpen = quantity;
            _takerHold = taker.Side == Side.Buy ? market.HoldOf(Side.Buy, limit, quantity, taker.Fees) : 0;
        }

        public static bool ChoosesMakers => TMakers.AreChosen;

        /// <summary>Whether matching ended because what is left must not trade with an own order.</summary>
        public bool IsPrevented { get; private set; }

        /// <summary>What the taker's mode says about an order of his own account.</summary>
        public MakerChoice Choose(uint maker, in RestingOrder order, ulong price)
        {
            if (_exchange._terms[maker].Account != _taker.Account)
                return MakerChoice.Trade;
            IsPrevented = _taker.Prevention != SelfTradePrevention.CancelOldest;
            if (_taker.Prevention == SelfTradePrevention.CancelNewest)
                return MakerChoice.Stop;
            _exchange.EndOpen(_market, maker, CancelReason.SelfTrade, ref _sink);
            return IsPrevented ? MakerChoice.Remove | MakerChoice.Stop : MakerChoice.Remove;
        }

        public void OnFill(uint maker, in RestingOrder order, ulong price, ulong quantity)
        {
            ref OrderTerms makerTerms = ref _exchange._terms[maker];
            ulong makerOpen = order.IsIceberg ? _exchange._storage.OpenOf(maker) : order.Quantity;
            _takerOpen -= quantity;
            _market.NoteTrade(price);
            UInt128 notional = _market.Notional(price, quantity);
            bool takerBuys = _taker.Side == Side.Buy;
            UInt128 holdBefore = takerBuys ? _takerHold : _market.HoldOf(Side.Buy, price, makerOpen + quantity, makerTerms.Fees);

            UInt128 makerPays = makerTerms.Fees.Charge(makerTerms.Fees.MakerRate, notional);
            UInt128 takerPays = _taker.Fees.Charge(_taker.Fees.TakerRate, notional);
            var makerFee = new Fee(makerPays, Rebate(ref makerTerms, makerTerms.Fees.MakerRate, notional, takerPays));
            var takerFee = new Fee(takerPays, Rebate(ref _taker, _taker.Fees.TakerRate, notional, makerPays));

            UInt128 holdAfter = takerBuys
                ? _takerHold = _market.HoldOf(Side.Buy, _limit, _takerOpen, _taker.Fees)
                : _market.HoldOf(Side.Buy, price, makerOpen, makerTerms.Fees);
            if (takerBuys)
                Buy(_taker, takerFee, notional, holdBefore - holdAfter, quantity);
            else
                Buy(makerTerms, makerFee, notional, holdBefore - holdAfter, quantity);
            if (takerBuys)
                Sell(makerTerms, makerFee, notional, quantity);
            else
                Sell(_taker, takerFee, notional, quantity);

            // Not negative: a rebate never passes what the other side pays in the same fill.
            _exchange._ledger.Credit(_market.FeeBalance, makerPays + takerPays - makerFee.Gets - takerFee.Gets);
            TellBoth(makerTerms, order.Id, makerOpen, price, quantity, makerFee.Net, takerFee.Net);
            if (makerOpen == 0)
                _exchange.Forget(maker);
        }

        public void OnPortion(uint maker, in RestingOrder order, ulong price) =>
            _exchange.PublishShown(_exchange._terms[maker], price, order.Quantity, order.Id, ref _sink);

        private readonly UInt128 Rebate(ref OrderTerms terms, int rate, UInt128 notional, UInt128 otherSidePays) =>
            rate >= 0 ? UInt128.Zero : _exchange.GiveRebate(ref terms, rate, notional, otherSidePays);

        /// <summary>
        /// The buyer's hold shrinks by <paramref name="freed"/>: by what the fill costs at least (see <see cref="OrderFees"/>); what is
        /// beyond, from a better price or a lower rate, returns.
        /// </summary>
        private readonly void Buy(in OrderTerms buyer, in Fee fee, UInt128 notional, UInt128 freed, ulong quantity)
        {
            UInt128 cost = notional + fee.Pays;
            if (freed < cost)
                throw _exchange.HoldTooSmall(cost, freed);
            _exchange._ledger.Spend(buyer.QuoteBalance, cost, freed);
            if (fee.Gets != 0)
                _exchange._ledger.Credit(buyer.QuoteBalance, fee.Gets);
            _exchange._ledger.Credit(buyer.BaseBalance, _market.BaseOf(quantity));
        }

        /// <summary>The seller's fee comes out of what he receives; it never passes that, since a rate is at most one.</summary>
        private readonly void Sell(in OrderTerms seller, in Fee fee, UInt128 notional, ulong quantity)
        {
            _exchange._ledger.Spend(seller.BaseBalance, _market.BaseOf(quantity));
            _exchange._ledger.Credit(seller.QuoteBalance, notional - fee.Pays + fee.Gets);
        }

        private readonly void TellBoth(
            in OrderTerms makerTerms, ulong makerId, ulong makerOpen, ulong price, ulong quantity, Int128 makerFee, Int128 takerFee)
        {
            ulong match = _exchange._nextMatch++;
            var happened = EventOf(EventKind.Executed, makerTerms, makerId, price);
            happened.Flags = makerOpen == 0 ? EventFlags.Final : EventFlags.None;
            happened.Quantity = quantity;
            happened.OpenQuantity = makerOpen;
            happened.Reference = match;
            happened.Amount = makerFee;
            happened.Asset = _market.QuoteAssetId;
            _exchange.ReportAndPublish(ref _sink, ref happened);

            happened = EventOf(EventKind.Executed, _taker, _takerId, price);
            happened.Flags = _takerOpen == 0 ? EventFlags.Taker | EventFlags.Final : EventFlags.Taker;
            happened.Quantity = quantity;
            happened.OpenQuantity = _takerOpen;
            happened.Reference = match;
            happened.Amount = takerFee;
            happened.Asset = _market.QuoteAssetId;
            _exchange.Report(ref _sink, ref happened);
        }
    }

    /// <summary>What a fill at a negative rate earns and what was owed before, as far as the other side's fee of the fill reaches.</summary>
    private UInt128 GiveRebate(ref OrderTerms terms, int rate, UInt128 notional, UInt128 otherSidePays)
    {
        UInt128 owed = _terms.RebateOwedTo(terms) + terms.Fees.Earn(rate, notional);
        UInt128 given = UInt128.Min(owed, otherSidePays);
        _terms.SetRebateOwed(ref terms, owed - given);
        return given;
    }
}
