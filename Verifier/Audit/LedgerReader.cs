using Clob.Proofs;

namespace Clob.Verifier.Audit;

/// <summary>
/// The checkpoints of a ledger, one after the other, each opened only after it was found signed by the log key and to follow from the
/// one before. Entries are read as they are asked for, so a live ledger may end later than it did at first.
/// </summary>
internal sealed class LedgerReader : IDisposable
{
    private readonly IEnumerator<byte[]> _notes;
    private readonly string _ledger;
    private CheckpointVerifier? _verifier;
    private CheckpointChain? _chain;
    private bool _peeked;
    private bool _ended;

    /// <summary>Reads notes.</summary>
    /// <param name="notes">The signed notes in their order.</param>
    /// <param name="ledger">The ledger's name for failures.</param>
    public LedgerReader(IEnumerable<byte[]> notes, string ledger)
    {
        _notes = notes.GetEnumerator();
        _ledger = ledger;
    }

    /// <summary>The checkpoint taken last; null before the first.</summary>
    public CheckpointRecord? Last => _chain?.Last;

    /// <summary>The log key as a C2SP verifier key; null before <see cref="Trust"/>.</summary>
    public string? LogKey => _verifier?.VerifierKey;

    private ulong NextNumber => _chain?.NextNumber ?? 1;

    /// <summary>Says whose signatures count.</summary>
    public void Trust(CheckpointVerifier verifier)
    {
        _verifier = verifier;
        _chain = new CheckpointChain(verifier);
    }

    /// <summary>Whether there is another checkpoint. Once false it stays so.</summary>
    /// <exception cref="VerificationFailedException">The ledger is damaged.</exception>
    public bool HasNext()
    {
        if (_peeked || _ended)
            return _peeked;
        try
        {
            _peeked = _notes.MoveNext();
        }
        catch (InvalidDataException damage)
        {
            throw new VerificationFailedException(new Failure(ExitCode.Damaged, "a ledger entry", damage.Message) { Checkpoint = NextNumber, Segment = _ledger });
        }
        _ended = !_peeked;
        return _peeked;
    }

    /// <summary>Opens the next checkpoint; the caller has asked <see cref="HasNext"/> and called <see cref="Trust"/>.</summary>
    /// <exception cref="VerificationFailedException">It is no checkpoint, not signed, or does not follow from the one before.</exception>
    public CheckpointRecord Take()
    {
        _peeked = false;
        ulong number = NextNumber;
        if (!_verifier!.TryOpen(_notes.Current, out CheckpointRecord? record, out CheckpointFaultKind kind, out string? error))
            throw Fails(kind, number, error!);
        if (record!.Number > number)
        {
            throw new VerificationFailedException(new Failure(ExitCode.MissingData, $"checkpoint {number}", $"checkpoint {record.Number} in its place")
            {
                Checkpoint = number,
                Segment = _ledger,
            });
        }
        if (_chain!.Append(record) is { } fault)
            throw Fails(fault.Kind, number, fault.Reason);
        return record;
    }

    /// <summary>Which finding a checkpoint is that cannot be opened or does not follow.</summary>
    public static ExitCode CodeOf(CheckpointFaultKind kind) => kind switch
    {
        CheckpointFaultKind.Malformed => ExitCode.Damaged,
        CheckpointFaultKind.BadSignature => ExitCode.BadSignature,
        _ => ExitCode.Mismatch,
    };

    /// <inheritdoc/>
    public void Dispose() => _notes.Dispose();

    private VerificationFailedException Fails(CheckpointFaultKind kind, ulong number, string reason)
    {
        string expected = kind switch
        {
            CheckpointFaultKind.Malformed => "a checkpoint record in a signed note",
            CheckpointFaultKind.BadSignature => $"a signature by the log key {LogKey}",
            _ => "a checkpoint that follows from the one before",
        };
        return new VerificationFailedException(new Failure(CodeOf(kind), expected, reason) { Checkpoint = number, Segment = _ledger });
    }
}
