using System.Buffers.Binary;
using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>
/// A journal of two small segments, spoiled at every byte. The outcome is a prefix of what was written or an exception that says where,
/// and never anything else.
/// </summary>
[TestFixture]
public sealed class DamageTests
{
    private const string FirstSegment = SmallJournal.Directory + "/00000000000000000000.seg";

    private SimulatedStorage _original = new();
    private List<byte[]> _records = [];
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
            int[] groups = [3, 6, 2, 4];
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
        Assert.That(_original.Files.Count(file => file.EndsWith(".seg", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(_lastGroupEnd, Is.LessThan(16 * 1024), "some zeros follow the last group");
    }

    [Test]
    public void One_flipped_bit_in_any_byte_never_gives_other_content()
    {
        foreach (string segment in (string[])[FirstSegment, _lastSegment])
        {
            for (int offset = 0; offset < 16 * 1024; offset++)
            {
                SimulatedStorage storage = _original.Clone();
                storage.Bytes(segment)[offset] ^= (byte)(1 << offset % 8);
                CheckFlip(segment, offset, Outcome(storage));
            }
        }
    }

    [Test]
    public void A_reader_of_a_live_directory_never_gives_other_content_for_a_flipped_bit()
    {
        foreach (string segment in (string[])[FirstSegment, _lastSegment])
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
        foreach (string segment in (string[])[FirstSegment, _lastSegment])
        {
            for (int length = 0; length < 16 * 1024; length++)
            {
                SimulatedStorage storage = _original.Clone();
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
        Assert.That(Complaint(_lastSegment, _lastGroupStart, (_records[..^5], null)), Is.Not.Null, "more cut than the last group");
        Assert.That(Complaint(_lastSegment, _lastGroupStart, ([.. _records[..^1], [1, 2, 3]], null)), Is.Not.Null, "other content");
    }

    [Test]
    public void A_block_of_zeros_or_of_another_place_in_any_block_before_the_last_group_is_damage()
    {
        byte[] foreign = _original.Bytes(_lastSegment)[4096..8192];
        foreach (byte[] block in (byte[][])[new byte[4096], foreign])
        {
            foreach (string segment in (string[])[FirstSegment, _lastSegment])
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
        using (JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage)))
        {
            while (storage.Files.Count(file => file.EndsWith(".seg", StringComparison.Ordinal)) < 3)
                SmallJournal.WriteGroup(writer, 4);
        }
        storage.Delete(_lastSegment);
        JournalDamagedException damage = Outcome(storage).Damage!;
        Assert.That(damage.SegmentPath, Is.EqualTo(FirstSegment));
        Assert.That(damage.Message, Does.Contain("sequence"));
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

    /// <summary>Recovers; whatever is recovered is read once more, and can be continued.</summary>
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
        bool beforeLastGroup = segment == FirstSegment || offset < _lastGroupStart;
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
