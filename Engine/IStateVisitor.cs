namespace Clob.Engine;

/// <summary>Sections of the state, named as the trees over them.</summary>
public enum StateSection : byte
{
    /// <summary>Accounts.</summary>
    Accounts = (byte)'A',

    /// <summary>Assets.</summary>
    Assets = (byte)'S',

    /// <summary>Markets with their orders.</summary>
    Markets = (byte)'M',

    /// <summary>Everything else that decides what happens next.</summary>
    Rest = (byte)'X',
}

/// <summary>Receives the state entry by entry in its canonical order.</summary>
public interface IStateVisitor
{
    /// <summary>One entry; the bytes are good during the call only.</summary>
    void Visit(StateSection section, ReadOnlySpan<byte> entry);
}
