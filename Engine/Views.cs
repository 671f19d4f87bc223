using Clob.Protocol;

namespace Clob.Engine;

/// <summary>An account as it is now.</summary>
/// <param name="Account">Account number; 0 is the venue.</param>
/// <param name="Key">Its public key.</param>
/// <param name="KeyVersion">How many keys it has had; rises by one with each rotation, from 1.</param>
/// <param name="NextNonce">Lowest nonce that the next envelope may begin with.</param>
/// <param name="CancelsOnDisconnect">Whether its orders go when its last session ends.</param>
/// <param name="Prevention">Self-trade prevention of its orders that name none.</param>
/// <param name="NextReportSequence">Number that its next execution report will carry.</param>
/// <param name="OpenOrders">Number of open orders.</param>
/// <param name="Limits">What keeps it from trading.</param>
/// <param name="Fees">Fees of its own, by rising market id.</param>
/// <param name="Balances">What it owns, by rising asset id; assets of which it has nothing are left out.</param>
public sealed record AccountView(
    ulong Account, PublicKey Key, uint KeyVersion, ulong NextNonce, bool CancelsOnDisconnect, SelfTradePrevention Prevention,
    ulong NextReportSequence, int OpenOrders,
    AccountLimitsView Limits, IReadOnlyList<AccountFeesView> Fees, IReadOnlyList<BalanceView> Balances);

/// <summary>Fees of an account in a market in place of the market's, parts per million.</summary>
/// <param name="Market">Market id.</param>
/// <param name="MakerFee">Maker fee, negative for a rebate; null for the market's.</param>
/// <param name="TakerFee">Taker fee; null for the market's.</param>
public readonly record struct AccountFeesView(ushort Market, int? MakerFee, int? TakerFee);

/// <summary>What keeps an account from trading as it likes.</summary>
/// <param name="KillSwitch">Whether it engaged its kill switch.</param>
/// <param name="IsTradingAllowed">False when the operator blocked its trading.</param>
/// <param name="MaximumOpenOrders">The operator's limit; null for none beside the venue's own.</param>
/// <param name="MaximumNotional">The operator's limit on the notional of an order, smallest units of its market's quote; null for none.</param>
public readonly record struct AccountLimitsView(bool KillSwitch, bool IsTradingAllowed, uint? MaximumOpenOrders, UInt128? MaximumNotional);

/// <summary>What an account owns of one asset, in its smallest units.</summary>
/// <param name="Asset">Asset id.</param>
/// <param name="Available">Free for orders and withdrawals.</param>
/// <param name="Reserved">Held for open orders and requested withdrawals.</param>
public readonly record struct BalanceView(uint Asset, UInt128 Available, UInt128 Reserved);

/// <summary>An asset as it is now.</summary>
/// <param name="Asset">Asset id.</param>
/// <param name="Decimals">10^decimals smallest units make one.</param>
/// <param name="Symbol">Short name.</param>
/// <param name="Total">Sum over all accounts, smallest units, at most 2^127.</param>
public sealed record AssetView(uint Asset, byte Decimals, Symbol Symbol, UInt128 Total);

/// <summary>A market as it is now.</summary>
public sealed record MarketView
{
    /// <summary>Market id.</summary>
    public required ushort Market { get; init; }

    /// <summary>Short name.</summary>
    public required Symbol Symbol { get; init; }

    /// <summary>What is traded.</summary>
    public required uint BaseAsset { get; init; }

    /// <summary>What it is paid with.</summary>
    public required uint QuoteAsset { get; init; }

    /// <summary>Smallest units of base in one lot.</summary>
    public required ulong BaseUnitsPerLot { get; init; }

    /// <summary>Smallest units of quote per lot and tick.</summary>
    public required ulong QuoteUnitsPerLotAndTick { get; init; }

    /// <summary>The terms that may change; none is null.</summary>
    public required MarketTerms Terms { get; init; }

    /// <summary>State.</summary>
    public required MarketState State { get; init; }

    /// <summary>Highest price bid, ticks; null without bids.</summary>
    public required ulong? BestBid { get; init; }

    /// <summary>Lowest price asked, ticks; null without asks.</summary>
    public required ulong? BestAsk { get; init; }

    /// <summary>Number of resting orders.</summary>
    public required int OpenOrders { get; init; }

    /// <summary>Number of orders that wait for their stop price.</summary>
    public required int WaitingOrders { get; init; }

    /// <summary>Price of the last trade, ticks; null before the first.</summary>
    public required ulong? LastTrade { get; init; }
}

/// <summary>One price of a book.</summary>
/// <param name="Price">Ticks.</param>
/// <param name="Quantity">Lots of all orders at this price that are shown: what icebergs hide does not count.</param>
/// <param name="Orders">Number of orders.</param>
public readonly record struct PriceLevelView(ulong Price, UInt128 Quantity, int Orders);

/// <summary>An open order as it is now.</summary>
/// <param name="OrderId">The venue's order id.</param>
/// <param name="Account">Its owner.</param>
/// <param name="Market">Market id.</param>
/// <param name="Side">Side.</param>
/// <param name="Price">Limit, ticks.</param>
/// <param name="StopPrice">The price it waits for, ticks; null for an order that does not wait or not any more.</param>
/// <param name="OpenQuantity">Lots still open.</param>
/// <param name="ShownQuantity">Of those, the lots that the book and the feed show; all but of an iceberg, none while it waits.</param>
/// <param name="DisplayQuantity">Lots that an iceberg shows at a time; 0 for any other order.</param>
/// <param name="Prevention">What happens when it takes from an order of its own account.</param>
/// <param name="Nonce">Nonce of the command that created it.</param>
/// <param name="ClientOrderId">The client's own number, 0 for none.</param>
/// <param name="Deadline">When it ends, ns since 1970; 0 for never.</param>
/// <param name="Hold">What is reserved for it: smallest units of quote for a buy, of base for a sell.</param>
public readonly record struct OrderView(
    ulong OrderId, ulong Account, ushort Market, Side Side, ulong Price, ulong? StopPrice, ulong OpenQuantity, ulong ShownQuantity, ulong DisplayQuantity,
    SelfTradePrevention Prevention, ulong Nonce, ulong ClientOrderId, ulong Deadline,
    UInt128 Hold);
