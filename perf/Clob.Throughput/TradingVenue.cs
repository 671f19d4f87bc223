using System.Buffers.Binary;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Throughput;

/// <summary>An Exchange with one market and rich accounts.</summary>
internal sealed class TradingVenue
{
    private static readonly UInt128 Riches = UInt128.One << 110;

    private readonly byte[] _envelope = new byte[Envelope.MaximumSize];
    private readonly ulong[] _nextNonces = new ulong[EncodedCommands.Accounts + 1];
    private ulong _sequence;
    private NoEvents _noEvents;

    public TradingVenue(int orders, int priceLevels)
    {
        Exchange = new Exchange(new ExchangeCapacity(EncodedCommands.Accounts + 1, orders, Math.Min(orders, priceLevels)));
        _nextNonces.AsSpan().Fill(1);
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
        Apply(RecordKind.Genesis, genesis.ToRecord(1).AsSpan(RecordHeader.Size), ref _noEvents);
        var trader = new PublicKey(traderKey.PublicKey);
        Operate(new DefineAsset(1, 6, Symbol.Parse("USD")));
        Operate(new DefineAsset(2, 8, Symbol.Parse("BTC")));
        Operate(new DefineMarket(EncodedCommands.Market, 2, 1, 1, 1, Symbol.Parse("BTC/USD"), new MarketTerms { MakerFee = 100, TakerFee = 200 }));
        for (ulong account = 1; account <= EncodedCommands.Accounts; account++)
        {
            Operate(new RegisterAccount(trader));
            Operate(new Deposit(account, 1, Riches, null));
            Operate(new Deposit(account, 2, Riches, null));
        }
    }

    public Exchange Exchange { get; }

    /// <summary>The nonce of the account's next command.</summary>
    public ref ulong NextNonceOf(uint account) => ref _nextNonces[account];

    /// <summary>One command in an envelope of its own, through the record's way in: parsed, digested, remembered; its signature counts as checked.</summary>
    public void ApplyEnvelope<TSink>(uint account, ReadOnlySpan<byte> command, ref TSink sink) where TSink : IEventSink
    {
        var envelope = _envelope.AsSpan(0, Envelope.HeadSize + command.Length + Envelope.SignatureSize);
        BinaryPrimitives.WriteUInt64BigEndian(envelope, account);
        BinaryPrimitives.WriteUInt64BigEndian(envelope[8..], _nextNonces[account]++);
        BinaryPrimitives.WriteUInt64BigEndian(envelope[16..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(envelope[(Envelope.HeadSize - 2)..], 1);
        command.CopyTo(envelope[Envelope.HeadSize..]);
        Apply(RecordKind.Envelope, envelope, ref sink);
    }

    private void Operate<TCommand>(in TCommand command) where TCommand : struct, ICommand
    {
        Span<byte> bytes = stackalloc byte[Command.HeadSize + byte.MaxValue];
        int length = command.Write(bytes[Command.HeadSize..]);
        bytes[0] = (byte)TCommand.Type;
        bytes[1] = (byte)length;
        ApplyEnvelope(0, bytes[..(Command.HeadSize + length)], ref _noEvents);
    }

    private void Apply<TSink>(RecordKind kind, ReadOnlySpan<byte> payload, ref TSink sink) where TSink : IEventSink
    {
        var header = new RecordHeader(kind, _sequence, _sequence + 1);
        _sequence++;
        Exchange.Apply(header, payload, SignatureHint.Settled(true), ref sink);
    }

    private struct NoEvents : IEventSink
    {
        public readonly void OnEvent(in ExchangeEvent happened)
        {
        }
    }
}
