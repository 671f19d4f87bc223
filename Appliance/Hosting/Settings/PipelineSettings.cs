using System.Diagnostics.CodeAnalysis;
using Clob.Ring;

namespace Clob.Appliance;

/// <summary>Section <c>Pipeline</c>: what was asked for. What that makes of this host is a <see cref="ThreadPlan"/>.</summary>
public sealed record PipelineSettings
{
    /// <summary>Most verify stages.</summary>
    public const int MaximumVerifiers = 32;

    /// <summary>Verify stages; null lets the host decide.</summary>
    public required int? Verifiers { get; init; }

    /// <summary>What a thread does without work; null lets the host decide.</summary>
    public required WaitStrategy? WaitStrategy { get; init; }

    /// <summary>Slots of the ring of records, a power of two.</summary>
    public required int RingSize { get; init; }

    /// <summary>Slots of the ring of events, a power of two.</summary>
    public required int EventRingSize { get; init; }

    /// <summary>Bytes of the arena that holds the records beside the ring, a power of two.</summary>
    public required int ArenaBytes { get; init; }

    /// <summary>Which stages share a thread; null lets the host decide.</summary>
    public required IReadOnlyList<IReadOnlyList<StageName>>? Threads { get; init; }

    /// <summary>Which thread runs on which core.</summary>
    public required CoreAssignment Cores { get; init; }

    internal static PipelineSettings Read(SettingReader settings) => new()
    {
        Verifiers = settings.NumberOrAuto("Verifiers", 1, MaximumVerifiers),
        WaitStrategy = settings.ChoiceOrAuto<WaitStrategy>("WaitStrategy"),
        RingSize = settings.PowerOfTwo("RingSize", 256, 1 << 22),
        // A command's events must leave room for those of others: 128 commands of an envelope each cause a few.
        EventRingSize = settings.PowerOfTwo("EventRingSize", 1024, 1 << 22),
        // Several of the longest envelopes (8 KiB) must fit.
        ArenaBytes = settings.PowerOfTwo("ArenaBytes", 1 << 20, 1 << 30),
        Threads = settings.Read<IReadOnlyList<IReadOnlyList<StageName>>?>("Threads",
            "Auto, or all of ingress, verify, match, journal and egress (verify1, verify2, … where they part), '+' between stages of one thread and ';' between threads, "
            + "such as ingress+verify+match+egress;journal", TryThreads),
        Cores = settings.Read<CoreAssignment>("Cores",
            "Auto, None, a core for each thread in order such as 2,3, or stage=core such as ingress=2,journal=3", CoreAssignment.TryParse) ?? CoreAssignment.Auto,
    };

    private static bool TryThreads(string text, out IReadOnlyList<IReadOnlyList<StageName>>? threads)
    {
        threads = null;
        if (SettingParsers.IsAuto(text))
            return true;
        List<IReadOnlyList<StageName>> read = [];
        foreach (string thread in text.Split(';', StringSplitOptions.TrimEntries))
        {
            List<StageName> stages = [];
            foreach (string stage in thread.Split('+', StringSplitOptions.TrimEntries))
            {
                if (!StageName.TryParse(stage, out var name))
                    return false;
                stages.Add(name);
            }

            read.Add(stages);
        }

        var all = read.SelectMany(stages => stages).ToArray();
        if (all.Distinct().Count() != all.Length || all.Select(stage => stage.Role).Distinct().Count() != Enum.GetValues<StageRole>().Length)
            return false;
        threads = read;
        return true;
    }
}

/// <summary>What a stage does, in the order of an order's way.</summary>
public enum StageRole
{
    /// <summary>Reads sockets and queue, gives sequences.</summary>
    Ingress,

    /// <summary>Checks signatures.</summary>
    Verify,

    /// <summary>Runs the Exchange.</summary>
    Match,

    /// <summary>Writes groups to the disk.</summary>
    Journal,

    /// <summary>Sends feed and reports.</summary>
    Egress,
}

/// <summary>A stage: its role and, for verifiers, which; 0 stands for all verifiers that are not named otherwise.</summary>
/// <param name="Role">What it does.</param>
/// <param name="Number">1 to N for a verifier, else 0.</param>
public readonly record struct StageName(StageRole Role, int Number = 0)
{
    /// <summary>Reads <c>ingress</c>, <c>verify</c>, <c>verify2</c>, ….</summary>
    public static bool TryParse(string text, out StageName name)
    {
        ArgumentNullException.ThrowIfNull(text);
        string letters = text.TrimEnd("0123456789".ToCharArray());
        string digits = text[letters.Length..];
        int number = 0;
        name = default;
        if (!Enum.TryParse(letters, ignoreCase: true, out StageRole role) || !Enum.IsDefined(role) || letters.Length == 0)
            return false;
        if (digits.Length > 0 && (role != StageRole.Verify || !int.TryParse(digits, out number) || number is < 1 or > PipelineSettings.MaximumVerifiers))
            return false;
        name = new StageName(role, number);
        return true;
    }

    /// <summary>As it is written in the setting.</summary>
    [SuppressMessage("Globalization", "CA1308", Justification = "Stage names are written in lower case.")]
    public override string ToString() => Role.ToString().ToLowerInvariant() + (Number == 0 ? "" : Number.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
