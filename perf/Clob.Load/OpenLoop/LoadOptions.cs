namespace Clob.Load.OpenLoop;

/// <summary>What load to make.</summary>
/// <param name="Rate">Orders per second over all connections.</param>
/// <param name="Seconds">How long to send.</param>
/// <param name="WarmUpSeconds">How long before that to send at the same rate without counting.</param>
/// <param name="Connections">Sessions, each of an account of its own.</param>
/// <param name="Batch">Orders per envelope.</param>
/// <param name="Market">Market id.</param>
/// <param name="MiddlePrice">Ticks around which orders are placed.</param>
/// <param name="Quantity">Lots of each order.</param>
internal sealed record LoadOptions(
    double Rate, double Seconds, double WarmUpSeconds, int Connections, int Batch, ushort Market, ulong MiddlePrice, ulong Quantity);
