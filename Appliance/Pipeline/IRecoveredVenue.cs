using Clob.Engine;
using Clob.Journal;
using Clob.Settlement;

namespace Clob.Appliance.Pipeline;

/// <summary>What the stages work on: a venue brought to the end of its journal. <see cref="OpenedVenue"/> is one from a data directory.</summary>
public interface IRecoveredVenue
{
    /// <summary>The venue id, 32 bytes.</summary>
    byte[] Id { get; }

    /// <summary>Writes behind what was recovered.</summary>
    JournalWriter Journal { get; }

    /// <summary>The state after the last record.</summary>
    Exchange Exchange { get; }

    /// <summary>What became of the signatures so far.</summary>
    SignatureVerdicts Verdicts { get; }
}
