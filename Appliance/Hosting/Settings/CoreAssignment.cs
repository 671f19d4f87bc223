using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Clob.Appliance;

/// <summary>What <c>Pipeline:Cores</c> asks for.</summary>
public sealed record CoreAssignment
{
    private CoreAssignment()
    {
    }

    /// <summary>Pin where there is a core for each busy thread, else not.</summary>
    public static CoreAssignment Auto { get; } = new() { IsAuto = true };

    /// <summary>Never pin.</summary>
    public static CoreAssignment None { get; } = new();

    /// <summary>Whether the host decides.</summary>
    public bool IsAuto { get; private init; }

    /// <summary>A core for each thread, in the order of the threads; empty when not given so.</summary>
    public IReadOnlyList<int> ByThread { get; private init; } = [];

    /// <summary>A core for the thread of a stage; empty when not given so.</summary>
    public IReadOnlyDictionary<StageName, int> ByStage { get; private init; } = new Dictionary<StageName, int>();

    /// <summary>All cores named.</summary>
    public IEnumerable<int> Cores => ByThread.Concat(ByStage.Values);

    /// <summary>Reads <c>Auto</c>, <c>None</c>, <c>2,3</c> or <c>ingress=2,journal=3</c>.</summary>
    public static bool TryParse(string text, [MaybeNullWhen(false)] out CoreAssignment assignment)
    {
        ArgumentNullException.ThrowIfNull(text);
        assignment = SettingParsers.IsAuto(text) ? Auto : text.Equals("None", StringComparison.OrdinalIgnoreCase) ? None : null;
        if (assignment is not null)
            return true;
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries);
        assignment = parts[0].Contains('=', StringComparison.Ordinal) ? ReadByStage(parts) : ReadByThread(parts);
        return assignment is not null;
    }

    private static CoreAssignment? ReadByThread(string[] parts)
    {
        List<int> cores = [];
        foreach (string part in parts)
        {
            if (!TryCore(part, out int core) || cores.Contains(core))
                return null;
            cores.Add(core);
        }

        return new CoreAssignment { ByThread = cores };
    }

    private static CoreAssignment? ReadByStage(string[] parts)
    {
        Dictionary<StageName, int> cores = [];
        foreach (string part in parts)
        {
            string[] sides = part.Split('=', StringSplitOptions.TrimEntries);
            if (sides.Length != 2 || !StageName.TryParse(sides[0], out var stage) || !TryCore(sides[1], out int core) || !cores.TryAdd(stage, core))
                return null;
        }

        return new CoreAssignment { ByStage = cores };
    }

    private static bool TryCore(string text, out int core) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out core);
}
