using System.Globalization;
using System.Text;
using Clob.Engine;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Tests;

/// <summary>One thing done to a copy of an honest venue, and what the verifier must say about it.</summary>
public sealed class TamperingTests
{
    private static VenueOnDisk _venue = null!;
    private static VenueOnDisk _other = null!;

    [OneTimeSetUp]
    public static void Write()
    {
        // 16 KiB segments of three groups, so that there are several.
        _venue = new VenueOnDisk(recordsPerGroup: 5, segmentSize: 16 * 1024).Open().Trade().Trade(101).Trade(102).Trade(103);
        _venue.Commit();
        _other = new VenueOnDisk(recordsPerGroup: 5, segmentSize: 16 * 1024, salt: 100).Open().Trade().Trade(101).Trade(102).Trade(103);
        _other.Commit();
    }

    [OneTimeTearDown]
    public static void Remove()
    {
        _venue.Dispose();
        _other.Dispose();
    }

    [TestCase(RecordSourceKind.Segments)]
    [TestCase(RecordSourceKind.Da)]
    public void Passes_an_untampered_copy(object source)
    {
        using Copy copy = _venue.CopyData();
        Assert.That(copy.Segments, Has.Length.GreaterThanOrEqualTo(3));
        Assert.That(Verify(copy, (RecordSourceKind)source).Failure, Is.Null);
    }

    private static IEnumerable<TestCaseData> Segments()
    {
        yield return Case("A_flipped_bit_in_a_segments_header", copy => Copy.Flip(copy.Segments[1], 50), ExitCode.Damaged, segment: 1, offset: 0);
        yield return Case("A_flipped_bit_in_a_group", copy => Copy.Flip(copy.Segments[1], 4096 + 300), ExitCode.Damaged, segment: 1, offset: 4096);
        yield return Case("A_flipped_bit_in_the_last_group", copy => Copy.Flip(copy.Segments[^1], LastGroup(copy) + 300), ExitCode.Damaged, segment: -1);
        yield return Case("A_flipped_bit_in_the_last_groups_header", copy => Copy.Flip(copy.Segments[^1], LastGroup(copy) + 3), ExitCode.Damaged, segment: -1);
        yield return Case("A_flipped_bit_in_a_finished_segments_last_group", copy => Copy.Flip(copy.Segments[0], 16384 - 5), ExitCode.Damaged, segment: 0);
        yield return Case("A_truncated_segment", copy => Truncate(copy.Segments[1], 9000), ExitCode.Damaged, segment: 1, offset: 9000);
        yield return Case("A_truncated_last_segment", copy => Truncate(copy.Segments[^1], 5000), ExitCode.Damaged, segment: -1, offset: 5000);
        yield return Case("A_deleted_first_segment", copy => File.Delete(copy.Segments[0]), ExitCode.MissingData);
        yield return Case("A_deleted_segment", copy => File.Delete(copy.Segments[1]), ExitCode.Damaged, segment: 0);
        yield return Case("A_deleted_last_segment", copy => File.Delete(copy.Segments[^1]), ExitCode.MissingData, checkpoint: 4);
        yield return Case("No_segments", copy => Directory.Delete(Path.Combine(copy.Data, "journal"), recursive: true), ExitCode.MissingData);
        yield return Case("An_empty_directory_of_segments", copy => Array.ForEach(copy.Segments, File.Delete), ExitCode.MissingData);
        yield return Case("Swapped_segments", copy => Swap(copy.Segments[1], copy.Segments[2]), ExitCode.Damaged, segment: 1);
        yield return Case("A_segment_of_another_venue", copy => Replace(copy.Segments[1], OtherSegment(1)), ExitCode.Damaged, segment: 1);
        yield return Case("The_journal_of_another_venue", copy => ReplaceJournal(copy), ExitCode.BadSignature, checkpoint: 1);
        yield return Case("Zeros_over_the_last_groups", copy => ZeroFrom(copy.Segments[^1], 4096), ExitCode.MissingData, checkpoint: 4);
    }

    private static IEnumerable<TestCaseData> Ledgers()
    {
        yield return Case("No_ledger", copy => File.Delete(copy.LedgerFile), ExitCode.MissingData);
        yield return Case("A_flipped_bit_in_a_ledger_entry", copy => Copy.Flip(copy.LedgerFile, 700), ExitCode.Damaged, checkpoint: 1);
        yield return Case("A_flipped_bit_in_the_last_ledger_entry", copy => Copy.Flip(copy.LedgerFile, new FileInfo(copy.LedgerFile).Length - 200), ExitCode.Damaged, checkpoint: 4);
        yield return Ledger("A_removed_first_checkpoint", notes => [.. notes.Skip(1)], ExitCode.MissingData, 1);
        yield return Ledger("A_removed_checkpoint", notes => [notes[0], notes[2], notes[3]], ExitCode.MissingData, 2);
        yield return Ledger("Reordered_checkpoints", notes => [notes[0], notes[2], notes[1], notes[3]], ExitCode.MissingData, 2);
        yield return Ledger("A_repeated_checkpoint", notes => [notes[0], notes[0], notes[1]], ExitCode.Mismatch, 2);
        yield return Ledger("An_edited_checkpoint", notes => [notes[0], Edit(notes[1], "number 2", "number 3"), notes[2]], ExitCode.BadSignature, 2);
        yield return Ledger("A_checkpoint_without_signature", notes => [notes[0], [.. notes[1].AsSpan(0, notes[1].AsSpan().IndexOf("\n\n"u8) + 1)]], ExitCode.Damaged, 2);
        yield return Ledger("A_checkpoint_with_a_second_signature", notes => [notes[0], [.. notes[1], .. "— other ABCDEFGH\n"u8]], ExitCode.Damaged, 2);
        yield return Ledger("Another_log_key", notes => [.. notes.Select(note => Resign(note, _other.LogKey, record => record))], ExitCode.BadSignature, 1);
        yield return Ledger("Rubbish_for_a_checkpoint", notes => [notes[0], [1, 2, 3]], ExitCode.Damaged, 2);
        yield return Ledger("A_doctored_state_root_signed_by_the_log_key",
            notes => [notes[0], Resign(notes[1], _venue.LogKey, record => VenueOnDisk.Change(record, stateRoot: Hash256.Of("lie"u8)))], ExitCode.Mismatch, 2);
        yield return Ledger("A_checkpoint_left_out_and_the_chain_signed_again", notes => [notes[0],
            Resign(notes[2], _venue.LogKey, record => VenueOnDisk.Change(record, number: 2, daSize: _venue.Checkpoints[0].DaSize, batches: []))], ExitCode.Mismatch, 2);
    }

    private static IEnumerable<TestCaseData> Batches()
    {
        yield return Batch("A_flipped_bit_in_the_first_batch", (copy, name) => Copy.Flip(name(0), 10), ExitCode.Damaged);
        yield return Batch("A_flipped_bit_in_a_batch", (copy, name) => Copy.Flip(name(2), 77), ExitCode.Damaged);
        yield return Batch("A_missing_first_batch", (copy, name) => File.Delete(name(0)), ExitCode.MissingData);
        yield return Batch("A_missing_batch", (copy, name) => File.Delete(name(2)), ExitCode.MissingData);
        yield return Batch("A_truncated_batch", (copy, name) => Truncate(name(2), 100), ExitCode.Damaged);
        yield return Batch("No_folder_of_batches", (copy, name) => Directory.Delete(Path.Combine(copy.Data, "da"), recursive: true), ExitCode.MissingData);
        yield return Batch("No_checkpoint", (copy, name) => File.Delete(copy.LedgerFile), ExitCode.MissingData);
        yield return Batch("An_edited_first_checkpoint", (copy, name) => copy.WriteLedger([Edit(copy.Notes[0], "number 1", "number 2")]), ExitCode.BadSignature);
    }

    [TestCaseSource(nameof(Segments))]
    [TestCaseSource(nameof(Ledgers))]
    [TestCaseSource(nameof(Batches))]
    public void Says_what_was_tampered_with(object tampering)
    {
        var expected = (Tampering)tampering;
        using Copy copy = _venue.CopyData();
        string[] segments = copy.Segments;
        expected.Do(copy);

        VerificationResult result = Verify(copy, expected.Source);

        Assert.That(result.Code, Is.EqualTo(expected.Code), $"{result.Failure}");
        Assert.Multiple(() =>
        {
            if (expected.Checkpoint is { } checkpoint)
                Assert.That(result.Failure!.Checkpoint, Is.EqualTo(checkpoint), $"{result.Failure}");
            if (expected.Segment is { } segment)
                Assert.That(result.Failure!.Segment, Is.EqualTo(segments[segment < 0 ? ^-segment : segment]), $"{result.Failure}");
            if (expected.Offset is { } offset)
                Assert.That(result.Failure!.Offset, Is.EqualTo(offset), $"{result.Failure}");
            Assert.That(result.Failure!.ToString(), Does.Not.Contain('\n'));
        });
    }

    [Test]
    public void Passes_the_remains_of_a_torn_group_with_a_remark()
    {
        using Copy copy = _venue.CopyData();
        long end = LastGroup(copy) + 4096;
        using (FileStream file = File.OpenWrite(copy.Segments[^1]))
        {
            // The second sector of a group whose first was not written any more.
            file.Position = end + 512;
            file.Write("the rest of a record"u8);
        }

        VerificationResult result = Verify(copy, RecordSourceKind.Segments);

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That(result.Summary.Remarks, Has.One.Contains($"offset {end}"));
    }

    [Test]
    public void Passes_a_torn_last_ledger_entry()
    {
        using Copy copy = _venue.CopyData();
        Truncate(copy.LedgerFile, new FileInfo(copy.LedgerFile).Length - 300);

        VerificationResult result = Verify(copy, RecordSourceKind.Segments);

        Assert.That(result.Failure, Is.Null, $"{result.Failure}");
        Assert.That(result.Summary.Checkpoints, Is.EqualTo(3));
    }

    [Test]
    public void Insists_on_the_venue_and_the_engine_it_is_given()
    {
        using Copy copy = _venue.CopyData();
        var options = new FullOptions { DataDirectory = copy.Data, Venue = _venue.Venue, EngineHash = _venue.Checkpoints[^1].Engine };

        Assert.That(FullVerification.Run(options).Code, Is.EqualTo(ExitCode.Success));
        Assert.That(FullVerification.Run(options with { Venue = _other.Venue }).Code, Is.EqualTo(ExitCode.Mismatch));
        Assert.That(FullVerification.Run(options with { EngineHash = _other.Venue }).Code, Is.EqualTo(ExitCode.Mismatch));
    }

    internal static VerificationResult Verify(Copy copy, RecordSourceKind source) => FullVerification.Run(new FullOptions { DataDirectory = copy.Data, Source = source, Patience = TimeSpan.Zero });

    /// <summary>Offset of the last whole group of the last segment.</summary>
    private static long LastGroup(Copy copy)
    {
        using var reader = new JournalReader(Path.Combine(copy.Data, "journal"));
        while (reader.TryReadGroup())
        {
        }
        return reader.GroupOffset;
    }

    private static string OtherSegment(int index) => Directory.EnumerateFiles(Path.Combine(_other.Data, "journal"), "*.seg").Order().ElementAt(index);

    private static void ReplaceJournal(Copy copy)
    {
        Array.ForEach(copy.Segments, File.Delete);
        for (int i = 0; i < 3; i++)
            File.Copy(OtherSegment(i), Path.Combine(copy.Data, "journal", Path.GetFileName(OtherSegment(i))));
    }

    private static void Replace(string file, string by) => File.Copy(by, file, overwrite: true);

    private static void Swap(string one, string other)
    {
        File.Move(one, one + "x");
        File.Move(other, one);
        File.Move(one + "x", other);
    }

    private static void Truncate(string file, long length)
    {
        using FileStream stream = new(file, FileMode.Open);
        stream.SetLength(length);
    }

    private static void ZeroFrom(string file, int offset)
    {
        byte[] bytes = File.ReadAllBytes(file);
        bytes.AsSpan(offset).Clear();
        File.WriteAllBytes(file, bytes);
    }

    private static byte[] Edit(byte[] note, string from, string to)
    {
        string text = Encoding.UTF8.GetString(note);
        Assert.That(text, Does.Contain(from));
        return Encoding.UTF8.GetBytes(text.Replace(from, to, StringComparison.Ordinal));
    }

    private static byte[] Resign(byte[] note, SigningKey key, Func<CheckpointRecord, CheckpointRecord> change)
    {
        if (!SignedNote.TryParse(note, out SignedNote? opened, out string? error) || !CheckpointRecord.TryParse(opened!.Text, out CheckpointRecord? record, out error))
            throw new FormatException(error);
        CheckpointRecord changed = change(record!);
        if (changed.Number > 1 && changed.Number != record!.Number)
            changed = VenueOnDisk.Change(changed, previous: _venue.Checkpoints[(int)changed.Number - 2].CoreHash());
        return new CheckpointSigner(changed.Venue, key).Sign(changed);
    }

    private static TestCaseData Case(string name, Action<Copy> tamper, ExitCode code, ulong? checkpoint = null, int? segment = null, long? offset = null) =>
        new TestCaseData(new Tampering(tamper, code, RecordSourceKind.Segments, checkpoint, segment, offset)).SetName(name);

    private static TestCaseData Ledger(string name, Func<List<byte[]>, IEnumerable<byte[]>> tamper, ExitCode code, ulong checkpoint) =>
        Case(name, copy => copy.WriteLedger(tamper(copy.Notes)), code, checkpoint);

    private static TestCaseData Batch(string name, Action<Copy, Func<int, string>> tamper, ExitCode code) =>
        new TestCaseData(new Tampering(
            copy => tamper(copy, index => Path.Combine(copy.Data, "da", Convert.ToHexStringLower(_venue.Checkpoints[index].Batches[0].Commitment.Span))),
            code, RecordSourceKind.Da, null, null, null)).SetName(name + "_of_data_availability");

    private sealed record Tampering(Action<Copy> Do, ExitCode Code, RecordSourceKind Source, ulong? Checkpoint, int? Segment, long? Offset)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Source} {Code}");
    }
}
