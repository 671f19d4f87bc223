using Clob.Journal;
using Clob.Proofs;
using Clob.Settlement;
using Clob.Verifier.Audit;

namespace Clob.Verifier.Sources;

/// <summary>
/// The batches that the checkpoints name, fetched from the data availability layer one at a time. A batch counts only if its SHA-256 is the
/// one in a checkpoint that the log key has signed; the log key itself stands in record 0, so the first batch is fetched on the word of
/// checkpoints whose signature is checked right after.
/// </summary>
internal sealed class DaSource : IRecordSource
{
    private readonly DaLayers _layers;
    private readonly LedgerReader _ledger;
    private readonly Queue<DaBatch> _named = new();
    private readonly (Hash256 Hash, byte[] Bytes) _prefetched;
    private DaBatch? _batch;
    private byte[] _bytes = [];
    private int _offset;
    private ulong _read;
    private Failure? _failure;

    /// <summary>Reads the batches of a ledger; fetches the first.</summary>
    /// <param name="layers">Where batches are.</param>
    /// <param name="notes">The ledger's signed notes; enumerated twice.</param>
    /// <param name="ledger">The ledger's name for failures.</param>
    /// <exception cref="VerificationFailedException">No checkpoint names a batch, or the first cannot be read.</exception>
    public DaSource(DaLayers layers, IEnumerable<byte[]> notes, string ledger)
    {
        _layers = layers;
        DaBatch unproven = FirstBatch(notes, ledger);
        _prefetched = (unproven.Hash, Fetch(unproven));
        RecordFrameEnumerator first = RecordFrames.Read(_prefetched.Bytes);
        if (!first.MoveNext() || CheckpointVerifier.FromGenesis(first.Current) is not { } verifier)
            throw Fails(unproven, 0, ExitCode.Mismatch, "record 0 to be a genesis record with an admissible log key", "another record");
        _ledger = new LedgerReader(notes, ledger);
        _ledger.Trust(verifier);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Identity => default;

    /// <inheritdoc/>
    public bool MayLag => true;

    /// <inheritdoc/>
    public bool TryFill(RecordBatch batch)
    {
        if (_failure is not null)
            throw new VerificationFailedException(_failure);
        try
        {
            while (batch.HasRoom && TryRead(batch))
            {
            }
        }
        catch (VerificationFailedException failed) when (batch.Count > 0)
        {
            // All before it is applied first.
            _failure = failed.Failure;
        }
        return batch.Count > 0;
    }

    /// <inheritdoc/>
    public string? ExamineEnd() => null;

    /// <inheritdoc/>
    public void Dispose() => _ledger.Dispose();

    private static DaBatch FirstBatch(IEnumerable<byte[]> notes, string ledger)
    {
        ulong number = 0;
        foreach (byte[] note in notes)
        {
            number++;
            if (!SignedNote.TryParse(note, out SignedNote? opened, out string? error) || !CheckpointRecord.TryParse(opened!.Text, out CheckpointRecord? record, out error))
                throw new VerificationFailedException(new Failure(ExitCode.Damaged, "a checkpoint record in a signed note", error!) { Checkpoint = number, Segment = ledger });
            if (record!.Batches.Count > 0)
                return record.Batches[0];
        }
        throw new VerificationFailedException(new Failure(ExitCode.MissingData, "a checkpoint that names a batch", $"{number} checkpoints that name none") { Segment = ledger });
    }

    private bool TryRead(RecordBatch batch)
    {
        while (_offset == _bytes.Length)
        {
            if (!OpenNext())
                return false;
        }
        RecordFrameEnumerator frames = RecordFrames.Read(_bytes.AsSpan(_offset));
        if (!frames.MoveNext())
            throw Fails(_batch!, _offset, ExitCode.Damaged, "a record's frame", frames.Error.ToString());
        batch.Add(frames.Current, new Place(Name(_batch!), _offset));
        _offset += frames.Offset;
        _read++;
        return true;
    }

    private bool OpenNext()
    {
        if (_batch is { } former && _read != former.First + former.Count)
            throw Fails(former, _offset, ExitCode.Mismatch, $"a batch of {former.Count} records", $"{_read - former.First}");
        while (_named.Count == 0)
        {
            if (!_ledger.HasNext())
                return false;
            foreach (DaBatch named in _ledger.Take().Batches)
                _named.Enqueue(named);
        }
        _batch = _named.Dequeue();
        _offset = 0;
        _bytes = [];
        _bytes = _batch.Hash == _prefetched.Hash ? _prefetched.Bytes : Fetch(_batch);
        return true;
    }

    private byte[] Fetch(DaBatch batch)
    {
        IDataAvailability layer = _layers.Of(batch)
            ?? throw Fails(batch, null, ExitCode.MissingData, $"{batch.Count} records", $"a commitment of {batch.Commitment.Length} bytes; {_layers.Advice(batch)}");
        byte[] bytes;
        try
        {
            bytes = layer.GetAsync(batch.Commitment, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (DataAvailabilityException failure)
        {
            // A folder whose file is there and is not what was committed to says so without a cause.
            bool damaged = layer is FolderDataAvailability && failure.InnerException is null;
            throw Fails(batch, null, damaged ? ExitCode.Damaged : ExitCode.MissingData, $"{batch.Count} records", _layers.Advice(batch) is { Length: > 0 } advice ? $"{failure.Message}; {advice}" : failure.Message);
        }
        Hash256 hash = Hash256.Of(bytes);
        return hash == batch.Hash ? bytes : throw Fails(batch, null, ExitCode.Damaged, $"SHA-256 {batch.Hash}", $"{hash}");
    }

    private VerificationFailedException Fails(DaBatch batch, long? offset, ExitCode code, string expected, string found) => new(new Failure(code, expected, found)
    {
        Sequence = Math.Max(_read, batch.First),
        Segment = Name(batch),
        Offset = offset,
    });

    private static string Name(DaBatch batch)
    {
        string commitment = Convert.ToHexStringLower(batch.Commitment.Span);
        return $"batch 0x{(commitment.Length <= 64 ? commitment : commitment[..64] + "…")}";
    }
}
