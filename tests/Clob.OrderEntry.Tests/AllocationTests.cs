using System.Net;
using System.Net.Sockets;
using Clob.Appliance.MarketData;
using Clob.Appliance.OrderEntry;
using Clob.Protocol;
using Microsoft.Extensions.Logging.Abstractions;

namespace Clob.OrderEntry.Tests;

/// <summary>What the stages allocate in steady state, on the thread that runs them.</summary>
public sealed class AllocationTests
{
    private const int Rounds = 2_000;

    [Test]
    public void Nothing_is_allocated_from_the_socket_to_the_sequencer_and_from_the_report_to_the_socket()
    {
        using Loop loop = new(allocates: false);
        Assert.That(loop.Measure(Rounds), Is.Zero);
    }

    [Test]
    public void The_measurement_would_see_one_small_object_in_a_hundred_envelopes()
    {
        using Loop loop = new(allocates: true);
        Assert.That(loop.Measure(Rounds), Is.GreaterThanOrEqualTo(Rounds / 100 * 24));
    }

    /// <summary>One session that sends envelopes over loopback and gets their reports; the feed beside it.</summary>
    private sealed class Loop : IEnvelopeSequencer, ISessionObserver, IReportArchive, IDisposable
    {
        private readonly DirectoryInfo _keys = Directory.CreateTempSubdirectory("clob-keys-");
        private readonly SessionTokens _tokens;
        private readonly OrderEntryGateway _gateway;
        private readonly FeedPublisher _feed;
        private readonly Socket _client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, Blocking = true };
        private readonly byte[] _received = new byte[1 << 16];
        private readonly byte[] _burst;
        private readonly bool _allocates;
        private readonly int[] _sessions = new int[64];
        private int _waiting;
        private ulong _reports;
        private ulong _messages;
        private ulong _published;

        public Loop(bool allocates)
        {
            _allocates = allocates;
            _tokens = SessionTokens.Open(_keys.FullName);
            _gateway = new OrderEntryGateway(
                new OrderEntryOptions { Listen = new IPEndPoint(IPAddress.Loopback, 0), MaximumEnvelopesPerSecond = int.MaxValue },
                new OrderEntryConnections
                {
                    Sequencer = this,
                    Observer = this,
                    Archive = this,
                    Tokens = _tokens,
                    AccountExists = _ => true,
                    NextReportSequence = _ => 1,
                    SessionName = TestVenue.SessionName,
                },
                NullLogger<OrderEntryGateway>.Instance);
            FeedOptions feed = new() { Group = new IPEndPoint(IPAddress.Parse("239.255.42.78"), 26_478) };
            _feed = new FeedPublisher(feed, new NativeFeedEncoding(), TestVenue.SessionName, 1, TimeProvider.System, NullLogger<FeedPublisher>.Instance);
            byte[] packet = TestClient.Frame(SoupPacketType.UnsequencedData, TestClient.Envelope(5, 1, 8));
            _burst = [.. packet, .. packet, .. packet];
            _client.Connect(_gateway.LocalEndPoint);
            _client.Send(TestClient.Login(5, _tokens.Issue(5)));
            Receive(SoupBinTcp.HeadSize + SoupLoginAccepted.Size);
            Run(500); // jitted, buffers of every kind made
        }

        /// <summary>Bytes allocated by this thread in the best of some windows: the runtime allocates for itself once in a while.</summary>
        public long Measure(int rounds)
        {
            long best = long.MaxValue;
            for (int window = 0; window < 5 && best > 0; window++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Run(rounds);
                best = Math.Min(best, GC.GetAllocatedBytesForCurrentThread() - before);
            }

            return best;
        }

        public bool Admits(in Envelope envelope) => true;

        public bool TryPublish(ReadOnlySpan<byte> envelope, int session)
        {
            _sessions[_waiting++] = session;
            if (_allocates && ++_published % 100 == 0)
                GC.KeepAlive(new object());
            return true;
        }

        public void OnSessionStarted(ulong account)
        {
        }

        public void OnLastSessionEnded(ulong account, bool hasPublished)
        {
        }

        public int Read(ulong account, ulong fromSequence, Span<byte> destination) => 0;

        public void Dispose()
        {
            _client.Dispose();
            _gateway.Dispose();
            _feed.Dispose();
            _tokens.Dispose();
            _keys.Delete(recursive: true);
        }

        private void Run(int rounds)
        {
            for (int i = 0; i < rounds; i++)
            {
                _client.Send(_burst, SocketFlags.None);
                Receive(3 * 2 * (SoupBinTcp.HeadSize + ExchangeEvent.ReportSize));
            }
        }

        private void Receive(int size)
        {
            for (int got = 0; got < size;)
            {
                _gateway.Poll();
                for (int i = 0; i < _waiting; i++)
                    Answer(_sessions[i]);
                _waiting = 0;
                _gateway.Flush();
                _feed.Flush();
                if (_client.Available > 0)
                    got += _client.Receive(_received, SocketFlags.None);
            }
        }

        private void Answer(int session)
        {
            for (int i = 0; i < 2; i++)
            {
                _gateway.Deliver(new ExchangeEvent { Kind = EventKind.Accepted, Account = 5, ReportSequence = ++_reports });
                _feed.Publish(new ExchangeEvent { Kind = EventKind.Cancelled, Market = 1, OrderId = 1, FeedSequence = ++_messages });
            }

            _gateway.Complete(session, badSignature: false);
        }
    }
}
