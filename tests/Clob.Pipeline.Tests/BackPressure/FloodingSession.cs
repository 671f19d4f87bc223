using System.Net;
using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.Pipeline.Tests;

/// <summary>
/// A client that sends as much as its socket takes, without waiting for answers, and notes the answers as they come. Each envelope is an order that
/// rests and many cancels of nothing: bytes to read and reports to write.
/// </summary>
internal sealed class FloodingSession : IDisposable
{
    private const int CommandsPerEnvelope = Envelope.MaximumCommands;
    private const int SendBuffer = 8 * 1024; // so that what is not read stays here and not with the system

    private readonly Socket _socket;
    private readonly byte[][] _frames;
    private readonly List<ulong> _answers = [];
    private readonly Thread _sender;
    private readonly Thread _receiver;
    private int _sent;
    private int _received;

    public FloodingSession(IPEndPoint venue, SoupLogin login, SigningKey key, byte[] venueId, ushort market, int envelopes)
    {
        _frames = [.. Enumerable.Range(0, envelopes).Select(i => FrameOf(login.Account, (ulong)i, key, venueId, market))];
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = SendBuffer };
        _socket.Connect(venue);
        byte[] payload = new byte[SoupLogin.Size];
        login.Write(payload);
        byte[] packet = new byte[SoupBinTcp.HeadSize + SoupLogin.Size];
        SoupBinTcp.Write(packet, SoupPacketType.LoginRequest, payload);
        _socket.Send(packet);
        _sender = new Thread(Send) { IsBackground = true, Name = "flood" };
        _receiver = new Thread(Receive) { IsBackground = true, Name = "answers" };
    }

    /// <summary>Envelopes that the system has taken from this client.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>Reports that came.</summary>
    public int Received => Volatile.Read(ref _received);

    /// <summary>What is wrong with the answers of an account; null when there is one to each nonce, in order.</summary>
    public static string? Complaint(IReadOnlyList<ulong> nonces, int commands)
    {
        for (int i = 0; i < nonces.Count; i++)
        {
            if (nonces[i] != (ulong)i + 1)
                return $"answer {i + 1} is to nonce {nonces[i]}";
        }

        return nonces.Count == commands ? null : $"{nonces.Count} answers to {commands} commands";
    }

    public void Start()
    {
        _sender.Start();
        _receiver.Start();
    }

    /// <summary>Waits for the answer to the last command of all, and says what is wrong with all of them.</summary>
    public string? Finish(TimeSpan patience)
    {
        Assert.That(_sender.Join(patience) && _receiver.Join(patience), $"{Sent} envelopes sent, {Received} reports received");
        return Complaint(_answers, _frames.Length * CommandsPerEnvelope);
    }

    public void Dispose() => _socket.Dispose();

    private static byte[] FrameOf(ulong account, ulong number, SigningKey key, byte[] venueId, ushort market)
    {
        byte[] buffer = new byte[SoupBinTcp.MaximumClientPacketSize];
        var envelope = new EnvelopeBuilder(buffer.AsSpan(SoupBinTcp.HeadSize), account, (number * CommandsPerEnvelope) + 1);
        envelope.TryAdd(NewOrder.Limit(market, Side.Buy, 1, 1));
        while (envelope.TryAdd(new Cancel(market, ulong.MaxValue)))
        {
        }

        int size = envelope.Sign(key, venueId).Length;
        SoupBinTcp.WriteHead(buffer, SoupPacketType.UnsequencedData, size);
        return buffer[..(SoupBinTcp.HeadSize + size)];
    }

    private void Send()
    {
        try
        {
            foreach (byte[] frame in _frames)
            {
                for (int sent = 0; sent < frame.Length;)
                    sent += _socket.Send(frame.AsSpan(sent));
                Volatile.Write(ref _sent, _sent + 1);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private void Receive()
    {
        byte[] buffer = new byte[256 * 1024];
        int length = 0;
        ulong last = (ulong)_frames.Length * CommandsPerEnvelope;
        try
        {
            while (_answers.Count == 0 || _answers[^1] != last)
            {
                int count = _socket.Receive(buffer.AsSpan(length));
                if (count == 0)
                    return;
                length += count;
                int taken = 0;
                while (SoupBinTcp.TryRead(buffer.AsSpan(taken, length - taken), ushort.MaxValue, out var type, out var payload, out int size) == SoupRead.Complete)
                {
                    if (type == SoupPacketType.SequencedData && ExchangeEvent.TryReadReport(payload, out var report))
                        Note(report);
                    taken += size;
                }

                buffer.AsSpan(taken, length - taken).CopyTo(buffer);
                length -= taken;
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private void Note(in ExchangeEvent report)
    {
        _answers.Add(report.Nonce);
        Volatile.Write(ref _received, _received + 1);
    }
}
