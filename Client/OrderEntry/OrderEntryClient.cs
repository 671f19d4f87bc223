using Clob.Protocol;

namespace Clob.Client;

/// <summary>Fills an envelope with commands; the builder is ready but for them, nonces count themselves.</summary>
public delegate void BuildEnvelope<in TState>(ref EnvelopeBuilder envelope, TState state) where TState : allows ref struct;

/// <summary>
/// One account's order entry session: signs and sends envelopes, delivers execution reports in sequence, each once. Keeps both heartbeats,
/// and when the connection breaks it comes back with the next report it wants and sends again what was not acknowledged, which is always
/// safe: the venue answers what it has with <see cref="EventKind.Duplicate"/>.
/// </summary>
public sealed partial class OrderEntryClient : IAsyncDisposable
{
    private readonly OrderEntryOptions _options;
    private readonly IOrderEntryListener _listener;
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _window = new(Envelope.MaximumUnacknowledged, Envelope.MaximumUnacknowledged);
    private readonly Lock _gate = new();

    // all below: under _gate
    private readonly UnacknowledgedEnvelopes _unacknowledged = new();
    private readonly byte[] _frame = new byte[SoupBinTcp.MaximumClientPacketSize];
    private SoupConnection? _connection;
    private TaskCompletionSource? _drained;
    private ulong _nextNonce;
    private bool _isOver;

    private ulong _nextReportSequence; // the receive loop's
    private ITimer? _keepAlive;

    private OrderEntryClient(OrderEntryOptions options, IOrderEntryListener listener)
    {
        _options = options;
        _listener = listener;
        _nextNonce = options.NextNonce;
        _nextReportSequence = options.NextReportSequence;
    }

    /// <summary>The venue's session name, from the login.</summary>
    public string Session { get; private set; } = "";

    /// <summary>Nonce that the next command sent will carry.</summary>
    public ulong NextNonce
    {
        get
        {
            lock (_gate)
                return _nextNonce;
        }
    }

    /// <summary>Sequence of the next report; what to construct the next client with to miss nothing.</summary>
    public ulong NextReportSequence => Volatile.Read(ref _nextReportSequence);

    /// <summary>Envelopes sent and not acknowledged.</summary>
    public int Unacknowledged
    {
        get
        {
            lock (_gate)
                return _unacknowledged.Count;
        }
    }

    /// <summary>Completes when the client is over: disposed, end of session, or a connection lost without reconnect. Faults with what ended it, such as a login that was refused for good.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="LoginRejectedException">The venue refused account, token or session, or takes no further session of the account now.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody listens there.</exception>
    /// <exception cref="IOException">The connection ended before the login was answered, or the answer makes no sense.</exception>
    public static async Task<OrderEntryClient> ConnectAsync(OrderEntryOptions options, IOrderEntryListener listener, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(listener);
        var client = new OrderEntryClient(options, listener);
        var period = SoupBinTcp.HeartbeatInterval / 4;
        client._keepAlive = options.Clock.CreateTimer(_ => client.CurrentConnection?.KeepAlive(), null, period, period);
        try
        {
            var connection = await client.LogInAsync(cancellation).ConfigureAwait(false);
            client.GoOnWith(connection);
            client.Completion = client.RunAsync(connection);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Signs and sends an envelope; waits while 32 are unacknowledged. Returns the nonce of its first command. While the connection is
    /// down the envelope is kept and leaves with the reconnect.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The client is over.</exception>
    /// <exception cref="ArgumentException">Nothing was added, or a field of a command holds an undefined value.</exception>
    public async ValueTask<ulong> SendAsync<TState>(BuildEnvelope<TState> build, TState state, CancellationToken cancellation = default)
    {
        await _window.WaitAsync(cancellation).ConfigureAwait(false);
        ulong firstNonce = Enqueue(build, state);
        await FlushAsync().ConfigureAwait(false);
        return firstNonce;
    }

    /// <summary>Signs and sends one command as an envelope of its own; returns its nonce.</summary>
    /// <exception cref="ObjectDisposedException">The client is over.</exception>
    public ValueTask<ulong> SendAsync<TCommand>(TCommand command, CancellationToken cancellation = default) where TCommand : struct, ICommand =>
        SendAsync(AddOne, command, cancellation);

    /// <summary>
    /// Signs an envelope and puts it behind what waits to be sent; false, with nothing done, while 32 are unacknowledged.
    /// <see cref="FlushAsync"/> sends all that waits at once.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The client is over.</exception>
    public bool TryEnqueue<TState>(BuildEnvelope<TState> build, TState state, out ulong firstNonce) where TState : allows ref struct
    {
        firstNonce = 0;
        if (!_window.Wait(0))
            return false;
        firstNonce = Enqueue(build, state);
        return true;
    }

    /// <summary>Sends what was enqueued.</summary>
    public ValueTask FlushAsync() => CurrentConnection?.FlushAsync() ?? ValueTask.CompletedTask;

    /// <summary>Waits until everything sent so far is acknowledged.</summary>
    public Task DrainAsync(CancellationToken cancellation = default)
    {
        lock (_gate)
        {
            if (_unacknowledged.Count == 0)
                return Task.CompletedTask;
            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task.WaitAsync(cancellation);
        }
    }

    /// <summary>Logs out and closes. What was not acknowledged may or may not be done; the account's next nonce tells.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
            return;
        if (CurrentConnection is { } connection)
        {
            connection.Append(SoupPacketType.LogoutRequest, default);
            await connection.FlushAsync().ConfigureAwait(false);
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        CurrentConnection?.Close();
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_keepAlive is { } timer)
            await timer.DisposeAsync().ConfigureAwait(false);
    }

    private SoupConnection? CurrentConnection
    {
        get
        {
            lock (_gate)
                return _connection;
        }
    }

    private static void AddOne<TCommand>(ref EnvelopeBuilder envelope, TCommand command) where TCommand : struct, ICommand => envelope.TryAdd(command);

    /// <summary>Builds, signs and keeps the envelope, and hands it to the connection if there is one. The window was taken by the caller.</summary>
    private ulong Enqueue<TState>(BuildEnvelope<TState> build, TState state) where TState : allows ref struct
    {
        try
        {
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_ending.IsCancellationRequested || _isOver, this);
                var builder = new EnvelopeBuilder(_frame.AsSpan(SoupBinTcp.HeadSize), _options.Account, _nextNonce, _options.Expiry?.Invoke() ?? 0);
                build(ref builder, state);
                if (builder.Count == 0)
                    throw new ArgumentException("an envelope has at least one command", nameof(build));
                var signed = builder.Sign(_options.Key, _options.VenueId.Span);
                // the venue would drop the session, and a resend would have it dropped again
                if (!Envelope.TryRead(signed, out _, out var fault))
                    throw new ArgumentException($"the venue takes no such envelope: {fault}", nameof(build));
                int size = signed.Length;
                SoupBinTcp.WriteHead(_frame, SoupPacketType.UnsequencedData, size);
                var frame = _frame.AsSpan(0, SoupBinTcp.HeadSize + size);
                ulong firstNonce = _nextNonce;
                _nextNonce += (uint)builder.Count;
                _unacknowledged.Add(frame, firstNonce, builder.Count);
                _connection?.Append(frame);
                return firstNonce;
            }
        }
        catch
        {
            _window.Release();
            throw;
        }
    }
}
