using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Clob.Protocol;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Tests;

/// <summary>What <c>journal</c> says of a data directory, held against bytes that are counted here without the journal's reader.</summary>
public sealed partial class JournalListingTests
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
