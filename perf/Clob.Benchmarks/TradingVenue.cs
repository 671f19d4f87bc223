using System.Buffers.Binary;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Benchmarks;

/// <summary>An Exchange with one market and two rich accounts, driven by envelopes whose signatures count as settled.</summary>
internal sealed class TradingVenue
{
    public const ushort Market = 1;
    public const ulong Maker = 1;
    public const ulong Taker = 2;

    private readonly byte[] _envelope = new byte[Envelope.MaximumSize];
    private readonly ulong[] _nextNonces = [1, 1, 1];
    private ulong _sequence;
    private LastOrder _events;

    public TradingVenue()
    {
        using var operatorKey = SigningKey.Generate();
        using var traderKey = SigningKey.Generate();
        var genesis = new Genesis
        {
            Salt = new byte[32],
            OperatorKey = operatorKey.PublicKey.ToArray(),
            LogKey = operatorKey.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = new byte[32],
        };
        Apply(RecordKind.Genesis, genesis.ToRecord(1).AsSpan(RecordHeader.Size));
        var trader = new PublicKey(traderKey.PublicKey);
        Submit(0, new DefineAsset(1, 6, Symbol.Parse("USD")));
        Submit(0, new DefineAsset(2, 8, Symbol.Parse("BTC")));
        Submit(0, new DefineMarket(Market, 2, 1, 1, 1, Symbol.Parse("BTC/USD"), new MarketTerms { MakerFee = 100, TakerFee = 200 }));
        foreach (ulong account in (ulong[])[Maker, Taker])
        {
            Submit(0, new RegisterAccount(trader));
            Submit(0, new Deposit(account, 1, UInt128.One << 100, null));
            Submit(0, new Deposit(account, 2, UInt128.One << 100, null));
        }
    }

    public Exchange Exchange { get; } = new(ExchangeCapacity.Default);

    /// <summary>Id of the order accepted last.</summary>
    public ulong LastOrderId => _events.OrderId;

    public void Submit<TCommand>(ulong account, in TCommand command) where TCommand : struct, ICommand
    {
        var builder = new EnvelopeBuilder(_envelope, account, _nextNonces[account]++);
        builder.TryAdd(command);
        Apply(RecordKind.Envelope, Unsigned(builder.Count, command));
    }

    /// <summary>The builder's bytes with a count and an empty signature: signing would be all that is measured.</summary>
    private ReadOnlySpan<byte> Unsigned<TCommand>(int count, in TCommand command) where TCommand : struct, ICommand
    {
        Span<byte> body = stackalloc byte[byte.MaxValue];
        int size = Envelope.HeadSize + Command.HeadSize + command.Write(body);
        BinaryPrimitives.WriteUInt16BigEndian(_envelope.AsSpan(Envelope.HeadSize - 2), (ushort)count);
        _envelope.AsSpan(size, Envelope.SignatureSize).Clear();
        return _envelope.AsSpan(0, size + Envelope.SignatureSize);
    }

    private void Apply(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        var header = new RecordHeader(kind, _sequence, _sequence + 1);
        _sequence++;
        Exchange.Apply(header, payload, SignatureHint.Settled(true), ref _events);
    }

    private struct LastOrder : IEventSink
    {
        public ulong OrderId;

        public void OnEvent(in ExchangeEvent happened)
        {
            if (happened.Kind == EventKind.Accepted)
                OrderId = happened.OrderId;
        }
    }
}
