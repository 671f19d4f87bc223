using Clob.Protocol;

namespace Clob.Load.OpenLoop;

/// <summary>
/// The orders of one connection, in cycles of four: rest a bid, sell at once into the bids, rest an offer, buy at once from the offers. Each
/// cycle takes from the book what it adds, so the books stay bounded and neither side's funds run out, whoever trades with whom.
/// </summary>
internal struct OrderFlow(LoadOptions options, int connection)
{
    /// <summary>Resting orders stand at 1 to this many ticks from the middle; immediate ones reach through all of them.</summary>
    public const ulong Width = 16;

    private ulong _count = unchecked((ulong)connection * 7);

    public NewOrder Next()
    {
        ulong count = _count++;
        ulong offset = 1 + count / 4 * 5 % Width;
        return (count % 4) switch
        {
            0 => Order(Side.Buy, options.MiddlePrice - offset, TimeInForce.GoodTillCancel),
            1 => Order(Side.Sell, options.MiddlePrice - Width, TimeInForce.ImmediateOrCancel),
            2 => Order(Side.Sell, options.MiddlePrice + offset, TimeInForce.GoodTillCancel),
            _ => Order(Side.Buy, options.MiddlePrice + Width, TimeInForce.ImmediateOrCancel),
        };
    }

    private readonly NewOrder Order(Side side, ulong price, TimeInForce timeInForce) =>
        NewOrder.Limit(options.Market, side, price, options.Quantity, timeInForce);
}
