namespace Clob.Journal;

/// <summary>The journal is not what its writer wrote, before its last group. The start stops; nothing was changed.</summary>
public sealed class JournalDamagedException : IOException
{
    /// <summary>Says where, and what should have been there.</summary>
    /// <param name="segmentPath">The segment's file.</param>
    /// <param name="offset">Byte offset in it.</param>
    /// <param name="sequence">The first record that cannot be read.</param>
    /// <param name="expected">What should stand there.</param>
    /// <param name="found">What stands there.</param>
    public JournalDamagedException(string segmentPath, long offset, long sequence, string expected, string found)
        : base($"Journal damaged in segment {segmentPath} at offset {offset}, sequence {sequence}: expected {expected}, found {found}.")
    {
        SegmentPath = segmentPath;
        Offset = offset;
        Sequence = sequence;
        Expected = expected;
        Found = found;
    }

    /// <summary>The segment's file.</summary>
    public string SegmentPath { get; }

    /// <summary>Byte offset in it.</summary>
    public long Offset { get; }

    /// <summary>The first record that cannot be read.</summary>
    public long Sequence { get; }

    /// <summary>What should stand there.</summary>
    public string Expected { get; }

    /// <summary>What stands there.</summary>
    public string Found { get; }
}

/// <summary>
/// The journal ends before a record that is known to have been in it (from a signed head, a snapshot, a batch, a watermark). Going on would give
/// its sequences to other records: a second history. No option overrides this; nothing was changed.
/// </summary>
public sealed class JournalCutException : IOException
{
    /// <summary>Says where the journal ends and where it must not end before.</summary>
    /// <param name="directory">The journal's directory.</param>
    /// <param name="lastSequence">The last record there is, -1 for none.</param>
    /// <param name="lastKnownSequence">The last record known elsewhere.</param>
    /// <param name="where">The end's place, for the message.</param>
    public JournalCutException(string directory, long lastSequence, long lastKnownSequence, string where)
        : base($"The journal in {directory} ends with sequence {lastSequence} ({where}), below sequence {lastKnownSequence}, which is known elsewhere; it was cut or lost.")
    {
        LastSequence = lastSequence;
        LastKnownSequence = lastKnownSequence;
    }

    /// <summary>The last record there is, -1 for none.</summary>
    public long LastSequence { get; }

    /// <summary>The last record known elsewhere.</summary>
    public long LastKnownSequence { get; }
}
