using Clob.Engine;
using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>Makes the answers of HTTP out of the Exchange's views. Every method runs on the replica's thread and keeps nothing of the Exchange.</summary>
internal static class VenueReader
{
    /// <summary>Sequence of the last record applied.</summary>
    internal static ulong SequenceOf(Exchange exchange) => exchange.NextSequence - 1;

    /// <summary>An account; null when there is none.</summary>
    internal static UserAnswer? ReadUser(Exchange exchange, ulong user)
    {
        if (exchange.ReadAccount(user) is not { } account)
            return null;
        return new UserAnswer(account.Account, account.Key.ToString(), account.NextNonce, account.NextReportSequence, account.CancelsOnDisconnect,
            HttpNames.Of(account.Prevention), ReadLimits(account.Limits),
            [.. account.Fees.Select(fees => new UserFeesAnswer(fees.Market, fees.MakerFee, fees.TakerFee))],
            [.. account.Balances.Select(balance => ReadBalance(exchange, balance))],
            [.. exchange.ReadOpenOrders(user).Select(ReadOrder)]);
    }

    /// <summary>An asset; null when there is none.</summary>
    internal static AssetAnswer? ReadAsset(Exchange exchange, uint asset) =>
        exchange.ReadAsset(asset) is { } view
            ? new AssetAnswer(view.Asset, view.Symbol.ToString(), view.Decimals, Amount.Format(view.Total, view.Decimals))
            : null;

    /// <summary>A market; null when there is none.</summary>
    internal static MarketAnswer? ReadMarket(Exchange exchange, ushort market) =>
        exchange.ReadMarket(market) is { } view
            ? new MarketAnswer(view.Market, view.Symbol.ToString(), HttpNames.Of(view.State), view.BaseAsset, view.QuoteAsset,
                $"{view.BaseUnitsPerLot}", $"{view.QuoteUnitsPerLotAndTick}",
                $"{view.Terms.MinimumQuantity}", $"{view.Terms.MaximumQuantity}", $"{view.Terms.PriceCap}", view.Terms.MakerFee ?? 0, view.Terms.TakerFee ?? 0,
                view.Terms.PriceBand ?? 0, view.Terms.ReferencePrice is > 0 ? $"{view.Terms.ReferencePrice}" : null, $"{view.Terms.MaximumNotional}", view.LastTrade is { } trade ? $"{trade}" : null)
            : null;

    /// <summary>A market's best levels; null when there is no such market.</summary>
    internal static BookAnswer? ReadBook(Exchange exchange, ushort market, int depth) =>
        exchange.ReadMarket(market) is { } view
            ? new BookAnswer(view.Market, view.Symbol.ToString(), HttpNames.Of(view.State), SequenceOf(exchange),
                ReadLevels(exchange, market, Side.Buy, depth), ReadLevels(exchange, market, Side.Sell, depth))
            : null;

    /// <summary>Everything: assets, markets, books and accounts by rising id.</summary>
    internal static StateAnswer ReadState(Exchange exchange)
    {
        List<UserAnswer> accounts = [];
        for (ulong account = 0; account < exchange.Keys.Count; account++)
        {
            if (ReadUser(exchange, account) is { } user)
                accounts.Add(user);
        }

        return new StateAnswer(
            SequenceOf(exchange),
            [.. exchange.AssetIds.Select(asset => ReadAsset(exchange, asset)!)],
            [.. exchange.MarketIds.Select(market => ReadMarket(exchange, market)!)],
            [.. exchange.MarketIds.Select(market => ReadBook(exchange, market, int.MaxValue)!)],
            accounts);
    }

    private static UserLimitsAnswer ReadLimits(AccountLimitsView limits) =>
        new(limits.KillSwitch, limits.IsTradingAllowed, limits.MaximumOpenOrders, limits.MaximumNotional is { } most ? $"{most}" : null);

    private static BalanceAnswer ReadBalance(Exchange exchange, BalanceView balance)
    {
        var asset = exchange.ReadAsset(balance.Asset) ?? throw new InvalidOperationException($"account holds asset {balance.Asset}, which is not defined");
        return new BalanceAnswer(balance.Asset, asset.Symbol.ToString(), Amount.Format(balance.Available, asset.Decimals), Amount.Format(balance.Reserved, asset.Decimals));
    }

    private static OpenOrderAnswer ReadOrder(OrderView order) =>
        new(order.OrderId, order.Market, HttpNames.Of(order.Side), $"{order.Price}", $"{order.OpenQuantity}", $"{order.ShownQuantity}",
            order.DisplayQuantity == 0 ? null : $"{order.DisplayQuantity}", HttpNames.Of(order.Prevention), order.ClientOrderId,
            order.StopPrice is { } stop ? $"{stop}" : null);

    private static IReadOnlyList<LevelAnswer> ReadLevels(Exchange exchange, ushort market, Side side, int depth)
    {
        // The number of levels is not known beforehand: an asked depth is taken at its word up to a page, then the page doubles.
        for (int size = Math.Min(depth, 256); ; size = (int)Math.Min(depth, size * 2L))
        {
            var levels = new PriceLevelView[size];
            int count = exchange.ReadDepth(market, side, levels);
            if (count < size || size == depth)
                return [.. levels.Take(count).Select(level => new LevelAnswer($"{level.Price}", $"{level.Quantity}", level.Orders))];
        }
    }
}

/// <summary>Names of enumerated values in JSON.</summary>
internal static class HttpNames
{
    private static readonly (MarketState State, string Name)[] States =
        [(MarketState.Open, "open"), (MarketState.CancelOnly, "cancel-only"), (MarketState.Halted, "halted"), (MarketState.Closed, "closed")];

    private static readonly (WithdrawalOutcome Outcome, string Name)[] Outcomes =
        [(WithdrawalOutcome.Paid, "paid"), (WithdrawalOutcome.Returned, "returned")];

    internal static string Of(Side side) => side == Side.Buy ? "buy" : "sell";

    internal static string Of(SelfTradePrevention mode) => mode switch
    {
        SelfTradePrevention.CancelNewest => "cancel-newest",
        SelfTradePrevention.CancelOldest => "cancel-oldest",
        SelfTradePrevention.CancelBoth => "cancel-both",
        _ => "allow",
    };

    internal static string Of(MarketState state) => States.Single(known => known.State == state).Name;

    internal static MarketState ToMarketState(string name) =>
        States.FirstOrDefault(known => known.Name == name) is { Name: not null } known
            ? known.State
            : throw HttpProblem.NotAccepted("state", $"holds '{name}'; it accepts {string.Join(", ", States.Select(state => state.Name))}");

    internal static WithdrawalOutcome ToOutcome(string name) =>
        Outcomes.FirstOrDefault(known => known.Name == name) is { Name: not null } known
            ? known.Outcome
            : throw HttpProblem.NotAccepted("outcome", $"holds '{name}'; it accepts {string.Join(", ", Outcomes.Select(outcome => outcome.Name))}");
}
