using Clob.Appliance.Pipeline;
using Clob.Engine;
using Clob.Journal;
using Clob.Journal.Tests.Simulation;
using Clob.Protocol;
using Clob.Simulation.Tests.Oracle;
using Clob.Simulation.Tests.Participants;
using Clob.Simulation.Tests.Process;

namespace Clob.Simulation.Tests;

/// <summary>
/// A venue, its disk, its clock, its network and its traders on one thread, with all that happens and its order drawn from a seed. It lives through
/// some crashes; each start is held against what had left before. In the end all is calm, and everything must have been answered.
/// </summary>
internal sealed partial class World : IDisposable
{
    public const int MostTraders = 4;

    private const string Directory = "/simulated/journal";

    private readonly Random _random;
    private readonly Defect _defect;
    private readonly SimulatedClock _clock = new();
    private readonly SimulatedStorage _disk;
    private readonly Trace _trace = new();
    private readonly Witness _witness;
    private readonly Auditor _auditor;
    private readonly byte[] _genesis;
    private readonly JournalOptions _journal;
    private readonly Operator _operator;
    private readonly Trader[] _traders;
    private VenueProcess? _process;
    private ulong _sequencedSize; // of the last process, at its end

    public World(int seed, Defect defect = Defect.None)
    {
        _random = new Random(seed);
        _defect = defect;
        _disk = new SimulatedStorage { SyncsAreIgnored = defect == Defect.SyncsAreIgnored };
        _witness = new Witness(_trace);
        _auditor = new Auditor(_witness, Figures);
        _genesis = Genesis(seed);
        _journal = new JournalOptions
        {
            Directory = Directory,
            Identity = Protocol.Genesis.VenueIdOf(_genesis),
            SegmentSize = 4096 * _random.Next(6, 20),
            MaximumGroupSize = 4096 * _random.Next(3, 5),
            Preparation = SegmentPreparationMode.Inline,
            Storage = _disk,
        };
        byte[] venueId = _journal.Identity.ToArray();
        int traders = _random.Next(2, MostTraders + 1);
        _operator = new Operator(venueId, _random, _witness, Figures, traders);
        _traders = [.. Enumerable.Range(1, traders).Select(account => new Trader((ulong)account, defect, venueId, _clock, _random, _witness, Figures))];
    }

    public WorldFigures Figures { get; } = new();

    /// <summary>Over everything that happened, in its order.</summary>
    public string Digest => _trace.Digest();

    /// <summary>Kinds of the records that its journals hold.</summary>
    public IReadOnlySet<RecordKind> RecordKinds => _auditor.RecordKinds;

    /// <exception cref="ViolationException">The venue did what it must never do.</exception>
    public void Run()
    {
        for (int crashes = _random.Next(2, 8); crashes > 0; crashes--)
        {
            if (TryStart(mayFail: true))
                Live(_random.Next(20, 300));
            Crash();
        }

        Require(TryStart(mayFail: false), "a start on a disk without faults failed");
        SettleDown();
        Crash();
        Require(TryStart(mayFail: false), "a start on a disk without faults failed");
        RequireAllDelivered();
        Figures.LostSectors = _disk.LostSectors;
        Figures.TornFiles = _disk.TornFiles;
        Figures.Reports = _witness.ReportCount;
    }

    public void Dispose()
    {
        _process?.Dispose();
        _trace.Dispose();
    }

    /// <summary>Recovers, and has the outcome checked before anything else happens.</summary>
    private bool TryStart(bool mayFail)
    {
        if (mayFail && _random.Next(3) != 0)
        {
            _disk.Fault = (Fault)_random.Next(Enum.GetValues<Fault>().Length);
            _disk.FaultAt = _disk.Operations + _random.Next(_random.Next(2) == 0 ? 12 : 250);
        }

        try
        {
            var venue = RecoveredVenue.Open(_journal, _genesis);
            Figures.CutGroups += venue.WasCut ? 1 : 0;
            _trace.Note("start", venue.Exchange.NextSequence);
            Figures.UnacknowledgedRecordsLost += (long)(Math.Max(_sequencedSize, venue.Exchange.NextSequence) - venue.Exchange.NextSequence);
            _process = new VenueProcess(venue, _defect, _clock, _witness, _random);
            _auditor.Check(venue, _journal);
            return true;
        }
        catch (DiskFailureException)
        {
            Figures.CrashesDuringStart++;
            return false;
        }
        catch (Exception refusal) when (refusal is JournalDamagedException or JournalCutException or ReplayRefusedException)
        {
            throw new ViolationException(Violation.StartRefused, refusal.Message);
        }
    }

    /// <summary>The process ends wherever it is, and the disk forgets what a process, a host or a bad cut forgets.</summary>
    private void Crash()
    {
        var crash = (Crash)_random.Next(Enum.GetValues<Crash>().Length);
        _trace.Note("crash", (ulong)crash);
        _trace.Note("operations", (ulong)_disk.Operations);
        if (_process is not null)
            _sequencedSize = _process.SequencedSize();
        _process?.Crash();
        _process = null;
        _disk.Stop(crash, _random);
        Figures.Crashes++;
    }

    private void RequireAllDelivered()
    {
        foreach (var trader in _traders)
        {
            var caused = _auditor.ReportsOf(trader.Account);
            Require(trader.Received.Count == caused.Count, $"trader {trader.Account} was sent {trader.Received.Count} reports of {caused.Count}");
            for (int i = 0; i < caused.Count; i++)
                Require(trader.Received[i].AsSpan().SequenceEqual(caused[i]), $"report {i + 1} of trader {trader.Account} is not the journal's");
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
            throw new ViolationException(Violation.NeverAnswered, what);
    }

    private byte[] Genesis(int seed) => new Genesis
    {
        Salt = [.. BitConverter.GetBytes(seed), .. new byte[28]],
        OperatorKey = Keys.Operator.PublicKey.ToArray(),
        LogKey = Keys.Operator.PublicKey.ToArray(),
        EngineVersion = Exchange.CurrentVersion,
        EngineHash = new byte[32],
    }.ToRecord(RecordTime.Now(_clock));
}
