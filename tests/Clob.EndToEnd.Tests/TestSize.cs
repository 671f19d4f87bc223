namespace Clob.EndToEnd.Tests;

/// <summary>How much of the same is done: little in CI, much with CLOB_LONG=1.</summary>
/// <param name="Kills">How often the process is killed.</param>
/// <param name="PowerCuts">How often the disk loses its power.</param>
/// <param name="KillsPerDirectory">After how many kills or cuts a new data directory is begun.</param>
/// <param name="Traders">How many trade at a time.</param>
/// <param name="LongestLoad">The kill or cut comes at a random moment of this time.</param>
/// <param name="AccountCommands">Commands of the one account whose live and replayed states are compared.</param>
/// <param name="Flips">Flipped bits for each kind of file.</param>
/// <param name="FailedCalls">System calls of a scenario that are made to fail, one a run, spread over all that are considered.</param>
/// <param name="CallsOfFile">How many calls of one kind on one file are considered.</param>
internal sealed record TestSize(int Kills, int PowerCuts, int KillsPerDirectory, int Traders, TimeSpan LongestLoad, int AccountCommands, int Flips, int FailedCalls, int CallsOfFile)
{
    public static TestSize Now { get; } = Environment.GetEnvironmentVariable("CLOB_LONG") == "1"
        ? new TestSize(200, 500, 10, 4, TimeSpan.FromSeconds(1), 1_000_000, 40, int.MaxValue, int.MaxValue)
        : new TestSize(20, 10, 5, 3, TimeSpan.FromSeconds(0.4), 100_000, 2, 10, 1);
}
