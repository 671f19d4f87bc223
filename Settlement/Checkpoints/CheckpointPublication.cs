using Clob.Proofs;

namespace Clob.Settlement;

internal static class CheckpointPublication
{
    /// <summary>The same core with another statement on data availability.</summary>
    public static CheckpointRecord With(this CheckpointRecord core, ulong daSize, IReadOnlyList<DaBatch> batches) => new()
    {
        Venue = core.Venue,
        Number = core.Number,
        Sequence = core.Sequence,
        Time = core.Time,
        JournalSize = core.JournalSize,
        JournalRoot = core.JournalRoot,
        RecordsRoot = core.RecordsRoot,
        EventsRoot = core.EventsRoot,
        StateRoot = core.StateRoot,
        Previous = core.Previous,
        Engine = core.Engine,
        DaSize = daSize,
        Batches = batches,
    };
}
