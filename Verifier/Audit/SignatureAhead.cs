using Clob.Engine;
using Clob.Protocol;
using Clob.Verifier.Sources;

namespace Clob.Verifier.Audit;

/// <summary>
/// Checks the signatures of a batch on all cores before it is applied: 50-75 µs each, against about 1 µs for applying a record. It looks with
/// the keys as they are before the batch; the Exchange takes such a finding only while the account still has that key, and checks the
/// signature itself otherwise (a key rotated or an account opened within the batch), so the outcome is that of checking one by one.
/// </summary>
internal static class SignatureAhead
{
    /// <summary>Sets the hint of each record. Nobody may apply records meanwhile.</summary>
    public static void Check(RecordBatch batch, Exchange exchange)
    {
        byte[] venue = exchange.VenueId.ToArray();
        if (venue.Length > 0)
            Parallel.For(0, batch.Count, index => batch.Hint(index) = Look(batch.Record(index).Span, exchange.Keys, venue));
    }

    private static SignatureHint Look(ReadOnlySpan<byte> record, KeyDirectory keys, byte[] venue)
    {
        if (!RecordHeader.TryRead(record, out RecordHeader header, out ReadOnlySpan<byte> payload) || header.Kind != RecordKind.Envelope
            || !Envelope.TryRead(payload, out Envelope envelope, out _)
            || !keys.TryGet(envelope.Account, out VerifyingKey? key, out uint version))
        {
            return SignatureHint.None;
        }
        return SignatureHint.Checked(EnvelopeSignature.Verify(key, venue, envelope), version, EnvelopeSignature.DigestOf(envelope));
    }
}
