using System.Runtime.CompilerServices;
using Clob.Engine;
using Clob.Protocol;

namespace Clob.Throughput;

/// <summary>
/// The whole Exchange: accounts, holds, fees, events. Commands enter where those of an admitted envelope do, or, on demand, as records of
/// one envelope each.
/// </summary>
internal sealed class ExchangeDriver : FlowDriver
{
    private readonly Flow _flow;
    private readonly EncodedCommands _commands;
    private readonly TradingVenue _venue;
    private readonly bool _inEnvelopes;
    private Events _events;

    /// <param name="flow">What will be applied.</param>
    /// <param name="commands">The same as bytes.</param>
    /// <param name="orders">Most orders that will rest at a time.</param>
    /// <param name="inEnvelopes">Whether each command of the measured part is a whole record.</param>
    public ExchangeDriver(Flow flow, EncodedCommands commands, int orders, bool inEnvelopes)
    {
        _flow = flow;
        _commands = commands;
        _inEnvelopes = inEnvelopes;
        _venue = new TradingVenue(EncodedCommands.Accounts, orders, Math.Min(orders, flow.PriceLevels));
        _events = new Events { FlowIds = flow.FlowIds };
    }

    public override FillDigest Fills => _events.Fills;

    public override int OpenOrders => _venue.Exchange.ReadMarket(TradingVenue.Market)!.OpenOrders;

    public override long Bytes => _venue.Exchange.BytesOfOrders;

    public override void Apply(int from, int to)
    {
        if (_inEnvelopes && from >= _flow.Preload)
            ApplyEnvelopes(from, to);
        else if (to - from > 1 && _venue.Exchange.IsLookaheadUseful)
            ApplyLookingAhead(from, to);
        else
            ApplyCommands(from, to);
    }

    public override void Check()
    {
        if (_events.Rejected != 0)
            throw new InvalidDataException($"{_events.Rejected} commands were rejected: then this is another flow than the one that was written");
    }

    private void ApplyCommands(int from, int to)
    {
        var exchange = _venue.Exchange;
        for (int i = from; i < to; i++)
        {
            var bytes = _commands[i];
            uint account = AccountOf(i);
            exchange.Run(new Command((CommandType)bytes[0], bytes[Command.HeadSize..]), account, _venue.NextNonceOf(account)++, ref _events);
        }
    }

    /// <summary>As the Exchange does with the commands of one envelope.</summary>
    private void ApplyLookingAhead(int from, int to)
    {
        int next;
        for (int at = from; at < to; at = next)
        {
            next = Math.Min(at + Exchange.ExpectBatch, to);
            for (int step = 0; step < Exchange.ExpectSteps; step++)
                Expect(at, next, step);
            ApplyCommands(at, next);
        }
    }

    private void Expect(int from, int to, int step)
    {
        for (int i = from; i < to; i++)
        {
            var bytes = _commands[i];
            _venue.Exchange.Expect(new Command((CommandType)bytes[0], bytes[Command.HeadSize..]), AccountOf(i), step);
        }
    }

    private void ApplyEnvelopes(int from, int to)
    {
        for (int i = from; i < to; i++)
            _venue.ApplyEnvelope(AccountOf(i), _commands[i], _commands.DigestOf(i), ref _events);
    }

    private uint AccountOf(int record) => EncodedCommands.AccountOf(_flow, record);

    private struct Events() : IEventSink
    {
        public ulong[]? FlowIds;
        public long Rejected;
        public FillDigest Fills = new();
        private ulong _maker;

        public void OnEvent(in ExchangeEvent happened)
        {
            if (happened.Kind == EventKind.Executed)
                OnExecuted(happened);
            else if (happened.Kind is EventKind.Rejected or EventKind.EnvelopeRejected)
                Rejected++;
        }

        /// <summary>The maker's report comes first, then the taker's of the same fill.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void OnExecuted(in ExchangeEvent happened)
        {
            if ((happened.Flags & EventFlags.Taker) == 0)
                _maker = happened.OrderId;
            else if (FlowIds is null)
                Fills.Add(_maker, happened.OrderId, happened.Price, happened.Quantity);
            else
                Fills.Add(FlowIds[_maker], FlowIds[happened.OrderId], happened.Price, happened.Quantity);
        }
    }
}
