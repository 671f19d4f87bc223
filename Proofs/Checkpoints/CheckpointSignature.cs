using Clob.Protocol;

namespace Clob.Proofs;

/// <summary>Signs the venue's checkpoint records with the log key, which stays its owner's.</summary>
public sealed class CheckpointSigner
{
    private readonly Hash256 _venue;
    private readonly NoteSigner _signer;

    /// <summary>Signs for this venue.</summary>
    public CheckpointSigner(in Hash256 venue, SigningKey logKey)
    {
        _venue = venue;
        _signer = new NoteSigner(VenueLog.RecordName(venue), logKey);
    }

    /// <summary>The record as a signed note. Signing is deterministic: equal records give equal bytes.</summary>
    /// <exception cref="ArgumentException">The record is another venue's, or its text is longer than a note may be.</exception>
    public byte[] Sign(CheckpointRecord record)
    {
        if (record.Venue != _venue)
            throw new ArgumentException($"Checkpoint {record.Number} is of venue {record.Venue}, this signer's is {_venue}.", nameof(record));
        return _signer.Sign(record.ToString()).ToBytes();
    }
}

/// <summary>Opens checkpoint records of one venue, trusting its log key. Both come from the Genesis record.</summary>
public sealed class CheckpointVerifier
{
    private readonly NoteVerifier _verifier;

    /// <summary>Trusts this log key for this venue.</summary>
    public CheckpointVerifier(in Hash256 venue, VerifyingKey logKey)
    {
        Venue = venue;
        _verifier = new NoteVerifier(VenueLog.RecordName(venue), logKey);
    }

    /// <summary>
    /// Trusts what record 0 of a journal says, head and payload: the venue id is its hash, the log key stands in it. Null if it is
    /// not a Genesis record or its log key is not a valid point. Whoever got the venue id from elsewhere compares it with
    /// <see cref="Venue"/>: a whole journal can be invented.
    /// </summary>
    public static CheckpointVerifier? FromGenesis(ReadOnlySpan<byte> record)
    {
        if (!RecordHeader.TryRead(record, out RecordHeader header, out ReadOnlySpan<byte> payload)
            || header.Kind != RecordKind.Genesis || header.Sequence != 0
            || Genesis.TryRead(payload) is not { } genesis
            || !VerifyingKey.IsAdmissible(genesis.LogKey)
            || VerifyingKey.TryImport(genesis.LogKey) is not { } logKey)
            return null;
        return new CheckpointVerifier(new Hash256(Genesis.VenueIdOf(record)), logKey);
    }

    /// <summary>The venue whose records these are.</summary>
    public Hash256 Venue { get; }

    /// <summary>The log key as a C2SP verifier key, for other people's tools.</summary>
    public string VerifierKey => _verifier.ToString();

    /// <summary>
    /// Reads a signed record: a note with exactly one signature, by the log key, over the canonical text of a record of this venue.
    /// So a record has one signed form, and any changed byte is refused. The error says what was wrong;
    /// <paramref name="fault"/> of which kind.
    /// </summary>
    public bool TryOpen(ReadOnlySpan<byte> note, out CheckpointRecord? record, out CheckpointFaultKind fault, out string? error)
    {
        record = null;
        fault = CheckpointFaultKind.Malformed;
        if (!SignedNote.TryParse(note, out SignedNote? opened, out error))
            return false;
        if (opened!.Signatures.Count != 1)
        {
            error = $"it has {opened.Signatures.Count} signatures, a checkpoint record has 1";
            return false;
        }
        if (!opened.Verify(_verifier, out error))
        {
            fault = CheckpointFaultKind.BadSignature;
            return false;
        }
        if (!CheckpointRecord.TryParse(opened.Text, out CheckpointRecord? read, out error))
            return false;
        if (read!.Venue != Venue)
        {
            error = $"it is of venue {read.Venue}, expected {Venue}";
            fault = CheckpointFaultKind.BrokenChain;
            return false;
        }
        record = read;
        return true;
    }
}
