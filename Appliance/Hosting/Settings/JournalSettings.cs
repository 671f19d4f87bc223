using Clob.Journal;

namespace Clob.Appliance;

/// <summary>Section <c>Journal</c>.</summary>
public sealed record JournalSettings
{
    /// <summary>What a group commit waits for.</summary>
    public required JournalDurability Durability { get; init; }

    /// <summary>Bytes of each new segment.</summary>
    public required long SegmentSizeBytes { get; init; }

    /// <summary>Bytes of the longest group.</summary>
    public required int MaximumGroupBytes { get; init; }

    internal static JournalSettings Read(SettingReader settings)
    {
        var journal = new JournalSettings
        {
            Durability = settings.Choice<JournalDurability>("Durability"),
            SegmentSizeBytes = settings.Multiple<long>("SegmentSizeBytes", JournalFormat.BlockSize, 128 * 1024, 1L << 30),
            MaximumGroupBytes = settings.Multiple("MaximumGroupBytes", JournalFormat.BlockSize, 64 * 1024, 4 * 1024 * 1024),
        };
        if (journal.SegmentSizeBytes > 0 && journal.SegmentSizeBytes < journal.MaximumGroupBytes + JournalFormat.BlockSize)
        {
            settings.Fault($"{settings.Key("SegmentSizeBytes")} holds '{journal.SegmentSizeBytes}'; it accepts at least {settings.Key("MaximumGroupBytes")} "
                + $"and a header, {journal.MaximumGroupBytes + JournalFormat.BlockSize}.");
        }

        return journal;
    }
}
