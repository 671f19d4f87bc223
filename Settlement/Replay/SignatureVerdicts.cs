using Clob.Protocol;

namespace Clob.Settlement;

/// <summary>
/// Which records' signatures have been checked, and which of them were invalid. One thread records (recovery first, live matching after it);
/// two others read, each from its own position on and never backwards: the replica (<see cref="IsInvalid"/>) and the sequencer
/// (<see cref="WriteVerdict"/>). Recording a valid signature is one store; nothing here waits for anybody, so a reader that has been
/// pushed off its core never delays matching.
/// </summary>
public sealed class SignatureVerdicts
{
    private const int InitialCapacity = 1024;

    // Invalid sequences, rising, in a ring that doubles when both readers leave too many behind. Entry i stands at i & (length - 1).
    // The writer owns the ring and replaces it whole; a reader touches only entries that it has not passed yet, and the writer reuses
    // only entries that both have passed.
    private ulong[] _invalid = new ulong[InitialCapacity];
    private long _invalidCount;
    private ulong _settledThrough;

    // Owner: the replica.
    private long _replicaNext;

    // Owner: the sequencer.
    private long _verdictNext;
    private ulong _verdictCovered;

    /// <summary>Number of leading records whose signatures are settled: all below this size are. Any thread may read it.</summary>
    public ulong SettledThrough => Volatile.Read(ref _settledThrough);

    /// <summary>Number of leading records that journaled Verdicts cover; the sequencer's.</summary>
    public ulong VerdictCovered => _verdictCovered;

    /// <summary>Invalid sequences that no Verdict lists yet. At <see cref="Verdict.MaximumCount"/> a Verdict is due early; the sequencer's.</summary>
    public int UncoveredInvalid => (int)Math.Min(Volatile.Read(ref _invalidCount) - _verdictNext, int.MaxValue);

    /// <summary>Settles the next record. Every record is settled, those without a signature as valid.</summary>
    /// <param name="sequence">The record; one more than the one before.</param>
    /// <param name="invalid">Whether its signature is not valid under its account's key as of the record.</param>
    /// <exception cref="InvalidOperationException">A record was left out or came twice.</exception>
    public void Record(ulong sequence, bool invalid)
    {
        if (sequence != _settledThrough)
            throw new InvalidOperationException($"verdicts rise without gaps: expected the verdict on record {_settledThrough}, got one on {sequence}");
        if (invalid)
            Append(sequence);
        // Release: whoever sees the size finds the entries below it.
        Volatile.Write(ref _settledThrough, sequence + 1);
    }

    /// <summary>Whether a settled record carries an invalid signature. For the replica alone, which asks in rising order.</summary>
    /// <exception cref="InvalidOperationException">The record is not settled yet.</exception>
    public bool IsInvalid(ulong sequence)
    {
        if (sequence >= SettledThrough)
            throw new InvalidOperationException($"record {sequence} is not settled yet, only those below {SettledThrough} are");
        long count = Volatile.Read(ref _invalidCount);
        // After the count: a ring read now holds every entry below it that this reader has not passed.
        ulong[] ring = Volatile.Read(ref _invalid);
        long next = _replicaNext;
        while (next < count && ring[next & (ring.Length - 1)] < sequence)
            next++;
        Volatile.Write(ref _replicaNext, next);
        return next < count && ring[next & (ring.Length - 1)] == sequence;
    }

    /// <summary>
    /// Writes the payload of the Verdict record that follows the last one: everything settled, or as far as the list of one record reaches.
    /// The sequencer must journal it. For the sequencer alone.
    /// </summary>
    /// <param name="payload">At least <see cref="Verdict.SizeOf"/>(<see cref="Verdict.MaximumCount"/>) bytes.</param>
    /// <returns>Bytes of the payload; 0 when no record has been settled since the last Verdict.</returns>
    public int WriteVerdict(Span<byte> payload)
    {
        ulong settled = SettledThrough;
        if (settled == _verdictCovered)
            return 0;
        long count = Volatile.Read(ref _invalidCount);
        ulong[] ring = Volatile.Read(ref _invalid);
        Span<ulong> listed = stackalloc ulong[Verdict.MaximumCount];
        int length = 0;
        long next = _verdictNext;
        while (next < count && ring[next & (ring.Length - 1)] < settled && length < listed.Length)
            listed[length++] = ring[next++ & (ring.Length - 1)];
        // One that is settled and did not fit ends the range before it.
        ulong covered = next < count ? Math.Min(settled, ring[next & (ring.Length - 1)]) : settled;
        int size = Verdict.Write(payload, _verdictCovered, covered - 1, listed[..length]);
        _verdictCovered = covered;
        Volatile.Write(ref _verdictNext, next);
        return size;
    }

    /// <summary>Takes over, before anything is recorded, what a snapshot's state knows of the records before it.</summary>
    /// <param name="settledThrough">Number of records that need not be recorded.</param>
    /// <param name="uncoveredInvalid">Those among them whose invalid signature no Verdict lists yet, rising.</param>
    internal void StartBehind(ulong settledThrough, IReadOnlyList<ulong> uncoveredInvalid)
    {
        if (_settledThrough != 0)
            throw new InvalidOperationException($"verdicts begin once: {_settledThrough} are recorded already");
        foreach (ulong sequence in uncoveredInvalid)
            Append(sequence);
        Volatile.Write(ref _settledThrough, settledThrough);
    }

    /// <summary>Takes over, before the sequencer starts, that the journal's Verdicts cover this many leading records. For recovery.</summary>
    internal void ResumeVerdicts(ulong covered)
    {
        long next = 0;
        while (next < _invalidCount && _invalid[next & (_invalid.Length - 1)] < covered)
            next++;
        _verdictCovered = covered;
        _verdictNext = next;
    }

    private void Append(ulong sequence)
    {
        long count = _invalidCount;
        ulong[] ring = _invalid;
        long oldest = Math.Min(Volatile.Read(ref _replicaNext), Volatile.Read(ref _verdictNext));
        if (count - oldest >= ring.Length)
        {
            ulong[] longer = new ulong[ring.Length * 2];
            for (long i = oldest; i < count; i++)
                longer[i & (longer.Length - 1)] = ring[i & (ring.Length - 1)];
            ring = longer;
            Volatile.Write(ref _invalid, longer);
        }
        ring[count & (ring.Length - 1)] = sequence;
        Volatile.Write(ref _invalidCount, count + 1);
    }
}
