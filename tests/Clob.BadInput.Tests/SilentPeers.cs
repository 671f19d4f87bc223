using System.Text.RegularExpressions;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>Peers that connect and then do not do what they should.</summary>
internal sealed class SilentPeers : IDisposable
{
    private const int WithoutLogin = 200;

    /// <summary>Envelopes of the slow reader, of 128 commands each: over 1.5 MB of reports, far more than the kernel keeps for it.</summary>
    private const int SlowEnvelopes = 100;

    private readonly ApplianceProcess _appliance;
    private readonly BadTrader _slowTrader;
    private readonly BadTrader _halfTrader;
    private readonly List<RawSession> _withoutLogin = [];
    private readonly RawSession _half;
    private readonly RawSession _slow;

    private SilentPeers(ApplianceProcess appliance, BadTrader half, BadTrader slow)
    {
        _appliance = appliance;
        (_halfTrader, _slowTrader) = (half, slow);
        for (int i = 0; i < WithoutLogin; i++)
            _withoutLogin.Add(new RawSession(appliance.OrderEntry));

        _half = half.LogIn();
        byte[] envelope = half.HarmlessEnvelope();
        byte[] packet = new byte[SoupBinTcp.HeadSize + envelope.Length];
        SoupBinTcp.Write(packet, SoupPacketType.UnsequencedData, envelope);
        _half.Send(packet.AsSpan(0, packet.Length / 2));

        _slow = new RawSession(appliance.OrderEntry, receiveBufferSize: 4096);
        _slow.SendLogin(slow.Account, slow.Token);
    }

    public static async Task<SilentPeers> BeginAsync(ApplianceProcess appliance)
    {
        var peers = new SilentPeers(appliance, await BadTrader.RegisterAsync(appliance), await BadTrader.RegisterAsync(appliance));
        peers.SendWithoutReading();
        return peers;
    }

    /// <summary>Connections that never logged in are told so and closed.</summary>
    public void AssertThoseWithoutLoginAreDropped()
    {
        foreach (var session in _withoutLogin)
            session.ExpectDropped("no login for 15 seconds");
    }

    /// <summary>Half a frame is not executed; the session is told and closed.</summary>
    public async Task AssertHalfAFrameIsDroppedAsync()
    {
        _half.ExpectDropped("nothing received for 15 seconds");
        Assert.That((await _halfTrader.ReadAsync()).NextNonce, Is.EqualTo(1));
    }

    /// <summary>Who does not read is disconnected; what it missed is there when it comes back.</summary>
    public async Task AssertTheSlowReaderIsDroppedAndMissesNothingAsync()
    {
        using var http = new HttpClient { BaseAddress = _appliance.Http };
        long deadline = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
        while (!Regex.IsMatch(await http.GetStringAsync(new Uri("metrics", UriKind.Relative)), "^clob_slow_sessions_total [1-9]", RegexOptions.Multiline))
        {
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), "the slow reader is still connected");
            await Task.Delay(100);
        }

        using var again = _slowTrader.LogIn(sequence: 1);
        ulong last = (await _slowTrader.ReadAsync()).NextReportSequence - 1;
        Assert.That(last, Is.GreaterThanOrEqualTo((ulong)(SlowEnvelopes * Envelope.MaximumCommands)));
        for (ulong sequence = 1; sequence <= last; sequence++)
            Assert.That(again.ReceiveReport().ReportSequence, Is.EqualTo(sequence));
    }

    public void Dispose()
    {
        foreach (var session in _withoutLogin)
            session.Dispose();
        _half.Dispose();
        _slow.Dispose();
    }

    private void SendWithoutReading()
    {
        for (int i = 0; i < SlowEnvelopes; i++)
        {
            ulong nonce = (ulong)(i * Envelope.MaximumCommands) + 1;
            _slow.Send(SoupPacketType.UnsequencedData, _slowTrader.Envelope(nonce, static (ref EnvelopeBuilder envelope) =>
            {
                while (envelope.TryAdd(new Cancel(BadInputVenue.BadMarket, 1_000_000_000)))
                {
                }
            }));
        }
    }
}
