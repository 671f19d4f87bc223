using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>A packet a client received.</summary>
internal readonly record struct Packet(SoupPacketType Type, byte[] Payload)
{
    public string Text => $"{(char)Type} {Encoding.ASCII.GetString(Payload)}";

    public ExchangeEvent Report =>
        Type == SoupPacketType.SequencedData && ExchangeEvent.TryReadReport(Payload, out ExchangeEvent report)
            ? report
            : throw new InvalidOperationException($"no report: {Text}");
}

/// <summary>One connection.</summary>
internal sealed class TestClient : IDisposable
{
    private static readonly SigningKey Key = SigningKey.Generate();
    private readonly TestVenue _venue;
    private readonly byte[] _received = new byte[1 << 20];
    private int _start;
    private int _end;

    public TestClient(TestVenue venue, int receiveBuffer)
    {
        _venue = venue;
        Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
            Socket.ReceiveBufferSize = receiveBuffer;
        Socket.Connect(venue.Gateway.LocalEndPoint);
        Socket.Blocking = false;
    }

    public Socket Socket { get; }

    /// <summary>One signed envelope of reductions with nonces from <paramref name="nonce"/>.</summary>
    public static byte[] Envelope(ulong account, ulong nonce, int count = 1, bool badSignature = false)
    {
        byte[] buffer = new byte[Protocol.Envelope.MaximumSize];
        EnvelopeBuilder builder = new(buffer, account, nonce);
        for (int i = 0; i < count; i++)
            Assert.That(builder.TryAdd(new Cancel(1, 9)));
        Span<byte> envelope = builder.Sign(Key, new byte[Genesis.VenueIdSize]);
        if (badSignature)
            envelope[^Protocol.Envelope.SignatureSize..].Clear();
        return envelope.ToArray();
    }

    public static byte[] Frame(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[SoupBinTcp.HeadSize + payload.Length];
        SoupBinTcp.Write(packet, type, payload);
        return packet;
    }

    public static byte[] Login(ulong account, string token, string session = "", ulong sequence = 0)
    {
        byte[] payload = new byte[SoupLogin.Size];
        new SoupLogin(account, token, session, sequence).Write(payload);
        return Frame(SoupPacketType.LoginRequest, payload);
    }

    public void SendLogin(ulong account, string token, string session = "", ulong sequence = 0) => Send(Login(account, token, session, sequence));

    public void SendEnvelope(ulong account, ulong nonce, int count = 1, bool badSignature = false) =>
        Send(Frame(SoupPacketType.UnsequencedData, Envelope(account, nonce, count, badSignature)));

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int sent = Socket.Send(bytes, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock))
                throw new SocketException((int)error);
            bytes = bytes[Math.Max(0, error == SocketError.Success ? sent : 0)..];
            if (error == SocketError.WouldBlock && !_venue.Pump())
                Thread.Sleep(1);
        }
    }

    /// <summary>The next packet; fails when none comes.</summary>
    public Packet Read(bool skipHeartbeats = true)
    {
        Packet? packet = ReadOrEnd(skipHeartbeats);
        if (packet is null)
            Assert.Fail("the connection ended instead of giving another packet");
        return packet!.Value;
    }

    /// <summary>The next packet, or null at the end of the connection.</summary>
    public Packet? ReadOrEnd(bool skipHeartbeats = true)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (true)
        {
            if (TryTake(out Packet packet))
            {
                if (!skipHeartbeats || packet.Type != SoupPacketType.ServerHeartbeat)
                    return packet;
                continue;
            }

            if (!_venue.Pump() && !Socket.Poll(1_000, SelectMode.SelectRead) && waited.Elapsed > TimeSpan.FromSeconds(20))
                Assert.Fail("waited in vain for a packet");
            if (Receive() == 0)
                return null;
        }
    }

    /// <summary>The next packet if it is there already; waits for nothing and lets nobody work.</summary>
    public bool TryRead(out Packet packet)
    {
        Receive();
        while (TryTake(out packet))
        {
            if (packet.Type != SoupPacketType.ServerHeartbeat)
                return true;
        }

        return false;
    }

    /// <summary>Reads reports up to that sequence, which must follow each other from <paramref name="from"/>.</summary>
    public void ExpectReports(ulong from, ulong to)
    {
        for (ulong expected = from; expected <= to; expected++)
            Assert.That(Read().Report.ReportSequence, Is.EqualTo(expected));
    }

    /// <summary>The last packet, then the end.</summary>
    public string? ExpectEnd()
    {
        string? last = null;
        while (ReadOrEnd() is { } packet)
            last = packet.Text;
        return last;
    }

    /// <summary>Whether a packet came, after a while of pumping.</summary>
    public bool HasPacket(bool skipHeartbeats = true)
    {
        _venue.Settle();
        Receive();
        while (SoupBinTcp.TryRead(_received.AsSpan(_start.._end), ushort.MaxValue, out SoupPacketType type, out _, out int size) == SoupRead.Complete)
        {
            if (!skipHeartbeats || type != SoupPacketType.ServerHeartbeat)
                return true;
            _start += size;
        }

        return false;
    }

    /// <summary>What is there already, from a venue that is gone: the next packet, or null at the end.</summary>
    public Packet? ReadOrEndWithoutVenue()
    {
        while (Receive() > 0)
        {
        }

        return TryTake(out Packet packet) ? packet : null;
    }

    public void Dispose() => Socket.Dispose();

    /// <summary>Bytes received, 0 at the end, negative for not now.</summary>
    private int Receive()
    {
        if (_start == _end)
            _start = _end = 0;
        if (_end == _received.Length)
            return -1;
        int received = Socket.Receive(_received.AsSpan(_end), SocketFlags.None, out SocketError error);
        if (error == SocketError.WouldBlock)
            return -1;
        if (error != SocketError.Success)
            return 0;
        _end += received;
        return received;
    }

    private bool TryTake(out Packet packet)
    {
        packet = default;
        SoupRead outcome = SoupBinTcp.TryRead(_received.AsSpan(_start.._end), ushort.MaxValue, out SoupPacketType type, out ReadOnlySpan<byte> payload, out int size);
        if (outcome != SoupRead.Complete)
        {
            if (_end == _received.Length && _start > 0)
            {
                _received.AsSpan(_start.._end).CopyTo(_received);
                _end -= _start;
                _start = 0;
            }

            return false;
        }

        packet = new Packet(type, payload.ToArray());
        _start += size;
        return true;
    }
}
