namespace Clob.Proofs;

/// <summary>
/// The names under which the log key signs, by C2SP's convention the origins of the logs. They hold the first 16 digits of the
/// venue id, to be short in a terminal; what must not be forged holds the id whole (the checkpoint record) or hangs on the key.
/// The three texts differ in their first line, so a signature on one never serves for another.
/// </summary>
public static class VenueLog
{
    private const int ShownDigits = 16;

    /// <summary>The key name on checkpoint records: <c>clob/</c> and the first 16 digits of the venue id.</summary>
    public static string RecordName(in Hash256 venue) => "clob/" + venue.ToString()[..ShownDigits];

    /// <summary>The origin and key name of log J, whose leaves are the journal's records.</summary>
    public static string JournalOrigin(in Hash256 venue) => RecordName(venue) + "/journal";

    /// <summary>The origin and key name of log C, whose leaves are the texts of the checkpoint records.</summary>
    public static string CheckpointsOrigin(in Hash256 venue) => RecordName(venue) + "/checkpoints";
}
