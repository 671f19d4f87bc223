using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Clob.Protocol;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Reports;

/// <summary>
/// A record for programs: one JSON object on one line. An integer above 2^53 is a string, because many readers of JSON round it; an enumeration
/// is its name, a time ISO 8601, bytes are hexadecimal digits.
/// </summary>
internal sealed class RecordJson : IDisposable
{
    private static readonly UInt128 HighestNumber = 1UL << 53;

    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;

    /// <summary>Nothing is written yet.</summary>
    public RecordJson() => _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Appends a record's line.</summary>
    public void Append(StringBuilder text, DecodedRecord record)
    {
        _buffer.ResetWrittenCount();
        _writer.Reset();
        _writer.WriteStartObject();
        WriteInteger("sequence", (UInt128)record.Sequence);
        _writer.WriteString("time", record.Head is { } timed ? new UtcTime(timed.Time).ToString() : null);
        _writer.WriteString("kind", record.Head?.Kind.ToString());
        _writer.WriteNumber("size", record.Size);
        if (record.Details is { } details)
        {
            _writer.WriteString("leaf_hash", details.LeafHash);
            _writer.WriteString("chain_hash", details.ChainHash);
            _writer.WriteString("segment", details.Segment);
            _writer.WriteNumber("group_offset", details.GroupOffset);
        }
        if (record.Undecodable is null)
        {
            WritePayload(record);
        }
        else
        {
            _writer.WriteString("undecodable", record.Undecodable);
            _writer.WriteString("hex", record.Hex);
        }
        _writer.WriteEndObject();
        _writer.Flush();
        text.Append(Encoding.UTF8.GetString(_buffer.WrittenSpan)).Append('\n');
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private void WritePayload(DecodedRecord record)
    {
        _writer.WriteStartObject("payload");
        foreach (Field field in record.Fields)
            Write(field);
        if (record.Head?.Kind == RecordKind.Envelope)
        {
            _writer.WriteStartArray("commands");
            foreach (DecodedCommand command in record.Commands)
            {
                _writer.WriteStartObject();
                WriteInteger("nonce", command.Nonce);
                _writer.WriteString("type", command.Type.ToString());
                foreach (Field field in command.Fields)
                    Write(field);
                _writer.WriteEndObject();
            }
            _writer.WriteEndArray();
            _writer.WriteString("signature", record.Signature);
            _writer.WriteBoolean("signature_checked", false);
        }
        _writer.WriteEndObject();
    }

    private void Write(Field field)
    {
        switch (field.Value)
        {
            case bool value:
                _writer.WriteBoolean(field.Name, value);
                break;
            case int value:
                _writer.WriteNumber(field.Name, value);
                break;
            case byte or ushort or uint or ulong:
                WriteInteger(field.Name, Convert.ToUInt64(field.Value, CultureInfo.InvariantCulture));
                break;
            case UInt128 value:
                WriteInteger(field.Name, value);
                break;
            case ulong[] values:
                _writer.WriteStartArray(field.Name);
                foreach (ulong value in values)
                    WriteElement(value);
                _writer.WriteEndArray();
                break;
            default:
                _writer.WriteString(field.Name, field.Value.ToString());
                break;
        }
    }

    private void WriteInteger(string name, UInt128 value)
    {
        _writer.WritePropertyName(name);
        WriteElement(value);
    }

    private void WriteElement(UInt128 value)
    {
        if (value <= HighestNumber)
            _writer.WriteNumberValue((ulong)value);
        else
            _writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }
}
