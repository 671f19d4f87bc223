namespace Clob.Proofs;

/// <summary>What kind of thing is wrong with a checkpoint.</summary>
public enum CheckpointFaultKind
{
    /// <summary>The bytes are not a signed record.</summary>
    Malformed,

    /// <summary>The log key has not signed it.</summary>
    BadSignature,

    /// <summary>It is signed, but does not follow from the one before, or contradicts itself.</summary>
    BrokenChain,
}

/// <summary>The first checkpoint at which a chain breaks, and why.</summary>
/// <param name="Number">The number of that checkpoint: its place in the chain, from 1, whatever number it gives itself.</param>
/// <param name="Kind">What kind of thing is wrong.</param>
/// <param name="Reason">What was expected and what was found.</param>
public sealed record CheckpointFault(ulong Number, CheckpointFaultKind Kind, string Reason)
{
    /// <summary>One line for people.</summary>
    public override string ToString() => $"checkpoint {Number}: {Reason}";
}

/// <summary>
/// Checks that each checkpoint follows from the one before. Settlement asks it before it publishes one, the verifier when it reads
/// them, so neither can be laxer. That a single record is true (roots, events, state) is for replay to say.
/// Numbers rise by one from 1; previous is the core hash of the one before, zeros for the first; venue and log key stay the same;
/// the Mark is the journal's last record (sequence = size − 1); journal size and time rise; the DA size never shrinks, never exceeds
/// the journal, and is covered by the batches without gap or overlap, from the size before.
/// Not thread-safe.
/// </summary>
public sealed class CheckpointChain
{
    private readonly CheckpointVerifier _verifier;
    private CheckpointFault? _fault;

    /// <summary>Starts before the first checkpoint.</summary>
    public CheckpointChain(CheckpointVerifier verifier) => _verifier = verifier;

    /// <summary>Starts after a checkpoint that is trusted already.</summary>
    /// <exception cref="ArgumentException">That checkpoint is another venue's.</exception>
    public CheckpointChain(CheckpointVerifier verifier, CheckpointRecord last)
    {
        if (last.Venue != verifier.Venue)
            throw new ArgumentException($"Checkpoint {last.Number} is of venue {last.Venue}, expected {verifier.Venue}.", nameof(last));
        _verifier = verifier;
        Last = last;
    }

    /// <summary>The last checkpoint that held; null before the first.</summary>
    public CheckpointRecord? Last { get; private set; }

    /// <summary>The number the next checkpoint must have.</summary>
    public ulong NextNumber => (Last?.Number ?? 0) + 1;

    /// <summary>What <see cref="CheckpointRecord.Previous"/> of the next checkpoint must be.</summary>
    public Hash256 NextPrevious => Last?.CoreHash() ?? default;

    /// <summary>
    /// Takes the next checkpoint as the bytes of its signed note. Null if it holds; otherwise the fault, which then stays: a chain
    /// has no good part after a bad one.
    /// </summary>
    public CheckpointFault? Append(ReadOnlySpan<byte> note)
    {
        if (_fault is not null)
            return _fault;
        if (!_verifier.TryOpen(note, out CheckpointRecord? record, out CheckpointFaultKind kind, out string? error))
            return _fault = new CheckpointFault(NextNumber, kind, error!);
        return Append(record!);
    }

    /// <summary>Takes the next checkpoint as a record whose signature is not in question, as <see cref="Append(ReadOnlySpan{byte})"/> does.</summary>
    public CheckpointFault? Append(CheckpointRecord record)
    {
        if (_fault is not null)
            return _fault;
        string? reason = LinkError(record) ?? JournalError(record) ?? DaError(record);
        if (reason is not null)
            return _fault = new CheckpointFault(NextNumber, CheckpointFaultKind.BrokenChain, reason);
        Last = record;
        return null;
    }

    private string? LinkError(CheckpointRecord record)
    {
        if (record.Venue != _verifier.Venue)
            return $"venue is {record.Venue}, expected {_verifier.Venue}";
        if (record.Number != NextNumber)
            return $"number is {record.Number}, expected {NextNumber}";
        if (record.Previous != NextPrevious)
            return $"previous is {record.Previous}, expected {NextPrevious}";
        return null;
    }

    private string? JournalError(CheckpointRecord record)
    {
        if (record.JournalSize == 0 || record.Sequence != record.JournalSize - 1)
            return $"the Mark has sequence {record.Sequence} in a journal of {record.JournalSize} records, expected the last one";
        if (Last is null)
            return null;
        if (record.JournalSize <= Last.JournalSize)
            return $"journal size is {record.JournalSize}, expected more than the {Last.JournalSize} of the checkpoint before";
        if (record.Time <= Last.Time)
            return $"time is {record.Time}, expected more than the {Last.Time} of the checkpoint before";
        return null;
    }

    private string? DaError(CheckpointRecord record)
    {
        ulong covered = Last?.DaSize ?? 0;
        if (record.DaSize < covered)
            return $"DA size is {record.DaSize}, expected no less than the {covered} of the checkpoint before";
        if (record.DaSize > record.JournalSize)
            return $"DA size is {record.DaSize}, the journal has {record.JournalSize} records";
        foreach (DaBatch batch in record.Batches)
        {
            if (batch.First != covered)
                return $"a batch begins at sequence {batch.First}, expected {covered}";
            // Subtracting cannot overflow: covered never passes the DA size.
            if (batch.Count == 0 || batch.Count > record.DaSize - covered)
                return $"the batch at sequence {batch.First} has {batch.Count} records, expected 1 to {record.DaSize - covered}";
            covered += batch.Count;
        }
        return covered == record.DaSize ? null : $"the batches reach {covered} records, DA size is {record.DaSize}";
    }
}
