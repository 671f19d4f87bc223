using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Clob.Client;

namespace Clob.EndToEnd.Tests;

/// <summary>What is special about an appliance under test.</summary>
internal sealed record ApplianceSetup
{
    /// <summary>Bytes of a journal segment: small ones roll over within a test and are quickly written.</summary>
    public long SegmentSizeBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>How often a checkpoint is made.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The data directory, which stays its owner's; null for one that goes with the appliance.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>More settings, such as <c>--Pipeline:RingSize=1024</c>; of a key given twice the last counts.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}

/// <summary>
/// The appliance as a process, with a data directory, ports and a multicast group of its own. It may be killed or stopped and started again on the same
/// directory and ports. Nothing of it is left when this object is disposed of, nor when the test host dies.
/// </summary>
internal sealed partial class ApplianceProcess : IAsyncDisposable
{
    private static int _last = Random.Shared.Next(1 << 16);

    private readonly string _folder = Directory.CreateTempSubdirectory("clob-end-to-end-").FullName;
    private readonly ApplianceSetup _setup;
    private ProgramProcess? _process;

    private ApplianceProcess(ApplianceSetup setup)
    {
        _setup = setup;
        Http = new Uri($"http://127.0.0.1:{FreePort.Take()}");
        OrderEntry = new IPEndPoint(IPAddress.Loopback, FreePort.Take());
        int number = Interlocked.Increment(ref _last);
        Feed = new IPEndPoint(new IPAddress([239, 255, (byte)(64 + (number >> 8 & 127)), (byte)(number & 255)]), FreePort.Take());
    }

    /// <summary>Where HTTP listens.</summary>
    public Uri Http { get; }

    /// <summary>Where order entry listens.</summary>
    public IPEndPoint OrderEntry { get; }

    /// <summary>The multicast group, which no other appliance of the tests uses.</summary>
    public IPEndPoint Feed { get; }

    /// <summary>The data directory.</summary>
    public string DataDirectory => _setup.DataDirectory ?? Path.Combine(_folder, "data");

    /// <summary>The process's number.</summary>
    public int Id => _process!.Id;

    /// <summary>The line that said it was ready.</summary>
    public string ReadyLine { get; private set; } = "";

    /// <summary>What the process wrote since its last start.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>The settings it is started with.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        $"--Data:Directory={DataDirectory}", $"--Http:Listen={Http.Authority}", $"--OrderEntry:Listen={OrderEntry}", $"--MarketData:Group={Feed}",
        $"--Journal:SegmentSizeBytes={_setup.SegmentSizeBytes}", $"--Journal:MaximumGroupBytes={Math.Min(_setup.SegmentSizeBytes / 2, 1024 * 1024)}",
        $"--Settlement:CheckpointInterval={_setup.CheckpointInterval:c}",
        "--Http:ReadPatience=00:01:00", // a replica that replays a long journal beside other tests takes its time
        .. _setup.Settings,
    ];

    /// <summary>What stands before the program on the command line of its next starts.</summary>
    public IReadOnlyList<string> Tracer { get; set; } = [];

    /// <summary>The process that was started last.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>An appliance that is not started yet.</summary>
    public static ApplianceProcess Create(ApplianceSetup setup) => new(setup);

    /// <summary>Starts an appliance on a new directory and waits until it is ready.</summary>
    public static async Task<ApplianceProcess> StartAsync(ApplianceSetup? setup = null)
    {
        var appliance = Create(setup ?? new ApplianceSetup());
        try
        {
            await appliance.StartAgainAsync().ConfigureAwait(false);
            return appliance;
        }
        catch
        {
            await appliance.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts it on the directory as it is, with some more settings; the former process must have ended.</summary>
    public async Task StartAgainAsync(params IEnumerable<string> settings)
    {
        if (_process is { HasExited: false })
            throw new InvalidOperationException("it is still running");
        _process?.Dispose();
        _process = ProgramProcess.Start(BuiltProgram.Appliance, _folder, [.. Arguments, .. settings], Tracer);
        ReadyLine = await _process.WaitForLineAsync("ready: HTTP ").ConfigureAwait(false);
        Assert.That(ReadyPattern().IsMatch(ReadyLine), Is.True, ReadyLine);
    }

    /// <summary>Runs a second appliance with the same settings and some more, which should not last.</summary>
    public Task<ProgramResult> RunSecondAsync(params IEnumerable<string> settings) =>
        ProgramProcess.RunAsync(BuiltProgram.Appliance, _folder, [.. Arguments, .. settings]);

    /// <summary>SIGKILL, at once and without warning.</summary>
    public void Kill() => _process?.Kill();

    /// <summary>SIGSTOP: what it said before is still read by those it said it to.</summary>
    public void Suspend() => _process!.Suspend();

    /// <summary>SIGTERM, and no waiting.</summary>
    public void RequestStop() => _process!.Terminate();

    /// <summary>SIGTERM; it must end with 0.</summary>
    public async Task StopAsync()
    {
        RequestStop();
        var result = await WaitForEndAsync().ConfigureAwait(false);
        Assert.That(result.ExitCode, Is.Zero, result.Output);
    }

    /// <summary>Waits until it ends by itself.</summary>
    public Task<ProgramResult> WaitForEndAsync() => _process!.WaitForEndAsync();

    /// <summary>Runs the verifier on the data directory, live or not.</summary>
    public Task<ProgramResult> VerifyAsync(params IEnumerable<string> options) =>
        ProgramProcess.RunAsync(BuiltProgram.Verifier, _folder, ["full", "--data", DataDirectory, .. options]);

    /// <summary>Runs the verifier, to which everything must be in order.</summary>
    public async Task VerifyGreenAsync(params IEnumerable<string> options)
    {
        var result = await VerifyAsync(options).ConfigureAwait(false);
        Assert.That(result.ExitCode, Is.Zero, $"{result.Output}\nThe appliance wrote:\n{Output}");
        Assert.That(result.Output, Does.Contain("✅ SUCCESS: Local state root matches the official checkpoint."));
    }

    /// <summary>A client of its HTTP side.</summary>
    public ApplianceHttpClient CreateHttpClient() => new(CreateRawHttpClient());

    /// <summary>HTTP as it is.</summary>
    public HttpClient CreateRawHttpClient() => new() { BaseAddress = Http, Timeout = ProgramProcess.Patience };

    /// <summary>The text of a GET that must succeed.</summary>
    public async Task<string> GetTextAsync(string path)
    {
        using var http = CreateRawHttpClient();
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative)).ConfigureAwait(false);
        string text = await answer.Content.ReadAsStringAsync().ConfigureAwait(false);
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException($"GET {path} was answered with {(int)answer.StatusCode}: {text}");
    }

    /// <summary>Waits until the newest checkpoint covers so many records, and gives its text.</summary>
    public async Task<string> WaitForCheckpointAsync(ulong journalSize = 1)
    {
        using var http = CreateRawHttpClient();
        using var limit = new CancellationTokenSource(ProgramProcess.Patience);
        while (true)
        {
            using var answer = await http.GetAsync(new Uri("checkpoints/latest", UriKind.Relative), limit.Token).ConfigureAwait(false);
            string text = await answer.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode && JournalSizeOf(text) >= journalSize)
                return text;
            await Task.Delay(50, limit.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Joins its market data.</summary>
    public FeedListener Listen(IFeedSubscriber subscriber) => new(subscriber, new FeedOptions { Group = Feed });

    private static ulong JournalSizeOf(string checkpoint) => ulong.Parse(JournalLinePattern().Match(checkpoint).Groups[1].Value, CultureInfo.InvariantCulture);

    public ValueTask DisposeAsync()
    {
        _process?.Dispose();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [GeneratedRegex("^ready: HTTP http://[0-9.:]+, order entry [0-9.:]+, market data [0-9.:]+ on [0-9.]+, venue [0-9a-f]{8}, data .+, sequence [0-9]+$")]
    private static partial Regex ReadyPattern();

    [GeneratedRegex("^journal ([0-9]+) ", RegexOptions.Multiline)]
    private static partial Regex JournalLinePattern();
}
