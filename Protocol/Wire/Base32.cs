namespace Clob.Protocol;

/// <summary>Base32 of RFC 4648 without padding, upper case.</summary>
public static class Base32
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The characters for <paramref name="bytes"/>, 8 for every 5 bytes, rounded up.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[(bytes.Length * 8 + 4) / 5];
        uint pending = 0;
        int bits = 0;
        int written = 0;
        foreach (byte value in bytes)
        {
            pending = (pending & 0x1F) << 8 | value; // at most 4 bits are ever left over
            bits += 8;
            for (; bits >= 5; bits -= 5)
                text[written++] = Alphabet[(int)(pending >> bits - 5) & 31];
        }

        if (bits > 0)
            text[written] = Alphabet[(int)(pending << 5 - bits) & 31];
        return new string(text);
    }
}
