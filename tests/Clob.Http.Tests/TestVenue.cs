using System.Net;
using Clob.Appliance;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Http.Tests;

/// <summary>A venue without threads or disk: the real Exchange, applied to where the pipeline would queue.</summary>
internal sealed class TestVenue : IVenue, IOperatorPipeline, IVenueReads, ISessionTokens
{
    private readonly Exchange _exchange = new(ExchangeCapacity.Small);
    private readonly SigningKey _operator = SigningKey.Generate();
    private readonly Dictionary<ulong, int> _rotations = [];
    private ulong _time = 1_000;

    public TestVenue()
    {
        var genesis = new Genesis
        {
            Salt = new byte[32],
            OperatorKey = _operator.PublicKey.ToArray(),
            LogKey = new byte[32],
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = new byte[32],
        };
        byte[] record = genesis.ToRecord(_time);
        Apply(RecordKind.Genesis, record.AsSpan(RecordHeader.Size));
        Operator = new OperatorGateway(this, _operator, _exchange.VenueId, 1);
        VenueId = _exchange.VenueId.ToArray();
    }

    public ReadOnlyMemory<byte> VenueId { get; }

    public string Session => "ABCDEFG001";

    public ulong Sequence => _exchange.NextSequence - 1;

    public IPEndPoint OrderEntryEndpoint => new(IPAddress.Loopback, 1);

    public IVenueReads Reads => this;

    public AssetDecimals Assets { get; } = new();

    public OperatorGateway Operator { get; }

    public ISessionTokens Tokens => this;

    public string? LatestCheckpoint { get; set; }

    public string? CancelsOnlyBecause { get; set; }

    /// <summary>What the next submission throws instead of being taken.</summary>
    public Exception? NextFailure { get; set; }

    /// <summary>Whether reads time out.</summary>
    public bool IsBehind { get; set; }

    public Task<IReadOnlyList<ExchangeEvent>> SubmitAsync(ReadOnlyMemory<byte> envelope, CancellationToken cancellation)
    {
        if (NextFailure is { } failure)
        {
            NextFailure = null;
            throw failure;
        }

        return Task.FromResult<IReadOnlyList<ExchangeEvent>>([.. Apply(RecordKind.Envelope, envelope.Span).Where(report => report.Account == 0 && report.ReportSequence > 0)]);
    }

    public Task<T> ReadAsync<T>(Func<Exchange, T> read, TimeSpan patience) =>
        IsBehind ? throw new TimeoutException() : Task.FromResult(read(_exchange));

    public string Issue(ulong account) => $"TOKEN{account:D4}{(char)('A' + _rotations.GetValueOrDefault(account))}";

    public string Rotate(ulong account)
    {
        _rotations[account] = _rotations.GetValueOrDefault(account) + 1;
        return Issue(account);
    }

    /// <summary>Sends a client's own commands, as order entry would.</summary>
    public IReadOnlyList<ExchangeEvent> Send<TCommand>(ulong account, ulong nonce, SigningKey key, TCommand command)
        where TCommand : struct, ICommand
    {
        var envelope = new EnvelopeBuilder(new byte[Envelope.MaximumSize], account, nonce);
        envelope.TryAdd(command);
        return Apply(RecordKind.Envelope, envelope.Sign(key, VenueId.Span));
    }

    public Task StopAsync() => Task.CompletedTask;

    public ValueTask DisposeAsync()
    {
        _operator.Dispose();
        return default;
    }

    private List<ExchangeEvent> Apply(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var sink = new ListSink([]);
        _exchange.Apply(new RecordHeader(kind, _exchange.NextSequence, _time++), payload, SignatureHint.None, ref sink);
        return sink.Events;
    }

    private readonly record struct ListSink(List<ExchangeEvent> Events) : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened) => Events.Add(happened);
    }
}
