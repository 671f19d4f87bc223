using System.Buffers.Binary;

namespace Clob.Fuzz.Tests;

/// <summary>
/// An input that is many: <c>length u16 · bytes</c>, one after the other. Alterations leave the lengths right, so that they reach what
/// is inside; they also drop, double and swap whole parts.
/// </summary>
internal static class Frames
{
    private const int HeadSize = sizeof(ushort);

    public static byte[] Join(IEnumerable<byte[]> parts)
    {
        var joined = new List<byte>();
        Span<byte> head = stackalloc byte[HeadSize];
        foreach (byte[] part in parts)
        {
            BinaryPrimitives.WriteUInt16BigEndian(head, (ushort)part.Length);
            joined.AddRange(head);
            joined.AddRange(part);
        }

        return [.. joined];
    }

    /// <summary>The parts; a last one that is cut off is taken as far as it goes.</summary>
    public static List<byte[]> Split(ReadOnlySpan<byte> joined)
    {
        var parts = new List<byte[]>();
        while (joined.Length >= HeadSize)
        {
            int length = Math.Min(BinaryPrimitives.ReadUInt16BigEndian(joined), joined.Length - HeadSize);
            parts.Add(joined.Slice(HeadSize, length).ToArray());
            joined = joined[(HeadSize + length)..];
        }

        return parts;
    }

    /// <summary>A sample, one time in sixteen as it is, else with a few parts altered.</summary>
    public static byte[] Alter(Random random, IReadOnlyList<byte[]> samples)
    {
        byte[] sample = samples[random.Next(samples.Count)];
        if (random.Next(16) == 0)
            return sample;
        var parts = Split(sample);
        var others = Split(samples[random.Next(samples.Count)]);
        do
            AlterOne(random, parts, others);
        while (random.Next(3) == 0 && parts.Count > 0);
        return Join(parts);
    }

    private static void AlterOne(Random random, List<byte[]> parts, List<byte[]> others)
    {
        int at = random.Next(parts.Count);
        int other = random.Next(parts.Count);
        switch (random.Next(12))
        {
            case 0:
                parts.RemoveAt(at);
                break;
            case 1:
                parts.Insert(at, parts[other]);
                break;
            case 2:
                (parts[at], parts[other]) = (parts[other], parts[at]);
                break;
            case 3:
                parts.Insert(at, others[random.Next(others.Count)]);
                break;
            default:
                parts[at] = Mutation.Altered(random, parts[at], others);
                break;
        }
    }
}
