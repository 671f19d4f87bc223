using System.Globalization;

namespace Clob.Journal;

/// <summary>A segment opened for reading, its header checked.</summary>
internal sealed class SegmentFile : IDisposable
{
    private SegmentFile(IStorageFile file, SegmentHeader header, byte[] block)
    {
        File = file;
        Header = header;
        Identity = block.AsMemory(SegmentHeader.IdentityOffset, JournalFormat.HashSize);
        ChainBefore = block.AsMemory(SegmentHeader.ChainHashOffset, JournalFormat.HashSize);
        Checksum = new SegmentChecksum(Identity.Span, header.Index);
    }

    internal IStorageFile File { get; }

    internal SegmentHeader Header { get; }

    internal ReadOnlyMemory<byte> Identity { get; }

    internal ReadOnlyMemory<byte> ChainBefore { get; }

    internal SegmentChecksum Checksum { get; }

    internal string Path => File.Path;

    internal long Size => Header.SegmentSize;

    /// <summary>Opens the segment of a first sequence, whose header must hold the identity given, if one is given.</summary>
    /// <exception cref="JournalDamagedException">The header or the file's length is not what a writer leaves.</exception>
    internal static SegmentFile Open(IStorage storage, string directory, long firstSequence, ReadOnlySpan<byte> identity)
    {
        IStorageFile file = storage.Open(JournalDirectory.SegmentPath(directory, firstSequence), FileUse.Read);
        try
        {
            byte[] block = new byte[SegmentHeader.Size];
            int read = file.ReadFully(block, 0);
            if (read < block.Length)
                throw Damaged(file, firstSequence, read, $"a segment header of {block.Length} bytes", $"the file's end after {read} bytes");
            if (!SegmentHeader.IsWhole(block))
                throw Damaged(file, firstSequence, 0, "a segment header with its checksum", "bytes that do not match");
            if (SegmentHeader.Version(block) != JournalFormat.Version)
                throw Damaged(file, firstSequence, SegmentHeader.VersionOffset, $"format version {JournalFormat.Version}", $"version {SegmentHeader.Version(block)}");
            var segment = new SegmentFile(file, SegmentHeader.Read(block), block);
            segment.Check(firstSequence, identity);
            return segment;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Requires that this segment follows directly on what was read before.</summary>
    internal void CheckFollows(SegmentFile before, ReadOnlySpan<byte> chain)
    {
        // The difference, for there may be none behind the highest: an index is not negative, so it cannot overflow.
        if (Header.Index - before.Header.Index != 1)
            throw Damaged(File, Header.FirstSequence, SegmentHeader.IndexOffset, $"segment index {(ulong)before.Header.Index + 1}", Header.Index.ToString(CultureInfo.InvariantCulture));
        if (!chain.SequenceEqual(ChainBefore.Span))
            throw Damaged(File, Header.FirstSequence, SegmentHeader.ChainHashOffset, $"chain hash {Convert.ToHexStringLower(chain)}", Convert.ToHexStringLower(ChainBefore.Span));
    }

    public void Dispose() => File.Dispose();

    private void Check(long firstSequence, ReadOnlySpan<byte> identity)
    {
        if (!identity.IsEmpty && !identity.SequenceEqual(Identity.Span))
            throw Damaged(File, firstSequence, SegmentHeader.IdentityOffset, $"identity {Convert.ToHexStringLower(identity)}", Convert.ToHexStringLower(Identity.Span));
        if (Header.FirstSequence != firstSequence)
            throw Damaged(File, firstSequence, SegmentHeader.FirstSequenceOffset, $"first sequence {firstSequence}, as the file is named", Header.FirstSequence.ToString(CultureInfo.InvariantCulture));
        if (Header.Index < 0 || (Header.Index == 0) != (firstSequence == 0))
            throw Damaged(File, firstSequence, SegmentHeader.IndexOffset, "index 0 for the segment of sequence 0 and for no other", Header.Index.ToString(CultureInfo.InvariantCulture));
        if (Header.Index == 0 && !ChainBefore.Span.SequenceEqual(Identity.Span))
            throw Damaged(File, firstSequence, SegmentHeader.ChainHashOffset, "the identity as the chain hash before record 0", Convert.ToHexStringLower(ChainBefore.Span));
        // Segments have their full size before they get their name, and never another.
        long length = File.Length;
        if (length != Size)
            throw Damaged(File, firstSequence, Math.Min(length, Size), $"{Size} bytes, as the header says", $"{length} bytes");
    }

    private static JournalDamagedException Damaged(IStorageFile file, long sequence, long offset, string expected, string found) =>
        new(file.Path, offset, sequence, expected, found);
}
