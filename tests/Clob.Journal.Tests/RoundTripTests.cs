using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>What was committed is what is read, from the real disk and the simulated one.</summary>
[TestFixture]
public sealed class RoundTripTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("clob-journal-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Reads_what_was_written_over_groups_rollovers_and_restarts([Values] SegmentPreparationMode preparation, [Values] JournalDurability durability)
    {
        var options = new JournalOptions
        {
            Directory = Path.Combine(_directory, "journal"),
            Identity = SmallJournal.Identity,
            SegmentSize = 64 * 1024,
            MaximumGroupSize = 16 * 1024,
            Preparation = preparation,
            Durability = durability,
        };
        for (int restart = 0; restart < 3; restart++)
        {
            RecoveredJournal recovered = JournalRecovery.Recover(options);
            Assert.That(recovered.Cut, Is.Null);
            using var writer = new JournalWriter(options, recovered);
            Assert.That(writer.DurableSequence, Is.EqualTo(recovered.NextSequence - 1));
            for (int group = 0; group < 40; group++)
                SmallJournal.WriteGroup(writer, 1 + group % 7);
            Assert.That(writer.DurableSequence, Is.EqualTo(writer.NextSequence - 1));
        }
        List<byte[]> read = SmallJournal.ReadAll(Disk.Storage, options.Directory);
        Assert.That(read, Has.Count.EqualTo(3 * Enumerable.Range(0, 40).Sum(group => 1 + group % 7)));
        for (int sequence = 0; sequence < read.Count; sequence++)
            Assert.That(read[sequence], Is.EqualTo(SmallJournal.Record(sequence)));
        Assert.That(Directory.GetFiles(options.Directory, "*.seg"), Has.Length.GreaterThan(5));
        Assert.That(JournalReader.ReadIdentity(options.Directory), Is.EqualTo(SmallJournal.Identity));
    }

    [Test]
    public void Reads_from_any_start_sequence()
    {
        var storage = new SimulatedStorage();
        using JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage));
        for (int group = 0; group < 12; group++)
            SmallJournal.WriteGroup(writer, 1 + group % 4);
        for (long start = 0; start <= writer.NextSequence; start++)
        {
            using var reader = new JournalReader(SmallJournal.Directory, SmallJournal.Identity, start, storage);
            for (long sequence = start; sequence < writer.NextSequence; sequence++)
            {
                Assert.That(reader.TryRead(writer.DurableSequence, out JournalRecord record), Is.True);
                Assert.That(record.Sequence, Is.EqualTo(sequence));
                Assert.That(record.Bytes.SequenceEqual(SmallJournal.Record(sequence)), Is.True);
            }
            Assert.That(reader.TryRead(writer.DurableSequence, out _), Is.False);
        }
    }

    [Test]
    public void Reads_nothing_beyond_the_durable_sequence_it_is_given()
    {
        var storage = new SimulatedStorage();
        using JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage));
        using var reader = new JournalReader(SmallJournal.Directory, default, 0, storage);
        Assert.That(reader.TryReadGroup(writer.DurableSequence), Is.False);
        SmallJournal.WriteGroup(writer, 3);
        SmallJournal.WriteGroup(writer, 3);
        for (int sequence = 0; sequence < 5; sequence++)
            Assert.That(reader.TryRead(4, out _), Is.True);
        Assert.That(reader.TryRead(4, out _), Is.False, "inside a group");
        Assert.That(reader.TryRead(5, out _), Is.True);
        Assert.That(() => reader.TryRead(6, out _), Throws.TypeOf<JournalDamagedException>(), "said to be durable, and not there");
    }

    [Test]
    public void Gives_position_and_chain_hash_of_each_group()
    {
        var storage = new SimulatedStorage();
        using JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage));
        for (int group = 0; group < 9; group++)
            SmallJournal.WriteGroup(writer, 4);
        var chain = new RecordChain(SmallJournal.Identity);
        using var reader = new JournalReader(SmallJournal.Directory, default, 0, storage);
        int groups = 0;
        while (reader.TryReadGroup())
        {
            Assert.That(reader.GroupFirstSequence, Is.EqualTo(4 * groups));
            Assert.That(reader.GroupOffset % JournalFormat.BlockSize, Is.Zero);
            foreach (ReadOnlySpan<byte> record in reader.Records)
                chain.Append(record);
            Assert.That(reader.ChainHash.SequenceEqual(chain.Value), Is.True);
            groups++;
        }
        Assert.That(groups, Is.EqualTo(9));
    }

    [Test]
    public void Tails_a_writer_on_another_thread([Values] bool withDurableSequence)
    {
        const int Groups = 400;
        JournalOptions options = new()
        {
            Directory = _directory,
            Identity = SmallJournal.Identity,
            SegmentSize = 64 * 1024,
            MaximumGroupSize = 16 * 1024,
            Durability = JournalDurability.None,
        };
        using JournalWriter writer = SmallJournal.Open(options);
        long last = Enumerable.Range(0, Groups).Sum(group => 1L + group % 5) - 1;
        var thread = new Thread(() =>
        {
            for (int group = 0; group < Groups; group++)
                SmallJournal.WriteGroup(writer, 1 + group % 5);
        });
        thread.Start();
        using var reader = new JournalReader(_directory, SmallJournal.Identity);
        DateTime deadline = DateTime.UtcNow.AddSeconds(30);
        for (long expected = 0; expected <= last && DateTime.UtcNow < deadline;)
        {
            if (!(withDurableSequence ? reader.TryRead(writer.DurableSequence, out JournalRecord record) : reader.TryRead(out record)))
            {
                Thread.Yield();
                continue;
            }
            Assert.That(record.Sequence, Is.EqualTo(expected));
            Assert.That(record.Bytes.SequenceEqual(SmallJournal.Record(expected)), Is.True);
            expected++;
        }
        thread.Join();
        Assert.That(reader.NextSequence - 1, Is.EqualTo(last));
    }

    [Test]
    public void Refuses_records_no_group_can_hold_and_says_when_one_is_full()
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        using JournalWriter writer = SmallJournal.Open(options);
        Assert.That(() => writer.TryAppend([]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => writer.TryAppend(new byte[options.MaximumRecordLength + 1]), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(writer.TryAppend(new byte[options.MaximumRecordLength]), Is.True);
        Assert.That(writer.TryAppend([1]), Is.False);
        Assert.That(writer.NextSequence, Is.EqualTo(1));
        writer.Commit();
        Assert.That(writer.TryAppend([1]), Is.True);
        Assert.That(writer.DurableSequence, Is.Zero);
    }
}
