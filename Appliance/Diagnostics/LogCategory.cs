using System.Collections.Concurrent;

namespace Clob.Appliance.Diagnostics;

/// <summary>Names of log categories as lines show them: the type without its namespaces.</summary>
internal static class LogCategory
{
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    /// <summary>What follows the last point.</summary>
    internal static string Short(string category) =>
        Known.GetOrAdd(category, static name => name[(name.LastIndexOf('.') + 1)..]);
}
