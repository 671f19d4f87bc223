using Clob.Journal;
using Clob.Proofs;
using Microsoft.Extensions.Logging;

namespace Clob.Settlement;

/// <summary>
/// Publishes the journal's durable records to the data availability layer, batch by batch, on a thread of its own. What fails is tried
/// again for as long as it takes: the lag is a number for the operator, never back-pressure.
/// </summary>
public sealed class DaPublisher : IDisposable
{
    /// <summary>The smallest limit that is of use: the longest record in its frame.</summary>
    public const int MinimumBatchSize = RecordFrames.LengthSize + JournalFormat.MaximumRecordLength;

    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    private readonly SettlementOptions _options;
    private readonly SettlementHost _host;
    private readonly IDataAvailability _layer;
    private readonly Courier _courier;
    private readonly ILogger _logger;
    private readonly DaBatchList _batches;
    private readonly CancellationTokenSource _stop = new();
    private readonly ManualResetEventSlim _work = new();
    private readonly object _monitor = new();
    private readonly Thread _thread;
    private int _maximumSize;
    private int _failures;
    private volatile bool _refused;

    internal DaPublisher(SettlementOptions options, SettlementHost host, IDataAvailability layer, Courier courier, ILogger logger)
    {
        _options = options;
        _host = host;
        _layer = layer;
        _courier = courier;
        _logger = logger;
        _batches = new DaBatchList(options.DataDirectory);
        _thread = new Thread(Run) { Name = "settlement-da", IsBackground = true };
    }

    /// <summary>Number of leading journal records that the layer holds. Any thread.</summary>
    public ulong Size => _batches.Size;

    /// <summary>Failed attempts since the last success. Any thread.</summary>
    public int Failures => Volatile.Read(ref _failures);

    /// <summary>Whether the layer refused a batch for good: nothing is published there until the next start. Any thread.</summary>
    public bool IsRefused => _refused;

    /// <summary>Stops the thread and closes the list.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _work.Set();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted) || _thread.Join(TimeSpan.FromSeconds(10)))
        {
            _batches.Dispose();
            _stop.Dispose();
            _work.Dispose();
        }
    }

    internal void Start() => _thread.Start();

    /// <summary>Takes over what published checkpoints say of batches that the list has lost, so that the next checkpoint goes on from there.</summary>
    internal void Restore(IEnumerable<byte[]> checkpoints)
    {
        foreach (byte[] note in checkpoints)
        {
            if (!SignedNote.TryParse(note, out SignedNote? opened, out _) || !CheckpointRecord.TryParse(opened!.Text, out CheckpointRecord? record, out _))
                continue;
            foreach (DaBatch batch in record!.Batches.Where(batch => batch.First == Size))
                _batches.Append(batch);
        }
    }

    /// <summary>Says that there may be something to publish.</summary>
    internal void Wake() => _work.Set();

    /// <summary>Waits until the layer holds this many records; false when patience ends first.</summary>
    internal bool WaitFor(ulong size, TimeSpan patience)
    {
        if (Size >= size)
            return true;
        long deadline = Environment.TickCount64 + patience.Ticks / TimeSpan.TicksPerMillisecond;
        lock (_monitor)
        {
            while (Size < size && !_refused && !_stop.IsCancellationRequested)
            {
                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                    return false;
                Monitor.Wait(_monitor, (int)Math.Min(left, 100));
            }
        }
        return Size >= size;
    }

    internal IReadOnlyList<DaBatch> Between(ulong from, ulong to, int maximumTextSize) => _batches.Between(from, to, maximumTextSize);

    private void Run()
    {
        try
        {
            _host.OnThreadStart(_thread.Name!);
            Publish();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        catch (Exception failure)
        {
            _logger.Failed(failure);
            _host.OnFatal(failure);
        }
    }

    private void Publish()
    {
        _maximumSize = AskLimit();
        _logger.DaLimit(_maximumSize);
        var journal = new JournalReader(_options.JournalDirectory, _options.Venue.Bytes, (long)Size);
        using var reader = new DaBatchReader(journal, Size);
        while (!_stop.IsCancellationRequested)
        {
            if (reader.Fill(_host.DurableSize(), _maximumSize))
            {
                if (!Store(reader))
                    return;
                continue;
            }
            _work.Wait(_options.DaPollInterval, _stop.Token);
            _work.Reset();
        }
    }

    private int AskLimit()
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                long limit = _courier.Await(() => _layer.MaximumBatchSizeAsync(_stop.Token));
                if (limit < MinimumBatchSize)
                    throw new DataAvailabilityException($"The layer takes batches of up to {limit} bytes; at least {MinimumBatchSize} are needed.", isTransient: false);
                return (int)Math.Min(limit, _options.MaximumBatchSize);
            }
            catch (DataAvailabilityException failure)
            {
                TimeSpan delay = CountFailure(attempt);
                _logger.DaLimitUnknown(delay, failure);
                _stop.Token.WaitHandle.WaitOne(delay);
                _stop.Token.ThrowIfCancellationRequested();
            }
        }
    }

    /// <summary>False when the layer will never take this batch.</summary>
    private bool Store(DaBatchReader reader)
    {
        ulong last = reader.First + reader.Count - 1;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                byte[] commitment = _courier.Await(() => _layer.PutAsync(reader.Batch, _stop.Token));
                RequireCommitment(commitment);
                _batches.Append(reader.Complete(commitment));
                Volatile.Write(ref _failures, 0);
                lock (_monitor)
                    Monitor.PulseAll(_monitor);
                return true;
            }
            catch (DataAvailabilityException failure) when (failure.IsTransient)
            {
                TimeSpan delay = CountFailure(attempt);
                _logger.DaFailed(reader.First, last, delay, failure);
                _stop.Token.WaitHandle.WaitOne(delay);
                _stop.Token.ThrowIfCancellationRequested();
            }
            catch (DataAvailabilityException failure)
            {
                CountFailure(attempt);
                _refused = true;
                _logger.DaRefused(reader.First, last, failure);
                return false;
            }
        }
    }

    /// <summary>What the layer answers comes from outside: no length of it may make a checkpoint that cannot be signed or stored.</summary>
    private static void RequireCommitment(byte[] commitment)
    {
        if (commitment.Length is 0 or > IDataAvailability.MaximumCommitmentSize)
            throw new DataAvailabilityException($"The layer answered a commitment of {commitment.Length} bytes; 1 to {IDataAvailability.MaximumCommitmentSize} are taken.", isTransient: false);
    }

    private TimeSpan CountFailure(int attempt)
    {
        Interlocked.Increment(ref _failures);
        long ticks = _options.DaRetryDelay.Ticks << Math.Min(attempt - 1, 10);
        return TimeSpan.FromTicks(Math.Min(ticks, LongestDelay.Ticks));
    }
}
