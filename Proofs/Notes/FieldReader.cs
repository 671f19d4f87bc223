using System.Globalization;

namespace Clob.Proofs;

/// <summary>
/// Reads the lines of a canonical text: <c>name value value…</c>, single spaces, every line ended by a line feed. It keeps the first
/// error, with its line; after that every read gives a default, so a parser reads on and asks once at the end.
/// </summary>
internal ref struct FieldReader(ReadOnlySpan<char> text)
{
    private const int ShownCharacters = 40;

    private ReadOnlySpan<char> _text = text;
    private ReadOnlySpan<char> _line;
    private int _number;
    private bool _more;

    /// <summary>The first thing found wrong, or null.</summary>
    internal string? Error { get; private set; }

    internal readonly bool AtEnd => _text.IsEmpty || Error is not null;

    /// <summary>True if another line follows and it is of this name; does not move.</summary>
    internal readonly bool NextIs(string name)
    {
        int end = _text.IndexOf('\n');
        ReadOnlySpan<char> line = end < 0 ? _text : _text[..end];
        return Error is null && line.StartsWith(name, StringComparison.Ordinal) && (line.Length == name.Length || line[name.Length] == ' ');
    }

    /// <summary>Moves to the next line, which is this whole.</summary>
    internal void Expect(string line)
    {
        Next(line);
        if (Error is null && !_line.SequenceEqual(line))
            Fail($"expected '{line}', found '{Shown(_line)}'");
        _more = false;
    }

    /// <summary>Moves to the next line, which is of this name, to read its values.</summary>
    internal void Line(string name)
    {
        Next(name);
        if (Error is not null)
            return;
        if (!_line.StartsWith(name, StringComparison.Ordinal) || _line.Length <= name.Length || _line[name.Length] != ' ')
        {
            Fail($"expected '{name} …', found '{Shown(_line)}'");
            return;
        }
        _line = _line[(name.Length + 1)..];
        _more = true;
    }

    /// <summary>The next line whole.</summary>
    internal ReadOnlySpan<char> Whole(string what)
    {
        Next(what);
        _more = false;
        return Error is null ? _line : default;
    }

    /// <summary>A decimal number of 64 bits without sign or leading zeros.</summary>
    internal ulong Number(string what)
    {
        ReadOnlySpan<char> value = Value(what);
        if (Error is not null)
            return 0;
        if (TryNumber(value, out ulong number))
            return number;
        Fail($"{what} '{Shown(value)}' is not a decimal number of 64 bits without sign or leading zeros");
        return 0;
    }

    /// <summary>The one decimal form of a number of 64 bits.</summary>
    internal static bool TryNumber(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        bool leadingZero = text.Length > 1 && text[0] == '0';
        bool digits = !text.ContainsAnyExceptInRange('0', '9'); // the parser would take zero characters behind them
        return digits && !leadingZero && ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    internal Hash256 Hash(string what)
    {
        ReadOnlySpan<char> value = Value(what);
        if (Error is not null)
            return default;
        if (!Hash256.TryParse(value, out Hash256 hash))
            Fail($"{what} '{Shown(value)}' is not {Hash256.Digits} lower-case hexadecimal digits");
        return hash;
    }

    /// <summary>Lower-case hexadecimal digits of at least one byte.</summary>
    internal byte[] Bytes(string what)
    {
        ReadOnlySpan<char> value = Value(what);
        if (Error is not null)
            return [];
        byte[] bytes = new byte[value.Length / 2];
        if (bytes.Length > 0 && !value.ContainsAnyInRange('A', 'F')
            && Convert.FromHexString(value, bytes, out _, out _) == System.Buffers.OperationStatus.Done)
            return bytes;
        Fail($"{what} '{Shown(value)}' is not an even number of lower-case hexadecimal digits");
        return [];
    }

    /// <summary>Nothing may follow on this line.</summary>
    internal void EndLine()
    {
        if (Error is null && _more)
            Fail($"unexpected '{Shown(_line)}' at the end");
    }

    /// <summary>No line may follow.</summary>
    internal void End()
    {
        if (Error is not null || _text.IsEmpty)
            return;
        Next("");
        Fail($"unexpected '{Shown(_line)}'");
    }

    internal void Fail(string reason) => Error ??= $"line {_number}: {reason}";

    private void Next(string expected)
    {
        if (Error is not null)
            return;
        _number++;
        if (_text.IsEmpty)
        {
            Fail($"expected '{expected}', found the end");
            return;
        }
        int end = _text.IndexOf('\n');
        if (end < 0)
        {
            Fail("it does not end in a line feed");
            return;
        }
        _line = _text[..end];
        _text = _text[(end + 1)..];
    }

    private ReadOnlySpan<char> Value(string what)
    {
        if (Error is not null)
            return default;
        if (!_more)
        {
            Fail($"{what} is missing");
            return default;
        }
        int space = _line.IndexOf(' ');
        ReadOnlySpan<char> value = space < 0 ? _line : _line[..space];
        _more = space >= 0;
        _line = _more ? _line[(space + 1)..] : default;
        return value;
    }

    /// <summary>The beginning of hostile text, fit for a terminal.</summary>
    private static string Shown(ReadOnlySpan<char> text)
    {
        Span<char> shown = stackalloc char[Math.Min(text.Length, ShownCharacters)];
        for (int i = 0; i < shown.Length; i++)
            shown[i] = text[i] is >= ' ' and <= '~' ? text[i] : '?';
        return shown.ToString() + (text.Length > shown.Length ? "…" : "");
    }
}
