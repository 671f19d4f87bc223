using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>Whether an account's reports are after a restart what they were before.</summary>
internal static class ReportComparison
{
    /// <summary>Null when every report that was seen is there again, byte by byte; else the first that is not, in words.</summary>
    public static string? FirstDifference(IReadOnlyList<ExchangeEvent> seen, IReadOnlyList<ExchangeEvent> again)
    {
        for (int i = 0; i < seen.Count; i++)
        {
            if (i >= again.Count)
                return $"report {i + 1} of account {seen[i].Account} is gone: {seen[i]}";
            if (!BytesOf(seen[i]).AsSpan().SequenceEqual(BytesOf(again[i])))
                return $"report {i + 1} of account {seen[i].Account} is another: it was {seen[i]} and is {again[i]}";
        }

        return null;
    }

    private static byte[] BytesOf(in ExchangeEvent report)
    {
        byte[] bytes = new byte[ExchangeEvent.ReportSize];
        report.WriteReport(bytes);
        return bytes;
    }
}
