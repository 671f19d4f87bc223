namespace Clob.Protocol;

/// <summary>
/// Payload of a Verdict record: every signature of the records up to <see cref="Through"/> has been checked, and those listed were invalid.
/// <code>
///  0              8             16        18
///  │ from u64     │ through u64 │ count   │ count × invalid sequence u64, rising
/// </code>
/// Verdicts cover the journal without gaps: <see cref="From"/> is one behind the previous verdict's <see cref="Through"/>.
/// The sequencer writes one early when the list is full.
/// </summary>
public readonly ref struct Verdict
{
    /// <summary>Most invalid sequences in one verdict: the payload stays under an envelope's size.</summary>
    public const int MaximumCount = 1000;

    private const int FixedSize = 8 + 8 + 2;

    private readonly ReadOnlySpan<byte> _invalid;

    private Verdict(ulong from, ulong through, ReadOnlySpan<byte> invalid)
    {
        From = from;
        Through = through;
        _invalid = invalid;
    }

    /// <summary>First sequence covered.</summary>
    public ulong From { get; }

    /// <summary>Last sequence covered, below the verdict's own.</summary>
    public ulong Through { get; }

    /// <summary>How many records in the range carry an invalid signature.</summary>
    public int Count => _invalid.Length / 8;

    /// <summary>The invalid sequence number <paramref name="index"/>, rising.</summary>
    public ulong InvalidAt(int index) => new BigEndianReader(_invalid[(index * 8)..]).U64();

    /// <summary>Bytes of a verdict over <paramref name="count"/> invalid sequences.</summary>
    public static int SizeOf(int count) => FixedSize + count * 8;

    /// <summary>Writes the payload and returns its size.</summary>
    public static int Write(Span<byte> destination, ulong from, ulong through, ReadOnlySpan<ulong> invalid)
    {
        if (invalid.Length > MaximumCount)
            throw new ArgumentOutOfRangeException(nameof(invalid), invalid.Length, $"a verdict lists at most {MaximumCount} sequences");
        var writer = new BigEndianWriter(destination);
        writer.U64(from);
        writer.U64(through);
        writer.U16((ushort)invalid.Length);
        foreach (ulong sequence in invalid)
            writer.U64(sequence);
        return writer.Written;
    }

    /// <summary>Reads the payload; false when sizes disagree, the range is empty, or the list leaves the range or does not rise.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out Verdict verdict)
    {
        var reader = new BigEndianReader(payload);
        ulong from = reader.U64();
        ulong through = reader.U64();
        int count = reader.U16();
        verdict = new Verdict(from, through, reader.Bytes(count * 8));
        if (!reader.IsAtEnd || count > MaximumCount || from > through)
            return false;
        for (int i = 0; i < count; i++)
        {
            ulong sequence = verdict.InvalidAt(i);
            if (sequence < from || sequence > through || (i > 0 && sequence <= verdict.InvalidAt(i - 1)))
                return false;
        }

        return true;
    }
}
