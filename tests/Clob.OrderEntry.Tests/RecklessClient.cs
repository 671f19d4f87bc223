using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.OrderEntry.Tests;

/// <summary>A client that does at random whatever a peer can do, and never waits for anything.</summary>
internal sealed class RecklessClient(TestVenue venue, Random random, ulong account) : IDisposable
{
    private const int MostAtOnce = 80;

    private readonly byte[] _received = new byte[16 * 1024];
    private readonly byte[][] _good = [.. Enumerable.Range(1, 4).Select(count => Packet(account, count, badSignature: false))];
    private readonly byte[] _bad = Packet(account, 1, badSignature: true);
    private readonly byte[] _foreign = Packet(account + 1, 1, badSignature: false);
    private Socket? _socket;

    public void Act()
    {
        if (_socket is null)
        {
            Connect();
            return;
        }

        switch (random.Next(20))
        {
            case < 4:
                Send(Some(() => _good[random.Next(_good.Length)]));
                break;
            case < 7:
                Send(Some(() => _bad));
                break;
            case < 10:
                Send(Some(() => random.Next(8) == 0 ? _bad : _good[0]));
                break;
            case 10:
                Send([.. _good[0], .. Malformed()]);
                break;
            case 11:
                Send(LoginPacket()); // which is malformed behind another
                break;
            case 12:
                Send(TestClient.Frame(SoupPacketType.LogoutRequest, []));
                break;
            case < 15:
                Receive();
                break;
            case 15:
                TryCall(() => _socket.Shutdown((SocketShutdown)random.Next(3)));
                break;
            default:
                Vanish();
                break;
        }
    }

    public void Dispose() => _socket?.Dispose();

    private static byte[] Packet(ulong account, int count, bool badSignature) =>
        TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(account, 1, count, badSignature));

    private void Connect()
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (random.Next(4) == 0)
            _socket.ReceiveBufferSize = 4_096;
        _socket.Connect(venue.Gateway.LocalEndPoint);
        _socket.Blocking = false;
        if (random.Next(8) != 0)
            Send(random.Next(2) == 0 ? LoginPacket() : [.. LoginPacket(), .. Some(() => _bad)]);
    }

    private byte[] LoginPacket()
    {
        string token = random.Next(10) == 0 ? "AAAAAAAAAA" : venue.Tokens.Issue(account);
        return TestClient.Login(account, token, sequence: (ulong)random.Next(4) switch { 0 => 1, 1 => ulong.MaxValue, _ => 0 });
    }

    private byte[] Malformed() => random.Next(4) switch
    {
        0 => _foreign,
        1 => [0, 0],
        2 => TestClient.Frame((SoupPacketType)'?', []),
        _ => TestClient.Frame(SoupPacketType.UnsequencedData, _good[0].AsSpan(0, 20)),
    };

    /// <summary>Some packets, the last at times cut off.</summary>
    private byte[] Some(Func<byte[]> next)
    {
        byte[] packets = [.. Enumerable.Range(0, 1 + random.Next(random.Next(MostAtOnce))).SelectMany(_ => next())];
        return random.Next(6) == 0 ? packets[..random.Next(packets.Length)] : packets;
    }

    private void Send(byte[] bytes) => TryCall(() => _socket!.Send(bytes));

    private void Receive() => TryCall(() => _socket!.Receive(_received));

    /// <summary>In good order, by a reset, or at once.</summary>
    private void Vanish()
    {
        if (random.Next(2) == 0)
            _socket!.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket!.Dispose();
        _socket = null;
    }

    /// <summary>What the socket says to it makes no difference.</summary>
    private static void TryCall(Action call)
    {
        try
        {
            call();
        }
        catch (SocketException)
        {
            // full, or closed by the venue
        }
    }
}
