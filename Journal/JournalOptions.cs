namespace Clob.Journal;

/// <summary>What a commit waits for.</summary>
public enum JournalDurability
{
    /// <summary><c>fdatasync</c>: committed records survive a power cut.</summary>
    DataSync,

    /// <summary>Nothing: committed records survive the process, but not the host. For measurements and throw-away venues.</summary>
    None,
}

/// <summary>Who makes the next segment.</summary>
public enum SegmentPreparationMode
{
    /// <summary>A thread of the writer's own, so that a rollover does not wait for zeros to be written.</summary>
    Background,

    /// <summary>The writer's thread, right after a rollover: everything happens in one order, for simulations.</summary>
    Inline,
}

/// <summary>How a journal is written.</summary>
public sealed class JournalOptions
{
    /// <summary>The directory of the segments; created when missing. Nothing else belongs there.</summary>
    public required string Directory { get; init; }

    /// <summary>32 bytes that tell this journal from all others: the venue id. In every header and under every checksum.</summary>
    public required ReadOnlyMemory<byte> Identity { get; init; }

    /// <summary>Bytes of each new segment, a multiple of 4096; default 64 MiB.</summary>
    public long SegmentSize { get; init; } = 64 * 1024 * 1024;

    /// <summary>Bytes of the longest group, headers and padding included, a multiple of 4096 up to 4 MiB; default 1 MiB, where a sync takes some 0.5 ms.</summary>
    public int MaximumGroupSize { get; init; } = 1024 * 1024;

    /// <summary>What a commit waits for.</summary>
    public JournalDurability Durability { get; init; } = JournalDurability.DataSync;

    /// <summary>Who makes the next segment.</summary>
    public SegmentPreparationMode Preparation { get; init; } = SegmentPreparationMode.Background;

    /// <summary>
    /// Bytes that a segment made ahead of time leaves free for others on the same disk; with less it is not even begun, for an attempt that fills the
    /// disk takes the last room from everybody else. A segment that is due is made with whatever room there is.
    /// </summary>
    public long SpareBytes { get; init; }

    /// <summary>How long the background waits before it tries again to make a segment for which there was no room.</summary>
    public TimeSpan PreparationRetry { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The disk.</summary>
    public IStorage Storage { get; init; } = Disk.Storage;

    /// <summary>The longest record that fits a group of these options, bytes.</summary>
    public int MaximumRecordLength =>
        Math.Min(JournalFormat.MaximumRecordLength, MaximumGroupSize - GroupHeader.Size - RecordFrames.LengthSize);

    /// <summary>Throws <see cref="ArgumentException"/> naming the first option that cannot work.</summary>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(Directory))
            throw new ArgumentException("The journal needs a directory.", nameof(Directory));
        if (Identity.Length != JournalFormat.HashSize)
            throw new ArgumentException($"The journal's identity has {JournalFormat.HashSize} bytes, not {Identity.Length}.", nameof(Identity));
        if (MaximumGroupSize < JournalFormat.BlockSize || MaximumGroupSize > JournalFormat.MaximumGroupSize || MaximumGroupSize % JournalFormat.BlockSize != 0)
            throw new ArgumentException($"A group of {MaximumGroupSize} bytes: a multiple of {JournalFormat.BlockSize} up to {JournalFormat.MaximumGroupSize} is accepted.", nameof(MaximumGroupSize));
        if (SegmentSize < JournalFormat.BlockSize + MaximumGroupSize || SegmentSize > JournalFormat.MaximumSegmentSize || SegmentSize % JournalFormat.BlockSize != 0)
            throw new ArgumentException($"A segment of {SegmentSize} bytes: a multiple of {JournalFormat.BlockSize} from {JournalFormat.BlockSize + MaximumGroupSize} (header and longest group) to {JournalFormat.MaximumSegmentSize} is accepted.", nameof(SegmentSize));
        if (SpareBytes < 0)
            throw new ArgumentException($"{SpareBytes} bytes to leave free: 0 or more are accepted.", nameof(SpareBytes));
    }
}
