using System.Text.Json;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Tests;

/// <summary>What <c>journal cat</c> prints of a range, in both forms, and how it ends.</summary>
public sealed partial class JournalRecordsTests
{
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
    public void Prints_every_record_with_its_head_and_its_payload()
    {
        (int code, string output, string error) = Cat();

        Assert.That((code, error), Is.EqualTo((0, "")));
        string[] heads = [.. output.Split('\n').Where(line => line.Length > 0 && line[0] != ' ')];
        Assert.That(heads, Has.Length.EqualTo(_venue.Records.Count));
        for (int i = 0; i < heads.Length; i++)
        {
            Assert.That(RecordHeader.TryRead(_venue.Records[i], out RecordHeader head, out _), Is.True);
            Assert.That(heads[i], Is.EqualTo($"{i}  {new UtcTime(head.Time)}  {head.Kind}  {_venue.Records[i].Length} bytes"));
        }
        Assert.That(output, Does.Contain($"    venue={_venue.Venue}")
            .And.Contain("    1 NewOrder market=1 side=Sell order_type=Limit time_in_force=GoodTillCancel flags=None price=100 quantity=10\n")
            .And.Contain("(signature not checked)\n")
            .And.Contain("    from=0 through="));
    }

    [TestCase(null, null, null)]
    [TestCase(0, 0, null)]
    [TestCase(7, 23, null)]
    [TestCase(7, null, 3)]
    [TestCase(null, 5, 100)]
    public void Prints_in_json_the_same_records_of_the_same_range(int? from, int? to, int? limit)
    {
        string[] range = [.. Argument("--from", from), .. Argument("--to", to), .. Argument("--limit", limit)];
        int first = from ?? 0;
        int count = Math.Min((to ?? _venue.Records.Count - 1) - first + 1, limit ?? int.MaxValue);

        (_, string text, _) = Cat(range);
        (int code, string json, _) = Cat([.. range, "--json"]);

        Assert.That(code, Is.Zero);
        JsonElement[] lines = ParseLines(json);
        string[] heads = [.. text.Split('\n').Where(line => line.Length > 0 && line[0] != ' ')];
        Assert.That(lines, Has.Length.EqualTo(count));
        Assert.That(heads, Is.EqualTo(lines.Select(line => $"{line.GetProperty("sequence")}  {line.GetProperty("time").GetString()}  {line.GetProperty("kind").GetString()}  {line.GetProperty("size")} bytes")));
        Assert.That(lines.Select(line => line.GetProperty("sequence").GetInt32()), Is.EqualTo(Enumerable.Range(first, count)));
        string[] commands = [.. text.Split('\n').Where(line => line.StartsWith("    ", StringComparison.Ordinal) && char.IsAsciiDigit(line[4])).Select(line => line.Trim())];
        Assert.That(commands, Is.EqualTo(lines.Where(line => line.GetProperty("kind").GetString() == "Envelope").SelectMany(line => line.GetProperty("payload").GetProperty("commands").EnumerateArray()).Select(AsText)));
    }

    [Test]
    public void Adds_hashes_and_places_that_hold()
    {
        (_, string json, _) = Cat("--from", "3", "--details", "--json");
        (_, string text, _) = Cat("--from", "3", "--details");

        JsonElement[] lines = ParseLines(json);
        var chain = new RecordChain(_venue.Venue.Bytes);
        for (int i = 0; i < _venue.Records.Count; i++)
        {
            chain.Append(_venue.Records[i]);
            if (i < 3)
                continue;
            JsonElement line = lines[i - 3];
            Assert.That(line.GetProperty("leaf_hash").GetString(), Is.EqualTo(MerkleHash.Leaf(_venue.Records[i]).ToString()));
            Assert.That(line.GetProperty("chain_hash").GetString(), Is.EqualTo(Convert.ToHexStringLower(chain.Value)));
            // The record's bytes stand behind the group's offset in the file that is named.
            byte[] segment = File.ReadAllBytes(line.GetProperty("segment").GetString()!);
            int offset = line.GetProperty("group_offset").GetInt32();
            Assert.That(segment.AsSpan(offset, 4096).IndexOf(_venue.Records[i]), Is.Positive);
            Assert.That(text, Does.Contain($"    leaf_hash={line.GetProperty("leaf_hash").GetString()} chain_hash={line.GetProperty("chain_hash").GetString()}\n    segment={Path.GetFileName(line.GetProperty("segment").GetString())} group_offset={offset}\n"));
        }
    }

    [Test]
    public void Prints_what_cannot_be_decoded_as_hexadecimal_digits_with_the_reason_and_goes_on()
    {
        using var venue = new VenueOnDisk();
        byte[][] odd =
        [
            [1, 2, 3],
            Record((RecordKind)99, 2, [0xab]),
            Record(RecordKind.Envelope, 3, [0xab, 0xcd]),
            Record(RecordKind.Mark, 4, [0xab]),
            Record(RecordKind.Time, 77, []),
            Record(RecordKind.Verdict, 6, [0xab]),
            Record(RecordKind.Disconnect, 7, [0xab]),
            Record(RecordKind.EngineVersion, 8, [0xab]),
            Record(RecordKind.Genesis, 9, [0xab]),
            Record(RecordKind.Mark, 10, []),
        ];
        foreach (byte[] record in odd)
            venue.Append(record, replay: false);
        venue.Commit();

        (int code, string text, _) = CommandLine.Run("journal", "cat", "--data", venue.Data, "--from", "1");
        (_, string json, _) = CommandLine.Run("journal", "cat", "--data", venue.Data, "--from", "1", "--json");

        Assert.That(code, Is.Zero);
        JsonElement[] lines = ParseLines(json);
        Assert.That(lines, Has.Length.EqualTo(odd.Length));
        Assert.That(text.Split('\n').Where(line => line.StartsWith("    cannot be decoded (", StringComparison.Ordinal)), Has.Exactly(9).Items);
        Assert.That(lines.Take(9).Select(line => line.TryGetProperty("undecodable", out _)), Has.All.True);
        Assert.That(lines[9].TryGetProperty("undecodable", out _), Is.False, "the control: a good Mark");
        Assert.That(text, Does.Contain("1  (no head)  3 bytes\n    cannot be decoded (shorter than the 17 bytes of a head): 010203\n")
            .And.Contain("a record of kind 99, which nobody defined): 63")
            .And.Contain("malformed envelope: TooShort): abcd\n")
            .And.Contain("its head names sequence 77): \n"));
        Assert.That(lines[2].GetProperty("hex").GetString(), Is.EqualTo("abcd"));
    }

    [Test]
    public void Prints_the_other_kinds_with_their_fields()
    {
        using var venue = new VenueOnDisk();
        byte[] engine = new byte[EngineVersionChange.Size];
        new EngineVersionChange(9, Enumerable.Repeat((byte)5, 32).ToArray()).Write(engine);
        byte[] verdict = new byte[Verdict.SizeOf(2)];
        Verdict.Write(verdict, 0, 2, [1, 2]);
        byte[] disconnect = new byte[Disconnect.Size];
        new Disconnect(ulong.MaxValue).Write(disconnect);
        venue.Append(Record(RecordKind.Disconnect, 1, disconnect), replay: false);
        venue.Append(Record(RecordKind.EngineVersion, 2, engine), replay: false);
        venue.Append(Record(RecordKind.Verdict, 3, verdict), replay: false);
        venue.Append(Record(RecordKind.Time, 4, []), replay: false);
        venue.Commit();

        (_, string text, _) = CommandLine.Run("journal", "cat", "--data", venue.Data);
        (_, string json, _) = CommandLine.Run("journal", "cat", "--data", venue.Data, "--json");

        JsonElement[] lines = ParseLines(json);
        Assert.That(text, Does.Contain("    account=18446744073709551615\n")
            .And.Contain("    engine_version=9 engine_hash=0505").And.Contain("    from=0 through=2 invalid=[1,2]\n"));
        Assert.That(lines[1].GetProperty("payload").GetProperty("account").GetString(), Is.EqualTo("18446744073709551615"), "above 2^53 a string");
        Assert.That(lines[3].GetProperty("payload").GetProperty("invalid").EnumerateArray().Select(item => item.GetInt32()), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(lines.Select(line => line.GetProperty("kind").GetString()), Is.EquivalentTo(new[] { "Genesis", "Disconnect", "EngineVersion", "Verdict", "Time" }));
    }

    [Test]
    public void Prints_up_to_damage_and_says_where_it_is()
    {
        using Copy copy = _venue.CopyData();
        Copy.Flip(copy.Segments[1], 4096 + 200);

        (int code, string output, string error) = CommandLine.Run("journal", "cat", "--data", copy.Data, "--json");
        JsonElement[] before = ParseLines(output);
        (int behindCode, string behind, _) = CommandLine.Run("journal", "cat", "--data", copy.Data, "--json", "--from", Path.GetFileNameWithoutExtension(copy.Segments[2]));

        Assert.That(code, Is.EqualTo((int)ExitCode.Damaged));
        Assert.That(before[^1].GetProperty("sequence").GetInt64() + 1, Is.EqualTo(long.Parse(Path.GetFileNameWithoutExtension(copy.Segments[1]), null)));
        Assert.That(error, Does.StartWith("❌ FAILED (damaged) at sequence ").And.Contain($"{copy.Segments[1]} offset 4096"));
        Assert.That(behindCode, Is.Zero, "a range behind the damage can be read");
        Assert.That(ParseLines(behind)[^1].GetProperty("sequence").GetInt64(), Is.EqualTo(_venue.Records.Count - 1));
    }

    [Test]
    public void Leaves_out_a_torn_end_with_a_remark()
    {
        using VenueOnDisk venue = new VenueOnDisk().Open();
        venue.Commit();
        int whole = venue.Records.Count;
        for (int i = 0; i < 6; i++)
            venue.Send(1, new CancelAll());
        venue.Commit();
        using Copy copy = venue.CopyData();
        using (FileStream segment = new(copy.Segments[0], FileMode.Open, FileAccess.ReadWrite))
        {
            byte[] bytes = new byte[segment.Length];
            segment.ReadExactly(bytes);
            segment.Position = bytes.AsSpan().LastIndexOf("CLOBGRP1"u8) + 512;
            segment.Write(new byte[512]);
        }

        (int code, string output, string error) = CommandLine.Run("journal", "cat", "--data", copy.Data, "--json");
        (int missing, _, string missingError) = CommandLine.Run("journal", "cat", "--data", copy.Data, "--to", $"{whole}");

        Assert.That(code, Is.Zero, error);
        Assert.That(ParseLines(output), Has.Length.EqualTo(whole));
        Assert.That(error, Does.StartWith("remark: ").And.Contain("cut off"));
        Assert.That(missing, Is.EqualTo((int)ExitCode.MissingData), missingError);
    }

    [Test]
    public void Reads_a_live_journal_while_it_is_written()
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
            for (int i = 0; i < 10; i++)
            {
                (int code, string output, string error) = CommandLine.Run("journal", "cat", "--data", venue.Data, "--json");
                Assert.That(code, Is.Zero, error);
                JsonElement[] lines = ParseLines(output);
                Assert.That(lines.Select(line => line.GetProperty("sequence").GetInt32()), Is.EqualTo(Enumerable.Range(0, lines.Length)));
            }
        }
        finally
        {
            stop.Cancel();
            writer.GetAwaiter().GetResult();
        }
    }

    private static (int Code, string Output, string Error) Cat(params string[] arguments) => CommandLine.Run(["journal", "cat", "--data", _venue.Data, .. arguments]);

    private static string[] Argument(string name, int? value) => value is { } given ? [name, $"{given}"] : [];

    private static JsonElement[] ParseLines(string output) =>
        [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    private static string AsText(JsonElement command) =>
        string.Join(' ', command.EnumerateObject().Select(field => field.Name is "nonce" or "type" ? $"{field.Value}" : $"{field.Name}={field.Value}"));

    private static byte[] Record(RecordKind kind, ulong sequence, byte[] payload)
    {
        byte[] record = new byte[RecordHeader.Size + payload.Length];
        new RecordHeader(kind, sequence, VenueOnDisk.FirstTime + sequence).Write(record);
        payload.CopyTo(record, RecordHeader.Size);
        return record;
    }
}
