using System.Globalization;
using System.Text;
using Clob.Verifier.Inspection;

namespace Clob.Verifier.Reports;

/// <summary>A record for people: a line with its head, and below it, indented, what its payload says.</summary>
internal static class RecordText
{
    private const string Indentation = "    ";

    /// <summary>Beyond this the fields of a record go on in the next line; a command has one line, so that it can be searched for.</summary>
    private const int LineLength = 120;

    /// <summary>Appends a record's lines.</summary>
    public static void Append(StringBuilder text, DecodedRecord record)
    {
        string head = record.Head is { } known
            ? $"{new UtcTime(known.Time)}  {known.Kind}"
            : "(no head)";
        text.Append(CultureInfo.InvariantCulture, $"{record.Sequence}  {head}  {record.Size} bytes\n");
        if (record.Details is { } details)
        {
            text.Append(Indentation).Append(CultureInfo.InvariantCulture, $"leaf_hash={details.LeafHash} chain_hash={details.ChainHash}\n");
            text.Append(Indentation).Append(CultureInfo.InvariantCulture, $"segment={Path.GetFileName(details.Segment)} group_offset={details.GroupOffset}\n");
        }
        AppendWrapped(text, [.. record.Fields.Select(Of), .. record.Signature is null ? (string[])[] : ["(signature not checked)"]]);
        foreach (DecodedCommand command in record.Commands)
        {
            text.Append(Indentation).Append(CultureInfo.InvariantCulture, $"{command.Nonce} {command.Type}");
            foreach (Field field in command.Fields)
                text.Append(' ').Append(Of(field));
            text.Append('\n');
        }
        if (record.Undecodable is not null)
            text.Append(Indentation).Append(CultureInfo.InvariantCulture, $"cannot be decoded ({record.Undecodable}): {record.Hex}\n");
    }

    private static void AppendWrapped(StringBuilder text, string[] words)
    {
        int length = 0;
        foreach (string word in words)
        {
            bool fits = length > 0 && length + 1 + word.Length <= LineLength;
            if (length > 0 && !fits)
                text.Append('\n');
            text.Append(fits ? " " : Indentation).Append(word);
            length = fits ? length + 1 + word.Length : Indentation.Length + word.Length;
        }
        if (length > 0)
            text.Append('\n');
    }

    private static string Of(Field field) => field.Name + "=" + field.Value switch
    {
        bool value => value ? "true" : "false",
        ulong[] values => "[" + string.Join(",", values.Select(value => value.ToString(CultureInfo.InvariantCulture))) + "]",
        IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
        var value => value.ToString(),
    };
}
