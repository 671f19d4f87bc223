namespace Clob.Proofs.Tests;

/// <summary>Checkpoint records to begin from.</summary>
internal static class CheckpointExamples
{
    internal static readonly Hash256 Venue = Hash256.Of("venue"u8);

    internal static CheckpointRecord First() => new()
    {
        Venue = Venue,
        Number = 1,
        Sequence = 9,
        Time = 1_700_000_000_000_000_000,
        JournalSize = 10,
        JournalRoot = Hash256.Of("journal"u8),
        RecordsRoot = Hash256.Of("records"u8),
        EventsRoot = Hash256.Of("events"u8),
        StateRoot = Hash256.Of("state"u8),
        Previous = default,
        Engine = Hash256.Of("engine"u8),
        DaSize = 7,
        Batches = [Batch(0, 4), Batch(4, 3)],
    };

    /// <summary>The checkpoint after <paramref name="last"/>, twelve records on, with nothing new on the DA layer.</summary>
    internal static CheckpointRecord After(CheckpointRecord last) => Change(
        last,
        number: last.Number + 1,
        sequence: last.Sequence + 12,
        time: last.Time + 1,
        journalSize: last.JournalSize + 12,
        previous: last.CoreHash(),
        batches: []);

    internal static DaBatch Batch(ulong first, ulong count) =>
        new(first, count, Hash256.Of([unchecked((byte)first), unchecked((byte)count)]), new byte[] { 0xab, 0x01 });

    internal static CheckpointRecord Change(
        CheckpointRecord record,
        Hash256? venue = null,
        ulong? number = null,
        ulong? sequence = null,
        ulong? time = null,
        ulong? journalSize = null,
        Hash256? previous = null,
        Hash256? stateRoot = null,
        ulong? daSize = null,
        IReadOnlyList<DaBatch>? batches = null) => new()
        {
            Venue = venue ?? record.Venue,
            Number = number ?? record.Number,
            Sequence = sequence ?? record.Sequence,
            Time = time ?? record.Time,
            JournalSize = journalSize ?? record.JournalSize,
            JournalRoot = record.JournalRoot,
            RecordsRoot = record.RecordsRoot,
            EventsRoot = record.EventsRoot,
            StateRoot = stateRoot ?? record.StateRoot,
            Previous = previous ?? record.Previous,
            Engine = record.Engine,
            DaSize = daSize ?? record.DaSize,
            Batches = batches ?? record.Batches,
        };
}
