using System.Net;
using System.Net.Sockets;
using System.Text;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>A connection to order entry that sends whatever it is told and shows what comes back, packet by packet.</summary>
internal sealed class RawSession : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received = new byte[1 << 17];
    private int _size;

    public RawSession(IPEndPoint venue, int? receiveBufferSize = null)
    {
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)ProgramProcess.Patience.TotalMilliseconds;
        if (receiveBufferSize is { } size)
            _socket.ReceiveBufferSize = size;
        _socket.Connect(venue);
    }

    /// <summary>Connects and logs in; the login must be accepted.</summary>
    public static RawSession LogIn(IPEndPoint venue, ulong account, string token, ulong sequence = 0)
    {
        var session = new RawSession(venue);
        session.SendLogin(account, token, sequence: sequence);
        Assert.That(session.Receive()?.Type, Is.EqualTo(SoupPacketType.LoginAccepted));
        return session;
    }

    public void SendLogin(ulong account, string token, string session = "", ulong sequence = 0)
    {
        byte[] login = new byte[SoupLogin.Size];
        new SoupLogin(account, token, session, sequence).Write(login);
        Send(SoupPacketType.LoginRequest, login);
    }

    public void Send(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[SoupBinTcp.HeadSize + payload.Length];
        SoupBinTcp.Write(packet, type, payload);
        Send(packet);
    }

    public void Send(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes)..];
    }

    /// <summary>Sends as much as the venue takes before it closes.</summary>
    public void SendWhatIsTaken(ReadOnlySpan<byte> bytes)
    {
        try
        {
            Send(bytes);
        }
        catch (SocketException)
        {
            // closed meanwhile
        }
    }

    /// <summary>The next packet that is no heartbeat; null when the venue has closed.</summary>
    public (SoupPacketType Type, byte[] Payload)? Receive()
    {
        while (true)
        {
            var read = SoupBinTcp.TryRead(_received.AsSpan(0, _size), ushort.MaxValue + 2, out var type, out var payload, out int size);
            Assert.That(read, Is.Not.EqualTo(SoupRead.BadLength));
            if (read == SoupRead.Complete)
            {
                byte[] taken = payload.ToArray();
                _received.AsSpan(size, _size - size).CopyTo(_received);
                _size -= size;
                if (type != SoupPacketType.ServerHeartbeat)
                    return (type, taken);
            }
            else if (!ReceiveMore())
            {
                return null;
            }
        }
    }

    /// <summary>The next execution report.</summary>
    public ExchangeEvent ReceiveReport()
    {
        var packet = Receive();
        Assert.That(packet?.Type, Is.EqualTo(SoupPacketType.SequencedData), packet is { } other ? Encoding.ASCII.GetString(other.Payload) : "closed");
        Assert.That(ExchangeEvent.TryReadReport(packet!.Value.Payload, out var report));
        return report;
    }

    /// <summary>The venue says why, and closes.</summary>
    public void ExpectDropped(string text)
    {
        var packet = Receive();
        Assert.That(packet, Is.Not.Null, "closed without a word");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(packet!.Value.Type, Is.EqualTo(SoupPacketType.Debug));
            Assert.That(Encoding.ASCII.GetString(packet.Value.Payload), Is.EqualTo(text));
        }

        ExpectClosed();
    }

    public void ExpectClosed() => Assert.That(Receive(), Is.Null, "it is still open");

    public void Dispose() => _socket.Dispose();

    private bool ReceiveMore()
    {
        try
        {
            int count = _socket.Receive(_received.AsSpan(_size));
            _size += count;
            return count > 0;
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
        {
            return false;
        }
    }
}
