using System.Globalization;

namespace Clob.Protocol;

/// <summary>Amounts as people write them ("10000.0"), parsed and printed exactly with the decimals of their asset.</summary>
public static class Amount
{
    /// <summary>An asset's total never exceeds 2^127 smallest units, so no single amount may.</summary>
    public static readonly UInt128 Maximum = UInt128.One << 127;

    /// <summary>Most decimals an asset may have: 10^18 smallest units in one, as most chains use.</summary>
    public const int MaximumDecimals = 18;

    /// <summary>
    /// Parses digits with at most one point and at most <paramref name="decimals"/> digits behind it. No sign, exponent, grouping or
    /// white space. On failure <paramref name="error"/> says what is wrong in words for the person who typed it.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, int decimals, out UInt128 units, out string error)
    {
        units = 0;
        int point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? default : text[(point + 1)..];
        if (whole.IsEmpty || (point >= 0 && fraction.IsEmpty) || HasOtherThanDigits(whole) || HasOtherThanDigits(fraction))
            return Fail("an amount is digits with at most one decimal point, such as 10000.0", out error);
        if (fraction.Length > decimals)
            return Fail(string.Create(CultureInfo.InvariantCulture, $"has {fraction.Length} digits behind the point where the asset has {decimals}"), out error);
        if (!Accumulate(whole, ref units) || !Accumulate(fraction, ref units) || !Scale(decimals - fraction.Length, ref units))
        {
            units = 0;
            return Fail("is above the largest amount, 2^127 smallest units", out error);
        }

        error = "";
        return true;
    }

    /// <summary>The shortest exact text: no trailing zeros behind the point, no point without digits.</summary>
    public static string Format(UInt128 units, int decimals)
    {
        string digits = units.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        string fraction = digits[^decimals..].TrimEnd('0');
        string whole = digits[..^decimals];
        return fraction.Length == 0 ? whole : whole + "." + fraction;
    }

    private static bool HasOtherThanDigits(ReadOnlySpan<char> text) => text.ContainsAnyExceptInRange('0', '9');

    private static bool Accumulate(ReadOnlySpan<char> digits, ref UInt128 units)
    {
        foreach (char digit in digits)
        {
            if (units > Maximum / 10)
                return false;
            units = units * 10 + (uint)(digit - '0');
            if (units > Maximum)
                return false;
        }

        return true;
    }

    private static bool Scale(int powerOfTen, ref UInt128 units)
    {
        for (int i = 0; i < powerOfTen; i++)
        {
            if (units > Maximum / 10)
                return false;
            units *= 10;
        }

        return true;
    }

    private static bool Fail(string reason, out string error)
    {
        error = reason;
        return false;
    }
}
