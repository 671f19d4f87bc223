using System.Net;
using System.Net.Sockets;
using Clob.Appliance.FakeDa;
using Clob.Journal;
using Clob.Proofs;
using Clob.Protocol;

namespace Clob.Settlement.Tests;

/// <summary>What both data availability layers must do; one fixture for both.</summary>
[TestFixture("folder")]
[TestFixture("proxy")]
public sealed class DataAvailabilityContractTests(string kind)
{
    private string _directory = null!;
    private WebApplication? _server;
    private HttpClient _client = null!;
    private IDataAvailability _layer = null!;

    [SetUp]
    public async Task SetUp()
    {
        _directory = Directory.CreateTempSubdirectory("clob-da-").FullName;
        _client = new HttpClient();
        if (kind == "folder")
        {
            _layer = new FolderDataAvailability(_directory);
            return;
        }
        _server = FakeDaServer.Build("127.0.0.1:0", new FakeDaOptions());
        await _server.StartAsync();
        _layer = new EigenDaProxy(_client, new EigenDaProxyOptions { Url = new Uri(_server.Urls.Single()) });
    }

    [TearDown]
    public async Task TearDown()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _client.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public async Task Gives_back_what_was_put([Values(1, 4096, 3_000_000)] int size)
    {
        byte[] batch = new byte[size];
        new Random(size).NextBytes(batch);
        byte[] commitment = await _layer.PutAsync(batch, default);
        Assert.That(await _layer.GetAsync(commitment, default), Is.EqualTo(batch));
    }

    [Test]
    public async Task Takes_the_same_batch_twice()
    {
        byte[] commitment = await _layer.PutAsync(new byte[100], default);
        byte[] again = await _layer.PutAsync(new byte[100], default);
        Assert.That(await _layer.GetAsync(commitment, default), Is.EqualTo(await _layer.GetAsync(again, default)));
    }

    [Test]
    public async Task Refuses_an_unknown_commitment()
    {
        byte[] commitment = await _layer.PutAsync(new byte[100], default);
        commitment[^1] ^= 1;
        Assert.That(async () => await _layer.GetAsync(commitment, default), Throws.InstanceOf<DataAvailabilityException>());
    }

    [Test]
    public async Task States_a_limit_that_a_record_fits() =>
        Assert.That(await _layer.MaximumBatchSizeAsync(default), Is.GreaterThanOrEqualTo(DaPublisher.MinimumBatchSize));
}

/// <summary>The folder's own promise: what is damaged is not given out.</summary>
public sealed class FolderDataAvailabilityTests
{
    [Test]
    public async Task Refuses_a_batch_whose_file_was_changed()
    {
        string directory = Directory.CreateTempSubdirectory("clob-da-").FullName;
        var layer = new FolderDataAvailability(directory);
        byte[] commitment = await layer.PutAsync(new byte[100], default);
        string file = Directory.GetFiles(directory).Single();
        Assert.That(Path.GetFileName(file), Is.EqualTo(Convert.ToHexStringLower(commitment)), "nothing temporary is left");
        byte[] bytes = await File.ReadAllBytesAsync(file);
        bytes[50] ^= 1;
        await File.WriteAllBytesAsync(file, bytes);
        Assert.That(async () => await layer.GetAsync(commitment, default), Throws.InstanceOf<DataAvailabilityException>().With.Message.Contains("damaged"));
        Directory.Delete(directory, recursive: true);
    }
}

/// <summary>Which answers of the proxy are tried again, and which never.</summary>
public sealed class EigenDaProxyTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly HttpClient _client = new();

    [OneTimeTearDown]
    public void OneTimeTearDown() => _client.Dispose();

    [TestCase(429, 2, 3, true)]
    [TestCase(500, 2, 3, true)]
    [TestCase(503, 2, 3, true)]
    [TestCase(503, 3, 3, false, Description = "three attempts, all in vain")]
    [TestCase(400, 1, 3, false)]
    [TestCase(418, 1, 3, false)]
    [TestCase(404, 1, 3, false)]
    public async Task Tries_again_only_what_may_succeed(int status, int failures, int attempts, bool succeeds)
    {
        await using WebApplication server = await StartAsync(new FakeDaOptions { FailFirst = failures, FailureStatus = status });
        EigenDaProxy proxy = Proxy(server, attempts);
        if (succeeds)
        {
            Assert.That(await proxy.PutAsync(new byte[10], default), Is.Not.Empty);
            return;
        }
        bool transient = status is 429 or 500 or 503;
        Assert.That(async () => await proxy.PutAsync(new byte[10], default),
            Throws.InstanceOf<DataAvailabilityException>().With.Property(nameof(DataAvailabilityException.IsTransient)).EqualTo(transient).And.Message.Contains($"answered {status}"));
        Assert.That(await proxy.PutAsync(new byte[10], default), Is.Not.Empty, "all faults were used up by the one call: negative control of the count of attempts");
    }

    [Test]
    public async Task Tries_again_when_nobody_listens()
    {
        int port;
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            port = ((IPEndPoint)free.LocalEndpoint).Port;
        }
        var proxy = new EigenDaProxy(_client, new EigenDaProxyOptions { Url = new Uri($"http://127.0.0.1:{port}/"), Attempts = 2, FirstDelay = TimeSpan.FromMilliseconds(1) });
        Assert.That(async () => await proxy.PutAsync(new byte[10], default),
            Throws.InstanceOf<DataAvailabilityException>().With.Property(nameof(DataAvailabilityException.IsTransient)).True);
    }

    [Test]
    public async Task Reads_the_limit_from_the_configuration_and_is_refused_beyond_it()
    {
        await using WebApplication server = await StartAsync(new FakeDaOptions { MaximumPayloadSize = 100_000 });
        EigenDaProxy proxy = Proxy(server);
        Assert.That(await proxy.MaximumBatchSizeAsync(default), Is.EqualTo(100_000));
        Assert.That(await proxy.PutAsync(new byte[100_000], default), Is.Not.Empty);
        Assert.That(async () => await proxy.PutAsync(new byte[100_001], default),
            Throws.InstanceOf<DataAvailabilityException>().With.Property(nameof(DataAvailabilityException.IsTransient)).False);
    }

    [Test]
    public async Task Cuts_batches_at_the_layers_limit_and_at_marks()
    {
        using TestVenue venue = new TestVenue().Open();
        for (int i = 0; i < 500; i++)
            venue.Order(1, Side.Sell, 100 + (ulong)i, 1);
        venue.Mark();
        venue.Mark();
        await using WebApplication server = await StartAsync(new FakeDaOptions { MaximumPayloadSize = DaPublisher.MinimumBatchSize });
        EigenDaProxy proxy = Proxy(server);
        await RunToEndAsync(venue, proxy);

        List<CheckpointRecord> published = venue.Checkpoints();
        List<DaBatch> batches = [.. published.SelectMany(record => record.Batches)];
        Assert.That(batches, Has.Count.GreaterThan(2), "the first checkpoint needs more than one batch");
        Assert.That(published.Select(record => record.DaSize), Is.EqualTo(published.Select(record => record.JournalSize)));
        var records = new List<byte[]>();
        foreach (DaBatch batch in batches)
        {
            byte[] bytes = await proxy.GetAsync(batch.Commitment, default);
            Assert.That(bytes, Has.Length.LessThanOrEqualTo(DaPublisher.MinimumBatchSize));
            Assert.That(Hash256.Of(bytes), Is.EqualTo(batch.Hash));
            foreach (ReadOnlySpan<byte> record in RecordFrames.Read(bytes))
                records.Add(record.ToArray());
        }
        Assert.That(records, Is.EqualTo(venue.Records));
    }

    [Test]
    public async Task Publishes_checkpoints_while_the_layer_is_away_and_catches_up_after()
    {
        using TestVenue venue = new TestVenue().Open();
        venue.Trade();
        venue.Mark();
        var away = new SwitchedLayer(new FolderDataAvailability(Path.Combine(venue.Directory, "x"))) { IsAway = true };
        SettlementOptions options = venue.Options with { DaPatience = TimeSpan.FromMilliseconds(20) };
        using FileLedger ledger = venue.Ledger();
        await using SettlementPlane plane = venue.Plane(ledger, options, away);
        plane.Start();
        Assert.That(() => plane.Status().CheckpointNumber, Is.EqualTo(1UL).After(10_000, 5));
        SettlementStatus status = plane.Status();
        Assert.That(plane.Checkpoints.Latest!.Record.DaSize, Is.Zero, "it was published without");
        Assert.That(status.DaLag, Is.EqualTo(venue.Size));
        Assert.That(() => plane.Status().DaFailures, Is.GreaterThan(0).After(10_000, 5));

        away.IsAway = false;
        Assert.That(() => plane.Status().DaLag, Is.Zero.After(10_000, 5));
        venue.Trade();
        venue.Mark();
        Assert.That(() => plane.Status().CheckpointNumber, Is.EqualTo(2UL).After(10_000, 5));
        await plane.StopAsync(Patience);
        Assert.That(venue.Checkpoints()[1].DaSize, Is.GreaterThanOrEqualTo(venue.Checkpoints()[0].JournalSize), "the later checkpoint names what the earlier could not");
    }

    [Test]
    public async Task Gives_up_a_batch_that_is_refused_for_good_and_trades_on()
    {
        using TestVenue venue = new TestVenue().Open();
        venue.Trade();
        venue.Mark();
        await using WebApplication server = await StartAsync(new FakeDaOptions { FailFirst = 1, FailureStatus = 400 });
        using FileLedger ledger = venue.Ledger();
        await using SettlementPlane plane = venue.Plane(ledger, venue.Options, Proxy(server));
        plane.Start();
        Assert.That(() => plane.Status().DaRefused, Is.True.After(10_000, 5));
        venue.Trade();
        venue.Mark();
        Assert.That(() => plane.Status().CheckpointNumber, Is.EqualTo(2UL).After(10_000, 5));
        Assert.That(plane.Status().DaSize, Is.Zero);
    }

    [TestCase(IDataAvailability.MaximumCommitmentSize, false)]
    [TestCase(IDataAvailability.MaximumCommitmentSize + 1, true)]
    [TestCase(20_000_000, true, Description = "more than a checkpoint or an entry of the list could hold")]
    public async Task Gives_up_a_layer_that_answers_an_oversized_commitment_and_trades_on(int size, bool refused)
    {
        using TestVenue venue = new TestVenue().Open();
        venue.Trade();
        venue.Mark();
        await using WebApplication server = await StartAsync(new FakeDaOptions());
        var layer = new SwitchedLayer(Proxy(server)) { Commitment = new byte[size] };
        using FileLedger ledger = venue.Ledger();
        await using SettlementPlane plane = venue.Plane(ledger, venue.Options, layer);
        plane.Start();
        Assert.That(() => plane.Status().DaRefused || plane.Status().DaLag == 0, Is.True.After(10_000, 5));
        Assert.That(plane.Status().DaRefused, Is.EqualTo(refused));
        venue.Trade();
        venue.Mark();
        Assert.That(() => plane.Status().CheckpointNumber, Is.EqualTo(2UL).After(10_000, 5));
        Assert.That(venue.Checkpoints()[0].Batches, Has.Count.EqualTo(refused ? 0 : 1));
    }

    [TestCase(IDataAvailability.MaximumCommitmentSize, true)]
    [TestCase(IDataAvailability.MaximumCommitmentSize + 1, false)]
    [TestCase(100_000_000, false)]
    public async Task Reads_no_more_of_an_answer_than_a_commitment_may_have(int size, bool isTaken)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        await using WebApplication server = builder.Build();
        server.Urls.Add("http://127.0.0.1:0");
        byte[] answer = new byte[Math.Min(size, 1_000_000)];
        server.MapPost("/put", async context =>
        {
            for (int left = size; left > 0; left -= answer.Length)
                await context.Response.Body.WriteAsync(answer, context.RequestAborted);
        });
        await server.StartAsync();
        EigenDaProxy proxy = Proxy(server);
        if (isTaken)
        {
            Assert.That(await proxy.PutAsync(new byte[10], default), Has.Length.EqualTo(size));
            return;
        }
        Assert.That(async () => await proxy.PutAsync(new byte[10], default),
            Throws.InstanceOf<DataAvailabilityException>().With.Property(nameof(DataAvailabilityException.IsTransient)).False);
    }

    [Test]
    public void Spreads_batches_with_long_commitments_over_several_records()
    {
        string directory = Directory.CreateTempSubdirectory("clob-da-").FullName;
        using var list = new DaBatchList(directory);
        var appended = new List<DaBatch>();
        for (int i = 0; i < 100; i++)
            appended.Add(new DaBatch((ulong)i * 10, 10, Hash256.Of([(byte)i]), new byte[IDataAvailability.MaximumCommitmentSize - i]));
        appended.ForEach(list.Append);

        var taken = new List<DaBatch>();
        int turns = 0;
        while (taken.Count < 100)
        {
            IReadOnlyList<DaBatch> some = list.Between((ulong)taken.Count * 10, 1000, 10 * DaBatchList.LongestText);
            Assert.That(some, Has.Count.InRange(1, 11));
            taken.AddRange(some);
            turns++;
        }
        Assert.That(turns, Is.EqualTo(10));
        Assert.That(taken, Is.EqualTo(appended));
        Assert.That(list.Between(0, 1000, DaBatchList.LongestText), Has.Count.EqualTo(1), "one always fits");
        Directory.Delete(directory, recursive: true);
    }

    [Test]
    public async Task Goes_on_behind_the_stored_batches_after_a_restart()
    {
        using TestVenue venue = new TestVenue().Open();
        var counting = new SwitchedLayer(new FolderDataAvailability(Path.Combine(venue.Directory, "x")));
        venue.Trade();
        venue.Mark();
        await RunToEndAsync(venue, counting);
        int before = counting.Puts;
        Assert.That(before, Is.GreaterThan(0));

        venue.Restart();
        await RunToEndAsync(venue, counting);
        Assert.That(counting.Puts, Is.EqualTo(before), "nothing is stored twice");

        // The list is lost: the checkpoints say what it held.
        File.Delete(Path.Combine(venue.Directory, DaBatchList.FileName));
        venue.Restart();
        venue.Trade();
        venue.Mark();
        await RunToEndAsync(venue, counting);
        Assert.That(venue.Checkpoints().Select(record => record.DaSize), Is.EqualTo(venue.Checkpoints().Select(record => record.JournalSize)));
        Assert.That(DaBatchList.ReadFrom(venue.Directory), Is.EqualTo(venue.Checkpoints().SelectMany(record => record.Batches)).Using<DaBatch>((a, b) => a.First == b.First && a.Hash == b.Hash));
        Assert.That(DaBatchList.NewestJournalSize(venue.Directory), Is.EqualTo(venue.Size));
    }

    private static async Task<WebApplication> StartAsync(FakeDaOptions options)
    {
        WebApplication server = FakeDaServer.Build("127.0.0.1:0", options);
        await server.StartAsync();
        return server;
    }

    private static async Task RunToEndAsync(TestVenue venue, IDataAvailability layer)
    {
        using FileLedger ledger = venue.Ledger();
        await using SettlementPlane plane = venue.Plane(ledger, layer: layer);
        plane.Start();
        Assert.That(await plane.StopAsync(Patience), Is.True);
    }

    private EigenDaProxy Proxy(WebApplication server, int attempts = 3) =>
        new(_client, new EigenDaProxyOptions { Url = new Uri(server.Urls.Single()), Attempts = attempts, FirstDelay = TimeSpan.FromMilliseconds(1) });

    private sealed class SwitchedLayer(IDataAvailability inner) : IDataAvailability
    {
        public volatile bool IsAway;

        /// <summary>Answered instead of the inner one's.</summary>
        public byte[]? Commitment { get; init; }

        private int _puts;

        public int Puts => Volatile.Read(ref _puts);

        public Task<byte[]> PutAsync(ReadOnlyMemory<byte> batch, CancellationToken cancellation)
        {
            if (IsAway)
                return Task.FromException<byte[]>(new DataAvailabilityException("away", isTransient: true));
            Interlocked.Increment(ref _puts);
            return Commitment is { } answer ? Task.FromResult(answer) : inner.PutAsync(batch, cancellation);
        }

        public Task<byte[]> GetAsync(ReadOnlyMemory<byte> commitment, CancellationToken cancellation) => inner.GetAsync(commitment, cancellation);

        public Task<long> MaximumBatchSizeAsync(CancellationToken cancellation) => inner.MaximumBatchSizeAsync(cancellation);
    }
}
