namespace Clob.Engine;

/// <summary>
/// How much memory the Exchange takes at the start. Everything grows beyond, which allocates and copies: size it so that
/// this does not happen in steady trading. It never changes a result.
/// </summary>
/// <param name="Accounts">Accounts.</param>
/// <param name="Orders">Orders open at the same time, all markets together.</param>
/// <param name="PriceLevels">Price levels in use at the same time, all markets together.</param>
public readonly record struct ExchangeCapacity(int Accounts, int Orders, int PriceLevels)
{
    /// <summary>Little memory: tests and tools.</summary>
    public static ExchangeCapacity Small => new(64, 256, 64);

    /// <summary>A venue's start.</summary>
    public static ExchangeCapacity Default => new(1024, 65_536, 16_384);
}
