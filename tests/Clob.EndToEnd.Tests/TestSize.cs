namespace Clob.EndToEnd.Tests;

/// <summary>How much of the same is done: little in CI, much with CLOB_LONG=1.</summary>
/// <param name="Kills">How often the process is killed.</param>
/// <param name="PowerCuts">How often the disk loses its power.</param>
/// <param name="KillsPerDirectory">After how many kills or cuts a new data directory is begun.</param>
/// <param name="Traders">How many trade at a time.</param>
/// <param name="LongestLoad">The kill or cut comes at a random moment of this time.</param>
/// <param name="AccountCommands">Commands of the one account whose live and replayed states are compared.</param>
/// <param name="Flips">Flipped bits for each kind of file.</param>
/// <param name="FailedCalls">System calls of a scenario that are made to fail, one a run, spread over all of them.</param>
internal sealed record TestSize(int Kills, int PowerCuts, int KillsPerDirectory, int Traders, TimeSpan LongestLoad, int AccountCommands, int Flips, int FailedCalls)
{
    /// <summary>How often the process is stopped in order.</summary>
    public required int Stops { get; init; }

    /// <summary>How often everything is checked while connections are cut, with as many cuts each time.</summary>
    public required int CutRounds { get; init; }

    /// <summary>Cuts between two checks.</summary>
    public required int CutsPerRound { get; init; }

    /// <summary>How long the process is watched under steady load.</summary>
    public required TimeSpan Soak { get; init; }

    /// <summary>Orders per second of that load; CLOB_SOAK_RATE for more. All of them stay on disk: half an hour of these is some 20 GB.</summary>
    public int SoakRate { get; } = int.TryParse(Environment.GetEnvironmentVariable("CLOB_SOAK_RATE"), out int rate) ? rate : 20_000;

    public static TestSize Now { get; } = Environment.GetEnvironmentVariable("CLOB_LONG") == "1"
        ? new TestSize(1_000, 500, 10, 4, TimeSpan.FromSeconds(1), 1_000_000, 40, int.MaxValue) { Stops = 50, CutRounds = 25, CutsPerRound = 40, Soak = TimeSpan.FromMinutes(30) }
        : new TestSize(20, 10, 5, 3, TimeSpan.FromSeconds(0.4), 100_000, 2, 10) { Stops = 5, CutRounds = 2, CutsPerRound = 12, Soak = TimeSpan.FromSeconds(30) };
}
