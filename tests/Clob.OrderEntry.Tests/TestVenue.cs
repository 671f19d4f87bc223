using System.Diagnostics;
using Clob.Appliance.OrderEntry;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clob.OrderEntry.Tests;

/// <summary>
/// A gateway on loopback between its clients and a <see cref="FakeExchange"/>. Unless it is given threads, the test's own thread does all
/// the work in <see cref="Pump"/>, which every wait of a client calls.
/// </summary>
internal sealed class TestVenue : IDisposable
{
    public const string SessionName = "AAAAAAA001";

    private readonly string _keys;
    private readonly bool _ownsKeys;

    public TestVenue(OrderEntryOptions? options = null, TimeProvider? clock = null, FakeExchange? exchange = null, string? keys = null)
    {
        _ownsKeys = keys is null;
        _keys = keys ?? Directory.CreateTempSubdirectory("clob-keys-").FullName;
        Tokens = SessionTokens.Open(_keys);
        Exchange = exchange ?? new FakeExchange();
        Exchange.Start();
        Gateway = new OrderEntryGateway(
            (options ?? new OrderEntryOptions()) with { Listen = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0) },
            new OrderEntryConnections
            {
                Sequencer = Exchange,
                Observer = Exchange,
                Archive = Exchange,
                Tokens = Tokens,
                AccountExists = account => account <= 100,
                NextReportSequence = Exchange.NextReportSequence,
                SessionName = SessionName,
                Clock = clock ?? TimeProvider.System,
            },
            NullLogger<OrderEntryGateway>.Instance);
    }

    public SessionTokens Tokens { get; }

    public FakeExchange Exchange { get; }

    public OrderEntryGateway Gateway { get; }

    /// <summary>Whether envelopes are answered while pumping.</summary>
    public bool IsAnswering { get; set; } = true;

    /// <summary>Whether other threads do the work.</summary>
    public bool HasThreads { get; set; }

    public bool Pump()
    {
        if (HasThreads)
            return false;
        bool any = Gateway.Poll();
        any |= IsAnswering && Exchange.Answer(Gateway) > 0;
        any |= Gateway.Flush();
        return any;
    }

    public void PumpUntil(Func<bool> condition, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!condition())
        {
            if (!Pump())
                Thread.Sleep(HasThreads ? 1 : 0);
            if (waited.Elapsed > TimeSpan.FromSeconds(20))
                Assert.Fail($"waited in vain for: {what}");
        }
    }

    /// <summary>Pumps until nothing has happened for a while, but not for ever.</summary>
    public void Settle()
    {
        for (int all = 0, quiet = 0; quiet < 20 && all < 500; all++)
        {
            quiet = Pump() ? 0 : quiet + 1;
            Thread.Sleep(quiet > 0 ? 1 : 0);
        }
    }

    public TestClient Connect(int receiveBuffer = 0) => new(this, receiveBuffer);

    /// <summary>A client that is logged in.</summary>
    public TestClient Login(ulong account, ulong sequence = 0, int receiveBuffer = 0)
    {
        TestClient client = Connect(receiveBuffer);
        client.SendLogin(account, Tokens.Issue(account), sequence: sequence);
        Packet accepted = client.Read();
        Assert.That(accepted.Type, Is.EqualTo(Clob.Protocol.SoupPacketType.LoginAccepted), accepted.Text);
        return client;
    }

    public void Dispose()
    {
        Gateway.Dispose();
        Tokens.Dispose();
        if (_ownsKeys)
            Directory.Delete(_keys, recursive: true);
    }
}
