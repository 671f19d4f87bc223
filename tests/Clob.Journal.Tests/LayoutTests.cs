using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using Clob.Journal.Tests.Simulation;

namespace Clob.Journal.Tests;

/// <summary>Freezes the bytes on disk, computed here from docs/journal.md alone. A change here is a new format version.</summary>
[TestFixture]
public sealed class LayoutTests
{
    private static readonly byte[] First = "first record"u8.ToArray();
    private static readonly byte[] Second = [0xff];

    [Test]
    public void Offsets_and_sizes_are_those_documented()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(JournalFormat.BlockSize, Is.EqualTo(4096));
            Assert.That(JournalFormat.MaximumRecordLength, Is.EqualTo(65_536));
            Assert.That(JournalFormat.MaximumGroupSize, Is.EqualTo(4_194_304));
            Assert.That(JournalFormat.Version, Is.EqualTo(1));
            Assert.That((int[])[SegmentHeader.MagicOffset, SegmentHeader.VersionOffset, SegmentHeader.ReservedOffset, SegmentHeader.IdentityOffset, SegmentHeader.IndexOffset, SegmentHeader.FirstSequenceOffset, SegmentHeader.ChainHashOffset, SegmentHeader.SegmentSizeOffset, SegmentHeader.FieldsEnd, SegmentHeader.ChecksumOffset, SegmentHeader.Size],
                Is.EqualTo([0, 8, 12, 16, 48, 56, 64, 96, 104, 4080, 4096]));
            Assert.That((int[])[GroupHeader.MagicOffset, GroupHeader.BodyLengthOffset, GroupHeader.RecordCountOffset, GroupHeader.FirstSequenceOffset, GroupHeader.ChainHashOffset, GroupHeader.ContentChecksumOffset, GroupHeader.HeaderChecksumOffset, GroupHeader.Size],
                Is.EqualTo([0, 8, 12, 16, 24, 56, 72, 88]));
            Assert.That(JournalDirectory.SegmentPath("d", 1234), Is.EqualTo("d/00000000000000001234.seg"));
        }
    }

    [Test]
    public void Writes_exactly_the_documented_bytes()
    {
        var storage = new SimulatedStorage();
        using (JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage)))
        {
            writer.TryAppend(First);
            writer.TryAppend(Second);
            writer.Commit();
        }
        byte[] expected = [.. ExpectedSegmentHeader(), .. ExpectedGroup(), .. new byte[2 * 4096]];
        Assert.That(storage.Bytes(SmallJournal.Directory + "/00000000000000000000.seg"), Is.EqualTo(expected));
    }

    [Test]
    public void Pads_with_zeros_whatever_the_group_before_held()
    {
        var storage = new SimulatedStorage();
        using (JournalWriter writer = SmallJournal.Open(SmallJournal.Options(storage)))
        {
            byte[] longer = [.. Enumerable.Repeat((byte)0xee, 3000)];
            writer.TryAppend(longer);
            writer.Commit();
            writer.TryAppend(Second);
            writer.Commit();
        }
        byte[] bytes = storage.Bytes(SmallJournal.Directory + "/00000000000000000000.seg");
        Assert.That(bytes.AsSpan(8192 + 88 + 5, 4096 - 88 - 5).ContainsAnyExcept((byte)0), Is.False);
    }

    [Test]
    public void The_bytes_of_a_fixed_journal_never_change()
    {
        // Of the same bytes as above: also a change of the hash libraries would show here.
        byte[] bytes = [.. ExpectedSegmentHeader(), .. ExpectedGroup()];
        Assert.That(Convert.ToHexStringLower(SHA256.HashData(bytes)), Is.EqualTo("bd3e57fad7945db9a87e898c271a3d9895d6096d54f7ab52909aec47cc8a5021"));
    }

    private static byte[] ExpectedSegmentHeader()
    {
        byte[] block = new byte[4096];
        "CLOBSEG1"u8.CopyTo(block);
        BinaryPrimitives.WriteUInt32BigEndian(block.AsSpan(8), 1);
        SmallJournal.Identity.CopyTo(block.AsSpan(16));
        SmallJournal.Identity.CopyTo(block.AsSpan(64));
        BinaryPrimitives.WriteUInt64BigEndian(block.AsSpan(96), 16_384);
        XxHash128.Hash(block.AsSpan(0, 4080), block.AsSpan(4080));
        return block;
    }

    private static byte[] ExpectedGroup()
    {
        byte[] chain = SHA256.HashData((byte[])[.. SmallJournal.Identity, .. First]);
        chain = SHA256.HashData((byte[])[.. chain, .. Second]);
        byte[] group = new byte[4096];
        "CLOBGRP1"u8.CopyTo(group);
        BinaryPrimitives.WriteUInt32BigEndian(group.AsSpan(8), (uint)(4 + First.Length + 4 + Second.Length));
        BinaryPrimitives.WriteUInt32BigEndian(group.AsSpan(12), 2);
        chain.CopyTo(group.AsSpan(24));
        group[88 + 3] = (byte)First.Length;
        First.CopyTo(group.AsSpan(92));
        group[92 + First.Length + 3] = 1;
        group[92 + First.Length + 4] = Second[0];
        byte[] place = new byte[48];
        SmallJournal.Identity.CopyTo(place, 0);
        BinaryPrimitives.WriteUInt64BigEndian(place.AsSpan(40), 4096);
        XxHash128.Hash((byte[])[.. place, .. group[..56], .. group[88..]], group.AsSpan(56));
        XxHash128.Hash((byte[])[.. place, .. group[..72]], group.AsSpan(72));
        return group;
    }
}
