using System.Security.Cryptography;
using System.Text;
using Clob.Journal;
using Clob.Proofs;
using Clob.Settlement;

namespace Clob.Fuzz.Tests;

/// <summary>
/// The ledger of checkpoints and the list of batches, as files. Half of the inputs have lengths and hashes of their entries made right again.
/// </summary>
internal static class SettlementTargets
{
    private const int LengthOffset = 11; // clob-entry 00000123 (64 digits) LF
    private const int HashOffset = LengthOffset + 9;
    private const int HeadSize = HashOffset + 65;

    // An empty directory that exists: a reader that takes no lock asks the real disk for it.
    private static readonly string Data = Directory.CreateTempSubdirectory("clob-fuzz-").FullName;

    public static IEnumerable<FuzzTarget> All
    {
        get
        {
            Directory.CreateDirectory(Path.Combine(Data, "ledger"));
            Directory.CreateDirectory(Path.Combine(Data, "da"));
            return
            [
                new("the ledger of checkpoints", [Ledger()], ReadLedger)
                {
                    Alter = Altered, Refusals = [typeof(InvalidDataException)], FixedAllocation = 1024 * 1024, AllocationPerByte = 1024,
                },
                new("the list of batches", [Batches()], ReadBatches)
                {
                    Alter = Altered, Refusals = [typeof(InvalidDataException)], FixedAllocation = 1024 * 1024, AllocationPerByte = 1024,
                },
            ];
        }
    }

    private static string LedgerPath => Path.Combine(Data, FileLedger.FileName);

    private static string BatchesPath => Path.Combine(Data, DaBatchList.FileName);

    private static byte[] Ledger()
    {
        var storage = new MemoryStorage();
        using var ledger = new FileLedger(Data, storage);
        ledger.Append(ProofTargets.Note(0));
        ledger.Append(ProofTargets.Note(2));
        ledger.Append(ProofTargets.Note(1));
        return storage[LedgerPath];
    }

    private static byte[] Batches()
    {
        var storage = new MemoryStorage();
        using var list = new DaBatchList(Data, storage);
        for (ulong i = 0; i < 4; i++)
            list.Append(new DaBatch(i * 10, 10, Hash256.Of([(byte)i]), new byte[33]));
        return storage[BatchesPath];
    }

    /// <summary>Whoever reads without changing anything, and whoever opens to go on; both must find the same.</summary>
    private static Decoded ReadLedger(ReadOnlySpan<byte> input)
    {
        var storage = new MemoryStorage { [LedgerPath] = input.ToArray() };
        List<byte[]> passive = [.. FileLedger.ReadFrom(Data, storage, TimeSpan.Zero)];
        using var ledger = new FileLedger(Data, storage);
        List<byte[]> opened = [.. ledger.ReadAll()];
        Assert.That(opened.Select(Convert.ToHexString), Is.EqualTo(passive.Select(Convert.ToHexString)));
        var again = new MemoryStorage();
        using var written = new FileLedger(Data, again);
        foreach (byte[] note in passive)
            written.Append(note);
        // Behind the last whole entry there may be the remains of one; what is in front of them has one form.
        byte[] encoded = again[LedgerPath];
        return Decoded.Accepted(passive.Count, [.. encoded, .. input[Math.Min(encoded.Length, input.Length)..]]);
    }

    private static Decoded ReadBatches(ReadOnlySpan<byte> input)
    {
        var storage = new MemoryStorage { [BatchesPath] = input.ToArray() };
        List<DaBatch> passive = [.. DaBatchList.ReadFrom(Data, storage)];
        ulong size = DaBatchList.NewestJournalSize(Data, storage);
        using var list = new DaBatchList(Data, storage);
        Assert.That(list.Size, Is.EqualTo(size));
        var again = new MemoryStorage();
        using var written = new DaBatchList(Data, again);
        foreach (DaBatch batch in passive)
            written.Append(batch);
        byte[] encoded = again[BatchesPath];
        return Decoded.Accepted(size, [.. encoded, .. input[Math.Min(encoded.Length, input.Length)..]]);
    }

    private static byte[] Altered(Random random, IReadOnlyList<byte[]> samples)
    {
        byte[] file = Mutation.Of(random, samples);
        return random.Next(2) == 0 || ReferenceEquals(file, samples[0]) ? file : Sealed(file);
    }

    /// <summary>Each head is followed by what stands before the next one, a line feed at its end, with the length and hash of that.</summary>
    private static byte[] Sealed(byte[] file)
    {
        string text = Encoding.Latin1.GetString(file);
        string[] entries = text.Split("clob-entry ");
        var again = new StringBuilder(entries[0]);
        foreach (string entry in entries.Skip(1))
        {
            string payload = entry.Length > HeadSize - LengthOffset ? entry[(HeadSize - LengthOffset)..].TrimEnd('\n') : "";
            payload += entries[0].Length == 0 && payload.StartsWith("clob-", StringComparison.Ordinal) ? "\n" : "";
            string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.Latin1.GetBytes(payload)));
            again.Append(System.Globalization.CultureInfo.InvariantCulture, $"clob-entry {payload.Length:D8} {hash}\n{payload}\n");
        }

        return Encoding.Latin1.GetBytes(again.ToString());
    }
}
