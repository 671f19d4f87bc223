namespace Clob.Journal.Tests;

/// <summary>A last group that was cut off is told from one that was whole and is not any more.</summary>
public sealed class EndTests
{
    private const int SectorSize = 512;

    private string _directory = "";
    private string _segment = "";
    private int _start;
    private int _content;

    [SetUp]
    public void Write()
    {
        _directory = Directory.CreateTempSubdirectory("clob-end-").FullName;
        using (JournalWriter writer = SmallJournal.Open(SmallJournal.Options(Disk.Storage, directory: _directory)))
        {
            SmallJournal.WriteGroup(writer, 2);
            SmallJournal.WriteGroup(writer, 6);
        }
        using var reader = new JournalReader(_directory);
        while (reader.TryReadGroup())
            _start = (int)reader.GroupOffset;
        _segment = reader.SegmentPath!;
        _content = File.ReadAllBytes(_segment).AsSpan(_start).LastIndexOfAnyExcept((byte)0) + 1;
        Assert.That(_content, Is.GreaterThan(4 * SectorSize));
    }

    [TearDown]
    public void Remove() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Is_clean_behind_a_whole_group() => Assert.That(Kind(bytes => { }), Is.EqualTo(JournalEndKind.Clean));

    [Test]
    public void Is_torn_when_any_sector_is_missing()
    {
        for (int sector = 0; sector * SectorSize < _content; sector++)
            Assert.That(Kind(group => group.Slice(sector * SectorSize, SectorSize).Clear()), Is.EqualTo(JournalEndKind.Torn), $"sector {sector}");
    }

    [Test]
    public void Is_torn_when_only_a_beginning_was_written()
    {
        for (int length = SectorSize; length < _content; length += SectorSize)
            Assert.That(Kind(group => group[length..].Clear()), Is.EqualTo(JournalEndKind.Torn), $"{length} bytes");
    }

    [Test]
    public void Is_damaged_when_a_bit_is_flipped_anywhere_in_the_group()
    {
        int length = JournalFormat.RoundUpToBlock(_content);
        for (int offset = 0; offset < length; offset += offset < 96 ? 1 : 7)
            Assert.That(Kind(group => group[offset] ^= (byte)(1 << (offset % 8))), Is.EqualTo(JournalEndKind.Damaged), $"byte {offset}");
    }

    private JournalEndKind Kind(SpanAction spoil)
    {
        byte[] whole = File.ReadAllBytes(_segment);
        byte[] spoilt = [.. whole];
        spoil(spoilt.AsSpan(_start));
        File.WriteAllBytes(_segment, spoilt);
        try
        {
            using var reader = new JournalReader(_directory);
            while (reader.TryReadGroup())
            {
            }
            return reader.ExamineEnd().Kind;
        }
        finally
        {
            File.WriteAllBytes(_segment, whole);
        }
    }

    private delegate void SpanAction(Span<byte> group);
}
