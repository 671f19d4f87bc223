using System.Text;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Fuzz.Tests;

/// <summary>What an auditor reads: signed notes, checkpoint records, log heads, verifier keys, stored ranges; and amounts as people write them.</summary>
internal static class ProofTargets
{
    private static readonly SigningKey LogKey = SigningKey.FromSeed(Enumerable.Repeat((byte)2, SigningKey.SeedSize).ToArray());
    private static readonly Hash256 Venue = Hash256.Of("a venue"u8);
    private static readonly CheckpointVerifier Verifier = new(Venue, VerifyingKey.TryImport(LogKey.PublicKey)!);

    public static IEnumerable<FuzzTarget> All =>
    [
        new("signed notes", [Note(0), Note(2)], ReadNote) { AllocationPerByte = 64 },
        new("signed checkpoints", [Note(0), Note(2)], OpenCheckpoint) { IsSealed = true, AllocationPerByte = 64 },
        new("checkpoint records", [Text(Checkpoint(0).ToString()), Text(Checkpoint(2).ToString())], ReadCheckpoint) { AllocationPerByte = 64 },
        new("log heads", [Text(new LogHead("clob/log", 12, Venue).ToString())], ReadHead) { AllocationPerByte = 64 },
        new("verifier keys", [Text(Verifier.VerifierKey)], ReadKey) { AllocationPerByte = 64, IsSealed = true },
        new("compact ranges", [Range(0), Range(1), Range(255)], ReadRange) { Refusals = [typeof(InvalidDataException)] },
        new("amounts", [Text("10000.0"), Text("0"), Text("170141183460469231731.687303715884105728")], ReadAmount) { IsCanonical = false },
    ];

    /// <summary>A checkpoint's signed note, with so many batches.</summary>
    public static byte[] Note(int batches) => new CheckpointSigner(Venue, LogKey).Sign(Checkpoint(batches));

    private static CheckpointRecord Checkpoint(int batches) => new()
    {
        Venue = Venue,
        Number = 3,
        Sequence = 41,
        Time = 1_700_000_000_000_000_000,
        JournalSize = 42,
        JournalRoot = Hash256.Of([1]),
        RecordsRoot = Hash256.Of([2]),
        EventsRoot = Hash256.Of([3]),
        StateRoot = Hash256.Of([4]),
        Previous = Hash256.Of([5]),
        Engine = Hash256.Of([6]),
        DaSize = 42,
        Batches = [.. Enumerable.Range(0, batches).Select(i => new DaBatch((ulong)i * 21, 21, Hash256.Of([(byte)i]), new byte[32]))],
    };

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static Decoded ReadNote(ReadOnlySpan<byte> input) =>
        SignedNote.TryParse(input, out var note, out string? error) ? Decoded.Accepted(note!.Signatures.Count, note.ToBytes()) : Decoded.Refused(error!);

    private static Decoded OpenCheckpoint(ReadOnlySpan<byte> input) =>
        Verifier.TryOpen(input, out var record, out _, out string? error) ? Decoded.Accepted(record!) : Decoded.Refused(error!);

    private static Decoded ReadCheckpoint(ReadOnlySpan<byte> input) =>
        CheckpointRecord.TryParse(Encoding.Latin1.GetString(input), out var record, out string? error)
            ? Decoded.Accepted(record!.CoreHash(), Text(record.ToString())) : Decoded.Refused(error!);

    private static Decoded ReadHead(ReadOnlySpan<byte> input) =>
        LogHead.TryParse(Encoding.Latin1.GetString(input), out var head, out string? error)
            ? Decoded.Accepted(head!, Encoding.Latin1.GetBytes(head!.ToString())) : Decoded.Refused(error!);

    private static Decoded ReadKey(ReadOnlySpan<byte> input) =>
        NoteVerifier.TryParse(Encoding.Latin1.GetString(input), out var verifier, out string? error)
            ? Decoded.Accepted(verifier!, Encoding.Latin1.GetBytes(verifier!.ToString())) : Decoded.Refused(error!);

    private static byte[] Range(int leaves)
    {
        var range = new CompactRange();
        for (int i = 0; i < leaves; i++)
            range.AppendEntry([(byte)i]);
        byte[] bytes = new byte[range.SerializedSize];
        range.WriteTo(bytes);
        return bytes;
    }

    private static Decoded ReadRange(ReadOnlySpan<byte> input)
    {
        var range = new CompactRange();
        range.ReadFrom(input);
        byte[] encoded = new byte[range.SerializedSize];
        range.WriteTo(encoded);
        return Decoded.Accepted(range.Root(), encoded);
    }

    private static Decoded ReadAmount(ReadOnlySpan<byte> input) =>
        Amount.TryParse(Encoding.Latin1.GetString(input), 18, out var units, out string error)
            ? Decoded.Accepted(units, Text(Amount.Format(units, 18))) : Decoded.Refused(error);
}
