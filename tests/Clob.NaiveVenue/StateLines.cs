using Clob.Engine;
using Clob.Protocol;

namespace Clob.NaiveVenue;

/// <summary>The visited state as text, one line an entry.</summary>
internal readonly struct StateLines() : IStateVisitor
{
    public List<string> Lines { get; } = [];

    public void Visit(StateSection section, ReadOnlySpan<byte> entry) =>
        Lines.Add($"{(char)section} {(char)entry[0]} {Convert.ToHexStringLower(entry[1..])}");

    public static List<string> Of(Exchange exchange)
    {
        var lines = new StateLines();
        exchange.VisitState(ref lines);
        return lines.Lines;
    }
}
