using System.Globalization;

namespace Clob.Journal;

/// <summary>A record and its place in the journal. Its bytes are valid until the reader goes on.</summary>
/// <param name="sequence">Position in the whole journal, from 0.</param>
/// <param name="bytes">The record.</param>
public readonly ref struct JournalRecord(long sequence, ReadOnlySpan<byte> bytes)
{
    /// <summary>Position in the whole journal, from 0.</summary>
    public long Sequence { get; } = sequence;

    /// <summary>The record, valid until the reader goes on.</summary>
    public ReadOnlySpan<byte> Bytes { get; } = bytes;
}

/// <summary>
/// Reads a journal from any sequence on, without a lock, also while it is written. Everything it returns has been checked: checksums, the sequence
/// without gaps, the chain from the segment's header on. For one thread. Two ways to read, not to be mixed within a group:
/// group by group (<see cref="TryReadGroup()"/>) or record by record (<see cref="TryRead(out JournalRecord)"/>), each in two forms:
/// with the writer's durable sequence, beyond which nothing is read and up to which everything must be there; and without, for other processes, up to
/// the last whole group, whether or not it is durable yet. False means "no more for now"; ask again later.
/// </summary>
/// <remarks>
/// Without a durable sequence the end is looked at closely (the rest of the segment is read), so poll it at leisure.
/// Allocates nothing per record or group, once its buffer has grown.
/// </remarks>
public sealed partial class JournalReader : IDisposable
{
    private readonly IStorage _storage;
    private readonly string _directory;
    private readonly long _startSequence;
    private readonly RecordChain _chain = new(stackalloc byte[JournalFormat.HashSize]);
    private readonly byte[] _chainBeforeGroup = new byte[JournalFormat.HashSize];
    private byte[] _identity;

    // The group returned last: where it stands in the file and in the window.
    private GroupHeader _group;
    private long _groupOffset = -1;
    private int _recordOffset;
    private long _recordSequence = -1;

    /// <summary>Opens a journal; nothing is read yet.</summary>
    /// <param name="directory">The directory of the segments. It may be empty still, but must exist when it is read.</param>
    /// <param name="identity">The 32 bytes all segments must hold; empty to take those of the first segment read.</param>
    /// <param name="startSequence">The first record wanted. Reading by groups begins with the group that holds it.</param>
    /// <param name="storage">The disk; null for the real one.</param>
    public JournalReader(string directory, ReadOnlySpan<byte> identity = default, long startSequence = 0, IStorage? storage = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentOutOfRangeException.ThrowIfNegative(startSequence);
        if (identity.Length is not 0 and not JournalFormat.HashSize)
            throw new ArgumentException($"An identity has {JournalFormat.HashSize} bytes, not {identity.Length}.", nameof(identity));
        _directory = directory;
        _identity = identity.ToArray();
        _startSequence = startSequence;
        _storage = storage ?? Disk.Storage;
    }

    /// <summary>
    /// Whether each group's chain hash is taken as it stands instead of being computed: for a second pass over what <see cref="JournalRecovery"/> has just
    /// checked, which then costs half. Checksums are held to in any case.
    /// </summary>
    public bool TrustsChain { get; init; }

    /// <summary>The journal's identity, 32 bytes; empty as long as it was neither given nor read.</summary>
    public ReadOnlySpan<byte> Identity => _identity;

    /// <summary>The sequence after the last group read; -1 before the first segment is open.</summary>
    public long NextSequence { get; private set; } = -1;

    /// <summary>Chain hash after the last record of the group read last, 32 bytes.</summary>
    public ReadOnlySpan<byte> ChainHash => _chain.Value;

    /// <summary>Chain hash before the first record of the group read last, 32 bytes: from here the chain of each of its records follows.</summary>
    public ReadOnlySpan<byte> ChainBeforeGroup => _chainBeforeGroup;

    /// <summary>First sequence of the current group.</summary>
    public long GroupFirstSequence => _group.FirstSequence;

    /// <summary>Last sequence of the current group.</summary>
    public long GroupLastSequence => _group.LastSequence;

    /// <summary>File of the current group; null before the first segment is open.</summary>
    public string? SegmentPath => _segment?.Path;

    /// <summary>Byte offset of the current group in its segment; -1 without one.</summary>
    public long GroupOffset => _groupOffset;

    /// <summary>The records of the current group, in order from <see cref="GroupFirstSequence"/>; valid until the reader goes on.</summary>
    public RecordFrameEnumerator Records => RecordFrames.Read(Body);

    private ReadOnlySpan<byte> Body => _groupOffset < 0 ? default : View(_groupOffset, _group.GroupLength).Slice(GroupHeader.Size, _group.BodyLength);

    /// <summary>The identity in the oldest segment, for a start that does not know it yet.</summary>
    /// <returns>32 bytes; null when the directory holds no segment.</returns>
    /// <exception cref="JournalDamagedException">The segment's header is damaged.</exception>
    public static byte[]? ReadIdentity(string directory, IStorage? storage = null)
    {
        storage ??= Disk.Storage;
        long[] segments = JournalDirectory.FirstSequences(storage, directory);
        if (segments.Length == 0)
            return null;
        using SegmentFile segment = SegmentFile.Open(storage, directory, segments[0], default);
        return segment.Identity.ToArray();
    }

    /// <summary>Reads the next group up to the last whole one there is.</summary>
    /// <returns>False when there is none for now.</returns>
    /// <exception cref="JournalDamagedException">Something before the last group is not as it was written.</exception>
    public bool TryReadGroup() => ReadGroup(long.MaxValue, durable: false);

    /// <summary>Reads the next group that begins at or below a durable sequence.</summary>
    /// <param name="durableSequence">What <see cref="JournalWriter.DurableSequence"/> said; all up to it must be readable.</param>
    /// <returns>False when the next group begins above it.</returns>
    /// <exception cref="JournalDamagedException">Something up to there is missing or not as it was written.</exception>
    public bool TryReadGroup(long durableSequence) => ReadGroup(durableSequence, durable: true);

    /// <summary>Reads the next record up to the last whole group there is; see <see cref="TryReadGroup()"/>.</summary>
    public bool TryRead(out JournalRecord record) => ReadRecord(long.MaxValue, durable: false, out record);

    /// <summary>Reads the next record at or below a durable sequence; see <see cref="TryReadGroup(long)"/>.</summary>
    public bool TryRead(long durableSequence, out JournalRecord record) => ReadRecord(durableSequence, durable: true, out record);

    /// <inheritdoc/>
    public void Dispose()
    {
        _segment?.Dispose();
    }

    private bool ReadRecord(long limit, bool durable, out JournalRecord record)
    {
        record = default;
        for (; ; )
        {
            if (_groupOffset < 0 || _recordOffset == _group.BodyLength)
            {
                if (!ReadGroup(limit, durable))
                    return false;
                continue;
            }
            if (_recordSequence > limit)
                return false;
            // The frames were walked when the group was accepted.
            RecordFrameEnumerator records = RecordFrames.Read(Body[_recordOffset..]);
            records.MoveNext();
            _recordOffset += records.Offset;
            long sequence = _recordSequence++;
            if (sequence < _startSequence)
                continue;
            record = new JournalRecord(sequence, records.Current);
            return true;
        }
    }

    private bool ReadGroup(long limit, bool durable)
    {
        for (; ; )
        {
            if (durable && NextSequence > limit)
                return false;
            if (_segment is null && !OpenFirst(durable ? limit : -1))
                return false;
            if (durable && NextSequence > limit)
                return false;
            GroupState state = Examine(out GroupHeader header);
            if (state != GroupState.Whole)
            {
                // The window may show the file as it was before the group was written.
                DropWindow();
                state = Examine(out header);
            }
            if (state != GroupState.Whole)
            {
                if (!GoOnBehindGroups(state, durable))
                    return false;
                continue;
            }
            if (header.LastSequence < _startSequence)
            {
                Skip(header);
                continue;
            }
            Accept(header);
            return true;
        }
    }

    /// <summary>Takes a group that is whole, after checking that it is the one that belongs here.</summary>
    private void Accept(GroupHeader header)
    {
        RequireExpected(header);
        ReadOnlySpan<byte> group = View(_offset, header.GroupLength);
        RecordFrameEnumerator records = RecordFrames.Read(group.Slice(GroupHeader.Size, header.BodyLength));
        int count = 0;
        _chain.Value.CopyTo(_chainBeforeGroup);
        while (records.MoveNext())
        {
            if (!TrustsChain)
                _chain.Append(records.Current);
            count++;
        }
        if (records.Error != FrameError.None)
            throw Damaged(_offset + GroupHeader.Size + records.Offset, "a record's frame", records.Error.ToString());
        if (count != header.RecordCount)
            throw Damaged(_offset + GroupHeader.RecordCountOffset, $"{header.RecordCount} records", count.ToString(CultureInfo.InvariantCulture));
        ReadOnlySpan<byte> chain = group.Slice(GroupHeader.ChainHashOffset, JournalFormat.HashSize);
        if (TrustsChain)
            _chain.Restart(chain);
        if (!chain.SequenceEqual(_chain.Value))
            throw Damaged(_offset + GroupHeader.ChainHashOffset, $"chain hash {Convert.ToHexStringLower(_chain.Value)}", Convert.ToHexStringLower(chain));
        _group = header;
        _groupOffset = _offset;
        _recordOffset = 0;
        _recordSequence = header.FirstSequence;
        Pass(header);
    }

    /// <summary>Passes a group that lies before the start: its checksums hold, its chain hash is taken as it stands.</summary>
    private void Skip(GroupHeader header)
    {
        RequireExpected(header);
        _chain.Restart(View(_offset, JournalFormat.BlockSize).Slice(GroupHeader.ChainHashOffset, JournalFormat.HashSize));
        Pass(header);
    }

    private void Pass(GroupHeader header)
    {
        LastGroupOffset = _offset;
        _offset += header.GroupLength;
        NextSequence = header.LastSequence + 1;
    }

    private void RequireExpected(GroupHeader header)
    {
        if (header.FirstSequence != NextSequence)
            throw Damaged(_offset + GroupHeader.FirstSequenceOffset, $"a group that begins with sequence {NextSequence}", header.FirstSequence.ToString(CultureInfo.InvariantCulture));
    }

    private JournalDamagedException Damaged(long offset, string expected, string found) =>
        new(_segment!.Path, offset, NextSequence, expected, found);
}
