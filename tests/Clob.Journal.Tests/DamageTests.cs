using System.Buffers.Binary;
using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>
/// A journal of three small segments, spoiled at every byte. The outcome is a prefix of what was written or an exception that says where,
/// and never anything else.
/// </summary>
[TestFixture]
public sealed class DamageTests
{
    private const string FirstSegment = SmallJournal.Directory + "/00000000000000000000.seg";

    private SimulatedStorage _original = new();
    private List<byte[]> _records = [];
    private string[] _segments = [];
    private string _lastSegment = "";
    private long _lastGroupFirst;
    private int _lastGroupStart;
    private int _lastGroupEnd;

    [OneTimeSetUp]
    public void WriteJournal()
    {
        _original = new SimulatedStorage();
        using (JournalWriter writer = SmallJournal.Open(SmallJournal.Options(_original)))
        {
            // One block of the first segment stays zeros, for the third group needs two; the second segment is full, the third is not.
            int[] groups = [3, 3, 7, 2, 2, 2];
            foreach (int records in groups)
                SmallJournal.WriteGroup(writer, records);
            _lastGroupFirst = writer.DurableSequence - groups[^1] + 1;
        }
        _records = SmallJournal.ReadAll(_original);
        using var reader = new JournalReader(SmallJournal.Directory, default, 0, _original);
        while (reader.TryReadGroup())
        {
            _lastSegment = reader.SegmentPath!;
            _lastGroupStart = (int)reader.GroupOffset;
        }
        _lastGroupEnd = (int)reader.EndOffset;
        _segments = [.. _original.Files.Where(file => file.EndsWith(".seg", StringComparison.Ordinal))];
        Assert.That(_segments, Has.Length.EqualTo(3));
        Assert.That(_lastGroupEnd, Is.InRange(1, 16 * 1024 - 4096), "some zeros follow the last group");
        Assert.That(_original.Bytes(FirstSegment).AsSpan(12 * 1024).ContainsAnyExcept((byte)0), Is.False, "and some stand before the second segment");
    }

    [Test]
    public void One_flipped_bit_in_any_byte_never_gives_other_content()
    {
        foreach (string segment in _segments)
        {
            SimulatedStorage storage = _original.Clone();
            for (int offset = 0; offset < 16 * 1024; offset++)
            {
                storage.Bytes(segment)[offset] ^= (byte)(1 << offset % 8);
                (List<byte[]>? Records, JournalDamagedException? Damage) outcome = Outcome(storage);
                CheckFlip(segment, offset, outcome);
                // Where recovery refused it has changed nothing, so the same disk serves again.
                if (outcome.Damage is null)
                    storage = _original.Clone();
                else
                    storage.Bytes(segment)[offset] ^= (byte)(1 << offset % 8);
            }
        }
    }

    [Test]
    public void A_reader_of_a_live_directory_never_gives_other_content_for_a_flipped_bit()
    {
        foreach (string segment in _segments)
        {
            for (int offset = 0; offset < 16 * 1024; offset += 7)
            {
                SimulatedStorage storage = _original.Clone();
                storage.Bytes(segment)[offset] ^= (byte)(1 << offset % 8);
                CheckFlip(segment, offset, Outcome(() => SmallJournal.ReadAll(storage)));
            }
        }
    }

    [Test]
    public void A_segment_truncated_at_any_byte_is_refused()
    {
        foreach (string segment in _segments)
        {
            // From the longest to the shortest: each refusal leaves the file as it is.
            SimulatedStorage storage = _original.Clone();
            for (int length = 16 * 1024 - 1; length >= 0; length--)
            {
                storage.Resize(segment, length);
                (List<byte[]>? records, JournalDamagedException? damage) = Outcome(storage);
                Assert.That(records, Is.Null, $"{segment} cut to {length} bytes");
                Assert.That(damage!.SegmentPath, Is.EqualTo(segment));
                Assert.That(damage.Offset, Is.EqualTo(length));
            }
        }
    }

    [Test]
    public void The_oracle_of_these_tests_sees_a_reader_that_does_not_check()
    {
        int caught = 0;
        for (int offset = 0; offset < 16 * 1024; offset++)
        {
            SimulatedStorage storage = _original.Clone();
            storage.Bytes(FirstSegment)[offset] ^= (byte)(1 << offset % 8);
            var credulous = ReadWithoutChecks(storage.Bytes(FirstSegment));
            credulous.AddRange(_records.Skip(credulous.Count));
            if (Complaint(FirstSegment, offset, (credulous, null)) is not null)
                caught++;
        }
        Assert.That(caught, Is.GreaterThan(8_000), "flips in headers, bodies and padding that a reader without checks lets pass");
        Assert.That(Complaint(FirstSegment, 5_000, Outcome(_original.Clone())), Is.Not.Null, "damage that was not found");
        Assert.That(Complaint(_lastSegment, _lastGroupStart, (_records[..^3], null)), Is.Not.Null, "more cut than the last group");
        Assert.That(Complaint(_lastSegment, _lastGroupStart, ([.. _records[..^1], [1, 2, 3]], null)), Is.Not.Null, "other content");
    }

    [Test]
    public void A_block_of_zeros_or_of_another_place_in_any_block_before_the_last_group_is_damage()
    {
        byte[] foreign = _original.Bytes(_lastSegment)[4096..8192];
        foreach (byte[] block in (byte[][])[new byte[4096], foreign])
        {
            foreach (string segment in _segments)
            {
                int end = segment == _lastSegment ? _lastGroupStart : 16 * 1024;
                for (int offset = 0; offset < end; offset += 4096)
                {
                    SimulatedStorage storage = _original.Clone();
                    if (storage.Bytes(segment).AsSpan(offset, 4096).SequenceEqual(block))
                        continue;
                    block.CopyTo(storage.Bytes(segment), offset);
                    Assert.That(Outcome(storage).Damage, Is.Not.Null, $"{segment} at {offset}");
                }
            }
        }
    }

    [Test]
    public void A_missing_segment_is_damage_unless_it_is_the_last()
    {
        SimulatedStorage storage = _original.Clone();
        storage.Delete(FirstSegment);
        Assert.That(Outcome(storage).Damage, Is.Not.Null);

        storage = _original.Clone();
        storage.Delete(_segments[1]);
        JournalDamagedException damage = Outcome(storage).Damage!;
        Assert.That(damage.SegmentPath, Is.EqualTo(FirstSegment));

        storage = _original.Clone();
        storage.Delete(_lastSegment);
        Assert.That(Outcome(storage).Records, Has.Count.LessThan(_records.Count));
    }

    [TestCase("chain", "chain hash")]
    [TestCase("sequence", "a group that begins with sequence")]
    [TestCase("count", "2 records")]
    [TestCase("frame", "frame")]
    [TestCase("length", "at most")]
    public void A_group_with_right_checksums_and_wrong_content_is_damage_even_as_the_last(string wrong, string expected)
    {
        SimulatedStorage storage = _original.Clone();
        Span<byte> group = storage.Bytes(_lastSegment).AsSpan(_lastGroupEnd);
        int end = GroupHeader.Size;
        byte[] record = SmallJournal.Record(_records.Count);
        RecordFrames.TryAppend(group, ref end, record);
        var chain = new RecordChain(ChainAtEnd());
        chain.Append(record);
        if (wrong == "chain")
            chain.Append(record);
        if (wrong == "frame")
            group[GroupHeader.Size + 3] ^= 1;
        int body = wrong == "length" ? 16 * 1024 : end - GroupHeader.Size;
        new GroupHeader(body, wrong == "count" ? 2 : 1, _records.Count + (wrong == "sequence" ? 1 : 0))
            .Write(group[..4096], chain.Value, new SegmentChecksum(SmallJournal.Identity, _segments.Length - 1), _lastGroupEnd);
        JournalDamagedException damage = Outcome(storage).Damage!;
        Assert.That(damage.Expected, Does.Contain(expected));
        Assert.That(damage.Sequence, Is.EqualTo(_records.Count));
        Assert.That(damage.Offset, Is.GreaterThanOrEqualTo(_lastGroupEnd));
    }

    [TestCase("index", "segment index 1")]
    [TestCase("chain", "chain hash")]
    [TestCase("sequence", "as the file is named")]
    [TestCase("size", "as the header says")]
    [TestCase("identity", "identity")]
    public void A_segment_header_with_right_checksum_and_wrong_content_is_damage(string wrong, string expected)
    {
        SimulatedStorage storage = _original.Clone();
        byte[] block = storage.Bytes(_segments[1]);
        SegmentHeader header = SegmentHeader.Read(block);
        byte[] chain = block[SegmentHeader.ChainHashOffset..SegmentHeader.SegmentSizeOffset];
        byte[] identity = [.. SmallJournal.Identity];
        if (wrong == "chain")
            chain[0] ^= 1;
        if (wrong == "identity")
            identity[0] ^= 1;
        header = new SegmentHeader(header.Index + (wrong == "index" ? 1 : 0), header.FirstSequence + (wrong == "sequence" ? 1 : 0), header.SegmentSize + (wrong == "size" ? 4096 : 0));
        header.Write(block, identity, chain);
        JournalDamagedException damage = Outcome(storage).Damage!;
        Assert.That(damage.SegmentPath, Is.EqualTo(_segments[1]));
        Assert.That(damage.Expected, Does.Contain(expected));
        Assert.That(damage.Offset, wrong == "size" ? Is.EqualTo(16 * 1024) : Is.LessThan(SegmentHeader.Size));
    }

    [Test]
    public void Nothing_follows_a_segment_of_the_highest_index()
    {
        SimulatedStorage storage = _original.Clone();
        byte[] file = storage.Bytes(_segments[1]);
        SegmentHeader header = SegmentHeader.Read(file);
        var before = new SegmentChecksum(SmallJournal.Identity, header.Index);
        var after = new SegmentChecksum(SmallJournal.Identity, long.MaxValue);
        (header with { Index = long.MaxValue }).Write(file, SmallJournal.Identity, file.AsSpan(SegmentHeader.ChainHashOffset, JournalFormat.HashSize).ToArray());
        for (int at = JournalFormat.BlockSize; GroupHeader.TryRead(file.AsSpan(at), before, at, out GroupHeader group); at += group.GroupLength)
            group.Write(file.AsSpan(at, group.GroupLength), file.AsSpan(at + GroupHeader.ChainHashOffset, JournalFormat.HashSize).ToArray(), after, at);
        using var reader = new JournalReader(SmallJournal.Directory, SmallJournal.Identity, header.FirstSequence, storage);
        var damage = Assert.Throws<JournalDamagedException>(() => { while (reader.TryReadGroup()) { } })!;
        Assert.That(damage.SegmentPath, Is.EqualTo(_segments[2]));
        Assert.That(damage.Expected, Is.EqualTo("segment index 9223372036854775808"));
    }

    [Test]
    public void A_flipped_bit_anywhere_between_a_segments_last_group_and_the_next_segment_is_damage()
    {
        var storage = new SimulatedStorage();
        using (JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage, 16 * 1024, 12 * 1024)))
        {
            SmallJournal.WriteGroup(writer, 1);
            Assert.That(writer.TryAppend(new byte[10_000]), Is.True);
            writer.Commit();
        }
        for (int offset = 8 * 1024; offset < 16 * 1024; offset++)
        {
            storage.Bytes(FirstSegment)[offset] ^= 1;
            Assert.That(Outcome(storage).Damage?.SegmentPath, Is.EqualTo(FirstSegment), $"at {offset}");
            storage.Bytes(FirstSegment)[offset] ^= 1;
        }
    }

    [Test]
    public void A_segment_that_has_grown_is_refused([Range(0, 2)] int segment)
    {
        SimulatedStorage storage = _original.Clone();
        storage.Resize(_segments[segment], 20 * 1024);
        Assert.That(Outcome(storage).Damage!.SegmentPath, Is.EqualTo(_segments[segment]));
    }

    [Test]
    public void Another_journals_identity_is_refused()
    {
        JournalOptions other = new() { Directory = SmallJournal.Directory, Identity = new byte[32], SegmentSize = 16 * 1024, MaximumGroupSize = 8192, Storage = _original.Clone() };
        Assert.That(() => JournalRecovery.Recover(other), Throws.TypeOf<JournalDamagedException>().With.Message.Contains("identity"));
    }

    [Test]
    public void A_cut_below_a_known_position_is_refused_and_changes_nothing()
    {
        SimulatedStorage storage = _original.Clone();
        storage.Bytes(_lastSegment)[_lastGroupStart + 100] ^= 1;
        byte[] before = [.. storage.Bytes(_lastSegment)];
        int operations = storage.Operations;
        JournalOptions options = SmallJournal.Options(storage);
        Assert.That(() => JournalRecovery.Recover(options, lastKnownSequence: _lastGroupFirst), Throws.TypeOf<JournalCutException>());
        Assert.That(() => JournalRecovery.Recover(options, fromSequence: _lastGroupFirst + 1), Throws.TypeOf<JournalCutException>());
        Assert.That(storage.Bytes(_lastSegment), Is.EqualTo(before));
        Assert.That(storage.Operations, Is.EqualTo(operations));

        RecoveredJournal recovered = JournalRecovery.Recover(options, lastKnownSequence: _lastGroupFirst - 1);
        Assert.That(recovered.Cut, Is.EqualTo(new JournalCut(_lastSegment, _lastGroupStart, _lastGroupFirst, _lastGroupEnd - _lastGroupStart)));
        Assert.That(storage.Bytes(_lastSegment).AsSpan(_lastGroupStart).ContainsAnyExcept((byte)0), Is.False);
    }

    [Test]
    public void An_empty_directory_is_refused_when_records_are_known() =>
        Assert.That(() => JournalRecovery.Recover(SmallJournal.Options(new SimulatedStorage()), lastKnownSequence: 0), Throws.TypeOf<JournalCutException>());

    private byte[] ChainAtEnd() => JournalRecovery.Recover(SmallJournal.Options(_original.Clone())).ChainHash.ToArray();

    private static (List<byte[]>? Records, JournalDamagedException? Damage) Outcome(SimulatedStorage storage) => Outcome(() =>
    {
        var records = new List<byte[]>();
        JournalRecovery.Recover(SmallJournal.Options(storage), -1, 0, (_, record) => records.Add(record.ToArray()));
        return records;
    });

    private static (List<byte[]>? Records, JournalDamagedException? Damage) Outcome(Func<List<byte[]>> read)
    {
        try
        {
            return (read(), null);
        }
        catch (JournalDamagedException damage)
        {
            return (null, damage);
        }
    }

    private void CheckFlip(string segment, int offset, (List<byte[]>? Records, JournalDamagedException? Damage) outcome) =>
        Assert.That(Complaint(segment, offset, outcome), Is.Null);

    /// <summary>The oracle: null if an outcome of one flipped bit is allowed.</summary>
    private string? Complaint(string segment, int offset, (List<byte[]>? Records, JournalDamagedException? Damage) outcome)
    {
        bool beforeLastGroup = segment != _lastSegment || offset < _lastGroupStart;
        bool inLastGroup = !beforeLastGroup && offset < _lastGroupEnd;
        if (outcome.Damage is JournalDamagedException damage)
            return damage.SegmentPath == segment && damage.Sequence >= 0 && damage.Offset <= offset ? null : $"flip at {segment} {offset} is said to be elsewhere: {damage.Message}";
        List<byte[]> records = outcome.Records!;
        if (beforeLastGroup)
            return $"flip at {segment} {offset} was not seen";
        int expected = inLastGroup ? (int)_lastGroupFirst : _records.Count;
        if (records.Count != expected)
            return $"flip at {segment} {offset}: {records.Count} records instead of {expected}";
        for (int sequence = 0; sequence < expected; sequence++)
        {
            if (!records[sequence].AsSpan().SequenceEqual(_records[sequence]))
                return $"flip at {segment} {offset}: record {sequence} is another";
        }
        return null;
    }

    /// <summary>What a reader without checksums and chain would make of a segment.</summary>
    private static List<byte[]> ReadWithoutChecks(byte[] segment)
    {
        var records = new List<byte[]>();
        for (int offset = 4096; offset < segment.Length;)
        {
            int body = BinaryPrimitives.ReadInt32BigEndian(segment.AsSpan(offset + 8));
            if (body <= 0 || body > segment.Length - offset - 88)
                break;
            foreach (ReadOnlySpan<byte> record in RecordFrames.Read(segment.AsSpan(offset + 88, body)))
                records.Add(record.ToArray());
            offset += (88 + body + 4095) / 4096 * 4096;
        }
        return records;
    }
}
