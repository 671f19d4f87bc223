using System.Text;

namespace Clob.Settlement.Tests;

/// <summary>The ledger's file: what is torn is cut, what is damaged stops.</summary>
public sealed class FileLedgerTests
{
    private string _directory = null!;

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("clob-ledger-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Gives_back_what_was_appended_also_after_a_restart()
    {
        Write(Entries(5));
        Assert.That(ReadBack(), Is.EqualTo(Entries(5)));
        using var ledger = new FileLedger(_directory);
        ledger.Append(Encoding.ASCII.GetBytes("six"));
        Assert.That(FileLedger.ReadFrom(_directory).Select(Encoding.ASCII.GetString), Is.EqualTo(Entries(5).Append("six")), "another reads while it is open");
    }

    [Test]
    public void Takes_a_missing_file_as_empty_without_making_one()
    {
        Assert.That(FileLedger.ReadFrom(_directory), Is.Empty);
        Assert.That(FileLedger.NewestJournalSize(_directory), Is.Zero);
        Assert.That(Directory.GetFileSystemEntries(_directory), Is.Empty);
    }

    [Test]
    public void Cuts_an_entry_that_is_torn_anywhere_and_goes_on_in_its_place()
    {
        Write(Entries(3));
        byte[] whole = File.ReadAllBytes(FilePath);
        Write(["the last"]);
        byte[] longer = File.ReadAllBytes(FilePath);
        for (int length = whole.Length + 1; length < longer.Length; length++)
        {
            File.WriteAllBytes(FilePath, longer[..length]);
            Assert.That(FileLedger.ReadFrom(_directory).Count(), Is.EqualTo(3), $"length {length}");
            Write(["x"]);
            Assert.That(ReadBack(), Is.EqualTo(Entries(3).Append("x")), $"length {length}");
        }
    }

    [Test]
    public void Stops_on_any_flipped_bit_before_the_last_entry_and_changes_nothing()
    {
        Write(Entries(3));
        byte[] whole = File.ReadAllBytes(FilePath);
        int lastEntry = whole.AsSpan().LastIndexOf("clob-entry"u8);
        for (int offset = 0; offset < lastEntry; offset++)
        {
            byte[] damaged = [.. whole];
            damaged[offset] ^= 1;
            File.WriteAllBytes(FilePath, damaged);
            Assert.That(() => new FileLedger(_directory).Dispose(), Throws.InstanceOf<InvalidDataException>(), $"offset {offset}");
            Assert.That(() => FileLedger.ReadFrom(_directory).Count(), Throws.InstanceOf<InvalidDataException>(), $"offset {offset}");
            Assert.That(File.ReadAllBytes(FilePath), Is.EqualTo(damaged));
        }
        Assert.That(lastEntry, Is.GreaterThan(100));
    }

    [Test]
    public void Refuses_a_newest_entry_that_is_no_checkpoint()
    {
        Write(["nonsense"]);
        Assert.That(() => FileLedger.NewestJournalSize(_directory), Throws.InstanceOf<InvalidDataException>().With.Message.Contains("nonsense"));
    }

    private static List<string> Entries(int count) => [.. Enumerable.Range(1, count).Select(i => $"entry {i}\n\nof several lines")];

    private string FilePath => Path.Combine(_directory, FileLedger.FileName);

    private void Write(IEnumerable<string> entries)
    {
        using var ledger = new FileLedger(_directory);
        foreach (string entry in entries)
            ledger.Append(Encoding.ASCII.GetBytes(entry));
    }

    private List<string> ReadBack()
    {
        using var ledger = new FileLedger(_directory);
        return [.. ledger.ReadAll().Select(Encoding.ASCII.GetString)];
    }
}
