using System.Buffers.Binary;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Throughput;

/// <summary>An Exchange with one market and rich accounts; signatures count as checked.</summary>
internal sealed class TradingVenue
{
    public const ushort Market = 1;

    private static readonly UInt128 Riches = UInt128.One << 110;

    private readonly byte[] _envelope = new byte[Envelope.MaximumSize];
    private readonly ulong[] _nextNonces;
    private ulong _sequence;
    private LastOrder _events;

    /// <param name="accounts">Traders; they are numbered from 1.</param>
    /// <param name="orders">Most orders that will rest at a time.</param>
    /// <param name="priceLevels">Most price levels at a time.</param>
    public TradingVenue(int accounts, int orders, int priceLevels)
    {
        Exchange = new Exchange(new ExchangeCapacity(accounts + 1, orders, priceLevels));
        _nextNonces = new ulong[accounts + 1];
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
        Apply(RecordKind.Genesis, genesis.ToRecord(1).AsSpan(RecordHeader.Size), 0, ref _events);
        var trader = new PublicKey(traderKey.PublicKey);
        Submit(0, new DefineAsset(1, 6, Symbol.Parse("USD")));
        Submit(0, new DefineAsset(2, 8, Symbol.Parse("BTC")));
        Submit(0, new DefineMarket(Market, 2, 1, 1, 1, Symbol.Parse("BTC/USD"), new MarketTerms { MakerFee = 100, TakerFee = 200 }));
        for (ulong account = 1; account <= (ulong)accounts; account++)
        {
            Submit(0, new RegisterAccount(trader));
            Submit(0, new Deposit(account, 1, Riches, null));
            Submit(0, new Deposit(account, 2, Riches, null));
        }
    }

    public Exchange Exchange { get; }

    /// <summary>Id of the order that was accepted last behind <see cref="Submit"/>.</summary>
    public ulong LastOrderId => _events.OrderId;

    /// <summary>The nonce of the account's next command.</summary>
    public ref ulong NextNonceOf(uint account) => ref _nextNonces[account];

    /// <summary>Type, length and body of a command, as an envelope holds it; returns their size.</summary>
    public static int Encode<TCommand>(in TCommand command, Span<byte> to) where TCommand : struct, ICommand
    {
        int length = command.Write(to[Command.HeadSize..]);
        to[0] = (byte)TCommand.Type;
        to[1] = (byte)length;
        return Command.HeadSize + length;
    }

    /// <summary>One command in an envelope of its own.</summary>
    public void Submit<TCommand>(uint account, in TCommand command) where TCommand : struct, ICommand
    {
        Span<byte> bytes = stackalloc byte[Command.HeadSize + byte.MaxValue];
        ApplyEnvelope(account, bytes[..Encode(command, bytes)], 0, ref _events);
    }

    /// <summary>One encoded command in an envelope of its own, without a signature, which counts as checked; returns its size.</summary>
    public static int EncodeEnvelope(uint account, ulong nonce, ReadOnlySpan<byte> command, Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64BigEndian(to, account);
        BinaryPrimitives.WriteUInt64BigEndian(to[8..], nonce);
        BinaryPrimitives.WriteUInt64BigEndian(to[16..], 0);
        BinaryPrimitives.WriteUInt16BigEndian(to[(Envelope.HeadSize - 2)..], 1);
        command.CopyTo(to[Envelope.HeadSize..]);
        return Envelope.HeadSize + command.Length + Envelope.SignatureSize;
    }

    /// <summary>One encoded command through the record's way in: parsed, its nonce checked, remembered.</summary>
    /// <param name="account">The trader.</param>
    /// <param name="command">The command.</param>
    /// <param name="digest">The envelope's digest, as the verify stage hands it on; 0 to have it taken.</param>
    /// <param name="sink">Where events go.</param>
    public void ApplyEnvelope<TSink>(uint account, ReadOnlySpan<byte> command, UInt128 digest, ref TSink sink) where TSink : IEventSink
    {
        int size = EncodeEnvelope(account, _nextNonces[account]++, command, _envelope);
        Apply(RecordKind.Envelope, _envelope.AsSpan(0, size), digest, ref sink);
    }

    private void Apply<TSink>(RecordKind kind, ReadOnlySpan<byte> payload, UInt128 digest, ref TSink sink) where TSink : IEventSink
    {
        var header = new RecordHeader(kind, _sequence, _sequence + 1);
        _sequence++;
        Exchange.Apply(header, payload, SignatureHint.Settled(true, digest), ref sink);
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
