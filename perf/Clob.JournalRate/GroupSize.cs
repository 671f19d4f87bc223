using Clob.Journal;

namespace Clob.JournalRate;

/// <summary>A group of so many records that fills its blocks.</summary>
/// <param name="Name">For people.</param>
/// <param name="Records">How many.</param>
/// <param name="RecordSize">Bytes of each.</param>
internal sealed record GroupSize(string Name, int Records, int RecordSize)
{
    private const int HeaderSize = 88; // as docs/journal.md has it

    /// <summary>Bytes on disk.</summary>
    public int Bytes => (HeaderSize + (Records * (RecordFrames.LengthSize + RecordSize)) + JournalFormat.BlockSize - 1) / JournalFormat.BlockSize * JournalFormat.BlockSize;

    public static IEnumerable<GroupSize> All(int recordSize) =>
    [
        new("one record", 1, recordSize), Filling("4 KiB", 4 << 10, recordSize), Filling("64 KiB", 64 << 10, recordSize), Filling("1 MiB", 1 << 20, recordSize),
    ];

    public static GroupSize Filling(string name, int bytes, int recordSize) => new(name, (bytes - HeaderSize) / (RecordFrames.LengthSize + recordSize), recordSize);
}
