using System.Text.Json;
using Clob.Protocol;

namespace Clob.Verifier.Tests;

// What the listing says of segments and checkpoints that are not as they were written.
public sealed partial class JournalListingTests
{
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
}
