using Clob.Engine;
using Clob.Load.OpenLoop;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>What the load's orders do to a venue, on the Exchange itself.</summary>
public sealed class OrderFlowTests
{
    private const int Connections = 5;
    private const int Rounds = 4000;

    [Test]
    public void Books_stay_bounded_and_nothing_is_rejected_whoever_comes_next()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var venue = new Venue();
        var options = new LoadOptions(1, 1, 0, Connections, 1, 1, 1000, 3);
        var flows = Enumerable.Range(0, Connections).Select(i => new OrderFlow(options, i)).ToArray();
        int most = 0;
        for (int round = 0; round < Rounds; round++)
        {
            int connection = random.Next(Connections);
            venue.Send(connection + 1, flows[connection].Next());
            most = Math.Max(most, venue.Exchange.ReadMarket(1)!.OpenOrders);
        }

        Assert.That(venue.Rejects, Is.Empty, $"seed {seed}");
        Assert.That(most, Is.LessThanOrEqualTo(Connections * 4), $"seed {seed}");
        Assert.That(venue.Fills, Is.GreaterThan(Rounds / 3), $"seed {seed}");
    }

    /// <summary>An Exchange with one market and funded accounts; signatures are told to be valid.</summary>
    private sealed class Venue
    {
        private readonly ulong[] _nonces = Enumerable.Repeat(1UL, Connections + 1).ToArray();
        private readonly SigningKey _key = SigningKey.FromSeed(new byte[SigningKey.SeedSize]);
        private Sink _sink = new([]);

        public Venue()
        {
            byte[] genesis = new Genesis
            {
                Salt = new byte[32],
                OperatorKey = _key.PublicKey.ToArray(),
                LogKey = new byte[32],
                EngineVersion = Exchange.CurrentVersion,
                EngineHash = new byte[32],
            }.ToRecord(1);
            RecordHeader.TryRead(genesis, out var header, out var payload);
            Exchange.Apply(header, payload, SignatureHint.None, ref _sink);
            Assert.That(Symbol.TryParse("X", out var symbol), Is.True);
            Send(0, new DefineAsset(1, 0, symbol));
            Send(0, new DefineAsset(2, 0, symbol));
            Send(0, new DefineMarket(1, 2, 1, 1, 1, symbol, default));
            for (ulong account = 1; account <= Connections; account++)
            {
                Send(0, new RegisterAccount(new PublicKey(_key.PublicKey)));
                Send(0, new Deposit(account, 1, 1_000_000_000, null));
                Send(0, new Deposit(account, 2, 1_000_000, null));
            }
        }

        public Exchange Exchange { get; } = new(ExchangeCapacity.Small);

        public IEnumerable<RejectReason> Rejects =>
            _sink.Events.Where(e => e.Kind is EventKind.Rejected or EventKind.EnvelopeRejected).Select(e => (RejectReason)e.Reason);

        public int Fills => _sink.Events.Count(e => e.Kind == EventKind.Executed && (e.Flags & EventFlags.Taker) != 0);

        public void Send<TCommand>(int account, TCommand command) where TCommand : struct, ICommand
        {
            var builder = new EnvelopeBuilder(new byte[Envelope.MaximumSize], (ulong)account, _nonces[account]++);
            builder.TryAdd(command);
            var envelope = builder.Sign(_key, Exchange.VenueId);
            var header = new RecordHeader(RecordKind.Envelope, Exchange.NextSequence, Exchange.LastTime + 1);
            Exchange.Apply(header, envelope, SignatureHint.Settled(true), ref _sink);
        }
    }

    private readonly struct Sink(List<ExchangeEvent> events) : IEventSink
    {
        public List<ExchangeEvent> Events => events;

        public void OnEvent(in ExchangeEvent happened) => events.Add(happened);
    }
}
