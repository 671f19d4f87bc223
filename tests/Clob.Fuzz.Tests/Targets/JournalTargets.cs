using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Clob.Journal;

namespace Clob.Fuzz.Tests;

/// <summary>
/// Three small segments, one file after the other. Half of the inputs have their checksums and chain made right again, as somebody who
/// forges a journal would, so that what stands behind the checksums is reached.
/// </summary>
internal static class JournalTargets
{
    private const string Folder = "/journal";
    private const int SegmentSize = 16 * 1024;
    private const int GroupSize = 4 * 1024;
    private static readonly byte[] Identity = [.. Enumerable.Repeat((byte)9, 32)];

    private static readonly List<string> Names = [];

    public static IEnumerable<FuzzTarget> All
    {
        get
        {
            byte[] journal = Written();
            return [new("journal segments", [journal], Read) { Alter = Altered, Refusals = [typeof(JournalDamagedException)], FixedAllocation = 512 * 1024 }];
        }
    }

    private static byte[] Written()
    {
        var storage = new MemoryStorage();
        var options = new JournalOptions
        {
            Directory = Folder,
            Identity = Identity,
            SegmentSize = SegmentSize,
            MaximumGroupSize = GroupSize,
            Preparation = SegmentPreparationMode.Inline,
            Storage = storage,
        };
        using var writer = new JournalWriter(options, JournalRecovery.Recover(options));
        for (int group = 0; group < 8; group++)
        {
            foreach (byte[] record in RecordTargets.Records)
                Assert.That(writer.TryAppend(record), Is.True);
            writer.Commit();
        }

        Names.Clear();
        Names.AddRange(storage.Paths.Where(path => path.EndsWith(".seg", StringComparison.Ordinal)));
        Assert.That(Names, Has.Count.EqualTo(3));
        return [.. Names.SelectMany(name => storage[name])];
    }

    private static byte[] Altered(Random random, IReadOnlyList<byte[]> samples)
    {
        byte[] journal = Mutation.Of(random, samples);
        if (ReferenceEquals(journal, samples[0]))
            return journal;
        journal = random.Next(2) == 0 ? Placed(random, samples[0]) : journal;
        if (random.Next(2) == 0)
            return journal;
        journal = [.. journal];
        bool withChain = random.Next(2) == 0;
        for (int start = 0; start + SegmentSize <= journal.Length; start += SegmentSize)
            Seal(journal.AsSpan(start, SegmentSize), withChain);
        return journal;
    }

    /// <summary>An alteration within a header, of a segment or of a group: there are few of them among so many bytes.</summary>
    private static byte[] Placed(Random random, byte[] journal)
    {
        int at = random.Next(journal.Length / JournalFormat.BlockSize) * JournalFormat.BlockSize;
        byte[] head = Mutation.Altered(random, journal[at..(at + 128)], [journal[..128]]);
        return Mutation.Spliced(journal, at, Math.Min(head.Length, 128), head.AsSpan(0, Math.Min(head.Length, 128)));
    }

    private static void Seal(Span<byte> segment, bool withChain)
    {
        XxHash128.Hash(segment[..SegmentHeader.ChecksumOffset], segment[SegmentHeader.ChecksumOffset..]);
        var checksum = new SegmentChecksum(segment.Slice(SegmentHeader.IdentityOffset, 32), BinaryPrimitives.ReadInt64BigEndian(segment[SegmentHeader.IndexOffset..]));
        byte[] chain = segment.Slice(SegmentHeader.ChainHashOffset, 32).ToArray();
        for (int at = JournalFormat.BlockSize; at < segment.Length; at += JournalFormat.BlockSize)
        {
            var group = segment[at..];
            if (!group.StartsWith(GroupHeader.Magic))
                continue;
            int body = BinaryPrimitives.ReadInt32BigEndian(group[GroupHeader.BodyLengthOffset..]);
            int length = Math.Clamp(JournalFormat.RoundUpToBlock(GroupHeader.Size + Math.Clamp(body, 0, SegmentSize)), JournalFormat.BlockSize, group.Length);
            group = group[..length];
            if (withChain)
            {
                chain = ChainBehind(chain, group.Slice(GroupHeader.Size, Math.Clamp(body, 0, length - GroupHeader.Size)));
                chain.CopyTo(group[GroupHeader.ChainHashOffset..]);
            }

            checksum.OfContent(at, group, group.Slice(GroupHeader.ContentChecksumOffset, SegmentChecksum.Size));
            checksum.OfHeader(at, group, group.Slice(GroupHeader.HeaderChecksumOffset, SegmentChecksum.Size));
        }
    }

    private static byte[] ChainBehind(byte[] chain, ReadOnlySpan<byte> body)
    {
        foreach (var record in RecordFrames.Read(body))
            chain = SHA256.HashData([.. chain, .. record]);
        return chain;
    }

    private static Decoded Read(ReadOnlySpan<byte> input)
    {
        var storage = new MemoryStorage();
        for (int i = 0; i < Names.Count; i++)
        {
            int start = Math.Min(i * SegmentSize, input.Length);
            int next = i == Names.Count - 1 ? input.Length : Math.Min(start + SegmentSize, input.Length);
            storage[Names[i]] = input[start..next].ToArray();
        }

        using var reader = new JournalReader(Folder, storage: storage);
        int records = 0;
        while (reader.TryRead(out var record))
        {
            Assert.That(record.Sequence, Is.EqualTo(records), "a sequence is missing or came twice");
            records++;
        }

        JournalEnd end = reader.ExamineEnd();
        string outcome = $"{records} {end.Kind} {end.Offset} {end.Remains}";
        return end.Kind == JournalEndKind.Clean ? Decoded.Accepted(outcome) : Decoded.Refused(outcome);
    }
}
