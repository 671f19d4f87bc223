using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>Whether each order that a client numbered took effect once, whatever nonces carried it.</summary>
internal static class Effects
{
    /// <summary>Null when no number was accepted twice and, if they are given, none of <paramref name="wanted"/> is without an answer.</summary>
    public static string? Complaint(IReadOnlyList<ExchangeEvent> reports, IEnumerable<ulong>? wanted = null)
    {
        var accepted = new HashSet<ulong>();
        foreach (var report in reports)
        {
            if (report.Kind == EventKind.Accepted && report.ClientOrderId != 0 && !accepted.Add(report.ClientOrderId))
                return $"order {report.ClientOrderId} took effect twice, the second time under nonce {report.Nonce}";
        }

        foreach (ulong order in wanted ?? [])
        {
            if (!accepted.Contains(order))
                return $"order {order} is lost";
        }

        return null;
    }
}
