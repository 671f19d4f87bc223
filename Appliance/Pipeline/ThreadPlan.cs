using System.Globalization;
using Clob.Ring;

namespace Clob.Appliance.Pipeline;

/// <summary>One thread of the pipeline.</summary>
/// <param name="Stages">Names of its stages, in the order they are polled.</param>
/// <param name="Core">Core it is pinned to, null for none.</param>
public sealed record PlannedThread(IReadOnlyList<string> Stages, int? Core)
{
    /// <summary>The thread's name: its stages.</summary>
    public string Name => string.Join('+', Stages);
}

/// <summary>
/// Which stages share a thread, where the threads run and how they wait. Stages are <c>ingress</c>, <c>verify</c> (or <c>verify1</c>,
/// <c>verify2</c>, … with several), <c>match</c>, <c>journal</c> and <c>egress</c>.
/// </summary>
/// <param name="Threads">The threads.</param>
/// <param name="Verifiers">Number of verify stages, at least 1.</param>
/// <param name="WaitStrategy">What threads do without work.</param>
public sealed record ThreadPlan(IReadOnlyList<PlannedThread> Threads, int Verifiers, WaitStrategy WaitStrategy)
{
    /// <summary>Says "choose for me" in any of the settings.</summary>
    public const string Auto = "Auto";

    /// <summary>Most verify stages: with more, matching is the bottleneck whatever is verified.</summary>
    public const int MaximumVerifiers = 64;

    /// <summary>A sentence for the log.</summary>
    public override string ToString()
    {
        var threads = Threads.Select(thread => thread.Core is { } core ? string.Create(CultureInfo.InvariantCulture, $"{thread.Name} on core {core}") : thread.Name);
        return $"{Threads.Count} threads ({string.Join("; ", threads)}), waiting: {WaitStrategy}";
    }

    /// <summary>
    /// The plan for a host. With two or three cores, one thread takes an order from socket to socket and the journal's thread sleeps in the
    /// disk (docs/decisions/0002): more busy threads than cores cost milliseconds. From four on stages spread, from seven on each has a core.
    /// </summary>
    public static ThreadPlan For(int cores, int verifiers)
    {
        var names = (cores, verifiers) switch
        {
            ( < 4, 0 or 1) => "ingress+verify+match+egress;journal",
            ( < 7, 0) => "ingress+egress;verify;match;journal",
            _ => "ingress;verify;match;egress;journal",
        };
        int count = verifiers > 0 ? verifiers : Math.Clamp(cores - 5, 1, 8);
        return new ThreadPlan([.. Split(names, count).Select(stages => new PlannedThread(stages, null))], count, WaitStrategy.YieldThenBlock);
    }

    /// <summary>Builds a plan from settings.</summary>
    /// <param name="threads"><c>Auto</c>, or stages joined by '+' and threads separated by ';'.</param>
    /// <param name="cores"><c>Auto</c>, <c>None</c>, or one core per thread separated by ',', '-' for a thread that is not pinned.</param>
    /// <param name="waitStrategy"><c>Auto</c> or a <see cref="Ring.WaitStrategy"/>.</param>
    /// <param name="verifiers">Number of verify stages, 0 for automatic.</param>
    /// <param name="available">Cores this process may use.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="wrong">The setting that is wrong: Threads, Cores, WaitStrategy or Verifiers.</param>
    /// <param name="accepts">What it accepts.</param>
    /// <returns>False when a setting is wrong.</returns>
    public static bool TryCreate(
        string threads, string cores, string waitStrategy, int verifiers, IReadOnlyList<int> available, out ThreadPlan plan, out string wrong, out string accepts)
    {
        plan = For(available.Count, Math.Clamp(verifiers, 0, MaximumVerifiers));
        (wrong, accepts) = ("Verifiers", $"0 (automatic) to {MaximumVerifiers}");
        if (verifiers is < 0 or > MaximumVerifiers)
            return false;
        (wrong, accepts) = ("Threads", $"Auto, or each of {string.Join(", ", StageNames(plan.Verifiers))} once, '+' between stages of a thread and ';' between threads");
        if (!IsAuto(threads) && !TryAssignStages(threads, ref plan))
            return false;
        (wrong, accepts) = ("Cores", $"Auto, None, or {plan.Threads.Count} of the cores {string.Join(", ", available)} or '-', separated by ','");
        bool spins = string.Equals(waitStrategy, nameof(WaitStrategy.BusySpin), StringComparison.OrdinalIgnoreCase);
        if (!TryAssignCores(cores, available, spins, ref plan))
            return false;
        (wrong, accepts) = ("WaitStrategy", $"Auto, {string.Join(", ", Enum.GetNames<WaitStrategy>())}; BusySpin needs a core for each of the {plan.Threads.Count} threads and one more");
        return TryChooseWaiting(waitStrategy, available.Count, ref plan);
    }

    private static bool TryAssignStages(string threads, ref ThreadPlan plan)
    {
        var split = Split(threads, plan.Verifiers);
        var named = split.SelectMany(static stages => stages).ToList();
        if (!named.Order(StringComparer.Ordinal).SequenceEqual(StageNames(plan.Verifiers).Order(StringComparer.Ordinal)))
            return false;
        plan = plan with { Threads = [.. split.Select(stages => new PlannedThread(stages, null))] };
        return true;
    }

    private static bool TryAssignCores(string cores, IReadOnlyList<int> available, bool spins, ref ThreadPlan plan)
    {
        if (string.Equals(cores, "None", StringComparison.OrdinalIgnoreCase))
            return true;
        var threads = plan.Threads;
        if (IsAuto(cores))
        {
            // Pinned only where each busy thread has a core and one is left for everything else.
            if (available.Count > threads.Count && (spins || available.Count > StageNames(1).Count))
                plan = plan with { Threads = [.. threads.Select((thread, index) => thread with { Core = available[index + 1] })] };
            return true;
        }

        string[] fields = cores.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length != threads.Count)
            return false;
        var pinned = new List<PlannedThread>();
        for (int i = 0; i < fields.Length; i++)
        {
            int core = -1;
            if (fields[i] != "-" && (!int.TryParse(fields[i], NumberStyles.None, CultureInfo.InvariantCulture, out core) || !available.Contains(core)))
                return false;
            pinned.Add(threads[i] with { Core = core < 0 ? null : core });
        }

        plan = plan with { Threads = pinned };
        return true;
    }

    private static bool TryChooseWaiting(string waitStrategy, int cores, ref ThreadPlan plan)
    {
        if (IsAuto(waitStrategy))
        {
            bool eachHasACore = plan.Threads.All(static thread => thread.Core is not null);
            plan = plan with { WaitStrategy = eachHasACore && cores > plan.Threads.Count ? WaitStrategy.BusySpin : WaitStrategy.YieldThenBlock };
            return true;
        }

        if (!Enum.TryParse(waitStrategy, ignoreCase: true, out WaitStrategy chosen) || !Enum.IsDefined(chosen) || char.IsAsciiDigit(waitStrategy[0]))
            return false;
        plan = plan with { WaitStrategy = chosen };
        return chosen != WaitStrategy.BusySpin || cores > plan.Threads.Count;
    }

    private static List<List<string>> Split(string threads, int verifiers) =>
        [.. threads.Split(';', StringSplitOptions.TrimEntries).Select(thread =>
            thread.Split('+', StringSplitOptions.TrimEntries).SelectMany(stage => Expand(stage, verifiers)).ToList())
            .SelectMany(stages => SpreadVerifiers(stages))];

    /// <summary>"verify" stands for all verifiers.</summary>
    private static IEnumerable<string> Expand(string stage, int verifiers) =>
        stage == "verify" && verifiers > 1 ? Enumerable.Range(1, verifiers).Select(static number => $"verify{number}") : [stage];

    /// <summary>A thread that holds nothing but several verifiers is as many threads.</summary>
    private static IEnumerable<List<string>> SpreadVerifiers(List<string> stages) =>
        stages.Count > 1 && stages.All(static stage => stage.StartsWith("verify", StringComparison.Ordinal)) ? stages.Select(static stage => new List<string> { stage }) : [stages];

    private static List<string> StageNames(int verifiers) => ["ingress", .. Expand("verify", verifiers), "match", "journal", "egress"];

    private static bool IsAuto(string setting) => string.Equals(setting, Auto, StringComparison.OrdinalIgnoreCase);
}
