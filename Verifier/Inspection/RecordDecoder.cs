using System.Globalization;
using Clob.Protocol;

namespace Clob.Verifier.Inspection;

/// <summary>Takes a record apart by the protocol's own readers. Nothing is checked beyond its form: no signature, no nonce, no rule.</summary>
internal static class RecordDecoder
{
    /// <summary>Decodes any bytes; what cannot be decoded is kept as hexadecimal digits, with the reason.</summary>
    /// <param name="sequence">Its position in the journal.</param>
    /// <param name="record">The record.</param>
    public static DecodedRecord Decode(long sequence, ReadOnlySpan<byte> record)
    {
        var decoded = new DecodedRecord(sequence, record.Length);
        if (!RecordHeader.TryRead(record, out RecordHeader head, out ReadOnlySpan<byte> payload))
        {
            return Undecodable(decoded, record, record.Length < RecordHeader.Size
                ? $"shorter than the {RecordHeader.Size} bytes of a head" : string.Create(CultureInfo.InvariantCulture, $"a record of kind {record[0]}, which nobody defined"));
        }
        decoded = decoded with { Head = head };
        if (head.Sequence != (ulong)sequence)
            return Undecodable(decoded, payload, string.Create(CultureInfo.InvariantCulture, $"its head names sequence {head.Sequence}"));
        return head.Kind switch
        {
            RecordKind.Genesis => DecodeGenesis(decoded, record, payload),
            RecordKind.Envelope => DecodeEnvelope(decoded, payload),
            RecordKind.Mark or RecordKind.Time => payload.IsEmpty ? decoded : Undecodable(decoded, payload, "a payload where the kind has none"),
            RecordKind.Disconnect => Disconnect.TryRead(payload, out Disconnect disconnect)
                ? decoded with { Fields = [new("account", disconnect.Account)] } : Undecodable(decoded, payload, "no account"),
            RecordKind.Verdict => DecodeVerdict(decoded, payload),
            RecordKind.EngineVersion => EngineVersionChange.TryRead(payload, out EngineVersionChange change)
                ? decoded with { Fields = [new("engine_version", change.Version), new("engine_hash", Hex(change.EngineHash.Span))] } : Undecodable(decoded, payload, "no engine version"),
            _ => throw new InvalidOperationException($"A reader of {head.Kind} is missing."),
        };
    }

    private static DecodedRecord DecodeGenesis(DecodedRecord decoded, ReadOnlySpan<byte> record, ReadOnlySpan<byte> payload)
    {
        if (Genesis.TryRead(payload) is not { } genesis)
            return Undecodable(decoded, payload, $"not the size or not the format {Genesis.CurrentFormat} of a genesis");
        return decoded with
        {
            Fields =
            [
                new("venue", Hex(Genesis.VenueIdOf(record))), new("format", Genesis.CurrentFormat), new("salt", Hex(genesis.Salt)),
                new("operator_key", Hex(genesis.OperatorKey)), new("log_key", Hex(genesis.LogKey)),
                new("engine_version", genesis.EngineVersion), new("engine_hash", Hex(genesis.EngineHash)),
            ],
        };
    }

    private static DecodedRecord DecodeEnvelope(DecodedRecord decoded, ReadOnlySpan<byte> payload)
    {
        if (!Envelope.TryRead(payload, out Envelope envelope, out EnvelopeFault fault))
            return Undecodable(decoded, payload, $"malformed envelope: {fault}");
        var commands = new List<DecodedCommand>(envelope.Count);
        foreach (Command command in envelope.Commands)
            commands.Add(new DecodedCommand(envelope.FirstNonce + (uint)commands.Count, command.Type, CommandFields.Of(command)));
        List<Field> fields = [new("account", envelope.Account), new("first_nonce", envelope.FirstNonce)];
        if (envelope.Expiry != 0)
            fields.Add(new("expiry", new UtcTime(envelope.Expiry)));
        return decoded with { Fields = fields, Signature = Hex(envelope.Signature), Commands = commands };
    }

    private static DecodedRecord DecodeVerdict(DecodedRecord decoded, ReadOnlySpan<byte> payload)
    {
        if (!Verdict.TryRead(payload, out Verdict verdict))
            return Undecodable(decoded, payload, "sizes that disagree, or sequences that leave the range or do not rise");
        ulong[] invalid = new ulong[verdict.Count];
        for (int i = 0; i < invalid.Length; i++)
            invalid[i] = verdict.InvalidAt(i);
        return decoded with { Fields = [new("from", verdict.From), new("through", verdict.Through), new("invalid", invalid)] };
    }

    private static DecodedRecord Undecodable(DecodedRecord decoded, ReadOnlySpan<byte> bytes, string reason) =>
        decoded with { Undecodable = reason, Hex = Hex(bytes) };

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
