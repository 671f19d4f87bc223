using Clob.Journal;
using Clob.Proofs;

namespace Clob.Verifier.Inspection;

/// <summary>A segment as far as it can be read: its checksums and its part of the chain hold up to <see cref="UsedBytes"/>.</summary>
internal sealed record SegmentListing
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Place in the row of segments, from 0; null when the header cannot be read.</summary>
    public long? Index { get; init; }

    /// <summary>The first sequence, as the file is named.</summary>
    public required long FirstSequence { get; init; }

    /// <summary>Records read.</summary>
    public long Records { get; init; }

    /// <summary>The last sequence read; null without a record.</summary>
    public long? LastSequence => Records == 0 ? null : FirstSequence + Records - 1;

    /// <summary>Groups that hold them: so many writes.</summary>
    public long Groups { get; init; }

    /// <summary>Bytes up to the end of the last whole group, the segment's header included; 0 when the header cannot be read.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Bytes of the file.</summary>
    public long FileBytes { get; init; }

    /// <summary>Time of the first record; null without one, or when it has no head.</summary>
    public UtcTime? FirstTime { get; init; }

    /// <summary>Time of the last record; null without one, or when it has no head.</summary>
    public UtcTime? LastTime { get; init; }

    /// <summary>Chain hash after the last record read, before the first when there is none; null when the header cannot be read.</summary>
    public Hash256? ChainHash { get; init; }

    /// <summary>What stands behind the last group, in the segment that the venue writes; null in all others, and behind damage.</summary>
    public JournalEnd? End { get; init; }

    /// <summary>The damage found in this file.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = [];
}

/// <summary>The ledger of checkpoints.</summary>
/// <param name="Count">Entries.</param>
/// <param name="First">The first; null when it cannot be read.</param>
/// <param name="Newest">The newest; null when it cannot be read.</param>
/// <param name="SignaturesChecked">Whether these two are known to be signed by the log key of record 0; false when record 0 cannot be read.</param>
internal sealed record LedgerListing(ulong Count, CheckpointRecord? First, CheckpointRecord? Newest, bool SignaturesChecked);

/// <summary>The list of batches that a data availability layer has taken.</summary>
/// <param name="Batches">How many.</param>
/// <param name="Records">Leading journal records in them.</param>
internal sealed record BatchListing(ulong Batches, ulong Records);

/// <summary>What a data directory holds.</summary>
internal sealed record DirectoryListing
{
    /// <summary>The directory.</summary>
    public required string Data { get; init; }

    /// <summary>The venue id that the segments claim; null when none can be read.</summary>
    public Hash256? Venue { get; init; }

    /// <summary>The segments, oldest first.</summary>
    public IReadOnlyList<SegmentListing> Segments { get; init; } = [];

    /// <summary>The ledger; null without a checkpoint.</summary>
    public LedgerListing? Ledger { get; init; }

    /// <summary>The list of batches; null without one.</summary>
    public BatchListing? Batches { get; init; }

    /// <summary>Everything that does not hold, in the order of the listing.</summary>
    public IReadOnlyList<Failure> Failures { get; init; } = [];

    /// <summary>Records in all segments.</summary>
    public long Records => Segments.Sum(segment => segment.Records);

    /// <summary>The process's exit code: that of the first failure.</summary>
    public ExitCode Code => Failures.Count == 0 ? ExitCode.Success : Failures[0].Code;
}
