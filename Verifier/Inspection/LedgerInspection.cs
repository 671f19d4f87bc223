using Clob.Proofs;
using Clob.Settlement;
using Clob.Verifier.Audit;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Inspection;

/// <summary>
/// Counts the entries of the ledger and opens the first and the newest, in two steps: the log key, without which no signature can be checked,
/// stands in the journal, which is read in between. That all checkpoints follow from each other is for <c>full</c> to say.
/// </summary>
internal sealed class LedgerInspection
{
    private readonly string _ledger;
    private readonly List<Failure> _failures;
    private ulong _count;
    private byte[]? _first;
    private byte[]? _newest;

    private LedgerInspection(string ledger, List<Failure> failures)
    {
        _ledger = ledger;
        _failures = failures;
    }

    /// <summary>Reads all entries.</summary>
    /// <param name="data">The data directory.</param>
    /// <param name="patience">How long a last entry that looks damaged may take to become whole.</param>
    /// <param name="failures">Takes what does not hold, now and later.</param>
    public static LedgerInspection Read(string data, TimeSpan patience, List<Failure> failures)
    {
        var ledger = new LedgerInspection(DataDirectory.LedgerPath(data), failures);
        try
        {
            foreach (byte[] note in FileLedger.ReadFrom(data, patience: patience))
            {
                ledger._first ??= note;
                ledger._newest = note;
                ledger._count++;
            }
        }
        catch (InvalidDataException damage)
        {
            failures.Add(ledger.Fails(ledger._count + 1, ExitCode.Damaged, "a ledger entry", damage.Message));
        }
        return ledger;
    }

    /// <summary>Opens the first and the newest checkpoint.</summary>
    /// <param name="genesis">Record 0; null when it cannot be read, and then signatures are not checked.</param>
    public LedgerListing? Open(byte[]? genesis)
    {
        if (_first is null || _newest is null)
            return null;
        CheckpointVerifier? verifier = genesis is null ? null : CheckpointVerifier.FromGenesis(genesis);
        CheckpointRecord? first = Open(_first, 1, verifier);
        CheckpointRecord? newest = _count == 1 ? first : Open(_newest, _count, verifier);
        return new LedgerListing(_count, first, newest, SignaturesChecked: verifier is not null);
    }

    private CheckpointRecord? Open(byte[] note, ulong number, CheckpointVerifier? verifier)
    {
        CheckpointRecord? record;
        CheckpointFaultKind kind = CheckpointFaultKind.Malformed;
        string? error;
        bool opened = verifier is not null
            ? verifier.TryOpen(note, out record, out kind, out error)
            : TryReadUnchecked(note, out record, out error);
        if (!opened)
            _failures.Add(Fails(number, LedgerReader.CodeOf(kind), "a checkpoint record signed by the log key", error!));
        else if (record!.Number != number)
            _failures.Add(Fails(number, ExitCode.MissingData, $"checkpoint {number}", $"checkpoint {record.Number} in its place"));
        return record;
    }

    private static bool TryReadUnchecked(byte[] note, out CheckpointRecord? record, out string? error)
    {
        record = null;
        return SignedNote.TryParse(note, out SignedNote? signed, out error) && CheckpointRecord.TryParse(signed!.Text, out record, out error);
    }

    private Failure Fails(ulong number, ExitCode code, string expected, string found) => new(code, expected, found) { Checkpoint = number, Segment = _ledger };
}
