namespace Clob.Protocol;

/// <summary>
/// The four parts of the venue's state, named by their letters. The engine visits them in this order, and their roots stand in it in the
/// state root.
/// </summary>
public enum StateSection : byte
{
    /// <summary>The accounts.</summary>
    Accounts = (byte)'A',

    /// <summary>The assets.</summary>
    Assets = (byte)'S',

    /// <summary>The markets with their orders.</summary>
    Markets = (byte)'M',

    /// <summary>Whatever else decides what a later record does.</summary>
    Rest = (byte)'X',
}
