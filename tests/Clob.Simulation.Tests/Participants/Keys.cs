using Clob.Protocol;

namespace Clob.Simulation.Tests.Participants;

/// <summary>The private keys of all worlds, made once: key 0 is the operator's, each trader has some to change between.</summary>
internal static class Keys
{
    public const int OfTrader = 4;

    private static readonly SigningKey[] All = [.. Enumerable.Range(0, 1 + (World.MostTraders * OfTrader)).Select(MakeKey)];

    public static SigningKey Operator => All[0];

    public static SigningKey Of(ulong trader, int number) => All[1 + (((int)trader - 1) * OfTrader) + (number % OfTrader)];

    private static SigningKey MakeKey(int number)
    {
        byte[] seed = new byte[SigningKey.SeedSize];
        seed[0] = (byte)number;
        seed[1] = 77;
        return SigningKey.FromSeed(seed);
    }
}
