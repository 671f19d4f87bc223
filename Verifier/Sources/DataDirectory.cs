using Clob.Journal;
using Clob.Settlement;

namespace Clob.Verifier.Sources;

/// <summary>What a data directory must hold to be looked at, and what it means when the disk does not give it.</summary>
internal static class DataDirectory
{
    private const string JournalFolder = "journal";

    /// <summary>The full path of a data directory.</summary>
    /// <exception cref="VerificationFailedException">There is no such directory.</exception>
    public static string Require(string directory) => RequireFolder(Path.GetFullPath(directory), "a data directory");

    /// <summary>The full path of its segments.</summary>
    /// <exception cref="VerificationFailedException">There is no such directory.</exception>
    public static string RequireJournal(string data) => RequireFolder(Path.Combine(data, JournalFolder), "a directory of segments");

    /// <summary>The file of its checkpoints, there or not.</summary>
    public static string LedgerPath(string data) => Path.Combine(data, FileLedger.FileName);

    /// <summary>What damage to the journal means.</summary>
    public static Failure FailureOf(JournalDamagedException damage)
    {
        // A journal whose oldest segment is gone names the file that should hold record 0.
        ExitCode code = File.Exists(damage.SegmentPath) ? ExitCode.Damaged : ExitCode.MissingData;
        return new Failure(code, damage.Expected, damage.Found)
        {
            Segment = damage.SegmentPath,
            Offset = damage.Offset,
            Sequence = (ulong)damage.Sequence,
        };
    }

    /// <summary>What a file means that the system does not give.</summary>
    public static Failure FailureOf(DiskFailureException failure)
    {
        ExitCode code = failure.ErrorNumber == DiskFailureException.NotFound ? ExitCode.MissingData : ExitCode.Damaged;
        return new Failure(code, "files that can be read", failure.Message) { Segment = failure.Path };
    }

    private static string RequireFolder(string path, string what) =>
        Directory.Exists(path) ? path : throw new VerificationFailedException(new Failure(ExitCode.MissingData, what, "none") { Segment = path });
}
