using System.Diagnostics;
using Clob.Client;
using HdrHistogram;

namespace Clob.Load.OpenLoop;

/// <summary>An open-loop load from users to figures.</summary>
internal sealed class OpenLoopRun(LoadOptions options, VenueEndpoints venue)
{
    private const double NanosecondsPerMicrosecond = 1000;
    private const int SimultaneousRegistrations = 8;
    private static readonly TimeSpan DrainPatience = TimeSpan.FromSeconds(30);

    /// <summary>Enough that no mixture of fills can use it up.</summary>
    private const string Funds = "1000000000";

    /// <summary>Returns the exit status: 0 when every order was answered.</summary>
    public async Task<int> RunAsync(Participant? given, uint baseAsset, uint quoteAsset, string? histogramPath, CancellationToken cancellation)
    {
        EnvironmentReport.Print(Console.Out);
        Console.WriteLine($"load     {options.Rate:N0} orders/s for {options.Seconds} s after {options.WarmUpSeconds} s of warm-up, {options.Connections} connections, {options.Batch} orders per envelope, market {options.Market}");
        var participants = given is not null ? [given] : await RegisterAsync(baseAsset, quoteAsset, cancellation).ConfigureAwait(false);
        var sessions = new List<LoadSession>();
        try
        {
            foreach (var participant in participants)
            {
                sessions.Add(new LoadSession(options, sessions.Count));
                await sessions[^1].ConnectAsync(venue, participant, cancellation).ConfigureAwait(false);
            }

            var (from, to) = await SendAsync(sessions, cancellation).ConfigureAwait(false);
            bool isDrained = await DrainAsync(sessions, cancellation).ConfigureAwait(false);
            return Report(sessions, from, to, histogramPath) && isDrained ? 0 : 1;
        }
        finally
        {
            foreach (var session in sessions)
                await session.CloseAsync().ConfigureAwait(false);
            foreach (var participant in participants)
                participant.Dispose();
        }
    }

    private async Task<IReadOnlyList<Participant>> RegisterAsync(uint baseAsset, uint quoteAsset, CancellationToken cancellation)
    {
        using var http = venue.CreateHttpClient();
        var participants = new Participant[options.Connections];
        var limit = new ParallelOptions { MaxDegreeOfParallelism = SimultaneousRegistrations, CancellationToken = cancellation };
        await Parallel.ForAsync(0, participants.Length, limit, async (i, stop) =>
            participants[i] = await Participant.RegisterAsync(http, [(baseAsset, Funds), (quoteAsset, Funds)], stop).ConfigureAwait(false)).ConfigureAwait(false);
        return participants;
    }

    private Task<(long From, long To)> SendAsync(List<LoadSession> sessions, CancellationToken cancellation) =>
        Task.Factory.StartNew(() => new Pacer(options, sessions).Run(cancellation), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static async Task<bool> DrainAsync(List<LoadSession> sessions, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(DrainPatience);
        try
        {
            foreach (var session in sessions)
                await session.DrainAsync(patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException)
        {
            return false;
        }
    }

    private bool Report(List<LoadSession> sessions, long from, long to, string? histogramPath)
    {
        var latencies = sessions[0].Tally.Latencies;
        foreach (var session in sessions.Skip(1))
            latencies.Add(session.Tally.Latencies);
        long sent = sessions.Sum(s => s.Tally.Sent);
        long answered = sessions.Sum(s => s.Tally.Answered);
        long lost = sessions.Sum(s => s.Unanswered);
        double seconds = Stopwatch.GetElapsedTime(from, Math.Max(to, sessions.Max(s => s.Tally.LastAnswer))).TotalSeconds;
        Console.WriteLine($"sent     {sent:N0} orders behind the warm-up; of these {answered:N0} answers, {sessions.Sum(s => s.Tally.Fills):N0} fills");
        PrintRejects(sessions);
        Console.WriteLine($"rate     {answered / seconds:N0} orders/s answered over {seconds:F2} s");
        Console.WriteLine("latency  from the intended send time to the answer, µs");
        foreach (double percentile in new[] { 50, 90, 99, 99.9 })
            Console.WriteLine($"  p{percentile,-6:0.#} {latencies.GetValueAtPercentile(percentile) / NanosecondsPerMicrosecond,12:F1}");
        Console.WriteLine($"  max     {latencies.GetMaxValue() / NanosecondsPerMicrosecond,12:F1}");
        if (histogramPath is not null)
        {
            using var file = new StreamWriter(histogramPath);
            latencies.OutputPercentileDistribution(file, 5, NanosecondsPerMicrosecond);
        }

        if (lost > 0)
            Console.WriteLine($"{lost:N0} orders were never answered");
        return lost == 0 && answered > 0;
    }

    private static void PrintRejects(List<LoadSession> sessions)
    {
        long rejected = sessions.Sum(s => s.Tally.Rejected);
        string first = rejected == 0 ? "" : $" (the first: {sessions.First(s => s.Tally.Rejected > 0).Tally.FirstRejectReason})";
        Console.WriteLine($"rejects  {rejected:N0}{first}");
    }
}
