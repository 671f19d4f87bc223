using Clob.Engine;
using Clob.Protocol;

namespace Clob.Client.Tests;

/// <summary>An Exchange with one market and funded accounts 1 to n; signatures are told to be valid.</summary>
internal sealed class FundedExchange
{
    private readonly ulong[] _nonces;
    private readonly SigningKey _key = SigningKey.FromSeed(new byte[SigningKey.SeedSize]);
    private Sink _sink = new([]);

    public FundedExchange(int accounts)
    {
        _nonces = [.. Enumerable.Repeat(1UL, accounts + 1)];
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
        for (ulong account = 1; account <= (ulong)accounts; account++)
        {
            Send(0, new RegisterAccount(new PublicKey(_key.PublicKey)));
            Send(0, new Deposit(account, 1, 1_000_000_000, null));
            Send(0, new Deposit(account, 2, 1_000_000, null));
        }
    }

    public Exchange Exchange { get; } = new(ExchangeCapacity.Small);

    /// <summary>All events so far.</summary>
    public IReadOnlyList<ExchangeEvent> Events => _sink.Events;

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

    private readonly struct Sink(List<ExchangeEvent> events) : IEventSink
    {
        public List<ExchangeEvent> Events => events;

        public void OnEvent(in ExchangeEvent happened) => events.Add(happened);
    }
}
