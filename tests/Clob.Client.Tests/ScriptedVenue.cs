using System.Net;
using System.Net.Sockets;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>An order entry port whose answers the test writes by hand. All waits end after ten seconds.</summary>
internal sealed class ScriptedVenue : IDisposable
{
    public const ulong Account = 7;
    public const string Token = "ABCDEFGHIJ";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private Socket? _peer;
    private byte[] _received = [];

    public ScriptedVenue() => _listener.Start();

    public static CancellationToken Patience => new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token;

    public SigningKey Key { get; } = SigningKey.FromSeed(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    public byte[] VenueId { get; } = Enumerable.Repeat((byte)9, 32).ToArray();

    public OrderEntryOptions Options(ulong nextReport = 1, ulong nextNonce = 1) => new()
    {
        EndPoint = _listener.LocalEndpoint,
        Account = Account,
        SessionToken = Token,
        Key = Key,
        VenueId = VenueId,
        NextNonce = nextNonce,
        NextReportSequence = nextReport,
        ReconnectPause = TimeSpan.FromMilliseconds(1),
    };

    /// <summary>Takes the next connection and reads its login.</summary>
    public async Task<SoupLogin> AcceptAsync()
    {
        _peer = await _listener.AcceptSocketAsync(Patience);
        _received = [];
        var (type, payload) = await ReadAsync();
        Assert.That(type, Is.EqualTo(SoupPacketType.LoginRequest));
        Assert.That(SoupLogin.TryRead(payload, out var login), Is.True);
        return login;
    }

    /// <summary>Takes the next connection and admits it, continuing at the sequence it asks for.</summary>
    public async Task<SoupLogin> AdmitAsync(ulong current = 1)
    {
        var login = await AcceptAsync();
        byte[] accepted = new byte[SoupLoginAccepted.Size];
        new SoupLoginAccepted("SESSION001", login.Sequence == 0 ? current : login.Sequence).Write(accepted);
        Send(SoupPacketType.LoginAccepted, accepted);
        return login;
    }

    public async Task<OrderEntryClient> ConnectAsync(IOrderEntryListener listener, OrderEntryOptions? options = null)
    {
        var connecting = OrderEntryClient.ConnectAsync(options ?? Options(), listener, Patience);
        await AdmitAsync();
        return await connecting;
    }

    public async Task<(SoupPacketType Type, byte[] Payload)> ReadAsync()
    {
        while (true)
        {
            if (SoupBinTcp.TryRead(_received, SoupBinTcp.MaximumClientPacketSize, out var type, out var payload, out int size) == SoupRead.Complete)
            {
                byte[] copy = payload.ToArray();
                _received = _received[size..];
                return (type, copy);
            }

            byte[] more = new byte[8192];
            int count = await _peer!.ReceiveAsync(more, SocketFlags.None, Patience);
            if (count == 0)
                throw new EndOfStreamException("the client closed");
            _received = [.. _received, .. more.AsSpan(0, count)];
        }
    }

    /// <summary>The next envelope, whose signature must be good; heartbeats are passed over.</summary>
    public async Task<byte[]> ReadEnvelopeAsync()
    {
        while (true)
        {
            var (type, payload) = await ReadAsync();
            if (type == SoupPacketType.ClientHeartbeat)
                continue;
            Assert.That(type, Is.EqualTo(SoupPacketType.UnsequencedData));
            Assert.That(Envelope.TryRead(payload, out var envelope, out _), Is.True);
            Assert.That(EnvelopeSignature.Verify(VerifyingKey.TryImport(Key.PublicKey)!, VenueId, envelope), Is.True, "signature");
            return payload;
        }
    }

    public void Send(SoupPacketType type, ReadOnlySpan<byte> payload) => SendRaw(Packet(type, payload));

    public void SendRaw(ReadOnlySpan<byte> bytes) => _peer!.Send(bytes);

    public void Report(ulong sequence, EventKind kind, ulong nonce, Func<ExchangeEvent, ExchangeEvent>? with = null) =>
        SendRaw(ReportPacket(sequence, kind, nonce, with));

    public void Refuse(ulong firstNonce)
    {
        byte[] text = new byte[EnvelopeRefusal.MaximumSize];
        Send(SoupPacketType.Debug, text.AsSpan(0, EnvelopeRefusal.Write(text, firstNonce)));
    }

    public static byte[] ReportPacket(ulong sequence, EventKind kind, ulong nonce, Func<ExchangeEvent, ExchangeEvent>? with = null)
    {
        var report = new ExchangeEvent { Kind = kind, Account = Account, ReportSequence = sequence, Nonce = nonce };
        byte[] bytes = new byte[ExchangeEvent.ReportSize];
        (with?.Invoke(report) ?? report).WriteReport(bytes);
        return Packet(SoupPacketType.SequencedData, bytes);
    }

    public static byte[] Packet(SoupPacketType type, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[SoupBinTcp.HeadSize + payload.Length];
        SoupBinTcp.Write(packet, type, payload);
        return packet;
    }

    public void Drop() => _peer!.Dispose();

    public void Dispose()
    {
        _peer?.Dispose();
        _listener.Dispose();
        Key.Dispose();
    }
}

/// <summary>Keeps what it hears and lets the test wait for it.</summary>
internal sealed class RecordingListener : IOrderEntryListener
{
    private readonly System.Threading.Channels.Channel<string> _heard = System.Threading.Channels.Channel.CreateUnbounded<string>();

    public async Task<string> NextAsync() => await _heard.Reader.ReadAsync(ScriptedVenue.Patience);

    public bool HeardMore => _heard.Reader.TryPeek(out _);

    public void OnReport(in ExchangeEvent report) => _heard.Writer.TryWrite($"{report.ReportSequence} {report.Kind} {report.Nonce}");

    public void OnDebug(string text) => _heard.Writer.TryWrite($"debug {text}");

    public void OnUnanswered(ulong firstNonce, int commands) => _heard.Writer.TryWrite($"unanswered {firstNonce} {commands}");

    public void OnRefused(ulong firstNonce, int commands) => _heard.Writer.TryWrite($"refused {firstNonce} {commands}");

    public void OnDisconnected(DisconnectCause cause) => _heard.Writer.TryWrite($"disconnected {cause}");

    public void OnReconnected(ulong nextReportSequence, int resent) => _heard.Writer.TryWrite($"reconnected {nextReportSequence} {resent}");
}
