using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Clob.Protocol;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Tests;

/// <summary>What <c>journal</c> says of a data directory, held against bytes that are counted here without the journal's reader.</summary>
public sealed class JournalListingTests
{
    private const int Block = 4096;

    private static VenueOnDisk _venue = null!;

    [OneTimeSetUp]
    public static void Write()
    {
        _venue = new VenueOnDisk(recordsPerGroup: 5, segmentSize: 16 * 1024).Open().Trade().Trade(101).Trade(102).Trade(103);
        _venue.Commit();
    }

    [OneTimeTearDown]
    public static void Remove() => _venue.Dispose();

    [Test]
    public void Lists_what_an_independent_count_of_the_bytes_finds()
    {
        using Copy copy = _venue.CopyData();

        (int code, JsonElement listing, string error) = ListJson(copy);

        Assert.That(code, Is.Zero, error);
        JsonElement[] segments = [.. listing.GetProperty("segments").EnumerateArray()];
        Assert.That(segments, Has.Length.EqualTo(copy.Segments.Length).And.Length.GreaterThanOrEqualTo(3));
        byte[] chain = _venue.Venue.Bytes.ToArray();
        long sequence = 0;
        for (int i = 0; i < segments.Length; i++)
        {
            Counted counted = Count(copy.Segments[i]);
            long first = sequence;
            for (; sequence < first + counted.Records; sequence++)
                chain = SHA256.HashData([.. chain, .. _venue.Records[(int)sequence]]);
            Assert.Multiple(() =>
            {
                Assert.That(segments[i].GetProperty("file").GetString(), Is.EqualTo(copy.Segments[i]));
                Assert.That(segments[i].GetProperty("index").GetInt64(), Is.EqualTo(i));
                Assert.That(segments[i].GetProperty("first_sequence").GetInt64(), Is.EqualTo(first));
                Assert.That(segments[i].GetProperty("last_sequence").GetInt64(), Is.EqualTo(first + counted.Records - 1));
                Assert.That(segments[i].GetProperty("records").GetInt64(), Is.EqualTo(counted.Records));
                Assert.That(segments[i].GetProperty("groups").GetInt64(), Is.EqualTo(counted.Groups));
                Assert.That(segments[i].GetProperty("used_bytes").GetInt64(), Is.EqualTo(counted.Used));
                Assert.That(segments[i].GetProperty("file_bytes").GetInt64(), Is.EqualTo(16 * 1024));
                Assert.That(segments[i].GetProperty("first_time").GetString(), Is.EqualTo(TimeOf(first)));
                Assert.That(segments[i].GetProperty("last_time").GetString(), Is.EqualTo(TimeOf(sequence - 1)));
                Assert.That(segments[i].GetProperty("chain_hash").GetString(), Is.EqualTo(Convert.ToHexStringLower(chain)));
                Assert.That(segments[i].GetProperty("damaged").GetBoolean(), Is.False);
                Assert.That(segments[i].GetProperty("open_end").ValueKind, Is.EqualTo(i == segments.Length - 1 ? JsonValueKind.Object : JsonValueKind.Null));
            });
        }
        Assert.That(sequence, Is.EqualTo(_venue.Records.Count));
        Assert.That(segments[^1].GetProperty("open_end").GetProperty("kind").GetString(), Is.EqualTo("clean"));
        Assert.That(listing.GetProperty("venue").GetString(), Is.EqualTo(_venue.Venue.ToString()));
    }

    [Test]
    public void Lists_the_first_and_the_newest_checkpoint_and_the_batches()
    {
        using Copy copy = _venue.CopyData();
        using (var list = new Settlement.DaBatchList(copy.Data))
        {
            foreach (Proofs.DaBatch batch in _venue.Checkpoints.Take(2).SelectMany(checkpoint => checkpoint.Batches))
                list.Append(batch);
        }

        (_, JsonElement listing, _) = ListJson(copy);

        JsonElement checkpoints = listing.GetProperty("checkpoints");
        Assert.Multiple(() =>
        {
            Assert.That(checkpoints.GetProperty("count").GetInt32(), Is.EqualTo(4));
            Assert.That(checkpoints.GetProperty("signatures_checked").GetBoolean(), Is.True);
            foreach ((string name, Proofs.CheckpointRecord expected) in new[] { ("first", _venue.Checkpoints[0]), ("newest", _venue.Checkpoints[^1]) })
            {
                JsonElement found = checkpoints.GetProperty(name);
                Assert.That(found.GetProperty("number").GetUInt64(), Is.EqualTo(expected.Number));
                Assert.That(found.GetProperty("sequence").GetUInt64(), Is.EqualTo(expected.Sequence));
                Assert.That(found.GetProperty("journal_size").GetUInt64(), Is.EqualTo(expected.JournalSize));
                Assert.That(found.GetProperty("time").GetString(), Is.EqualTo(new UtcTime(expected.Time).ToString()));
                Assert.That(found.GetProperty("state_root").GetString(), Is.EqualTo(expected.StateRoot.ToString()));
            }
            Assert.That(listing.GetProperty("batches").GetProperty("count").GetInt32(), Is.EqualTo(2));
            Assert.That(listing.GetProperty("batches").GetProperty("records").GetUInt64(), Is.EqualTo(_venue.Checkpoints[1].DaSize));
        });
    }

    [Test]
    public void Says_in_text_what_it_says_in_json()
    {
        using Copy copy = _venue.CopyData();
        (_, JsonElement listing, _) = ListJson(copy);

        (int code, string output, string error) = CommandLine.Run("journal", "--data", copy.Data);

        Assert.That((code, error), Is.EqualTo((0, "")));
        string[] lines = [.. output.Split('\n').Where(line => line.StartsWith("segment ", StringComparison.Ordinal))];
        JsonElement[] segments = [.. listing.GetProperty("segments").EnumerateArray()];
        Assert.That(lines, Has.Length.EqualTo(segments.Length));
        for (int i = 0; i < lines.Length; i++)
        {
            JsonElement segment = segments[i];
            Assert.That(lines[i], Does.Contain($" {i}  {Path.GetFileName(copy.Segments[i])}  records {segment.GetProperty("first_sequence")} to {segment.GetProperty("last_sequence")} ({segment.GetProperty("records")} in {segment.GetProperty("groups")} groups)  {segment.GetProperty("used_bytes").GetInt64():N0} of 16,384 bytes  {segment.GetProperty("first_time")} to {segment.GetProperty("last_time")}  chain {segment.GetProperty("chain_hash").GetString()![..16]}"));
            Assert.That(lines[i].EndsWith("open end: clean", StringComparison.Ordinal), Is.EqualTo(i == lines.Length - 1));
        }
        Assert.That(output, Does.Contain($"number 4  sequence {_venue.Checkpoints[^1].Sequence}  ").And.Contain($"state {_venue.Checkpoints[^1].StateRoot}"));
    }

    [TestCase(0, 0, TestName = "A_damaged_group_and_the_segments_behind_it")]
    [TestCase(1, 2, TestName = "A_damaged_later_group_and_what_stands_before_it")]
    [TestCase(1, -1, TestName = "A_damaged_header_and_the_segments_behind_it")]
    public void Names_damage_and_lists_the_rest(int segment, int group)
    {
        using Copy copy = _venue.CopyData();
        // Each group here has one block: group n is the n-th behind the segment's header, which is "group" -1.
        long offset = Block + (long)group * Block;
        (_, JsonElement whole, _) = ListJson(copy);
        Copy.Flip(copy.Segments[segment], offset + 50);

        (int code, JsonElement listing, _) = ListJson(copy);
        (int textCode, string output, string error) = CommandLine.Run("journal", "--data", copy.Data);

        JsonElement[] segments = [.. listing.GetProperty("segments").EnumerateArray()];
        JsonElement failure = listing.GetProperty("failures")[0];
        Assert.Multiple(() =>
        {
            Assert.That(code, Is.EqualTo((int)ExitCode.Damaged));
            Assert.That(textCode, Is.EqualTo(code));
            Assert.That(listing.GetProperty("failures").GetArrayLength(), Is.EqualTo(1));
            Assert.That(failure.GetProperty("segment").GetString(), Is.EqualTo(copy.Segments[segment]));
            Assert.That(failure.GetProperty("offset").GetInt64(), Is.EqualTo(offset));
            Assert.That(failure.GetProperty("sequence").GetInt64(), Is.EqualTo(segments[segment].GetProperty("first_sequence").GetInt64() + segments[segment].GetProperty("records").GetInt64()));
            Assert.That(error, Does.Contain("FAILED (damaged)").And.Contain($"{copy.Segments[segment]} offset {offset}"));
            Assert.That(segments[segment].GetProperty("damaged").GetBoolean(), Is.True);
            Assert.That(segments[segment].GetProperty("groups").GetInt64(), Is.EqualTo(Math.Max(group, 0)));
            Assert.That(output.Split('\n').Single(line => line.Contains(Path.GetFileName(copy.Segments[segment]), StringComparison.Ordinal)), Does.EndWith("DAMAGED"));
            for (int other = 0; other < segments.Length; other++)
            {
                if (other != segment)
                    Assert.That(segments[other].GetRawText(), Is.EqualTo(whole.GetProperty("segments")[other].GetRawText()), $"segment {other}");
            }
        });
    }

    [Test]
    public void Finds_a_segment_that_does_not_follow_from_the_one_before()
    {
        // The same records but for the salt: every byte of the segment is in order, and it is another venue's.
        using var other = new VenueOnDisk(recordsPerGroup: 5, segmentSize: 16 * 1024, salt: 100);
        other.Open().Trade().Trade(101).Trade(102).Trade(103).Commit();
        using Copy copy = _venue.CopyData();
        using Copy otherCopy = other.CopyData();
        File.Copy(otherCopy.Segments[1], copy.Segments[1], overwrite: true);

        (int code, JsonElement listing, _) = ListJson(copy);

        Assert.That(code, Is.EqualTo((int)ExitCode.Damaged));
        Assert.That(listing.GetProperty("failures").GetArrayLength(), Is.EqualTo(1));
        Assert.That(listing.GetProperty("failures")[0].GetProperty("segment").GetString(), Is.EqualTo(copy.Segments[1]));
        Assert.That(listing.GetProperty("segments")[2].GetProperty("records").GetInt64(), Is.Positive);
    }

    [Test]
    public void Names_a_segment_that_is_missing_in_between()
    {
        using Copy copy = _venue.CopyData();
        string[] segments = copy.Segments;
        File.Delete(segments[1]);

        (int code, JsonElement listing, _) = ListJson(copy);

        Assert.That(code, Is.EqualTo((int)ExitCode.Damaged));
        Assert.That(listing.GetProperty("failures")[0].GetProperty("segment").GetString(), Is.EqualTo(segments[0]));
        Assert.That(listing.GetProperty("segments").GetArrayLength(), Is.EqualTo(segments.Length - 1));
    }

    [Test]
    public void Says_of_a_torn_end_how_much_of_it_stands_where_and_calls_it_no_failure()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open().Trade();
        for (int i = 0; i < 6; i++)
            venue.Send(1, new CancelAll());
        venue.Commit();
        using Copy copy = venue.CopyData();
        long end = Count(copy.Segments[^1]).Used - Block;
        // What a write leaves that was cut off: the group behind the checkpoint lacks its second sector.
        WriteAt(copy.Segments[^1], end + 512, new byte[512]);

        (int code, JsonElement listing, string error) = ListJson(copy);
        (_, string output, _) = CommandLine.Run("journal", "--data", copy.Data);

        JsonElement open = listing.GetProperty("segments")[copy.Segments.Length - 1].GetProperty("open_end");
        Assert.That(open.GetProperty("kind").GetString(), Is.EqualTo("torn"), error);
        Assert.That(code, Is.Zero);
        Assert.That(open.GetProperty("offset").GetInt64(), Is.EqualTo(end));
        Assert.That(open.GetProperty("remains").GetInt64(), Is.EqualTo(Block));
        Assert.That(output, Does.Contain($"open end: torn remains of {Block} bytes at offset {end}\n"));
    }

    [Test]
    public void Tells_a_damaged_last_group_from_a_torn_one()
    {
        using Copy copy = _venue.CopyData();
        long last = Count(copy.Segments[^1]).Used - Block;
        Copy.Flip(copy.Segments[^1], last + 200);

        (int code, JsonElement listing, _) = ListJson(copy);

        Assert.That(code, Is.EqualTo((int)ExitCode.Damaged));
        Assert.That(listing.GetProperty("failures")[0].GetProperty("offset").GetInt64(), Is.EqualTo(last));
        Assert.That(listing.GetProperty("segments")[copy.Segments.Length - 1].GetProperty("open_end").GetProperty("kind").GetString(), Is.EqualTo("damaged"));
    }

    [Test]
    public void Finds_an_edited_checkpoint_and_a_journal_that_ends_before_the_newest()
    {
        using Copy edited = _venue.CopyData();
        edited.WriteLedger([.. edited.Notes.Take(3), System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(edited.Notes[3]).Replace("number 4", "number 5", StringComparison.Ordinal))]);
        using Copy cut = _venue.CopyData();
        File.Delete(cut.Segments[^1]);
        using Copy damaged = _venue.CopyData();
        Copy.Flip(damaged.Segments[0], Block + 200);

        (int editedCode, JsonElement editedListing, _) = ListJson(edited);
        (int cutCode, JsonElement cutListing, _) = ListJson(cut);
        (_, JsonElement damagedListing, _) = ListJson(damaged);

        Assert.Multiple(() =>
        {
            Assert.That(editedCode, Is.EqualTo((int)ExitCode.BadSignature));
            Assert.That(editedListing.GetProperty("checkpoints").GetProperty("newest").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(cutCode, Is.EqualTo((int)ExitCode.MissingData));
            Assert.That(cutListing.GetProperty("failures")[0].GetProperty("checkpoint").GetUInt64(), Is.EqualTo(4));
            Assert.That(damagedListing.GetProperty("checkpoints").GetProperty("signatures_checked").GetBoolean(), Is.False, "the log key stands in record 0, which is damaged");
            Assert.That(damagedListing.GetProperty("checkpoints").GetProperty("newest").GetProperty("number").GetUInt64(), Is.EqualTo(4));
        });
    }

    [TestCase("a data directory", 0)]
    [TestCase("a directory of segments", 1)]
    [TestCase("a segment that holds sequence 0", 2)]
    public void Says_what_is_missing(string expected, int present)
    {
        string data = Directory.CreateTempSubdirectory("clob-verifier-").FullName;
        try
        {
            if (present == 2)
                Directory.CreateDirectory(Path.Combine(data, "journal"));
            string asked = present == 0 ? Path.Combine(data, "nowhere") : data;

            (int code, _, string error) = CommandLine.Run("journal", "--data", asked);
            (int jsonCode, string json, _) = CommandLine.Run("journal", "--data", asked, "--json");

            Assert.That((code, jsonCode), Is.EqualTo(((int)ExitCode.MissingData, (int)ExitCode.MissingData)));
            Assert.That(error, Does.StartWith("❌ FAILED (missing data)").And.Contain($"expected {expected}; found no"));
            Assert.That(JsonDocument.Parse(json).RootElement.GetProperty("failures")[0].GetProperty("expected").GetString(), Is.EqualTo(expected));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Test]
    public void Lists_segments_whose_beginning_was_moved_away_and_says_so()
    {
        using Copy copy = _venue.CopyData();
        string[] segments = copy.Segments;
        File.Delete(segments[0]);

        (int code, JsonElement listing, _) = ListJson(copy);

        Assert.That(code, Is.EqualTo((int)ExitCode.MissingData));
        Assert.That(listing.GetProperty("segments").GetArrayLength(), Is.EqualTo(segments.Length - 1));
        Assert.That(listing.GetProperty("segments").EnumerateArray().Any(segment => segment.GetProperty("damaged").GetBoolean()), Is.False);
    }

    [Test]
    public void Lists_a_live_directory_while_it_is_written()
    {
        using VenueOnDisk venue = new VenueOnDisk(recordsPerGroup: 5, segmentSize: 16 * 1024).Open().Trade();
        using var stop = new CancellationTokenSource();
        Task writer = Task.Run(() =>
        {
            for (ulong price = 101; !stop.IsCancellationRequested && price < 300; price++)
                venue.Trade(price);
        });
        try
        {
            long before = 0;
            for (int i = 0; i < 10; i++)
            {
                (int code, string output, string error) = CommandLine.Run("journal", "--data", venue.Data, "--json");
                Assert.That(code, Is.Zero, error + output);
                long records = JsonDocument.Parse(output).RootElement.GetProperty("records").GetInt64();
                Assert.That(records, Is.GreaterThanOrEqualTo(before));
                before = records;
            }
        }
        finally
        {
            stop.Cancel();
            writer.GetAwaiter().GetResult();
        }
    }

    private static (int Code, JsonElement Listing, string Error) ListJson(Copy copy)
    {
        (int code, string output, string error) = CommandLine.Run("journal", "--data", copy.Data, "--json");
        JsonElement listing = JsonDocument.Parse(output).RootElement;
        Assert.That(listing.GetProperty("code").GetInt32(), Is.EqualTo(code));
        return (code, listing, error);
    }

    private static string TimeOf(long sequence)
    {
        Assert.That(RecordHeader.TryRead(_venue.Records[(int)sequence], out RecordHeader head, out _), Is.True);
        return new UtcTime(head.Time).ToString();
    }

    private static void WriteAt(string file, long offset, byte[] bytes)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Write);
        stream.Position = offset;
        stream.Write(bytes);
    }

    /// <summary>Walks the groups by their magic and their two counts alone, as docs/journal.md lays them out.</summary>
    private static Counted Count(string file)
    {
        byte[] bytes = File.ReadAllBytes(file);
        var counted = new Counted(0, 0, Block);
        while (counted.Used < bytes.Length && bytes.AsSpan((int)counted.Used).StartsWith("CLOBGRP1"u8))
        {
            ReadOnlySpan<byte> group = bytes.AsSpan((int)counted.Used);
            int body = BinaryPrimitives.ReadInt32BigEndian(group[8..]);
            int records = BinaryPrimitives.ReadInt32BigEndian(group[12..]);
            counted = new Counted(counted.Records + records, counted.Groups + 1, counted.Used + (88 + body + Block - 1) / Block * Block);
        }
        return counted;
    }

    private readonly record struct Counted(long Records, long Groups, long Used);
}
