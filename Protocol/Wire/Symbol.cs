using System.Buffers.Binary;
using System.Text;

namespace Clob.Protocol;

/// <summary>
/// A short name of an asset or market: 1 to 8 characters A-Z, 0-9, '.', '-' or '/', left-aligned and padded with spaces on the wire
/// (the form of a stock symbol in ITCH 5.0).
/// </summary>
public readonly record struct Symbol
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 8;

    private readonly ulong _characters;

    private Symbol(ulong characters) => _characters = characters;

    /// <summary>The eight characters as one big-endian number; zero for a symbol that was never set.</summary>
    public ulong Packed => _characters;

    /// <summary>Takes the eight bytes as they are on the wire; false when they are not a symbol.</summary>
    public static bool TryRead(ReadOnlySpan<byte> field, out Symbol symbol)
    {
        symbol = default;
        if (field.Length != Size)
            return false;
        int length = field.IndexOf((byte)' ') is var space and >= 0 ? space : Size;
        if (length == 0 || field[length..].IndexOfAnyExcept((byte)' ') >= 0 || field[..length].IndexOfAnyExcept(Allowed) >= 0)
            return false;
        symbol = new Symbol(BinaryPrimitives.ReadUInt64BigEndian(field));
        return true;
    }

    /// <summary>Takes a text such as <c>BTC</c>; false when it is empty, too long or has another character.</summary>
    public static bool TryParse(string? text, out Symbol symbol)
    {
        symbol = default;
        if (text is null || text.Length is 0 or > Size || text.Contains(' ', StringComparison.Ordinal))
            return false;
        Span<byte> field = stackalloc byte[Size];
        return Encoding.ASCII.GetBytes(text.PadRight(Size), field) == Size && TryRead(field, out symbol);
    }

    /// <summary>Takes a text that is known to be a symbol.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Symbol Parse(string text) =>
        TryParse(text, out var symbol) ? symbol : throw new FormatException($"'{text}' is no symbol: 1 to {Size} characters A-Z, 0-9, '.', '-' or '/'");

    /// <summary>Rebuilds a symbol from <see cref="Packed"/>.</summary>
    public static Symbol FromPacked(ulong packed) => new(packed);

    /// <summary>Writes the eight bytes.</summary>
    public void Write(Span<byte> field) => BinaryPrimitives.WriteUInt64BigEndian(field, _characters);

    /// <summary>The characters without padding.</summary>
    public override string ToString()
    {
        Span<byte> field = stackalloc byte[Size];
        Write(field);
        return Encoding.ASCII.GetString(field).TrimEnd(' ', '\0');
    }

    private static readonly System.Buffers.SearchValues<byte> Allowed =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-/"u8);
}
