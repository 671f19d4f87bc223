using System.Security.Cryptography;
using Clob.Engine;
using Clob.Journal;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.Appliance.Pipeline;

/// <summary>
/// The venue as its journal has it: recovered, replayed into an Exchange, and ready to be written on. A directory without a journal becomes
/// a new venue. The caller holds the directory's lock.
/// </summary>
public sealed class RecoveredVenue : IDisposable
{
    private RecoveredVenue(JournalOptions options, RecoveredJournal journal)
    {
        Id = options.Identity.ToArray();
        Cut = journal.Cut;
        Journal = new JournalWriter(options, journal);
    }

    /// <summary>The venue id, 32 bytes.</summary>
    public byte[] Id { get; }

    /// <summary>Writes behind what was recovered.</summary>
    public JournalWriter Journal { get; }

    /// <summary>The state after the last record.</summary>
    public Exchange Exchange { get; } = new(ExchangeCapacity.Default);

    /// <summary>What became of the signatures so far.</summary>
    public SignatureVerdicts Verdicts { get; } = new();

    /// <summary>What recovery cut off the journal's end; null for nothing.</summary>
    public JournalCut? Cut { get; }

    /// <summary>Whether the venue was made just now.</summary>
    public bool IsNew { get; private init; }

    /// <summary>Recovers the venue, or makes it.</summary>
    /// <param name="layout">The data directory.</param>
    /// <param name="settings">How the journal is written.</param>
    /// <param name="keys">The venue's keys; a new venue names them in its first record.</param>
    /// <param name="clock">Time of a new venue's first record.</param>
    /// <param name="progress">Told now and then how many records have been replayed.</param>
    /// <exception cref="JournalDamagedException">The journal is damaged before its last group.</exception>
    /// <exception cref="JournalCutException">The journal ends before a position that a checkpoint vouches for.</exception>
    /// <exception cref="ReplayRefusedException">The journal holds a record that no honest venue writes.</exception>
    public static RecoveredVenue Open(DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock, Action<ulong>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(clock);
        var venue = OpenJournal(layout, settings, keys, clock);
        try
        {
            venue.Replay(layout, keys, progress);
            return venue;
        }
        catch
        {
            venue.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Journal.Dispose();

    private static RecoveredVenue OpenJournal(DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock)
    {
        long lastKnown = (long)FileLedger.NewestJournalSize(layout.Root) - 1;
        if (Directory.Exists(layout.Journal) && JournalReader.ReadIdentity(layout.Journal) is { } identity)
        {
            var options = Options(layout, settings, identity);
            var journal = JournalRecovery.Recover(options, lastKnown);
            if (journal.NextSequence > 0)
                return new RecoveredVenue(options, journal);

            // The first start was cut off between making the segment and its first record: nothing was acknowledged yet, so it starts over.
            File.Delete(journal.SegmentPath!);
        }

        return Create(layout, settings, keys, clock, lastKnown);
    }

    private static RecoveredVenue Create(DataLayout layout, JournalSettings settings, VenueKeys keys, TimeProvider clock, long lastKnown)
    {
        var genesis = new Genesis
        {
            Salt = RandomNumberGenerator.GetBytes(32),
            OperatorKey = keys.Operator.PublicKey.ToArray(),
            LogKey = keys.Log.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = EngineHash.Compute(),
        };
        byte[] record = genesis.ToRecord((ulong)(clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        var options = Options(layout, settings, Genesis.VenueIdOf(record));
        var venue = new RecoveredVenue(options, JournalRecovery.Recover(options, lastKnown)) { IsNew = true };
        if (!venue.Journal.TryAppend(record))
            throw new InvalidOperationException("the first record does not fit an empty group");
        venue.Journal.Commit();
        return venue;
    }

    private static JournalOptions Options(DataLayout layout, JournalSettings settings, byte[] identity) => new()
    {
        Directory = layout.Journal,
        Identity = identity,
        SegmentSize = settings.SegmentSizeBytes,
        MaximumGroupSize = settings.MaximumGroupBytes,
        Durability = settings.Durability,
    };
}
