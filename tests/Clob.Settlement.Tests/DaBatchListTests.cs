using System.Security.Cryptography;
using System.Text;

namespace Clob.Settlement.Tests;

/// <summary>The list of batches takes what it would write itself and nothing else, though the hash of an entry be right.</summary>
public sealed class DaBatchListTests
{
    private const string Hash = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

    private string _data = null!;

    [SetUp]
    public void MakeDirectory() => _data = Directory.CreateTempSubdirectory("clob-batches-").FullName;

    [TearDown]
    public void DeleteDirectory() => Directory.Delete(_data, recursive: true);

    [TestCase("batch 0 10 " + Hash + " 01ff", 10ul)]
    [TestCase("batch 0 18446744073709551615 " + Hash + " 01ff", ulong.MaxValue, TestName = "As many records as there may be")]
    [TestCase("batch +0 10 " + Hash + " 01ff", null, TestName = "A sign")]
    [TestCase("batch 0 010 " + Hash + " 01ff", null, TestName = "A leading zero")]
    [TestCase("batch 0 10\0 " + Hash + " 01ff", null, TestName = "A zero byte")]
    [TestCase("batch 1 18446744073709551615 " + Hash + " 01ff", null, TestName = "An end that no number has")]
    [TestCase("batch 0 0 " + Hash + " 01ff", null, TestName = "No records")]
    [TestCase("batch 0 10 " + Hash + " 01f", null, TestName = "Half a byte")]
    [TestCase("batch 0 10 " + Hash + " ", null, TestName = "No commitment")]
    [TestCase("batch 0 10 " + Hash + " 01ff ", null, TestName = "A space behind")]
    public void Takes_one_form_of_a_batch(string entry, ulong? size)
    {
        Write(entry, $"{entry.Length:D8}");
        if (size is { } records)
        {
            Assert.That(DaBatchList.NewestJournalSize(_data), Is.EqualTo(records));
            return;
        }

        Assert.That(() => DaBatchList.NewestJournalSize(_data), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => DaBatchList.ReadFrom(_data).ToList(), Throws.TypeOf<InvalidDataException>());
        Assert.That(() => new DaBatchList(_data), Throws.TypeOf<InvalidDataException>());
    }

    [TestCase("+0000105")]
    [TestCase("-0000000")]
    public void Takes_no_sign_before_the_length_of_an_entry(string length)
    {
        string entry = "batch 0 10 " + Hash + " " + new string('0', 105 - 76);
        Assert.That(entry, Has.Length.EqualTo(105));
        Write(length[0] == '-' ? "" : entry, length);
        Assert.That(DaBatchList.NewestJournalSize(_data), Is.Zero, "it counts as the remains of an entry");
    }

    private void Write(string payload, string length)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(payload)));
        Directory.CreateDirectory(Path.Combine(_data, "da"));
        File.WriteAllText(Path.Combine(_data, "da", "batches.log"), $"clob-entry {length} {hash}\n{payload}\n", Encoding.ASCII);
    }
}
