using System.Net;
using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.Allocation.Tests;

/// <summary>
/// A client that sends bursts of envelopes with everything that trading consists of, refusals and repetitions included, and waits for the answers. What it
/// allocates itself is on its own thread.
/// </summary>
internal sealed class TradingSession : IDisposable
{
    /// <summary>Envelopes of one burst; all are under way at once, so at most 32.</summary>
    public const int EnvelopesPerBurst = 11;

    private const ulong Middle = 10_000;
    private const ushort NoSuchMarket = 999;
    private const int BatchSize = 16;

    // Of a good till date order, in nanoseconds: it gets in, and its time comes before the next cancel all.
    private const ulong ShortLife = 10_000_000;

    private readonly Socket _socket;
    private readonly SoupLogin _login;
    private readonly SigningKey _key;
    private readonly byte[] _venueId;
    private readonly ushort _market;
    private readonly byte[] _received = new byte[256 * 1024];
    private readonly byte[] _burst = new byte[EnvelopesPerBurst * SoupBinTcp.MaximumClientPacketSize];
    private readonly Queue<ulong> _orders = new();
    private readonly Dictionary<(EventKind, byte), int> _answers = [];
    private int _receivedSize;
    private int _burstSize;
    private int _lastSize;
    private ulong _nextNonce = 1;
    private int _bursts;

    public TradingSession(IPEndPoint venue, SoupLogin login, SigningKey key, byte[] venueId, ushort market)
    {
        (_login, _key, _venueId, _market) = (login, key, venueId, market);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 120_000 };
        _socket.Connect(venue);
        byte[] payload = new byte[SoupLogin.Size];
        login.Write(payload);
        byte[] packet = new byte[SoupBinTcp.HeadSize + SoupLogin.Size];
        SoupBinTcp.Write(packet, SoupPacketType.LoginRequest, payload);
        _socket.Send(packet);
        Assert.That(ReceivePacket(out _), Is.EqualTo(SoupPacketType.LoginAccepted));
    }

    private delegate void Fill(ref EnvelopeBuilder envelope);

    /// <summary>How often each kind of answer came, with its reason.</summary>
    public IReadOnlyDictionary<(EventKind Kind, byte Reason), int> Answers => _answers;

    /// <summary>Sends bursts one after the other, each answered before the next.</summary>
    public void Trade(int bursts)
    {
        for (int i = 0; i < bursts; i++)
        {
            _burstSize = 0;
            AddHeartbeat();
            ulong last = AddBurst(_bursts++);
            _socket.Send(_burst.AsSpan(0, _burstSize));
            while (!ReceiveReports(last))
            {
            }
        }
    }

    public void Dispose()
    {
        _socket.Dispose();
        _key.Dispose();
    }

    private ulong AddBurst(int number)
    {
        var (side, other) = number % 2 == 0 ? (Side.Buy, Side.Sell) : (Side.Sell, Side.Buy);
        ulong away = side == Side.Buy ? Middle - 50 : Middle + 50;
        var (toReplace, toReduce, toCancel) = (NextOrder(), NextOrder(), NextOrder());
        _orders.Clear();

        Add((ref EnvelopeBuilder envelope) =>
        {
            envelope.TryAdd(NewOrder.Limit(_market, side, away, 5));
            envelope.TryAdd(NewOrder.Limit(_market, side, away, 5));
        });
        Add((ref EnvelopeBuilder envelope) =>
        {
            for (ulong i = 0; i < BatchSize; i++)
                envelope.TryAdd(NewOrder.Limit(_market, i % 2 == 0 ? side : other, Middle - 4 + i % 8, 3 + i));
        });
        Add((ref EnvelopeBuilder envelope) =>
        {
            envelope.TryAdd(new Cancel(_market, toCancel));
            envelope.TryAdd(new Reduce(_market, toReduce, 1));
            envelope.TryAdd(new Replace(_market, toReplace, away, 7));
            envelope.TryAdd(NewOrder.Iceberg(_market, side, away, 20, 3));
            envelope.TryAdd(NewOrder.Limit(_market, other, away, 11) with { SelfTradePrevention = SelfTradePrevention.CancelBoth });
        });
        Add((ref EnvelopeBuilder envelope) =>
        {
            envelope.TryAdd(NewOrder.Limit(NoSuchMarket, side, Middle, 1));
            envelope.TryAdd(NewOrder.Limit(_market, side, 0, 1));
            envelope.TryAdd(NewOrder.Limit(_market, side, Middle, 0));
            envelope.TryAdd(NewOrder.Limit(_market, Side.Buy, 1_000_000, 1UL << 62));
            envelope.TryAdd(new Withdraw(1, 0));
        });
        Add((ref EnvelopeBuilder envelope) =>
        {
            envelope.TryAdd(NewOrder.Limit(_market, other, Middle, 4, TimeInForce.ImmediateOrCancel));
            envelope.TryAdd(NewOrder.Limit(_market, side, Middle, 1UL << 40, TimeInForce.FillOrKill));
            envelope.TryAdd(NewOrder.AtMarket(_market, side, Middle + 100, 2));
            envelope.TryAdd(NewOrder.Limit(_market, side, away, 2) with { Flags = OrderFlags.PostOnly });
        });
        ulong goodTillDate = _nextNonce;
        Add((ref EnvelopeBuilder envelope) => envelope.TryAdd(
            NewOrder.Limit(_market, side, away, 1, TimeInForce.GoodTillDate) with { Deadline = Now() + ShortLife, ClientOrderId = goodTillDate }));
        int original = _burstSize - _lastSize;
        Repeat(original);
        Add((ref EnvelopeBuilder envelope) => envelope.TryAdd(NewOrder.Limit(_market, side, away, 9)), nonce: goodTillDate); // other content
        Add((ref EnvelopeBuilder envelope) => envelope.TryAdd(NewOrder.Limit(_market, side, away, 9)), expiry: 1);
        Add((ref EnvelopeBuilder envelope) => envelope.TryAdd(NewOrder.Limit(_market, other, Middle, 1)));
        return Add((ref EnvelopeBuilder envelope) =>
        {
            if (number % 16 == 15)
                envelope.TryAdd(new CancelAll(_market));
            else
                envelope.TryAdd(new AccountSettings(CancelOnDisconnect: number % 2 == 0));
        });
    }

    /// <summary>An order of the burst before, open or not.</summary>
    private ulong NextOrder() => _orders.TryDequeue(out ulong order) ? order : 1;

    /// <summary>Adds an envelope to the burst and returns its first nonce. One with a nonce or expiry of its own is refused as a whole and uses none up.</summary>
    private ulong Add(Fill fill, ulong nonce = 0, ulong expiry = 0)
    {
        var free = _burst.AsSpan(_burstSize);
        ulong firstNonce = nonce == 0 ? _nextNonce : nonce;
        var envelope = new EnvelopeBuilder(free[SoupBinTcp.HeadSize..], _login.Account, firstNonce, expiry);
        fill(ref envelope);
        if (nonce == 0 && expiry == 0)
            _nextNonce += (uint)envelope.Count;
        int size = envelope.Sign(_key, _venueId).Length;
        SoupBinTcp.WriteHead(free, SoupPacketType.UnsequencedData, size);
        _lastSize = SoupBinTcp.HeadSize + size;
        _burstSize += _lastSize;
        return firstNonce;
    }

    private void Repeat(int start)
    {
        _burst.AsSpan(start, _lastSize).CopyTo(_burst.AsSpan(_burstSize));
        _burstSize += _lastSize;
    }

    private void AddHeartbeat() => _burstSize += SoupBinTcp.Write(_burst.AsSpan(_burstSize), SoupPacketType.ClientHeartbeat, default);

    /// <summary>Takes what came; whether the answer to the burst's last command was there.</summary>
    private bool ReceiveReports(ulong last)
    {
        var type = ReceivePacket(out var payload);
        if (type == SoupPacketType.ServerHeartbeat)
            return false;
        Assert.That(type, Is.EqualTo(SoupPacketType.SequencedData), System.Text.Encoding.ASCII.GetString(payload));
        Assert.That(ExchangeEvent.TryReadReport(payload, out var report));
        _answers[(report.Kind, report.Reason)] = _answers.GetValueOrDefault((report.Kind, report.Reason)) + 1;
        if (report.Kind == EventKind.Accepted)
            _orders.Enqueue(report.OrderId);
        return report.Kind == EventKind.Completed && report.Nonce == last;
    }

    private SoupPacketType ReceivePacket(out byte[] payload)
    {
        while (true)
        {
            var read = SoupBinTcp.TryRead(_received.AsSpan(0, _receivedSize), ushort.MaxValue, out var type, out var found, out int size);
            Assert.That(read, Is.Not.EqualTo(SoupRead.BadLength));
            if (read == SoupRead.Complete)
            {
                payload = found.ToArray();
                _received.AsSpan(size, _receivedSize - size).CopyTo(_received);
                _receivedSize -= size;
                return type;
            }

            int count = _socket.Receive(_received.AsSpan(_receivedSize));
            Assert.That(count, Is.Positive, "the venue closed the session");
            _receivedSize += count;
        }
    }

    private static ulong Now() => (ulong)(DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).Ticks * 100;
}
