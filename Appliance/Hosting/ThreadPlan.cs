using Clob.Ring;

namespace Clob.Appliance;

/// <summary>A thread of the pipeline.</summary>
/// <param name="Stages">The stages it polls, in order.</param>
/// <param name="Core">The core it is pinned to; null leaves that to the kernel.</param>
public sealed record PlannedThread(IReadOnlyList<StageName> Stages, int? Core)
{
    /// <summary>The stages joined by '+', as in the setting.</summary>
    public string Name => string.Join('+', Stages);
}

/// <summary>
/// Which threads there are on this host, what each runs and where: the settings with every <c>Auto</c> resolved. Busy-spinning and pinning only where each
/// thread finds a core of its own and two are left for the rest (HTTP, settlement, kernel).
/// </summary>
/// <param name="Threads">The threads.</param>
/// <param name="Verifiers">Number of verify stages.</param>
/// <param name="WaitStrategy">What they do without work.</param>
public sealed record ThreadPlan(IReadOnlyList<PlannedThread> Threads, int Verifiers, WaitStrategy WaitStrategy)
{
    private const int CoresForTheRest = 2;
    private const int StagesBesidesVerify = 4;

    // Two or three cores: what is waited for most, the disk, gets its own thread, and the way of an order crosses no other. Measured best on two cores.
    private static readonly StageRole[][] FewCores = [[StageRole.Ingress, StageRole.Verify, StageRole.Match, StageRole.Egress], [StageRole.Journal]];

    // Up to seven: the signature, the longest computation, gets its own too.
    private static readonly StageRole[][] SomeCores = [[StageRole.Ingress, StageRole.Match, StageRole.Egress], [StageRole.Verify], [StageRole.Journal]];

    /// <summary>Resolves the settings for a host.</summary>
    /// <param name="options">Checked settings.</param>
    /// <param name="availableCores">Cores this process may use, rising.</param>
    public static ThreadPlan For(PipelineSettings options, IReadOnlyList<int> availableCores)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(availableCores);
        int verifiers = options.Verifiers ?? NamedVerifiers(options) ?? VerifiersFor(availableCores.Count);
        var stages = (options.Threads ?? DefaultThreads(availableCores.Count, verifiers)).Select(thread => Expand(thread, options.Threads, verifiers)).ToArray();
        bool hasCoreForEach = availableCores.Count >= stages.Length + CoresForTheRest;
        var threads = stages.Select((thread, i) => new PlannedThread(thread, CoreOf(options.Cores, thread, i, hasCoreForEach, availableCores))).ToArray();
        return new ThreadPlan(threads, verifiers, options.WaitStrategy ?? (hasCoreForEach ? WaitStrategy.BusySpin : WaitStrategy.YieldThenBlock));
    }

    /// <summary>What contradicts itself in settings that are each well-formed; null for nothing.</summary>
    internal static string? FaultOf(PipelineSettings options, IReadOnlyList<int> availableCores)
    {
        if (options.Threads is { } threads)
        {
            int verifiers = options.Verifiers ?? NamedVerifiers(options) ?? 1;
            var named = threads.SelectMany(thread => thread).Where(stage => stage.Role == StageRole.Verify).ToArray();
            if (named.Any(stage => stage.Number > verifiers))
                return $"Pipeline:Threads names {named.MaxBy(stage => stage.Number)}; it accepts verify1 to verify{verifiers}, as Pipeline:Verifiers holds '{verifiers}'.";
            if (named.All(stage => stage.Number > 0) && named.Length != verifiers)
                return $"Pipeline:Threads names {named.Length} verifiers; it accepts all {verifiers} of Pipeline:Verifiers, or verify for those not named.";
            if (named.Any(stage => stage.Number == 0) && named.Length > verifiers)
                return $"Pipeline:Threads names verify and {named.Length - 1} verifiers; it accepts verify where one of the {verifiers} is left for it.";
        }

        var plan = For(options with { Cores = CoreAssignment.None }, availableCores);
        if (options.Cores.ByThread is { Count: > 0 } cores && cores.Count != plan.Threads.Count)
            return $"Pipeline:Cores names {cores.Count} cores; it accepts one for each of the {plan.Threads.Count} threads ({plan}).";
        foreach (var stage in options.Cores.ByStage.Keys)
        {
            if (!plan.Threads.Any(thread => Holds(thread.Stages, stage)))
                return $"Pipeline:Cores names {stage}; there is no such stage among the threads ({plan}).";
        }

        foreach (var thread in plan.Threads)
        {
            if (options.Cores.ByStage.Where(core => Holds(thread.Stages, core.Key)).Select(core => core.Value).Distinct().Count() > 1)
                return $"Pipeline:Cores names several cores for the stages {thread.Name}, which share a thread; it accepts one.";
        }

        return null;
    }

    /// <summary>As it would be written in <c>Pipeline:Threads</c>, with the cores.</summary>
    public override string ToString() => string.Join(';', Threads.Select(thread => thread.Name + (thread.Core is { } core ? $"@{core}" : "")));

    private static int VerifiersFor(int cores) => Math.Clamp(cores - CoresForTheRest - StagesBesidesVerify, 1, 8);

    private static int? NamedVerifiers(PipelineSettings options) =>
        options.Threads is { } threads ? Math.Max(1, threads.SelectMany(thread => thread).Max(stage => stage.Number)) : null;

    private static IReadOnlyList<IReadOnlyList<StageName>> DefaultThreads(int cores, int verifiers)
    {
        if (cores >= StagesBesidesVerify + verifiers + CoresForTheRest)
        {
            return [[new(StageRole.Ingress)], .. Enumerable.Range(1, verifiers).Select(number => new StageName[] { new(StageRole.Verify, number) }),
                [new(StageRole.Match)], [new(StageRole.Journal)], [new(StageRole.Egress)]];
        }

        return [.. (cores < 4 ? FewCores : SomeCores).Select(thread => thread.Select(role => new StageName(role)).ToArray())];
    }

    // "verify" becomes the verifiers that no thread names by number.
    private static StageName[] Expand(IReadOnlyList<StageName> thread, IReadOnlyList<IReadOnlyList<StageName>>? all, int verifiers)
    {
        var named = (all ?? []).SelectMany(stages => stages).ToHashSet();
        return [.. thread.SelectMany(stage => stage == new StageName(StageRole.Verify)
            ? Enumerable.Range(1, verifiers).Select(number => new StageName(StageRole.Verify, number)).Where(verifier => !named.Contains(verifier))
            : [stage])];
    }

    private static bool Holds(IReadOnlyList<StageName> thread, StageName stage) =>
        thread.Contains(stage) || (stage == new StageName(StageRole.Verify) && thread.Any(other => other.Role == StageRole.Verify));

    private static int? CoreOf(CoreAssignment cores, StageName[] thread, int index, bool hasCoreForEach, IReadOnlyList<int> availableCores)
    {
        if (cores.IsAuto)
            return hasCoreForEach ? availableCores[index + CoresForTheRest] : null; // the first cores take the kernel's interrupts
        if (cores.ByThread.Count > 0)
            return cores.ByThread[index];
        foreach (var (stage, core) in cores.ByStage)
        {
            if (Holds(thread, stage))
                return core;
        }

        return null;
    }
}
