using Clob.Appliance.Pipeline;
using Clob.Engine;
using Clob.Journal;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.Simulation.Tests.Process;

/// <summary>
/// What a start makes of the disk, by the code that an appliance starts with. Here recovery begins at record 0; a start from a snapshot
/// would find it here.
/// </summary>
internal sealed class RecoveredVenue : IRecoveredVenue, IDisposable
{
    private RecoveredVenue(byte[] id, JournalWriter journal) => (Id, Journal) = (id, journal);

    public byte[] Id { get; }

    public JournalWriter Journal { get; }

    public Exchange Exchange { get; } = new(ExchangeCapacity.Small);

    public SignatureVerdicts Verdicts { get; } = new();

    /// <summary>Every event of the replay.</summary>
    public List<ExchangeEvent> Events { get; private set; } = [];

    /// <summary>Whether a torn group was cut off.</summary>
    public bool WasCut { get; private init; }

    /// <exception cref="DiskFailureException">The disk failed meanwhile.</exception>
    /// <exception cref="JournalDamagedException">The journal is refused.</exception>
    public static RecoveredVenue Open(JournalOptions options, byte[] genesis)
    {
        var journaled = new JournaledVerdicts();
        var journal = JournalRecovery.Recover(options, onRecord: journaled.Read);
        var venue = new RecoveredVenue(options.Identity.ToArray(), new JournalWriter(options, journal)) { WasCut = journal.Cut is not null };
        try
        {
            if (journal.NextSequence == 0)
                venue.WriteGenesis(genesis);
            venue.Replay(options, journaled);
            return venue;
        }
        catch
        {
            venue.Dispose();
            throw;
        }
    }

    public void Dispose() => Journal.Dispose();

    private void WriteGenesis(byte[] genesis)
    {
        Assert.That(Journal.TryAppend(genesis));
        Journal.Commit();
    }

    private void Replay(JournalOptions options, JournaledVerdicts journaled)
    {
        using var reader = new JournalReader(options.Directory, Id, 0, options.Storage);
        var events = new EventList();
        Recovery.Replay(reader, (ulong)Journal.NextSequence, Exchange, journaled, Verdicts, ref events);
        Events = events.Items;
    }
}
