namespace Clob.EndToEnd.Tests;

/// <summary>Whether a figure that was looked at again and again grows.</summary>
internal static class Growth
{
    /// <summary>
    /// Null when the median of the last third of the samples is at most <paramref name="allowance"/> above that of the first third: medians, since memory goes
    /// up and down between two collections.
    /// </summary>
    public static string? Complaint(string what, IReadOnlyList<double> samples, double allowance)
    {
        int third = samples.Count / 3;
        if (third == 0)
            return $"{what}: {samples.Count} samples are too few";
        double before = Median(samples.Take(third));
        double after = Median(samples.TakeLast(third));
        return after - before <= allowance ? null : $"{what} grew from {before:N0} to {after:N0}, by more than {allowance:N0}: {string.Join(' ', samples.Select(sample => $"{sample:0}"))}";
    }

    private static double Median(IEnumerable<double> samples)
    {
        double[] sorted = [.. samples.Order()];
        return sorted[sorted.Length / 2];
    }
}
