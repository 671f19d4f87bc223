using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>What the writer promises beside durability: no allocation, options that are checked, a next segment made behind its back.</summary>
[TestFixture]
public sealed class WriterTests
{
    private string _directory = "";

    [SetUp]
    public void MakeDirectory() => _directory = Directory.CreateTempSubdirectory("clob-writer-").FullName;

    [TearDown]
    public void RemoveDirectory() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Appends_commits_and_reads_without_allocating([Values] bool negativeControl)
    {
        JournalOptions options = RealOptions(64 * 1024 * 1024);
        using JournalWriter writer = SmallJournal.Open(options);
        using var reader = new JournalReader(_directory);
        byte[] record = new byte[500];
        object? kept = null;
        void Run(int groups)
        {
            for (int group = 0; group < groups; group++)
            {
                for (int i = 0; i < 10; i++)
                    writer.TryAppend(record);
                writer.Commit();
                while (reader.TryRead(writer.DurableSequence, out _))
                {
                }
                if (negativeControl)
                    kept = new object();
            }
        }
        Run(200);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(200);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(allocated, negativeControl ? Is.GreaterThan(0) : Is.Zero);
        GC.KeepAlive(kept);
    }

    [TestCase(16 * 1024, 4096, null)]
    [TestCase(8 * 1024, 4096, null)]
    [TestCase(8 * 1024, 8192, "SegmentSize")]
    [TestCase(10_000, 4096, "SegmentSize")]
    [TestCase(16 * 1024, 5000, "MaximumGroupSize")]
    [TestCase(16 * 1024, 0, "MaximumGroupSize")]
    [TestCase(64 * 1024 * 1024, 8 * 1024 * 1024, "MaximumGroupSize")]
    public void Refuses_options_that_cannot_work(int segmentSize, int groupSize, string? refused)
    {
        JournalOptions options = SmallJournal.Options(new SimulatedStorage(), segmentSize, groupSize);
        if (refused is null)
            JournalRecovery.Recover(options);
        else
            Assert.That(() => JournalRecovery.Recover(options), Throws.ArgumentException.With.Property("ParamName").EqualTo(refused));
    }

    [Test]
    public void Goes_on_with_other_sizes_than_those_of_the_past()
    {
        var storage = new SimulatedStorage();
        foreach ((int segment, int group) in ((int, int)[])[(16 * 1024, 8192), (64 * 1024, 32 * 1024), (8192, 4096)])
        {
            using JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage, segment, group));
            for (int i = 0; i < 7; i++)
                SmallJournal.WriteGroup(writer, 2);
        }
        Assert.That(SmallJournal.ReadAll(storage), Has.Count.EqualTo(42));
    }

    [Test]
    public void Makes_the_next_segment_in_the_background()
    {
        JournalOptions options = new()
        {
            Directory = _directory,
            Identity = SmallJournal.Identity,
            SegmentSize = 64 * 1024,
            MaximumGroupSize = 16 * 1024,
            PreparationRetry = TimeSpan.FromMilliseconds(20),
        };
        using JournalWriter writer = SmallJournal.Open(options);
        WaitFor(() => writer.NextSegmentReady);
        string prepared = Path.Combine(_directory, JournalDirectory.PreparedName);
        while (writer.SegmentBytesLeft > 0)
            SmallJournal.WriteGroup(writer, 1);
        writer.TryAppend([1]);
        writer.Commit();
        WaitFor(() => writer.NextSegmentReady);
        Assert.That(writer.NextSegmentFailure, Is.Null);
        Assert.That(new FileInfo(prepared).Length, Is.EqualTo(64 * 1024));
    }

    [Test]
    public void Reports_a_background_failure_and_recovers_from_it()
    {
        var storage = new GatedStorage();
        JournalOptions options = new()
        {
            Directory = _directory,
            Identity = SmallJournal.Identity,
            SegmentSize = 64 * 1024,
            MaximumGroupSize = 16 * 1024,
            PreparationRetry = TimeSpan.FromMilliseconds(20),
            Storage = storage,
        };
        using JournalWriter writer = SmallJournal.Open(options);
        WaitFor(() => writer.NextSegmentReady);
        storage.Full = true;
        while (writer.SegmentBytesLeft > 0)
            SmallJournal.WriteGroup(writer, 1);
        SmallJournal.WriteGroup(writer, 1);
        WaitFor(() => writer.NextSegmentFailure is not null);
        Assert.That(writer.NextSegmentReady, Is.False);
        SmallJournal.WriteGroup(writer, 1);
        storage.Full = false;
        WaitFor(() => writer.NextSegmentReady && writer.NextSegmentFailure is null);

        storage.Full = true;
        Assert.That(() =>
        {
            while (true)
                SmallJournal.WriteGroup(writer, 1);
        }, Throws.TypeOf<DiskFailureException>().With.Property(nameof(DiskFailureException.ErrorNumber)).EqualTo(DiskFailureException.NoSpace));
        Assert.That(JournalRecovery.Recover(RealOptions(64 * 1024)).NextSequence, Is.EqualTo(writer.DurableSequence + 1));
    }

    [Test]
    public void A_segment_ahead_of_time_leaves_others_their_room_and_one_that_is_due_takes_what_there_is()
    {
        const int SegmentSize = 64 * 1024;
        var storage = new GatedStorage { Available = 3 * SegmentSize };
        JournalOptions options = new()
        {
            Directory = _directory,
            Identity = SmallJournal.Identity,
            SegmentSize = SegmentSize,
            MaximumGroupSize = 16 * 1024,
            SpareBytes = 2 * SegmentSize,
            PreparationRetry = TimeSpan.FromMilliseconds(20),
            Storage = storage,
        };
        using JournalWriter writer = SmallJournal.Open(options);
        WaitFor(() => writer.NextSegmentReady);
        storage.Available -= 1;
        RollOver(writer);
        WaitFor(() => writer.NextSegmentFailure is not null);
        Assert.That(writer.NextSegmentFailure!.Message, Does.Contain("next.preparing").And.Contain("65536").And.Contain("196607").And.Contain("errno 28"));
        Assert.That(writer.NextSegmentReady, Is.False);
        Assert.That(Path.Combine(_directory, "next.preparing"), Does.Not.Exist);

        RollOver(writer);
        Assert.That(writer.NextSegmentFailure, Is.Not.Null, "the segment that was due was made, the one after it is not");
        storage.Available += 1;
        WaitFor(() => writer.NextSegmentReady && writer.NextSegmentFailure is null);
    }

    private static void RollOver(JournalWriter writer)
    {
        while (writer.SegmentBytesLeft > 0)
            SmallJournal.WriteGroup(writer, 1);
        SmallJournal.WriteGroup(writer, 1);
    }

    [Test]
    public void Tells_how_much_room_the_real_disk_has()
    {
        long available = Disk.Storage.AvailableBytes(_directory);
        Assert.That(available, Is.Positive.And.LessThan(new DriveInfo(_directory).TotalSize));
        Assert.That(() => Disk.Storage.AvailableBytes(Path.Combine(_directory, "none")), Throws.TypeOf<DiskFailureException>());
    }

    [Test]
    public void Recovery_hands_over_every_record_from_where_it_is_asked_to_begin()
    {
        var storage = new SimulatedStorage();
        JournalOptions options = SmallJournal.Options(storage);
        long end;
        using (JournalWriter writer = SmallJournal.Open(options))
        {
            for (int i = 0; i < 9; i++)
                SmallJournal.WriteGroup(writer, 3);
            end = writer.NextSequence;
        }
        byte[] chain = JournalRecovery.Recover(options).ChainHash.ToArray();
        for (long from = 0; from <= end; from++)
        {
            long next = from;
            RecoveredJournal recovered = JournalRecovery.Recover(options, -1, from, (sequence, record) =>
            {
                Assert.That(sequence, Is.EqualTo(next++));
                Assert.That(record.SequenceEqual(SmallJournal.Record(sequence)), Is.True);
            });
            Assert.That(next, Is.EqualTo(end));
            Assert.That(recovered.NextSequence, Is.EqualTo(end));
            Assert.That(recovered.ChainHash.ToArray(), Is.EqualTo(chain));
        }
    }

    private JournalOptions RealOptions(long segmentSize) => new()
    {
        Directory = _directory,
        Identity = SmallJournal.Identity,
        SegmentSize = segmentSize,
        MaximumGroupSize = 16 * 1024,
        Preparation = SegmentPreparationMode.Inline,
        Durability = JournalDurability.None,
    };

    private static void WaitFor(Func<bool> condition) => Assert.That(condition, Is.True.After(10_000, 5));

    /// <summary>The real disk, on which no new file finds room while it is said to be full.</summary>
    private sealed class GatedStorage : IStorage
    {
        public volatile bool Full;

        private long _available = -1;

        /// <summary>What is said to be left; -1 for the truth.</summary>
        public long Available
        {
            get => Volatile.Read(ref _available);
            set => Volatile.Write(ref _available, value);
        }

        public IStorageFile Open(string path, FileUse use) =>
            Full && use == FileUse.Create ? throw new DiskFailureException(path, "pwrite", DiskFailureException.NoSpace, "room") : Disk.Storage.Open(path, use);

        public void Rename(string source, string target) => Disk.Storage.Rename(source, target);

        public void Delete(string path) => Disk.Storage.Delete(path);

        public IReadOnlyList<string> List(string directory) => Disk.Storage.List(directory);

        public void CreateDirectory(string directory) => Disk.Storage.CreateDirectory(directory);

        public void SyncDirectory(string directory) => Disk.Storage.SyncDirectory(directory);

        public long AvailableBytes(string directory) => Available < 0 ? Disk.Storage.AvailableBytes(directory) : Available;
    }
}
