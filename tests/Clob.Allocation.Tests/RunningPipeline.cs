using System.Net;
using System.Net.Sockets;
using Clob.Appliance;
using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Appliance.Pipeline;
using Clob.Journal;
using Clob.Protocol;
using Clob.Ring;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clob.Allocation.Tests;

/// <summary>What a test puts in place of a part.</summary>
internal sealed record Replacements
{
    public Func<IEnvelopeSequencer, IEnvelopeSequencer> Sequencer { get; init; } = static sequencer => sequencer;

    public IFeedEncoding Encoding { get; init; } = new NativeFeedEncoding();

    public JournalSettings Journal { get; init; } = new() { Durability = JournalDurability.DataSync, SegmentSizeBytes = 64 << 20, MaximumGroupBytes = 1 << 20 };

    public IStorage Storage { get; init; } = Disk.Storage;

    public int RingSize { get; init; } = 16 * 1024;
}

/// <summary>
/// The real way of an order in this process: sessions on loopback, a journal on the disk, a feed by multicast. What is not here (HTTP, settlement) runs
/// on threads of its own and is not measured.
/// </summary>
internal sealed class RunningPipeline : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("clob-allocation-");
    private readonly VenueKeys _keys;
    private readonly OpenedVenue _venue;
    private readonly FeedPublisher _feed;
    private readonly Topology _topology;
    private readonly SessionTokens _tokens;
    private readonly OperatorGateway _operator;
    private readonly List<Exception> _fatal = [];

    public RunningPipeline(string threads, Replacements replacements)
    {
        var layout = new DataLayout(_directory.FullName);
        _keys = VenueKeys.LoadOrCreate(layout);
        _venue = OpenedVenue.Open(layout, replacements.Journal, _keys, TimeProvider.System, storage: replacements.Storage);
        _tokens = SessionTokens.Open(layout.Keys);
        string session = MoldUdp64.SessionName(_venue.Id);
        var group = new FeedOptions { Group = new IPEndPoint(IPAddress.Parse("239.255.42.91"), FreeUdpPort()) };
        _feed = new FeedPublisher(group, replacements.Encoding, session, _venue.Exchange.NextFeedSequence, TimeProvider.System, NullLogger<FeedPublisher>.Instance);
        _topology = new Topology(new TopologyParts
        {
            Venue = _venue,
            Gateway = (sequencer, observer) => new OrderEntryGateway(
                new OrderEntryOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0) },
                ConnectionsOf(replacements.Sequencer(sequencer), observer, session),
                NullLogger<OrderEntryGateway>.Instance),
            Feed = _feed,
            Plan = new ThreadPlan([.. threads.Split(';').Select(ToThread)], Verifiers: 1, WaitStrategy.YieldThenBlock),
            Clock = TimeProvider.System,
            RingSize = replacements.RingSize,
            OnFatal = (_, failure) => _fatal.Add(failure),
        });
        _topology.Start();
        _operator = new OperatorGateway(_topology, _keys.Operator, _venue.Id, _venue.Exchange.ReadAccount(0)!.NextNonce);
    }

    /// <summary>Where sessions are taken.</summary>
    public IPEndPoint EndPoint => ((OrderEntryGateway)_topology.Gateway).LocalEndPoint;

    public byte[] VenueId => _venue.Id;

    public FeedCounters FeedCounters => _feed.Counters;

    public ulong Journaled => _topology.DurableSize;

    /// <summary>Records between sequencer and egress.</summary>
    public ulong InRing => unchecked(_topology.SequencedSize - _topology.CompletedSize);

    public string JournalDirectory => Path.Combine(_directory.FullName, "journal");

    public int Segments => Directory.GetFiles(JournalDirectory, "*.seg").Length;

    /// <summary>Two assets and a market.</summary>
    public async Task DefineMarketAsync(ushort market)
    {
        await _operator.ExecuteAsync(new DefineAsset(1, 6, SymbolOf("USD")), CancellationToken.None);
        await _operator.ExecuteAsync(new DefineAsset(2, 8, SymbolOf("BTC")), CancellationToken.None);
        var terms = new MarketTerms { MinimumQuantity = 1, MaximumQuantity = long.MaxValue, PriceCap = 1_000_000, MakerFee = 100, TakerFee = 200 };
        await _operator.ExecuteAsync(new DefineMarket(market, 2, 1, 10_000, 1, SymbolOf("BTC/USD"), terms), CancellationToken.None);
    }

    /// <summary>A funded account's session, logged in.</summary>
    public async Task<TradingSession> OpenSessionAsync(ushort market)
    {
        var (key, login) = await RegisterAsync();
        return new TradingSession(EndPoint, login, key, VenueId, market);
    }

    /// <summary>A funded account, and with what it logs in.</summary>
    public async Task<(SigningKey Key, SoupLogin Login)> RegisterAsync()
    {
        var key = SigningKey.Generate();
        var registered = await _operator.ExecuteAsync(new RegisterAccount(new PublicKey(key.PublicKey)), CancellationToken.None);
        ulong account = registered.Reference;
        foreach (uint asset in new uint[] { 1, 2 })
            await _operator.ExecuteAsync(new Deposit(account, asset, UInt128.One << 60, null), CancellationToken.None);
        return (key, new SoupLogin(account, _tokens.Issue(account), "", 0));
    }

    /// <summary>Asks for a mark, as the settlement plane does every few seconds.</summary>
    public void RequestMark() => Assert.That(_topology.RequestMark());

    /// <summary>Waits until all is out and the threads have gone idle behind it, then reads what each has allocated so far.</summary>
    public long[] ReadAllocations()
    {
        long deadline = Environment.TickCount64 + (long)Patience.TotalMilliseconds;
        while (_topology.CompletedSize != _topology.SequencedSize)
        {
            Assert.That(_fatal, Is.Empty);
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), "the pipeline did not drain");
            Thread.Sleep(5);
        }

        // Idle threads look up every few milliseconds and say what they have allocated; on a busy host that takes longer.
        Thread.Sleep(200);
        Assert.That(_fatal, Is.Empty);
        return [.. _topology.Threads.Select(thread => thread.AllocatedBytes)];
    }

    /// <summary>Names of the threads, in the order of <see cref="ReadAllocations"/>.</summary>
    public IEnumerable<string> ThreadNames => _topology.Threads.Select(thread => thread.Name);

    public void Dispose()
    {
        bool stopped = _topology.Stop(Patience);
        _topology.Dispose();
        _feed.Dispose();
        _tokens.Dispose();
        _venue.Dispose();
        _keys.Dispose();
        _directory.Delete(recursive: true);
        Assert.That(stopped, "all threads end");
    }

    private OrderEntryConnections ConnectionsOf(IEnvelopeSequencer sequencer, ISessionObserver observer, string session) => new()
    {
        Sequencer = sequencer,
        Observer = observer,
        Archive = new EmptyArchive(),
        Tokens = _tokens,
        AccountExists = account => account < (ulong)_venue.Exchange.Keys.Count,
        NextReportSequence = static _ => 1,
        SessionName = session,
    };

    private static Symbol SymbolOf(string text) => Symbol.TryParse(text, out var symbol) ? symbol : throw new ArgumentException(text);

    private static PlannedThread ToThread(string stages) => new([.. stages.Split('+').Select(ToStage)], Core: null);

    private static StageName ToStage(string name) => StageName.TryParse(name, out var stage) ? stage : throw new ArgumentException(name);

    private static int FreeUdpPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private sealed class EmptyArchive : IReportArchive
    {
        public int Read(ulong account, ulong fromSequence, Span<byte> destination) => 0;
    }
}
