using System.Globalization;

namespace Clob.Fuzz.Tests;

/// <summary>How long each decoder is fuzzed, and from which seed.</summary>
internal static class FuzzSize
{
    /// <summary>
    /// Little in CI, ten minutes with CLOB_LONG=1; CLOB_FUZZ_SECONDS says otherwise. All decoders together stay below 100 seconds in CI.
    /// </summary>
    public static TimeSpan Duration { get; } = TimeSpan.FromSeconds(
        NumberFrom("CLOB_FUZZ_SECONDS") ?? (Environment.GetEnvironmentVariable("CLOB_LONG") == "1" ? 600 : 3));

    /// <summary>Another one in each run; CLOB_FUZZ_SEED repeats one.</summary>
    public static int Seed { get; } = NumberFrom("CLOB_FUZZ_SEED") ?? Random.Shared.Next();

    /// <summary>The one input of the seed to look at, by CLOB_FUZZ_INPUT; null for all from the first on.</summary>
    public static int? OnlyInput { get; } = NumberFrom("CLOB_FUZZ_INPUT");

    private static int? NumberFrom(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
