using System.Buffers.Binary;
using Clob.Engine;
using Clob.Proofs;
using Clob.Protocol;
using Clob.Settlement;

namespace Clob.Recovery;

/// <summary>
/// A venue of one market that makes its own records: accounts, money, orders that rest, and then some trading. Nobody signs: a Verdict vouches for
/// the signatures, as it does for those of a real journal that recovery does not check again.
/// </summary>
internal sealed class TradedVenue
{
    public const ushort Market = 1;

    private const ulong MiddlePrice = 1_000_000;
    private const ulong Spread = 40;

    private static readonly UInt128 Riches = UInt128.One << 90;

    private readonly Random _random = new(7);
    private readonly byte[] _record = new byte[RecordHeader.MaximumRecordSize];
    private readonly ReplayedVenue _venue;
    private readonly List<ulong> _nonces = [1];
    private readonly Action<ReadOnlySpan<byte>> _onRecord;
    private readonly Dictionary<ulong, Queue<ulong>> _open = [];
    private bool _isTrading;
    private ulong _time = 1_700_000_000_000_000_000;

    /// <param name="capacity">Memory of its exchange.</param>
    /// <param name="onRecord">Takes each record, in order.</param>
    public TradedVenue(ExchangeCapacity capacity, Action<ReadOnlySpan<byte>> onRecord)
    {
        _onRecord = onRecord;
        _venue = new ReplayedVenue(capacity);
        using var key = SigningKey.FromSeed(Enumerable.Repeat((byte)1, SigningKey.SeedSize).ToArray());
        TraderKey = new PublicKey(key.PublicKey);
        byte[] genesis = new Genesis
        {
            Salt = new byte[32],
            OperatorKey = key.PublicKey.ToArray(),
            LogKey = key.PublicKey.ToArray(),
            EngineVersion = Exchange.CurrentVersion,
            EngineHash = new byte[32],
        }.ToRecord(_time);
        Apply(genesis);
        Operator(new DefineAsset(1, 6, Symbol.Parse("USD")));
        Operator(new DefineAsset(2, 8, Symbol.Parse("BTC")));
        Operator(new DefineMarket(Market, 2, 1, 1, 1, Symbol.Parse("BTC/USD"), new MarketTerms { MakerFee = 100, TakerFee = 200 }));
    }

    /// <summary>All traders share it: what a key costs is the same, and it is made once.</summary>
    private PublicKey TraderKey { get; }

    public ReplayedVenue Venue => _venue;

    public Hash256 Id => _venue.Venue;

    public void Register(int accounts)
    {
        for (int i = 0; i < accounts; i++)
        {
            _nonces.Add(1);
            ulong account = (ulong)_nonces.Count - 1;
            Operator(new RegisterAccount(TraderKey));
            Operator(new Deposit(account, 1, Riches, null));
            Operator(new Deposit(account, 2, Riches, null));
            if (i % 100_000 == 99_999)
                Console.Error.WriteLine($"  {i + 1} accounts");
        }
    }

    /// <summary>Orders that rest, one of each account in turn, on both sides of the middle.</summary>
    public void Rest(int orders)
    {
        for (int i = 0; i < orders; i++)
        {
            ulong account = 1 + (ulong)i % (ulong)(_nonces.Count - 1);
            var side = i % 2 == 0 ? Side.Buy : Side.Sell;
            ulong away = Spread + 1 + (ulong)_random.Next(20_000);
            Send(account, 1, (_, span) => Encode(NewOrder.Limit(Market, side, side == Side.Buy ? MiddlePrice - away : MiddlePrice + away, 10), span));
        }
    }

    /// <summary>Trading near the middle: two orders in three, and cancels of former ones.</summary>
    /// <param name="commands">How many.</param>
    /// <param name="batch">Commands of an envelope.</param>
    /// <param name="markEvery">Records from one Verdict and Mark to the next.</param>
    public void Trade(int commands, int batch, int markEvery)
    {
        _isTrading = true;
        int records = 0;
        for (int done = 0; done < commands; done += batch)
        {
            Send(1 + (ulong)_random.Next(_nonces.Count - 1), Math.Min(batch, commands - done), EncodeTrade);
            if (++records % markEvery == 0)
                Mark();
        }
        Mark();
    }

    public CheckpointRecord? Mark()
    {
        Span<byte> payload = stackalloc byte[Verdict.SizeOf(0)];
        int size = Verdict.Write(payload, _venue.Exchange.NextUnsettled, _venue.Exchange.NextSequence - 1, []);
        Next(RecordKind.Verdict, payload[..size]);
        return Next(RecordKind.Mark, []);
    }

    private int EncodeTrade(ulong account, Span<byte> span)
    {
        if (_random.Next(3) == 0 && _open.TryGetValue(account, out var own) && own.TryDequeue(out ulong order))
            return Encode(new Cancel(Market, order), span); // or a reject, when it is filled by now
        var side = _random.Next(2) == 0 ? Side.Buy : Side.Sell;
        return Encode(NewOrder.Limit(Market, side, MiddlePrice - Spread + (ulong)_random.Next(2 * (int)Spread), 1 + (ulong)_random.Next(20)), span);
    }

    private void Operator<TCommand>(TCommand command) where TCommand : struct, ICommand => Send(0, 1, (_, span) => Encode(command, span));

    private void Send(ulong account, int commands, Encoder encode)
    {
        Span<byte> envelope = stackalloc byte[Envelope.MaximumSize];
        envelope.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(envelope, account);
        BinaryPrimitives.WriteUInt64BigEndian(envelope[8..], _nonces[(int)account]);
        BinaryPrimitives.WriteUInt16BigEndian(envelope[(Envelope.HeadSize - 2)..], (ushort)commands);
        _nonces[(int)account] += (ulong)commands;
        int size = Envelope.HeadSize;
        for (int i = 0; i < commands; i++)
            size += encode(account, envelope[size..]);
        Next(RecordKind.Envelope, envelope[..(size + Envelope.SignatureSize)]);
    }

    private static int Encode<TCommand>(in TCommand command, Span<byte> to) where TCommand : struct, ICommand
    {
        int length = command.Write(to[Command.HeadSize..]);
        to[0] = (byte)TCommand.Type;
        to[1] = (byte)length;
        return Command.HeadSize + length;
    }

    private CheckpointRecord? Next(RecordKind kind, ReadOnlySpan<byte> payload)
    {
        new RecordHeader(kind, _venue.Exchange.NextSequence, ++_time).Write(_record);
        payload.CopyTo(_record.AsSpan(RecordHeader.Size));
        return Apply(_record.AsSpan(0, RecordHeader.Size + payload.Length));
    }

    private CheckpointRecord? Apply(ReadOnlySpan<byte> record)
    {
        var sink = new OpenOrders(_isTrading ? _open : null);
        CheckpointRecord? checkpoint = _venue.Apply(record, SignatureHint.Settled(true), ref sink);
        _onRecord(record);
        return checkpoint;
    }

    private delegate int Encoder(ulong account, Span<byte> to);

    private readonly struct OpenOrders(Dictionary<ulong, Queue<ulong>>? open) : IEventSink
    {
        public void OnEvent(in ExchangeEvent happened)
        {
            if (open is null || happened.Kind != EventKind.Accepted)
                return;
            if (!open.TryGetValue(happened.Account, out var own))
                open[happened.Account] = own = new Queue<ulong>();
            own.Enqueue(happened.OrderId);
        }
    }
}
