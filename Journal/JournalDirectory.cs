using System.Globalization;

namespace Clob.Journal;

/// <summary>
/// Names in a journal's directory: <c>00000000000000000000.seg</c>, twenty digits that are the segment's first sequence, so that names sort as
/// sequences do and the segment that holds a record is found without opening any.
/// </summary>
internal static class JournalDirectory
{
    internal const string Extension = ".seg";

    /// <summary>The next segment while it has no first sequence. Readers do not look at it, recovery deletes it.</summary>
    internal const string PreparedName = "next.preparing";

    private const int Digits = 20;

    internal static string SegmentPath(string directory, long firstSequence) =>
        Path.Combine(directory, firstSequence.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    internal static string PreparedPath(string directory) => Path.Combine(directory, PreparedName);

    /// <summary>First sequences of all segments, ascending.</summary>
    internal static long[] FirstSequences(IStorage storage, string directory)
    {
        var sequences = new List<long>();
        foreach (string name in storage.List(directory))
        {
            if (TryParse(name, out long first))
                sequences.Add(first);
        }
        sequences.Sort();
        return [.. sequences];
    }

    private static bool TryParse(string name, out long firstSequence)
    {
        firstSequence = 0;
        return name.Length == Digits + Extension.Length
            && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(0, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out firstSequence);
    }
}
