using System.Collections.Concurrent;
using Clob.Engine;

namespace Clob.Appliance;

/// <summary>
/// Decimals of the assets, for amounts in requests: they never change once an asset is defined, so nobody has to wait for the replica to
/// know them, least of all deposits while it catches up after a start. Any thread.
/// </summary>
internal sealed class AssetDecimals
{
    private readonly ConcurrentDictionary<uint, byte> _decimals = [];

    /// <summary>Those of an Exchange; the caller owns it.</summary>
    internal static AssetDecimals Of(Exchange exchange)
    {
        AssetDecimals decimals = new();
        foreach (uint asset in exchange.AssetIds)
            decimals.Add(asset, exchange.ReadAsset(asset)!.Decimals);
        return decimals;
    }

    /// <summary>Takes note of an asset that is defined.</summary>
    internal void Add(uint asset, byte decimals) => _decimals[asset] = decimals;

    /// <summary>The decimals of an asset; false when it was not noted, which does not mean that it is not defined.</summary>
    internal bool TryGet(uint asset, out byte decimals) => _decimals.TryGetValue(asset, out decimals);
}
