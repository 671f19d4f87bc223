using Clob.Protocol;

namespace Clob.Engine;

/// <summary>Receives the state entry by entry in its canonical order.</summary>
public interface IStateVisitor
{
    /// <summary>One entry; the bytes are good during the call only.</summary>
    void Visit(StateSection section, ReadOnlySpan<byte> entry);
}
