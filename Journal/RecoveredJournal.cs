namespace Clob.Journal;

/// <summary>What recovery cut off: the remains of a group that was being written when the process or host stopped. To be logged.</summary>
/// <param name="SegmentPath">The segment's file.</param>
/// <param name="Offset">Byte offset of the cut.</param>
/// <param name="Sequence">The first sequence that is gone; it will be given anew.</param>
/// <param name="Length">Bytes that were overwritten with zeros.</param>
public sealed record JournalCut(string SegmentPath, long Offset, long Sequence, long Length);

/// <summary>The end of a journal that has been checked and made ready to be continued; made by <see cref="JournalRecovery"/> only.</summary>
public sealed class RecoveredJournal
{
    private readonly byte[] _chainHash;

    internal RecoveredJournal(long nextSequence, ReadOnlySpan<byte> chainHash)
    {
        NextSequence = nextSequence;
        _chainHash = chainHash.ToArray();
    }

    /// <summary>The sequence the next record gets; 0 for an empty journal.</summary>
    public long NextSequence { get; }

    /// <summary>Chain hash after the last record, 32 bytes; the identity for an empty journal.</summary>
    public ReadOnlySpan<byte> ChainHash => _chainHash;

    /// <summary>File of the last segment; null when there is none.</summary>
    public string? SegmentPath { get; internal init; }

    /// <summary>Index of the last segment from 0; -1 when there is none.</summary>
    public long SegmentIndex { get; internal init; } = -1;

    /// <summary>Bytes of the last segment.</summary>
    public long SegmentSize { get; internal init; }

    /// <summary>Where in it the next group goes.</summary>
    public long Offset { get; internal init; }

    /// <summary>What was cut off; null when the end was clean.</summary>
    public JournalCut? Cut { get; internal init; }
}
