using Clob.Engine;
using Clob.Protocol;
using Clob.Ring;
using Disruptor;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// Checks signatures and takes digests ahead of matching: one of several that share the records by sequence. What it finds of a signature is a
/// hint under a key version; matching checks again when the account's key has changed in between.
/// </summary>
public sealed class VerifyStage : RingStage<RecordSlot>
{
    // One signature costs some 60 µs: with more per poll, the stages of the same thread would wait.
    private const int BatchSize = 16;

    private readonly KeyDirectory _keys;
    private readonly byte[] _venueId;
    private readonly int _index;
    private readonly int _count;

    /// <summary>Verifier <paramref name="index"/> of <paramref name="count"/>.</summary>
    public VerifyStage(UnmanagedRingBuffer<RecordSlot> ring, KeyDirectory keys, byte[] venueId, int index, int count)
        : base($"verify{index + 1}", ring, BatchSize * count)
    {
        _keys = keys;
        _venueId = venueId;
        _index = index;
        _count = count;
    }

    /// <inheritdoc/>
    protected override long OnBatch(long first, long last)
    {
        for (long sequence = first; sequence <= last; sequence++)
        {
            if (sequence % _count != _index)
                continue;
            ref var slot = ref Ring[sequence];
            if (slot.Kind != RecordKind.Envelope)
                continue;
            Verify(ref slot);
            Advance(sequence); // matching goes on while the next signature is checked
        }

        return last;
    }

    private void Verify(ref RecordSlot slot)
    {
        if (!Envelope.TryRead(slot.Payload, out var envelope, out _) || !_keys.TryGet(envelope.Account, out var key, out uint version))
            return; // stays unchecked: matching decides
        slot.KeyVersion = version;
        slot.Digest = EnvelopeSignature.DigestOf(envelope);
        slot.SignatureStatus = EnvelopeSignature.Verify(key, _venueId, envelope) ? SignatureStatus.Valid : SignatureStatus.Invalid;
    }
}
