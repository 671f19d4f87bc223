using Clob.Appliance.Pipeline;
using Clob.Protocol;

namespace Clob.Simulation.Tests.Participants;

// What a trader wants: orders around one price, changes of its own, now and then something rare.
internal sealed partial class Trader
{
    private readonly List<(ushort Market, ulong Id)> _open = [];
    private SigningKey _key;
    private int _rotations;
    private ulong _lastClientOrderId;

    private void AddCommands(ref EnvelopeBuilder builder)
    {
        for (int commands = _random.Next(4) == 0 ? _random.Next(2, 5) : 1; commands > 0; commands--)
            AddCommand(ref builder);
    }

    private void AddCommand(ref EnvelopeBuilder builder)
    {
        var (market, id) = _open.Count > 0 ? _open[_random.Next(_open.Count)] : (Market(), (ulong)_random.Next(1, 50));
        switch (_random.Next(100))
        {
            case < 62:
                builder.TryAdd(Order());
                break;
            case < 72:
                builder.TryAdd(new Cancel(market, id));
                break;
            case < 80:
                builder.TryAdd(new Reduce(market, id, Lots()));
                break;
            case < 88:
                builder.TryAdd(new Replace(market, id, Price(), Lots()));
                break;
            case < 91:
                builder.TryAdd(new CancelAll(_random.Next(2) == 0 ? (ushort)0 : market));
                break;
            case < 95:
                builder.TryAdd(new Withdraw((uint)_random.Next(1, 3), (UInt128)_random.Next(1, 300)));
                break;
            case < 99:
                builder.TryAdd(new AccountSettings(CancelOnDisconnect: _random.Next(2) == 0, SelfTradePrevention: (SelfTradePrevention)_random.Next(1, 5), KillSwitch: false));
                break;
            default:
                builder.TryAdd(new AccountSettings(KillSwitch: true));
                break;
        }
    }

    private NewOrder Order()
    {
        var kind = (TimeInForce)Pick([1, 1, 1, 1, 2, 3, 4]);
        ulong quantity = Lots();
        return new NewOrder
        {
            Market = Market(),
            Side = (Side)_random.Next(1, 3),
            OrderType = OrderType.Limit,
            TimeInForce = kind,
            Flags = kind == TimeInForce.GoodTillCancel && _random.Next(6) == 0 ? OrderFlags.PostOnly : OrderFlags.None,
            Price = Price(),
            Quantity = quantity,
            Deadline = kind == TimeInForce.GoodTillDate ? RecordTime.Now(_clock) + (ulong)_random.Next(1, 1_000_000_000) : 0,
            StopPrice = _random.Next(8) == 0 ? Price() : null,
            DisplayQuantity = kind == TimeInForce.GoodTillCancel && _random.Next(6) == 0 && quantity > 2 ? quantity / 2 : null,
            ClientOrderId = ++_lastClientOrderId,
        };
    }

    private void AddRotation(ref EnvelopeBuilder builder)
    {
        _key = Keys.Of(Account, ++_rotations);
        builder.TryAdd(new RotateKey(new PublicKey(_key.PublicKey)));
    }

    /// <summary>Which orders it could change.</summary>
    private void FollowOrders(in ExchangeEvent report)
    {
        if (report.Kind == EventKind.Replaced)
            Forget(report.Reference);
        if (report.Kind is EventKind.Accepted or EventKind.Replaced)
            _open.Add((report.Market, report.OrderId));
        else if (report.Flags.HasFlag(EventFlags.Final) && report.Kind is EventKind.Executed or EventKind.Cancelled)
            Forget(report.OrderId);
    }

    private void Forget(ulong order) => _open.RemoveAll(open => open.Id == order);

    private ushort Market() => (ushort)_random.Next(1, Operator.Markets + 1);

    private ulong Price() => (ulong)_random.Next(95, 106);

    private ulong Lots() => (ulong)_random.Next(1, 21);

    private int Pick(ReadOnlySpan<int> from) => from[_random.Next(from.Length)];
}
