using System.Net.Sockets;
using System.Text.RegularExpressions;
using Clob.Protocol;

namespace Clob.BadInput.Tests;

/// <summary>
/// Peers of several accounts that log in, flood, sign badly and vanish at random, beside operator commands over HTTP: the whole venue, with its own threads and
/// disk, goes on, lets go of every slot, and its journal replays.
/// </summary>
[Order(2)]
public sealed class RecklessPeersTests
{
    private const int Accounts = 4;
    private const int Peers = 8;
    private const ulong OwnersNonce = 1_000_000;
    private const int MostEnvelopes = 2 * Envelope.MaximumUnacknowledged;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(2);

    [Test]
    public async Task Who_vanishes_at_any_moment_takes_nothing_with_it()
    {
        int seed = Random.Shared.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        var traders = new List<BadTrader>();
        for (int i = 0; i < Accounts; i++)
            traders.Add(await BadTrader.RegisterAsync(BadInputVenue.Appliance));
        long sessions = await ReadAsync("clob_sessions");
        long badBefore = await ReadAsync("clob_bad_signatures_total");

        long deadline = Environment.TickCount64 + (long)Duration.TotalMilliseconds;
        var peers = Enumerable.Range(0, Peers).Select(i => Task.Run(() => ActUntil(deadline, traders[i % Accounts], new Random(seed + i)))).ToArray();
        while (!Task.WhenAll(peers).IsCompleted)
        {
            await (await BadTrader.RegisterAsync(BadInputVenue.Appliance, funds: [])).DisposeAsync(); // the operator's envelopes between theirs
            await BadInputVenue.Good.TradeOnAsync();
        }

        await Task.WhenAll(peers);
        Assert.That(await ReadAsync("clob_bad_signatures_total"), Is.GreaterThan(badBefore));
        while (await ReadAsync("clob_sessions") > sessions)
        {
            Assert.That(Environment.TickCount64, Is.LessThan(deadline + (long)ProgramProcess.Patience.TotalMilliseconds), "sessions that are gone are still there");
            await Task.Delay(20);
        }

        foreach (var trader in traders)
        {
            using (var session = await ComeBackAsync(trader))
            {
                session.Send(SoupPacketType.UnsequencedData, trader.HarmlessEnvelope(OwnersNonce));
                while (session.ReceiveReport().Nonce != OwnersNonce)
                {
                    // of what the peers left under way
                }
            }

            await trader.DisposeAsync();
        }

        await BadInputVenue.Good.TradeOnAsync();
    }

    /// <summary>The account's owner logs in, once not too many sessions of it are still being settled.</summary>
    private static async Task<RawSession> ComeBackAsync(BadTrader trader)
    {
        long deadline = Environment.TickCount64 + (long)ProgramProcess.Patience.TotalMilliseconds;
        while (true)
        {
            var session = new RawSession(BadInputVenue.Appliance.OrderEntry);
            session.SendLogin(trader.Account, trader.Token);
            if (session.Receive()?.Type == SoupPacketType.LoginAccepted)
                return session;
            session.Dispose();
            Assert.That(Environment.TickCount64, Is.LessThan(deadline), "its owner is locked out");
            await Task.Delay(20);
        }
    }

    private static void ActUntil(long deadline, BadTrader trader, Random random)
    {
        byte[] good = Framed(trader.HarmlessEnvelope(nonce: 1));
        byte[] bad = [.. good];
        bad[^1] ^= 1;
        byte[] login = new byte[SoupLogin.Size];
        while (Environment.TickCount64 < deadline)
        {
            new SoupLogin(trader.Account, trader.Token, "", (ulong)random.Next(2)).Write(login);
            byte[] packets = new byte[SoupBinTcp.HeadSize + SoupLogin.Size];
            SoupBinTcp.Write(packets, SoupPacketType.LoginRequest, login);
            int likely = random.Next(3);
            packets = [.. packets, .. Enumerable.Range(0, random.Next(MostEnvelopes)).SelectMany(_ => random.Next(4) < likely ? bad : good)];
            ConnectAndVanish(packets.AsSpan(..random.Next(packets.Length / 2, packets.Length + 1)), random);
        }
    }

    private static byte[] Framed(byte[] envelope)
    {
        byte[] packet = new byte[SoupBinTcp.HeadSize + envelope.Length];
        SoupBinTcp.Write(packet, SoupPacketType.UnsequencedData, envelope);
        return packet;
    }

    /// <summary>In good order or by a reset, at once or when something was answered.</summary>
    private static void ConnectAndVanish(ReadOnlySpan<byte> packets, Random random)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 50 };
        if (random.Next(2) == 0)
            socket.LingerState = new LingerOption(enable: true, seconds: 0);
        byte[] received = new byte[4_096];
        try
        {
            socket.Connect(BadInputVenue.Appliance.OrderEntry);
            socket.Send(packets);
            Thread.Sleep(random.Next(5)); // so that some of it is taken in
            for (int reads = random.Next(4); reads > 0 && socket.Receive(received) > 0; reads--)
            {
            }
        }
        catch (SocketException)
        {
            // closed by the venue, or nothing to read
        }
    }

    private static async Task<long> ReadAsync(string figure)
    {
        using var http = new HttpClient { BaseAddress = BadInputVenue.Appliance.Http };
        return long.Parse(Regex.Match(await http.GetStringAsync(new Uri("metrics", UriKind.Relative)), $"(?m)^{figure} ([0-9]+)").Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
    }
}
