using System.Text.RegularExpressions;
using Clob.Protocol;

namespace Clob.EndToEnd.Tests;

/// <summary>
/// Each write, sync and rename of the running program, made to fail in its turn: the process ends at once and says which file, which call and why, or does
/// without what may fail; and the next start has everything that was acknowledged.
/// </summary>
public sealed partial class FailedCallTests
{
    private const int FatalStatus = 70;
    private const int StartFailedStatus = 1;
    private const int Orders = 40; // one order at a time is a group of 4 KiB: these go over the end of the segment
    private const int SegmentSize = 128 * 1024;

    private static readonly Dictionary<string, string[]> Errors = new() { ["fdatasync"] = ["EIO"], ["fsync"] = ["EIO"], ["pwrite64"] = ["EIO", "ENOSPC"], ["rename"] = ["EIO"] };

    private string _folder = null!;

    [SetUp]
    public void MakeFolder()
    {
        SystemCallTrace.Require();
        _folder = Directory.CreateTempSubdirectory("clob-failed-call-").FullName;
    }

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public async Task A_failed_call_stops_the_process_at_once_and_loses_nothing()
    {
        List<Failure> failures = [.. await CountAsync(isFirstStart: true), .. await CountAsync(isFirstStart: false)];
        int failed = 0;
        int[] chosen = [.. Spread(failures.Count, TestSize.Now.FailedCalls)];
        foreach (int number in chosen)
            failed += await FailAsync(failures[number - 1]) ? 1 : 0;
        TestContext.Progress.WriteLine($"{failed} calls failed, of {failures.Count} that could");
        Assert.That(failed, Is.GreaterThan(chosen.Length / 2), "most runs come to the call that is to fail");
    }

    /// <summary>The control of the stops: without a failure nothing stops the same scenario, and it makes every call that is to fail.</summary>
    private async Task<IEnumerable<Failure>> CountAsync(bool isFirstStart)
    {
        await using var scenario = new Scenario(Path.Combine(_folder, isFirstStart ? "counted-first" : "counted-second"), isFirstStart);
        var (result, calls) = await scenario.RunAsync(failure: null);
        Assert.That(result.ExitCode, Is.Zero, result.Output);
        Assert.That(calls.Where(call => call.IsInjected), Is.Empty);
        Assert.That(calls.Select(call => call.Name), Is.SupersetOf(Errors.Keys));
        Assert.That(calls.Count(call => call is { Name: "rename" } && call.Path.EndsWith("next.preparing", StringComparison.Ordinal)), Is.AtLeast(1), "it goes over to another segment");
        Assert.That(calls.Select(call => call.Path), Has.Some.EndsWith("checkpoints.log").And.Some.EndsWith("reports.dat"));
        return from call in calls
               let path = Path.GetRelativePath(scenario.DataDirectory, call.Path)
               where !ChangingNamePattern().IsMatch(path)
               group call.Number by (path, call.Name) into same
               orderby same.Key
               from error in Errors[same.Key.Name]
               from number in Spread(same.Max(), TestSize.Now.CallsOfFile)
               select new Failure(isFirstStart, same.Key.path, same.Key.Name, error, number);
    }

    /// <summary>False when this run made fewer calls than the one that was counted, so that none failed: groups and checkpoints come as time has it.</summary>
    private async Task<bool> FailAsync(Failure failure)
    {
        await using var scenario = new Scenario(Path.Combine(_folder, Guid.NewGuid().ToString()), failure.IsFirstStart);
        var (result, calls) = await scenario.RunAsync(failure);
        var failed = calls.FirstOrDefault(call => call.IsInjected);
        TestContext.Progress.WriteLine($"{failure}: {(failed is null ? "not reached" : "failed")}, status {result.ExitCode}");
        if (failed is null)
            Assert.That(result.ExitCode, Is.Zero, $"nothing failed, so nothing may stop it\n{result.Output}");
        else
            Assert.That(FirstFault(failed, result), Is.Null, result.Output);
        await scenario.AssertNothingLostAsync();
        return failed is not null;
    }

    [Test]
    public void A_failure_that_is_passed_over_is_noticed()
    {
        var failed = new TracedCall(1, "fdatasync", 3, "/data/journal/00000000000000000000.seg", IsInjected: true);
        const string Message = "fdatasync failed on /data/journal/00000000000000000000.seg: everything on disk; Input/output error (errno 5)";
        Assert.That(FirstFault(failed, new ProgramResult(FatalStatus, $"ready: HTTP\nfatal in journal: {Message}")), Is.Null);
        Assert.That(FirstFault(failed, new ProgramResult(StartFailedStatus, Message)), Is.Null);
        Assert.That(FirstFault(failed, new ProgramResult(0, "ready: HTTP\nstopped")), Does.Contain("status 0"));
        Assert.That(FirstFault(failed, new ProgramResult(0, Message)), Does.Contain("status 0"));
        Assert.That(FirstFault(failed, new ProgramResult(134, $"ready: HTTP\n{Message}")), Does.Contain("status 134"));
        Assert.That(FirstFault(failed, new ProgramResult(StartFailedStatus, $"ready: HTTP\n{Message}")), Does.Contain("status 1"), "it ran already");
        Assert.That(FirstFault(failed, new ProgramResult(FatalStatus, "ready: HTTP\nfatal in journal: something")), Does.Contain("does not say"));
    }

    /// <summary>Null when the process did what it must after a failed call; else what it did instead.</summary>
    private static string? FirstFault(TracedCall failed, ProgramResult result)
    {
        bool isSaid = result.Output.Split('\n').Any(line => line.Contains(failed.Path, StringComparison.Ordinal) && ReasonPattern().IsMatch(line));
        if (IsDoneWithout(failed.Path) && result.ExitCode == 0)
            return isSaid ? null : $"the log does not say what failed on {failed.Path}";
        bool isFatal = result.Output.Contains("fatal in ", StringComparison.Ordinal);
        bool wasReady = result.Output.Contains("ready: HTTP", StringComparison.Ordinal);
        if (result.ExitCode != (isFatal || wasReady ? FatalStatus : StartFailedStatus))
            return $"it ended with status {result.ExitCode}";
        return isSaid ? null : $"the last word does not say what failed on {failed.Path}";
    }

    /// <summary>The next segment is made again, with cancels only meanwhile, and a batch for others is published again: nothing acknowledged is in either.</summary>
    private static bool IsDoneWithout(string path) =>
        path.EndsWith("/journal/next.preparing", StringComparison.Ordinal) || ((path + "/").Contains("/da/", StringComparison.Ordinal) && !path.EndsWith("/batches.log", StringComparison.Ordinal));

    /// <summary>So many numbers from 1 to the last, evenly; all of them when they are no more.</summary>
    private static IEnumerable<int> Spread(int last, int most)
    {
        int count = Math.Min(last, most);
        for (int i = 0; i < count; i++)
            yield return 1 + (2 * i + 1) * last / (2 * count);
    }

    [GeneratedRegex(@"\(errno (5|28)\)|Input/output error|No space left on device|not enough space")]
    private static partial Regex ReasonPattern();

    // Segments after the first and batches are named by what is in them.
    [GeneratedRegex("[1-9][0-9]*[.]seg$|[0-9a-f]{64}")]
    private static partial Regex ChangingNamePattern();

    /// <summary>Which call is to fail, and how.</summary>
    private sealed record Failure(bool IsFirstStart, string Path, string Name, string Error, int Number)
    {
        public string Injection => $"{Name}:error={Error}:when={Number}";

        public override string ToString() => $"{(IsFirstStart ? "first start" : "second start")}, {Path}, {Injection}";
    }

    /// <summary>A start, a few orders over the end of a segment, a checkpoint, a stop; under strace.</summary>
    private sealed class Scenario : IAsyncDisposable
    {
        private readonly ApplianceProcess _appliance;
        private readonly SystemCallTrace _trace;
        private Trader? _trader;
        private IReadOnlyList<ExchangeEvent> _seen = [];

        private readonly bool _isFirstStart;

        public Scenario(string folder, bool isFirstStart)
        {
            _isFirstStart = isFirstStart;
            Directory.CreateDirectory(folder);
            _trace = new SystemCallTrace(Path.Combine(folder, "calls.log"));
            _appliance = ApplianceProcess.Create(new ApplianceSetup
            {
                DataDirectory = Path.Combine(folder, "data"),
                SegmentSizeBytes = SegmentSize,
                CheckpointInterval = TimeSpan.FromMilliseconds(300),
            });
        }

        public string DataDirectory => _appliance.DataDirectory;

        public async Task<(ProgramResult Result, IReadOnlyList<TracedCall> Calls)> RunAsync(Failure? failure)
        {
            if (!_isFirstStart)
            {
                await _appliance.StartAgainAsync();
                await _appliance.StopAsync();
            }

            _appliance.Tracer = failure is null ? _trace.Command() : _trace.Command(Path.GetFullPath(failure.Path, DataDirectory), failure.Injection);
            using var over = new CancellationTokenSource();
            var script = PlayAsync(over.Token);
            var ended = _appliance.WaitForEndAsync();
            await Task.WhenAny(script, ended);
            var result = await ended;
            await over.CancelAsync();
            await ((Task)script).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); // it fails when the process does
            if (failure is null)
                await script;
            _seen = _trader?.Log.Reports ?? [];
            if (_trader is not null)
                await _trader.DisconnectAsync();
            return (result, await _trace.ReadAsync(_appliance.ProcessId));
        }

        public async Task AssertNothingLostAsync()
        {
            _appliance.Tracer = [];
            await _appliance.StartAgainAsync();
            await using var other = await Trader.JoinAsync(_appliance);
            await other.ExecuteAsync(NewOrder.Limit(1, Side.Buy, 100, 1));
            if (_seen.Count > 0)
            {
                await _trader!.ConnectAsync();
                await _trader.Log.WaitAsync(report => report.ReportSequence == (ulong)_seen.Count);
                Assert.That(ReportComparison.FirstDifference(_seen, _trader.Log.Reports), Is.Null);
            }

            await other.DisconnectAsync();
            await _appliance.WaitForCheckpointAsync();
            await _appliance.StopAsync();
            await _appliance.VerifyGreenAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_trader is not null)
                await _trader.DisposeAsync();
            await _appliance.DisposeAsync();
        }

        private async Task PlayAsync(CancellationToken over)
        {
            await _appliance.StartAgainAsync();
            _trader = await Trader.JoinAsync(_appliance).WaitAsync(over);
            for (int i = 0; i < Orders; i++)
            {
                ulong nonce = await _trader.Client.SendAsync(NewOrder.Limit(1, Side.Buy, 100, 1), over);
                if (await _trader.Log.IsRefusedAsync(nonce, over))
                    i--;
            }

            await _appliance.WaitForCheckpointAsync(Orders).WaitAsync(over);
            _appliance.RequestStop();
        }
    }
}
