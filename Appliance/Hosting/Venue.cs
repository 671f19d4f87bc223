using System.Net.Sockets;
using System.Text;
using Clob.Appliance.Diagnostics;
using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Appliance.Pipeline;
using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Ring;
using Clob.Settlement;
using Microsoft.Extensions.Logging;

namespace Clob.Appliance;

/// <summary>Puts the parts of a running venue together: recovery, the pipeline, the settlement plane and the operator's signer.</summary>
internal sealed class Venue : IVenue, IVenueReads, ISessionTokens
{
    // A stop that takes longer is not orderly; what is durable by then is what counts.
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    // One dispersal can take well over 10 s.
    private static readonly TimeSpan DaTimeout = TimeSpan.FromSeconds(60);

    private readonly OpenedVenue _opened;
    private readonly FeedPublisher _feed;
    private readonly Topology _topology;
    private readonly OrderEntryGateway _orderEntry;
    private readonly FileLedger _ledger;
    private readonly HttpClient _web = new() { Timeout = DaTimeout };
    private readonly SettlementPlane _settlement;
    private readonly SessionTokens _tokens;
    private readonly ILogger _log;
    private bool _stopped;
    private bool _drained;

    private Venue(ApplianceSettings settings, DataLayout layout, VenueKeys keys, OpenedVenue opened, ILoggerFactory logging)
    {
        _opened = opened;
        _log = logging.CreateLogger<Venue>();
        Session = MoldUdp64.SessionName(opened.Id);
        _tokens = SessionTokens.Open(layout.Keys);
        _ledger = new FileLedger(layout.Root);
        IDataAvailability layer = settings.Settlement.DataAvailability == DataAvailabilityKind.Folder
            ? new FolderDataAvailability(layout.Resolve(settings.Settlement.DataAvailabilityFolder))
            : new EigenDaProxy(_web, new EigenDaProxyOptions { Url = settings.Settlement.EigenDaUrl });
        _settlement = new SettlementPlane(
            SettlementOptionsOf(settings.Settlement, layout, opened), HostOf(), opened.Verdicts, keys.Log, _ledger, layer, logging.CreateLogger<SettlementPlane>());
        _feed = OpenSocket(
            () => new FeedPublisher(FeedOptionsOf(settings.MarketData), new NativeFeedEncoding(), Session, opened.Exchange.NextFeedSequence,
                TimeProvider.System, logging.CreateLogger<FeedPublisher>()),
            $"MarketData:Group and MarketData:Interface hold '{settings.MarketData.Group}' and '{settings.MarketData.Interface}', where this process cannot send");
        _topology = OpenSocket(
            () => new Topology(PartsOf(settings, logging)),
            $"OrderEntry:Listen holds '{settings.OrderEntry.Listen}', where this process cannot listen");
        _orderEntry = (OrderEntryGateway)_topology.Gateway; // as PartsOf makes it
        Assets = AssetDecimals.Of(opened.Exchange);
        Operator = new OperatorGateway(_topology, keys.Operator, opened.Id, opened.Exchange.ReadAccount(0)!.NextNonce);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> VenueId => _opened.Id;

    /// <inheritdoc/>
    public string Session { get; }

    /// <inheritdoc/>
    public ulong Sequence => Math.Min(_topology.DurableSize, _topology.MatchedSize) - 1;

    /// <inheritdoc/>
    public System.Net.IPEndPoint OrderEntryEndpoint => _orderEntry.LocalEndPoint;

    /// <inheritdoc/>
    public IVenueReads Reads => this;

    /// <inheritdoc/>
    public AssetDecimals Assets { get; }

    /// <inheritdoc/>
    public OperatorGateway Operator { get; }

    /// <inheritdoc/>
    public ISessionTokens Tokens => this;

    /// <inheritdoc/>
    public string? LatestCheckpoint => _settlement.Checkpoints.Latest is { } latest ? Encoding.UTF8.GetString(latest.Note.Span) : null;

    /// <inheritdoc/>
    public string? CancelsOnlyBecause => _topology.Obstacle?.Message;

    /// <summary>Recovers the venue, or makes it at the first start, and starts everything that runs.</summary>
    internal static async Task<IVenue> OpenAsync(ApplianceSettings settings, DataLayout layout, VenueKeys keys, VenueMetrics metrics, ILoggerFactory logging)
    {
        var log = logging.CreateLogger<Venue>();
        var opened = await Task.Run(() => OpenedVenue.OpenBehindSnapshot(layout, settings.Journal, keys, TimeProvider.System, logging)).ConfigureAwait(false);
        if (opened.Cut is { } cut)
            Log.JournalCut(log, cut.SegmentPath, cut.Offset, cut.Sequence, cut.Length);
        Log.Recovered(log, opened.Summary.JournalSize, opened.Summary.StartSize, opened.Summary.RecheckedEnvelopes);
        if (opened.IsNew && !keys.AreNew)
            Log.NewVenueUnderFormerKeys(log, layout.Journal, layout.Keys);
        WarnOfTimeAhead(log, opened.Exchange.LastTime);

        // Asked of the recovered Exchange, before it belongs to the match thread: the replica may have a long history to replay yet.
        bool isUndefined = opened.Exchange.AssetIds.Count == 0;
        var differences = isUndefined ? [] : FirstDefinitions.DifferencesOf(opened.Exchange, settings.Venue);
        var venue = new Venue(settings, layout, keys, opened, logging);
        venue.Start(settings);
        VenueFigures.Register(metrics, venue._topology, venue._orderEntry.Counters, venue._feed.Counters, venue._settlement);
        if (isUndefined)
            await FirstDefinitions.DefineAsync(venue, settings.Venue, log).ConfigureAwait(false);
        foreach (string difference in differences)
            Log.VenueDiffers(log, difference);
        return venue;
    }

    /// <inheritdoc/>
    public Task<T> ReadAsync<T>(Func<Exchange, T> read, TimeSpan patience) => _settlement.Replica.ReadAsync(read, patience);

    /// <inheritdoc/>
    public string Issue(ulong account) => _tokens.Issue(account);

    /// <inheritdoc/>
    public string Rotate(ulong account) => _tokens.Rotate(account);

    /// <inheritdoc/>
    public async Task StopAsync()
    {
        if (_stopped)
            return;
        _stopped = true;
        bool drained = _drained = await Task.Run(() => _topology.Stop(StopPatience)).ConfigureAwait(false);
        bool compared = drained && await CompareStatesAsync().ConfigureAwait(false);
        bool settled = await _settlement.StopAsync(drained && !compared ? TimeSpan.Zero : StopPatience).ConfigureAwait(false); // waited already
        if (!compared || !settled)
            Log.StopIncomplete(_log, drained, settled);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _ledger.Dispose();
        _web.Dispose();
        _tokens.Dispose();
        if (!_drained)
            return; // a stage thread may be stuck in the disk or a socket; what it uses goes with the process
        _topology.Dispose();
        _feed.Dispose();
        _opened.Dispose();
    }

    /// <summary>Holds the live state against the replayed one; false when the replica was not there in time.</summary>
    private async Task<bool> CompareStatesAsync()
    {
        try
        {
            var replayed = await _settlement.Replica.ReadAsync(static exchange => StateRoot.Of(exchange, new StateCommitmentBuilder()), StopPatience).ConfigureAwait(false);
            Log.StatesAgree(_log, StateAgreement.Check(_opened.Exchange, replayed), _opened.Exchange.NextSequence);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (StateDivergedException diverged)
        {
            FatalStop.End("the last check", diverged);
            throw;
        }
    }

    private void Start(ApplianceSettings settings)
    {
        ulong grace = (ulong)settings.OrderEntry.DisconnectGraceSeconds * 1_000_000_000;
        _topology.ExpectAllBack(RecordTime.Now(TimeProvider.System) + grace);
        _topology.Start();
        _settlement.Start();
    }

    /// <summary>The journal's time never goes back: once a clock was ahead, deadlines and expiries are measured from there.</summary>
    private static void WarnOfTimeAhead(ILogger log, ulong lastTime)
    {
        var last = RecordTime.ToDateTime(lastTime);
        if (last > TimeProvider.System.GetUtcNow() + TimeSpan.FromSeconds(1))
            Log.TimeAhead(log, last.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
    }

    private static T OpenSocket<T>(Func<T> open, string failure)
    {
        try
        {
            return open();
        }
        catch (SocketException cause)
        {
            throw new StartFailedException($"{failure}: {cause.Message}", cause);
        }
    }

    private TopologyParts PartsOf(ApplianceSettings settings, ILoggerFactory logging)
    {
        var cores = ThreadPlacement.AvailableCores();
        var plan = ThreadPlan.For(settings.Pipeline, cores);
        Log.ThreadsChosen(_log, cores.Length, plan.ToString(), plan.Verifiers, plan.WaitStrategy.ToString());
        return new TopologyParts
        {
            Venue = _opened,
            Gateway = (sequencer, observer) => new OrderEntryGateway(
                OrderEntryOptionsOf(settings.OrderEntry), ConnectionsOf(sequencer, observer), logging.CreateLogger<OrderEntryGateway>()),
            Feed = _feed,
            Plan = plan,
            Clock = TimeProvider.System,
            Logger = _log,
            OnFatal = static (thread, failure) => FatalStop.End($"{thread.Name} ({thread.FatalStage?.Name})", failure),
            RingSize = settings.Pipeline.RingSize,
            EventRingSize = settings.Pipeline.EventRingSize,
            ArenaBytes = settings.Pipeline.ArenaBytes,
        };
    }

    private OrderEntryConnections ConnectionsOf(IEnvelopeSequencer sequencer, ISessionObserver observer)
    {
        var keys = _opened.Exchange.Keys;

        // Taken before matching starts; from then on the Exchange belongs to the match thread.
        ulong[] nextReports = new ulong[keys.Count];
        for (int account = 0; account < nextReports.Length; account++)
            nextReports[account] = _opened.Exchange.NextReportSequence((ulong)account);
        return new OrderEntryConnections
        {
            Sequencer = sequencer,
            Observer = observer,
            Archive = new ArchivedReports(_settlement.Reports),
            Tokens = _tokens,
            AccountExists = account => account < keys.Count,
            NextReportSequence = account => account < (ulong)nextReports.Length ? nextReports[account] : 1,
            SessionName = Session,
        };
    }

    private SettlementHost HostOf() => new()
    {
        DurableSize = () => _topology.DurableSize,
        RequestMark = () => _topology.RequestMark(),
        OnThreadStart = static _ => ThreadPlacement.UseIdleSchedulingClass(),
        OnFatal = static failure => FatalStop.End("settlement", failure),
    };

    private static SettlementOptions SettlementOptionsOf(SettlementSettings settings, DataLayout layout, OpenedVenue opened) => new()
    {
        DataDirectory = layout.Root,
        JournalDirectory = layout.Journal,
        Venue = new Hash256(opened.Id),
        CheckpointInterval = settings.CheckpointInterval,
        SnapshotInterval = settings.SnapshotInterval,
        SnapshotsKept = settings.SnapshotsKept,
        Start = opened.Start,
        MaximumBatchSize = settings.MaximumBatchBytes,
    };

    private static FeedOptions FeedOptionsOf(MarketDataSettings settings) => new()
    {
        Group = settings.Group,
        Interface = settings.Interface,
        TimeToLive = settings.TimeToLive,
        MaximumPayload = settings.MaximumPayload,
    };

    private static OrderEntryOptions OrderEntryOptionsOf(OrderEntrySettings settings) => new()
    {
        Listen = settings.Listen,
        MaximumSessions = settings.MaximumSessions,
        MaximumSessionsPerAccount = settings.MaximumSessionsPerAccount,
        MaximumEnvelopesPerSecond = settings.MaximumEnvelopesPerSecond,
        BadSignaturePause = settings.BadSignaturePause,
        MaximumBadSignaturePause = settings.MaximumBadSignaturePause,
        SendBufferBytes = settings.SendBufferBytes,
        RecentReports = settings.RecentReports,
    };

    /// <summary>Settlement does not know of order entry.</summary>
    private sealed class ArchivedReports(ReportArchive archive) : IReportArchive
    {
        public int Read(ulong account, ulong fromSequence, Span<byte> destination) => archive.Read(account, fromSequence, destination);
    }
}
