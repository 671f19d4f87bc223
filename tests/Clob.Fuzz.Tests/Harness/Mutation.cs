using System.Buffers.Binary;
using System.Text;

namespace Clob.Fuzz.Tests;

/// <summary>Alters valid inputs: bits, bytes, integers at their limits, runs inserted, deleted, doubled and taken from other samples.</summary>
internal static class Mutation
{
    private const int LongestRun = 32;
    private const int Head = 40; // where most layouts have their lengths, counts and kinds

    private static readonly ulong[] Boundaries =
    [
        0, 1, 2, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000, int.MaxValue, 0x8000_0000, uint.MaxValue, 0x1_0000_0000,
        long.MaxValue, 0x8000_0000_0000_0000, ulong.MaxValue - 1, ulong.MaxValue,
    ];

    private static readonly string[] Numbers =
    [
        "", "0", "00", "1", "-1", "+1", "4294967295", "4294967296", "9223372036854775808", "18446744073709551615", "18446744073709551616",
        "340282366920938463463374607431768211456", "1e5", "0.5",
    ];

    /// <summary>A sample, one time in sixteen as it is, else with a few alterations.</summary>
    public static byte[] Of(Random random, IReadOnlyList<byte[]> samples)
    {
        byte[] bytes = samples[random.Next(samples.Count)];
        if (random.Next(16) == 0)
            return bytes;
        do
            bytes = Altered(random, bytes, samples);
        while (random.Next(3) == 0);
        return bytes;
    }

    /// <summary>One alteration.</summary>
    public static byte[] Altered(Random random, byte[] bytes, IReadOnlyList<byte[]> samples) => random.Next(10) switch
    {
        0 or 1 => Flipped(random, bytes),
        2 => Set(random, bytes),
        3 or 4 => WithInteger(random, bytes),
        5 => Spliced(bytes, Place(random, bytes), 0, Run(random)),
        6 => Deleted(random, bytes),
        7 => Crossed(random, bytes, samples[random.Next(samples.Count)]),
        8 => Doubled(random, bytes),
        _ => WithNumber(random, bytes),
    };

    /// <summary>Puts <paramref name="inserted"/> in place of <paramref name="removed"/> bytes.</summary>
    public static byte[] Spliced(byte[] bytes, int at, int removed, ReadOnlySpan<byte> inserted) =>
        [.. bytes.AsSpan(0, at), .. inserted, .. bytes.AsSpan(at + removed)];

    private static byte[] Flipped(Random random, byte[] bytes)
    {
        if (bytes.Length == 0)
            return bytes;
        byte[] altered = [.. bytes];
        altered[Place(random, bytes, 1)] ^= (byte)(1 << random.Next(8));
        return altered;
    }

    private static byte[] Set(Random random, byte[] bytes)
    {
        if (bytes.Length == 0)
            return bytes;
        byte[] altered = [.. bytes];
        altered[Place(random, bytes, 1)] = (byte)random.Next(256);
        return altered;
    }

    private static byte[] WithInteger(Random random, byte[] bytes)
    {
        int width = 1 << random.Next(4);
        if (bytes.Length < width)
            return bytes;
        // Near a limit, or near what a length in this input may be.
        ulong value = random.Next(3) == 0 ? (ulong)bytes.Length : Boundaries[random.Next(Boundaries.Length)];
        value = unchecked(value + (ulong)random.Next(-2, 3));
        Span<byte> integer = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(integer, value);
        return Spliced(bytes, Place(random, bytes, width), width, integer[^width..]);
    }

    private static byte[] Deleted(Random random, byte[] bytes)
    {
        int at = Place(random, bytes);
        int count = random.Next(4) == 0 ? bytes.Length - at : Math.Min(random.Next(1, LongestRun), bytes.Length - at);
        return Spliced(bytes, at, count, default);
    }

    private static byte[] Doubled(Random random, byte[] bytes)
    {
        int at = Place(random, bytes);
        int count = Math.Min(random.Next(1, 4 * LongestRun), bytes.Length - at);
        return Spliced(bytes, Place(random, bytes), 0, bytes.AsSpan(at, count));
    }

    private static byte[] Crossed(Random random, byte[] bytes, byte[] other)
    {
        int from = Place(random, other);
        int count = random.Next(2) == 0 ? other.Length - from : Math.Min(random.Next(1, 2 * LongestRun), other.Length - from);
        int at = Place(random, bytes);
        return Spliced(bytes, at, Math.Min(random.Next(2) == 0 ? count : 0, bytes.Length - at), other.AsSpan(from, count));
    }

    /// <summary>Another number in place of one that is written in digits; in binary layouts another run.</summary>
    private static byte[] WithNumber(Random random, byte[] bytes)
    {
        int from = Place(random, bytes);
        int start = from + bytes.AsSpan(from).IndexOfAnyInRange((byte)'0', (byte)'9');
        if (start < from)
            return Spliced(bytes, Place(random, bytes), 0, Run(random));
        int length = 0;
        while (start + length < bytes.Length && bytes[start + length] is >= (byte)'0' and <= (byte)'9')
            length++;
        return Spliced(bytes, start, length, Encoding.ASCII.GetBytes(Numbers[random.Next(Numbers.Length)]));
    }

    private static byte[] Run(Random random)
    {
        byte[] run = new byte[random.Next(1, LongestRun)];
        if (random.Next(2) == 0)
            random.NextBytes(run);
        else
            run.AsSpan().Fill((byte)random.Next(256));
        return run;
    }

    /// <summary>Anywhere, half of the time in the head; with room for <paramref name="width"/> bytes.</summary>
    private static int Place(Random random, byte[] bytes, int width = 0)
    {
        int end = bytes.Length - width + 1;
        return random.Next(random.Next(2) == 0 ? Math.Min(end, Head) : end);
    }
}
