using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Clob.Protocol;

namespace Clob.Simulation.Tests;

/// <summary>Is anything acknowledged lost, doubled or changed, whatever order of steps, crashes and disk losses a seed picks?</summary>
public sealed class SimulationTests
{
    // CI takes another stretch of seeds each time; CLOB_SEED and CLOB_SEEDS repeat one. Long: CLOB_LONG=1.
    private static readonly int FirstSeed = NumberFrom("CLOB_SEED", Environment.TickCount & 0xFFFFFF);
    private static readonly int Seeds = NumberFrom("CLOB_SEEDS", Environment.GetEnvironmentVariable("CLOB_LONG") == "1" ? 20_000 : 500);

    // So many worlds reach all there is to reach, unless something keeps them from it.
    private const int EnoughSeeds = 200;

    // The most worlds a defect may stay unnoticed in.
    private const int MostSeedsOfDefect = 40;

    [Test]
    public void Nothing_acknowledged_is_lost_doubled_or_changed()
    {
        var watch = Stopwatch.StartNew();
        var total = new WorldFigures { Worlds = 0 };
        var kinds = new HashSet<RecordKind>();
        var failures = new ConcurrentBag<(int Seed, Exception Failure)>();
        Parallel.ForEach(Enumerable.Range(FirstSeed, Seeds), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var ran = RunWorld(seed, Defect.None);
            lock (total)
            {
                total.Add(ran.Figures);
                kinds.UnionWith(ran.RecordKinds);
            }

            if (ran.Failure is not null)
                failures.Add((seed, ran.Failure));
        });
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"seeds {FirstSeed} to {FirstSeed + Seeds - 1} (CLOB_SEED, CLOB_SEEDS), {Seeds / watch.Elapsed.TotalSeconds:F1} a second: {total}"));
        Assert.That(failures, Is.Empty, string.Join('\n', failures.OrderBy(failure => failure.Seed).Take(5).Select(
            failure => $"seed {failure.Seed}: {failure.Failure}\n  again: CLOB_SEED={failure.Seed} CLOB_SEEDS=1 dotnet test -c Release tests/Clob.Simulation.Tests")));
        if (Seeds >= EnoughSeeds)
            RequireReached(total, kinds);
    }

    [Test]
    public void One_seed_is_one_world()
    {
        for (int seed = FirstSeed; seed < FirstSeed + 5; seed++)
        {
            string once = RunWorld(seed, Defect.None).Digest;
            string again = RunWorld(seed, Defect.None).Digest;
            Assert.That(again, Is.EqualTo(once), $"seed {seed}");
        }

        Assert.That(RunWorld(FirstSeed, Defect.None).Digest, Is.Not.EqualTo(RunWorld(FirstSeed + 1, Defect.None).Digest), "another seed is another world");
    }

    [TestCase(Defect.SyncsAreIgnored, Violation.AcknowledgedLost)]
    [TestCase(Defect.EgressDoesNotWaitForTheDisk, Violation.AcknowledgedLost)]
    [TestCase(Defect.ResendsUnderNewNonces, Violation.ExecutedTwice)]
    public void Finds(object defect, object violation) // the negative controls: worlds in which something is wrong on purpose
    {
        var found = new Dictionary<Violation, int>();
        for (int seed = FirstSeed; seed < FirstSeed + MostSeedsOfDefect; seed++)
        {
            if (RunWorld(seed, (Defect)defect).Failure is ViolationException failure)
                found[failure.Violation] = found.GetValueOrDefault(failure.Violation) + 1;
        }

        TestContext.Out.WriteLine($"in {MostSeedsOfDefect} seeds from {FirstSeed}: {string.Join(", ", found.OrderBy(kind => kind.Key).Select(kind => $"{kind.Key} {kind.Value}"))}");
        Assert.That(found, Contains.Key((Violation)violation));
    }

    /// <summary>Worlds in which nothing was lost, torn or sent again would be silent for no reason.</summary>
    private static void RequireReached(WorldFigures total, HashSet<RecordKind> kinds)
    {
        Assert.That(typeof(WorldFigures).GetProperties().Where(figure => (long)figure.GetValue(total)! == 0).Select(figure => figure.Name), Is.Empty);
        Assert.That(kinds, Is.EquivalentTo(Enum.GetValues<RecordKind>().Except([RecordKind.EngineVersion])));
    }

    private static RanWorld RunWorld(int seed, Defect defect)
    {
        using var world = new World(seed, defect);
        try
        {
            world.Run();
            return new RanWorld(world.Figures, world.RecordKinds, world.Digest, null);
        }
        catch (Exception failure)
        {
            return new RanWorld(world.Figures, world.RecordKinds, world.Digest, failure);
        }
    }

    private static int NumberFrom(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    private sealed record RanWorld(WorldFigures Figures, IReadOnlySet<RecordKind> RecordKinds, string Digest, Exception? Failure);
}
