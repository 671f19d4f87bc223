using System.Collections.Concurrent;
using System.Diagnostics;
using System.Threading.Channels;
using Clob.Client;
using Clob.Protocol;

namespace Clob.Load.SingleOrder;

/// <summary>Sends one signed order and says how long its execution report and its market data took, counted from the TCP send.</summary>
internal sealed class SingleOrder : IOrderEntryListener, IFeedSubscriber
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FeedPatience = TimeSpan.FromSeconds(2);

    private readonly Channel<(ExchangeEvent Report, long At)> _reports = Channel.CreateUnbounded<(ExchangeEvent, long)>();

    // by the time of the record that caused them: no two records have the same
    private readonly ConcurrentDictionary<ulong, (FeedMessage Message, long At)> _firstMessages = new();

    public void OnReport(in ExchangeEvent report) => _reports.Writer.TryWrite((report, Stopwatch.GetTimestamp()));

    public void OnDebug(string text) => Console.Error.WriteLine($"the venue says: {text}");

    public void OnMessage(ulong sequence, in FeedMessage message) => _firstMessages.TryAdd(message.Time, (message, Stopwatch.GetTimestamp()));

    /// <summary>Returns the exit status: 0 when the order was accepted and both answers came.</summary>
    public async Task<int> RunAsync(VenueEndpoints venue, Participant participant, NewOrder order, int repeats, CancellationToken cancellation)
    {
        using var feed = new FeedListener(this, venue.FeedOptions);
        await using var client = await participant.ConnectAsync(venue, this, cancellation).ConfigureAwait(false);
        WarmUp(participant, order);
        for (int i = 0; i < repeats; i++)
        {
            if (!await SendOneAsync(client, order, cancellation).ConfigureAwait(false))
                return 1;
        }

        return 0;
    }

    private async Task<bool> SendOneAsync(OrderEntryClient client, NewOrder order, CancellationToken cancellation)
    {
        client.TryEnqueue(static (ref EnvelopeBuilder envelope, NewOrder order) => envelope.TryAdd(order), order, out ulong nonce);
        long sent = Stopwatch.GetTimestamp();
        await client.FlushAsync().ConfigureAwait(false);
        var (report, reportedAt) = await AnswerToAsync(nonce, cancellation).ConfigureAwait(false);
        if (report.Kind != EventKind.Accepted)
        {
            Console.WriteLine($"{report.Kind}: {(RejectReason)report.Reason}");
            return false;
        }

        Console.WriteLine($"order {report.OrderId} accepted: account {report.Account}, nonce {report.Nonce}, journal record {report.RecordSequence}");
        var message = await FirstMessageOfAsync(report.Time, cancellation).ConfigureAwait(false);
        Console.WriteLine(message is { } came
            ? $"TCP send -> multicast event    {Microseconds(sent, came.At),10:F1} µs ({came.Message.Verb})"
            : "TCP send -> multicast event    none came: the order neither rested nor traded, or the feed does not reach this host");
        Console.WriteLine($"TCP send -> execution report   {Microseconds(sent, reportedAt),10:F1} µs ({report.Kind})");
        return message is not null;
    }

    private async Task<(ExchangeEvent Report, long At)> AnswerToAsync(ulong nonce, CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(Patience);
        while (true)
        {
            var answer = await _reports.Reader.ReadAsync(timeout.Token).ConfigureAwait(false);
            bool isAnswer = answer.Report.Kind is EventKind.Accepted or EventKind.Rejected or EventKind.EnvelopeRejected or EventKind.Duplicate;
            if (isAnswer && answer.Report.Nonce == nonce)
                return answer;
        }
    }

    private async Task<(FeedMessage Message, long At)?> FirstMessageOfAsync(ulong time, CancellationToken cancellation)
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < FeedPatience;)
        {
            if (_firstMessages.TryGetValue(time, out var message))
                return message;
            await Task.Delay(1, cancellation).ConfigureAwait(false);
        }

        return null;
    }

    private static double Microseconds(long from, long to) => Stopwatch.GetElapsedTime(from, to).TotalMicroseconds;

    /// <summary>Compiles what the measured order runs through, so that the figure is not the compiler's.</summary>
    private static void WarmUp(Participant participant, NewOrder order)
    {
        byte[] bytes = new byte[Envelope.MaximumSize];
        var builder = new EnvelopeBuilder(bytes, participant.Account, participant.NextNonce);
        builder.TryAdd(order);
        builder.Sign(participant.Key, participant.VenueId);
        new ExchangeEvent { Kind = EventKind.Rested, Side = (byte)Side.Buy }.WriteReport(bytes);
        ExchangeEvent.TryReadReport(bytes.AsSpan(0, ExchangeEvent.ReportSize), out var report);
        int size = new NativeFeedEncoding().Encode(report, bytes);
        FeedMessage.TryRead(bytes.AsSpan(0, size), out _);
    }
}
