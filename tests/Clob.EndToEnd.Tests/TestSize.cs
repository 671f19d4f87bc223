namespace Clob.EndToEnd.Tests;

/// <summary>How much of the same is done: little in CI, much with CLOB_LONG=1.</summary>
internal sealed record TestSize
{
    /// <summary>How often the process is killed.</summary>
    public required int Kills { get; init; }

    /// <summary>How often the disk loses its power.</summary>
    public required int PowerCuts { get; init; }

    /// <summary>After how many kills or cuts a new data directory is begun.</summary>
    public required int KillsPerDirectory { get; init; }

    /// <summary>How many trade at a time.</summary>
    public required int Traders { get; init; }

    /// <summary>The kill or cut comes at a random moment of this time.</summary>
    public required TimeSpan LongestLoad { get; init; }

    /// <summary>Commands of the one account whose live and replayed states are compared.</summary>
    public required int AccountCommands { get; init; }

    /// <summary>Flipped bits for each kind of file.</summary>
    public required int Flips { get; init; }

    /// <summary>System calls of a scenario that are made to fail, one a run, spread over all that are considered.</summary>
    public required int FailedCalls { get; init; }

    /// <summary>How many calls of one kind on one file are considered.</summary>
    public required int CallsOfFile { get; init; }

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
        ? new TestSize
        {
            Kills = 1_000,
            PowerCuts = 500,
            KillsPerDirectory = 10,
            Traders = 4,
            LongestLoad = TimeSpan.FromSeconds(1),
            AccountCommands = 1_000_000,
            Flips = 40,
            FailedCalls = int.MaxValue,
            CallsOfFile = int.MaxValue,
            Stops = 50,
            CutRounds = 25,
            CutsPerRound = 40,
            Soak = TimeSpan.FromMinutes(30),
        }
        : new TestSize
        {
            Kills = 20,
            PowerCuts = 10,
            KillsPerDirectory = 5,
            Traders = 3,
            LongestLoad = TimeSpan.FromSeconds(0.4),
            AccountCommands = 100_000,
            Flips = 2,
            FailedCalls = 10,
            CallsOfFile = 1,
            Stops = 5,
            CutRounds = 2,
            CutsPerRound = 12,
            Soak = TimeSpan.FromSeconds(30),
        };
}
