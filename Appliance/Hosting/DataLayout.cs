namespace Clob.Appliance;

/// <summary>
/// Where things live below the data directory. Settlement's parts name their own files below <see cref="Root"/>; docs/operating.md lists all.
/// <code>
/// data/lock                                    one appliance at a time
/// data/keys/operator.key, data/keys/log.key    sign account 0's envelopes and the checkpoints
/// data/journal/                                segments
/// </code>
/// </summary>
public sealed class DataLayout
{
    /// <summary>Lays out below a directory.</summary>
    public DataLayout(string directory) => Root = Path.GetFullPath(directory);

    /// <summary>The data directory, absolute.</summary>
    public string Root { get; }

    /// <summary>Segments.</summary>
    public string Journal => Path.Combine(Root, "journal");

    /// <summary>Keys and secrets, mode 0700.</summary>
    public string Keys => Path.Combine(Root, "keys");

    /// <summary>Account 0's key.</summary>
    public string OperatorKey => Path.Combine(Keys, "operator.key");

    /// <summary>The log's key.</summary>
    public string LogKey => Path.Combine(Keys, "log.key");

    /// <summary>A path from the settings: below the data directory unless absolute.</summary>
    public string Resolve(string path) => Path.GetFullPath(path, Root);
}
