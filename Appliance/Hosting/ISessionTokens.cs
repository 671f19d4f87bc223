namespace Clob.Appliance;

/// <summary>Session tokens as HTTP hands them out.</summary>
internal interface ISessionTokens
{
    /// <summary>The account's token.</summary>
    string Issue(ulong account);

    /// <summary>Makes the account's token worthless and gives the next.</summary>
    string Rotate(ulong account);
}
