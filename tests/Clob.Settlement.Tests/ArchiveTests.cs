using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>The archives: random access, restarts, torn bytes, readers beside the writer.</summary>
public sealed class ArchiveTests
{
    private const int Slot = 128;
    private const int Page = 16 * Slot;

    private string _directory = null!;

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("clob-archive-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Finds_each_report_by_account_and_number()
    {
        using var archive = new ReportArchive(_directory);
        Fill(archive, accounts: 5, reports: 100);
        var random = new Random(7);
        for (int i = 0; i < 500; i++)
        {
            ulong account = (ulong)random.Next(5);
            ulong from = (ulong)random.Next(1, 101);
            int room = random.Next(1, 60);
            AssertReads(archive, account, from, room, 100);
        }
        Assert.That(archive.NextSequence(4), Is.EqualTo(101));
        Assert.That(archive.NextSequence(5), Is.EqualTo(1));
        Assert.That(archive.NextSequence(1_000_000), Is.EqualTo(1));
        Assert.That(archive.Read(5, 1, new byte[1000]), Is.Zero);
        Assert.That(archive.Read(4, 101, new byte[1000]), Is.Zero);
    }

    [Test]
    public void Knows_everything_again_after_a_restart_and_takes_the_replay_without_writing([Values(1, 15, 16, 17, 100)] int reports)
    {
        using (var archive = new ReportArchive(_directory))
            Fill(archive, accounts: 3, reports);
        byte[] before = File.ReadAllBytes(ReportFile);
        using (var archive = new ReportArchive(_directory))
        {
            Assert.That(archive.NextSequence(2), Is.EqualTo((ulong)reports + 1), "before replay");
            AssertReads(archive, 2, 1, reports, reports);
            Fill(archive, accounts: 3, reports);
            Assert.That(File.ReadAllBytes(ReportFile), Is.EqualTo(before));
            archive.Append(Report(2, (ulong)reports + 1));
            Assert.That(archive.NextSequence(2), Is.EqualTo((ulong)reports + 1), "not flushed yet");
            archive.Flush();
            AssertReads(archive, 2, 1, reports + 1, reports + 1);
        }
    }

    [Test]
    public void Keeps_reports_from_other_users_of_the_host()
    {
        using var archive = new ReportArchive(_directory);
        Assert.That(File.GetUnixFileMode(ReportFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void Rewrites_whatever_a_crash_has_torn()
    {
        using (var archive = new ReportArchive(_directory))
            Fill(archive, accounts: 4, reports: 50);
        byte[] whole = File.ReadAllBytes(ReportFile);
        for (int seed = 0; seed < 30; seed++)
        {
            // Some slots as zeros or garbage, and the end cut anywhere.
            var random = new Random(seed);
            byte[] torn = [.. whole];
            for (int i = 0; i < random.Next(1, 40); i++)
            {
                int slot = random.Next(torn.Length / Slot);
                if (random.Next(2) == 0)
                    torn.AsSpan(slot * Slot, Slot).Clear();
                else
                    torn[slot * Slot + random.Next(Slot)] ^= 0x40;
            }
            File.WriteAllBytes(ReportFile, torn[..(torn.Length - random.Next(3 * Page))]);
            using var archive = new ReportArchive(_directory);
            for (ulong account = 0; account < 4; account++)
                AssertNothingWrong(archive, account, seed);
            Fill(archive, accounts: 4, reports: 50);
            for (ulong account = 0; account < 4; account++)
            {
                Assert.That(archive.NextSequence(account), Is.EqualTo(51), $"seed {seed}");
                AssertReads(archive, account, 1, 50, 50);
            }
        }
    }

    [Test]
    public void Stops_when_replay_gives_another_report()
    {
        using (var archive = new ReportArchive(_directory))
            Fill(archive, accounts: 1, reports: 10);
        using (var archive = new ReportArchive(_directory))
        {
            ExchangeEvent other = Report(0, 1);
            other.Price++;
            archive.Append(other);
            Assert.That(() => archive.Append(Report(0, 3)), Throws.InstanceOf<InvalidDataException>(), "a gap");
            Assert.That(archive.Flush, Throws.InstanceOf<InvalidDataException>().With.Message.Contains("differs"));
        }
        using (var archive = new ReportArchive(_directory))
        {
            archive.Append(Report(0, 1));
            Assert.That(archive.Flush, Throws.Nothing, "negative control");
        }
    }

    [Test]
    public async Task Lets_others_read_while_it_is_written()
    {
        using var archive = new ReportArchive(_directory);
        using var stop = new CancellationTokenSource();
        Task<int>[] readers = [.. Enumerable.Range(0, 2).Select(seed => Task.Run(() =>
        {
            int read = 0;
            var random = new Random(seed);
            byte[] found = new byte[40 * ReportArchive.ReportSize];
            while (!stop.IsCancellationRequested)
            {
                ulong account = (ulong)random.Next(3000);
                ulong next = archive.NextSequence(account);
                if (next == 1)
                    continue;
                ulong from = (ulong)random.NextInt64(1, (long)next);
                int count = archive.Read(account, from, found) / ReportArchive.ReportSize;
                if (count < (int)Math.Min(next - from, 40))
                    throw new InvalidDataException($"account {account}: {count} reports from {from}, next is {next}");
                for (int i = 0; i < count; i++, read++)
                    AssertIs(found.AsSpan(i * ReportArchive.ReportSize, ReportArchive.ReportSize), account, from + (uint)i);
            }
            return read;
        }))];
        for (ulong sequence = 1; sequence <= 20; sequence++)
        {
            for (ulong account = 0; account < 3000; account++)
                archive.Append(Report(account, sequence));
            archive.Flush();
        }
        await stop.CancelAsync();
        Assert.That((await Task.WhenAll(readers)).Sum(), Is.GreaterThan(0));
    }

    [Test]
    public void Keeps_feed_messages_by_their_number_and_takes_the_replay()
    {
        using (var archive = new FeedArchive(_directory))
        {
            FillFeed(archive, 2000);
            AssertFeed(archive, 2000);
            Assert.That(archive.Read(1, new byte[60], out int written), Is.EqualTo(1), "whole messages only");
            Assert.That(written, Is.EqualTo(2 + 36));
        }
        byte[] before = File.ReadAllBytes(FeedFile);
        using (var archive = new FeedArchive(_directory))
        {
            Assert.That(archive.NextSequence, Is.EqualTo(2001));
            FillFeed(archive, 2100);
            AssertFeed(archive, 2100);
            Assert.That(File.ReadAllBytes(FeedFile).AsSpan(0, before.Length).SequenceEqual(before), Is.True);
        }
    }

    [Test]
    public void Rewrites_torn_feed_messages([Values(1, 95, 96, 5000)] int cut)
    {
        using (var archive = new FeedArchive(_directory))
            FillFeed(archive, 1000);
        byte[] whole = File.ReadAllBytes(FeedFile);
        byte[] torn = [.. whole[..^cut]];
        torn.AsSpan(96 * 500, 96).Clear();
        File.WriteAllBytes(FeedFile, torn);
        using (var archive = new FeedArchive(_directory))
        {
            Assert.That(archive.Read(500, new byte[100_000], out _), Is.EqualTo(1), "up to the torn one");
            FillFeed(archive, 1000);
            AssertFeed(archive, 1000);
        }
        Assert.That(File.ReadAllBytes(FeedFile), Is.EqualTo(whole));
    }

    [Test]
    public void Stops_when_replay_gives_another_feed_message()
    {
        using (var archive = new FeedArchive(_directory))
            FillFeed(archive, 10);
        using (var archive = new FeedArchive(_directory))
        {
            ExchangeEvent other = Message(1);
            other.Price++;
            Assert.That(() => archive.Append(other), Throws.InstanceOf<InvalidDataException>());
        }
    }

    private string ReportFile => Path.Combine(_directory, ReportArchive.FileName);

    private string FeedFile => Path.Combine(_directory, FeedArchive.FileName);

    private static void Fill(ReportArchive archive, int accounts, int reports)
    {
        for (ulong sequence = 1; sequence <= (ulong)reports; sequence++)
        {
            for (ulong account = 0; account < (ulong)accounts; account++)
                archive.Append(Report(account, sequence));
        }
        archive.Flush();
    }

    private static void FillFeed(FeedArchive archive, ulong messages)
    {
        for (ulong sequence = 1; sequence <= messages; sequence++)
            archive.Append(Message(sequence));
        archive.Flush();
    }

    private static ExchangeEvent Report(ulong account, ulong sequence) => new()
    {
        Kind = EventKind.Accepted,
        Account = account,
        ReportSequence = sequence,
        RecordSequence = sequence * 3,
        Price = account * 1000 + sequence,
        Quantity = sequence,
    };

    private static ExchangeEvent Message(ulong sequence) => new()
    {
        Kind = EventKind.Rested,
        Market = 1,
        Side = (byte)Side.Buy,
        OrderId = sequence,
        Price = sequence * 7,
        Quantity = 1,
        FeedSequence = sequence,
    };

    private static void AssertReads(ReportArchive archive, ulong account, ulong from, int room, int last)
    {
        byte[] found = new byte[room * ReportArchive.ReportSize + 7];
        int count = archive.Read(account, from, found) / ReportArchive.ReportSize;
        Assert.That(count, Is.EqualTo(Math.Min(room, last - (int)from + 1)), $"account {account} from {from}");
        for (int i = 0; i < count; i++)
            AssertIs(found.AsSpan(i * ReportArchive.ReportSize, ReportArchive.ReportSize), account, from + (uint)i);
    }

    private static void AssertNothingWrong(ReportArchive archive, ulong account, int seed)
    {
        byte[] found = new byte[60 * ReportArchive.ReportSize];
        for (ulong from = 1; from < archive.NextSequence(account); from++)
        {
            int count = archive.Read(account, from, found) / ReportArchive.ReportSize;
            for (int i = 0; i < count; i++)
                AssertIs(found.AsSpan(i * ReportArchive.ReportSize, ReportArchive.ReportSize), account, from + (uint)i);
        }
        Assert.That(archive.NextSequence(account), Is.LessThanOrEqualTo(51), $"seed {seed}");
    }

    private static void AssertIs(ReadOnlySpan<byte> found, ulong account, ulong sequence)
    {
        Span<byte> expected = stackalloc byte[ReportArchive.ReportSize];
        Report(account, sequence).WriteReport(expected);
        if (!found.SequenceEqual(expected))
            throw new InvalidDataException($"report {sequence} of account {account} is another: {Convert.ToHexStringLower(found)}");
    }

    private static void AssertFeed(FeedArchive archive, int last)
    {
        byte[] found = new byte[last * 40];
        Assert.That(archive.Read(1, found, out int written), Is.EqualTo(last));
        byte[] expected = new byte[FeedMessage.MaximumSize];
        int offset = 0;
        for (ulong sequence = 1; sequence <= (ulong)last; sequence++)
        {
            int length = new NativeFeedEncoding().Encode(Message(sequence), expected);
            if (found[offset] != 0 || found[offset + 1] != length || !found.AsSpan(offset + 2, length).SequenceEqual(expected.AsSpan(0, length)))
                throw new InvalidDataException($"message {sequence} is another");
            offset += 2 + length;
        }
        Assert.That(written, Is.EqualTo(offset));
    }
}
