using Clob.Journal;
using Clob.Protocol;

namespace Clob.Appliance;

/// <summary>The two keys of a venue. They are made once, before its first record names them, and never again: a venue without its keys is over.</summary>
public sealed class VenueKeys : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private VenueKeys(SigningKey operatorKey, SigningKey logKey, bool isNew)
    {
        Operator = operatorKey;
        Log = logKey;
        AreNew = isNew;
    }

    /// <summary>Signs account 0's envelopes.</summary>
    public SigningKey Operator { get; }

    /// <summary>Signs checkpoints.</summary>
    public SigningKey Log { get; }

    /// <summary>Whether this start made one of them.</summary>
    public bool AreNew { get; }

    /// <summary>Reads the keys; makes those that are missing if there is no journal yet.</summary>
    /// <exception cref="InvalidDataException">A journal is there and a key is not, or a key file is open to others or holds no key.</exception>
    public static VenueKeys LoadOrCreate(DataLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        bool isNewVenue = !Directory.Exists(layout.Journal) || Directory.GetFiles(layout.Journal, "*.seg").Length == 0;
        if (!Directory.Exists(layout.Keys))
            Directory.CreateDirectory(layout.Keys, OwnerOnly);
        bool isNew = false;
        var operatorKey = Load(layout.OperatorKey);
        var logKey = Load(layout.LogKey);
        if (isNewVenue) // also when a former start made the keys: it may have ended before it came here
        {
            Disk.Storage.SyncDirectory(layout.Keys);
            Disk.Storage.SyncDirectory(layout.Root);
        }

        return new VenueKeys(operatorKey, logKey, isNew);

        SigningKey Load(string path)
        {
            if (File.Exists(path))
                return SigningKey.Load(path);
            if (!isNewVenue)
                throw new InvalidDataException($"The key file {path} is missing while {layout.Journal} holds a venue. Restore it from your backup; no other key can take its place.");
            isNew = true;
            var key = SigningKey.Generate();
            key.Save(path);
            return key;
        }
    }

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        Operator.Dispose();
        Log.Dispose();
    }
}
